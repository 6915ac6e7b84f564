#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array ehlo{
    Page{
        .code = "ehlo-refused",
        .brief = "EHLO is refused (5xx)",
        .remedy = "Let the server take EHLO, or give the probe a better name with --ehlo. Before STARTTLS, a "
                  "refusal hides TLS or rules it out; after it, TLS comes up and cannot be used.",
        .meaning = R"~(
            The server answered EHLO with a 5xx. Before STARTTLS the probe then said HELO: a server that does
            not know EHLO and takes HELO has no extensions, and so no TLS. Where HELO was refused too, or EHLO
            for another reason, this says nothing about TLS. After STARTTLS, the session ended there: TLS came
            up, and nothing can be done with it, which counts as broken TLS.)~",
        .matters = R"~(
            Before STARTTLS, senders fall back to HELO and deliver in clear; those that require TLS do not
            deliver. After it, some say HELO inside TLS; the others try the next host or again later, and may do
            so in clear. Some servers refuse EHLO only where the name in it does not please them: they may greet
            real senders better.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com \
            $     --ehlo mail.example.org --quit-after EHLO
            $ swaks --to user@example.com --server mx1.example.com --tls \
            $     --ehlo mail.example.org --quit-after EHLO

            Say the name of a real host that leads back to your address. Still 5xx in the first: the server
            knows no ESMTP, or turns this client away. The second says EHLO again inside TLS.)~",
        .mend = R"~(
            Every mail server of the last 20 years knows EHLO: look for a filter in front (old firewalls with an
            "SMTP proxy" or "fixup", antivirus gateways) and switch it off; inside TLS, look at what stands
            behind a proxy that ends TLS. Postfix: smtpd_helo_restrictions refuse EHLO only with
            smtpd_delay_reject = no; with its default, yes, they act at RCPT TO. On this side: --ehlo NAME.)~",
        .rfc = "RFC 5321 sections 3.2 and 4.1.1.1; RFC 3207 section 2",
    },
    Page{
        .code = "ehlo-deferred",
        .brief = "EHLO is put off (4xx)",
        .remedy = "Wait and try again, with --rate 1: the server puts this client off. Before STARTTLS this "
                  "says nothing about TLS; after it, TLS comes up and cannot be used.",
        .meaning = R"~(
            The server answered EHLO with a temporary refusal (421, 450, 451), or hung up unasked with 421
            before the next command. Its own words stand in the finding. Before STARTTLS, what it offers could
            not be seen, or not be tried: this is not missing TLS. After it, TLS came up, and nothing can be
            done with it, which counts as broken TLS.)~",
        .matters = R"~(
            Before STARTTLS, senders close, and try the next host or again later. After it they do the same;
            some of them may come back in clear.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --quit-after EHLO
            $ swaks --to user@example.com --server mx1.example.com --tls \
            $     --quit-after EHLO

            The second says EHLO again inside TLS. Read the server's text, and try again in a quarter of an
            hour.)~",
        .mend = R"~(
            On this side: fewer connections (--rate, --per-host), another --ehlo name, an address with a reverse
            name.

            On the host's side: a 4xx to EHLO comes from lack of resources, or from helo restrictions whose DNS
            look-up fails. In Postfix these (reject_unknown_helo_hostname answers 450) act at EHLO only with
            smtpd_delay_reject = no; with its default, yes, they act at RCPT TO.)~",
        .rfc = "RFC 5321 sections 3.8, 4.1.1.1 and 4.2.1",
    },
    Page{
        .code = "ehlo-malformed",
        .brief = "the reply to EHLO or STARTTLS is no SMTP reply",
        .remedy = "Look at the reply by hand, and past any filter in front of the server. Before STARTTLS "
                  "this says nothing about TLS; after it, TLS comes up and cannot be used.",
        .meaning = R"~(
            In place of a reply there came something else: no three digits, lines with different codes, a code
            that has no place there, or words where nothing was asked. Before the 220 to STARTTLS, it only keeps
            the probe from seeing. In reply to EHLO inside TLS, it counts as broken TLS: TLS came up, and
            nothing can be done with it.)~",
        .matters = R"~(
            Senders differ: some close and try again later, some read on and lose step with the server. After
            STARTTLS, some may come back in clear.)~",
        .verify = R"~(
            $ (sleep 9; printf 'EHLO mail.example.org\r\n'; sleep 3) \
            $     | nc mx1.example.com 25 | cat -A
            $ (sleep 9; printf 'EHLO mail.example.org\r\n'; sleep 3) | openssl \
            $     s_client -starttls smtp -connect mx1.example.com:25 \
            $     -quiet -no_ign_eof | cat -A

            The second shows the reply inside TLS. Each line begins with the same three digits, then "-", and in
            the last line a space. "^M$" is the right line end.)~",
        .mend = R"~(
            The usual culprit is a filter between client and server that writes into the reply: an "SMTP
            inspection", an antivirus gateway, a load balancer that sends a banner of its own. Else it is a
            home-made server: each line of a reply bears the same code.)~",
        .rfc = "RFC 5321 sections 4.2 and 4.2.1",
    },
    Page{
        .code = "reply-too-long",
        .brief = "a reply without measure",
        .remedy = "Look at the reply by hand: lines above 8,192 or replies above 65,536 octets are no mail "
                  "server's. Before STARTTLS this says nothing about TLS; in reply to EHLO inside it, TLS "
                  "cannot be used.",
        .meaning = R"~(
            A line of a reply was longer than 8,192 octets, or a whole reply longer than 65,536; the message
            says which reply. The probe closed the connection there. The standard allows lines of 512 octets.
            Before the 220 to STARTTLS, it only keeps the probe from seeing. In reply to EHLO inside TLS, it
            counts as broken TLS: TLS came up, and nothing can be done with it. In reply to a later command, TLS
            is not affected.)~",
        .matters = R"~(
            Senders have limits as well, and close at theirs. After STARTTLS, some may come back in clear.)~",
        .verify = R"~(
            $ (sleep 9; printf 'EHLO mail.example.org\r\n'; sleep 3) \
            $     | nc mx1.example.com 25 | head -c 2000
            $ (sleep 9; printf 'EHLO mail.example.org\r\n'; sleep 3) | openssl \
            $     s_client -starttls smtp -connect mx1.example.com:25 \
            $     -quiet -no_ign_eof | head -c 2000

            The second shows the reply inside TLS. Look at what comes. An endless stream is a trap for spammers,
            or another protocol.)~",
        .mend = R"~(
            Shorten the banner or the reply, or point the MX record at a mail server.)~",
        .rfc = "RFC 5321 sections 4.2 and 4.5.3.1.5",
    },
    Page{
        .code = "command-timeout",
        .brief = "no reply to a command",
        .remedy = "Try again with a longer --command-timeout, and by hand. Before STARTTLS this says nothing "
                  "about TLS; after it, the server loses the session inside TLS.",
        .meaning = R"~(
            The server did not answer a command within --command-timeout: the message says which. Before the
            220 to STARTTLS it only keeps the probe from seeing. In reply to EHLO inside TLS it is critical:
            TLS came up, and nothing can be done with it.)~",
        .matters = R"~(
            Senders wait 5 minutes for most replies, then close and try again later.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 -crlf -quiet

            Then type "EHLO mail.example.org" and see how long the reply takes. For the dialogue before TLS
            use nc in the same way.)~",
        .mend = R"~(
            On the host: look-ups (DNS, blocklists, LDAP, a milter or policy service) that hang while the
            command is answered. On the way: a firewall with a small MTU or an "inspection" that swallows
            packets; replies inside TLS that vanish point to that.)~",
        .rfc = "RFC 5321 section 4.5.3.2",
    },
    Page{
        .code = "connection-lost",
        .brief = "the connection was closed in the middle",
        .remedy = "Try again: once may be chance. Lost behind STARTTLS, the server's log says why its TLS "
                  "died; lost before, this says nothing about TLS.",
        .meaning = R"~(
            The server, or something on the way, closed or reset the connection while the probe waited for a
            reply. Behind the 220 to STARTTLS this is critical, because TLS did not come up, or died; before it,
            the session ended too early to see.)~",
        .matters = R"~(
            Behind STARTTLS, senders with opportunistic TLS try again in clear, at once or with the next
            attempt; those that require TLS do not deliver. Before it, they try the next host or again later.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -state </dev/null
            $ posttls-finger -c -l may "[mx1.example.com]"

            See after which step it ends ("unexpected eof", "errno=104").)~",
        .mend = R"~(
            Read the server's log at that second. Behind STARTTLS: a certificate or key file that the process
            cannot read, a crash of the TLS library, a load balancer that does not know STARTTLS. Before it:
            rate limits and filters that close without a word.)~",
        .rfc = "RFC 5321 section 3.8; RFC 3207 section 4",
    },
};

constexpr std::array names{
    Page{
        .code = "greeting-name-differs",
        .brief = "the server calls itself by another name",
        .remedy =
            "None needed for TLS. For tidy logs let the server greet with the name in the MX record, and let "
            "the reverse DNS of its address say the same.",
        .meaning = R"~(
            The name in the greeting or in the EHLO reply is not the one in the MX record. Three names meet at
            a mail host: the one in the MX record, those in the certificate, and the one by which it greets.
            Only the first two have to agree.)~",
        .matters = R"~(
            Senders do not compare the greeting with anything: TLS and delivery do not depend on it. It is how
            one notices that an MX record leads to another machine than meant.)~",
        .verify = R"~(
            $ dig +short MX example.com
            $ swaks --to user@example.com --server mx1.example.com --quit-after EHLO
            $ dig +short -x 192.0.2.1

            Compare the name in the MX record, the one behind the 220 and the first 250, and the reverse one.)~",
        .mend = R"~(
            Postfix: myhostname (per service: -o myhostname=mx1.example.com). Exim: primary_hostname and
            smtp_active_hostname. Exchange: the Fqdn of the Receive connector. Hosted services serve many
            domains under one name: leave it.)~",
        .rfc = "RFC 5321 sections 2.3.5, 4.1.1.1 and 4.2",
    },
};

constexpr std::array session{
    Page{
        .code = "mail-from-refused",
        .brief = "MAIL FROM is refused (5xx)",
        .remedy = "Probe with a sender that the server accepts (--mail-from), or let it accept the null "
                  "sender, which bounces need. TLS is not affected.",
        .meaning = R"~(
            The server answered MAIL FROM with a 5xx. Unless --mail-from says otherwise, the probe sends the
            null sender "<>". The stages before stand as they are: this says nothing about TLS.)~",
        .matters = R"~(
            A server that refuses the null sender gets no bounces and breaks the call-backs of others. A
            refusal for the client's address, its reverse name or its EHLO name concerns this machine only.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --tls \
            $     --from '<>' --quit-after MAIL
            $ swaks --to user@example.com --server mx1.example.com --tls \
            $     --from user@example.org --quit-after MAIL

            Read the text of the refusal: it names the rule.)~",
        .mend = R"~(
            On the host's side: let the sender checks pass "<>". Exim: acl_smtp_mail. Postfix:
            smtpd_sender_restrictions, which refuse MAIL FROM only with smtpd_delay_reject = no; with its
            default, yes, they act at RCPT TO. A 530 in clear, "must issue a STARTTLS command first", is a
            choice; the standard forbids it to a public mail host.)~",
        .rfc = "RFC 5321 sections 3.3 and 4.5.5; RFC 3207 section 4",
    },
    Page{
        .code = "mail-from-deferred",
        .brief = "MAIL FROM is put off (4xx)",
        .remedy =
            "None needed for TLS: the server puts this sender off for now. Try again later to see the stage "
            "pass.",
        .meaning = R"~(
            The server answered MAIL FROM with a temporary refusal: greylisting, a rate limit, a look-up that
            failed, lack of space. This says nothing about TLS.)~",
        .matters = R"~(
            Senders try again later, and get through in the usual case.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --tls \
            $     --from '<>' --quit-after MAIL

            Repeat it after a quarter of an hour.)~",
        .mend = R"~(
            If every sender gets it: look at the free space of the queue (Postfix: "452 4.3.1 Insufficient
            system storage") and at the DNS of the server.)~",
        .rfc = "RFC 5321 sections 4.2.1 and 4.5.4.1; RFC 6647 section 2",
    },
    Page{
        .code = "rcpt-refused",
        .brief = "the recipient is refused (5xx)",
        .remedy = "Check the address. If it exists, the server's text says which rule turned this client "
                  "away. TLS is not affected.",
        .meaning = R"~(
            --rcpt was given, and the server answered RCPT TO with a 5xx: it does not know the mailbox, does
            not relay for the domain, or dislikes this client. It says nothing about TLS and is no part of the
            factor.)~",
        .matters = R"~(
            Mail to this address bounces, or, where the client is disliked, mail from this machine.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --tls \
            $     --from '<>' --quit-after RCPT

            "5.1.1" is an unknown mailbox, "5.7.1" a matter of policy.)~",
        .mend = R"~(
            Create the mailbox, or add the domain to those the server receives for (Postfix: mydestination,
            virtual_mailbox_domains or relay_domains; Exchange: accepted domains).)~",
        .rfc = "RFC 5321 section 3.3; RFC 3463 section 3",
    },
    Page{
        .code = "rcpt-deferred",
        .brief = "the recipient is put off (4xx)",
        .remedy =
            "None needed for TLS: most often this is greylisting. Try again after a quarter of an hour.",
        .meaning = R"~(
            --rcpt was given, and the server answered RCPT TO with a temporary refusal. It says nothing about
            TLS and is no part of the factor.)~",
        .matters = R"~(
            Senders try again later, and get through in the usual case.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --tls \
            $     --from '<>' --quit-after RCPT

            Repeat it with the same sender and from the same address after a quarter of an hour.)~",
        .mend = R"~(
            If it never ends: a full mailbox ("4.2.2") or a back end that does not answer.)~",
        .rfc = "RFC 5321 sections 4.2.1 and 4.5.4.1; RFC 6647 section 2",
    },
};

} // namespace

Subject about_ehlo() noexcept
{
    return {"EHLO", ehlo};
}

Subject about_names() noexcept
{
    return {"Names", names};
}

Subject about_the_session() noexcept
{
    return {"Session", session};
}

} // namespace report
