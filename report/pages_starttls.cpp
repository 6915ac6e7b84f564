#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array pages{
    Page{
        .code = "starttls-not-supported",
        .brief = "the server does not offer STARTTLS",
        .remedy =
            "Give the mail server a certificate and switch STARTTLS on. If it is on, look for a firewall "
            "or a rule that hides it from clients like this one.",
        .meaning = R"~(
            The server accepted EHLO, and STARTTLS is not among the extensions in its reply. Mail can reach it
            in clear only.)~",
        .matters = R"~(
            Senders with opportunistic TLS (Postfix "may", Exim, Gmail and Exchange Online as they come)
            deliver in clear: whoever is on the way reads along. Senders that require TLS, or that find a DANE
            or an MTA-STS "enforce" policy, do not deliver.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --quit-after EHLO
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 </dev/null

            The reply to EHLO has no line "250-STARTTLS" or "250 STARTTLS". s_client says "Didn't find STARTTLS
            in server response". Do it from another network too: it may be hidden on the way.)~",
        .mend = R"~(
            Postfix: smtpd_tls_chain_files (or smtpd_tls_cert_file and smtpd_tls_key_file) and
            smtpd_tls_security_level = may; see that smtpd_discard_ehlo_keywords does not name starttls.
            Exim: tls_advertise_hosts = *, tls_certificate, tls_privatekey. Exchange: a certificate with the
            service SMTP (Enable-ExchangeCertificate) and "TLS" among the AuthMechanism of the Receive
            connector. Cisco ESA: a certificate on the listener and TLS "Preferred" in the mail flow
            policy.)~",
        .rfc = "RFC 3207 sections 2 and 4; RFC 8460 section 4.3; RFC 7435 section 3",
    },
    Page{
        .code = "starttls-refused",
        .brief = "STARTTLS is offered, and then refused",
        .remedy = "Look into the server's log: it offers STARTTLS and cannot start it, mostly because its "
                  "certificate or key cannot be read.",
        .meaning = R"~(
            The reply to EHLO offers STARTTLS, and the command STARTTLS was answered with something other than
            220: 454 or 421 says "not now", 5xx "no". A 454 or 421 is often a rate limit or a passing fault. It
            counts as no TLS offered all the same.)~",
        .matters = R"~(
            Senders with opportunistic TLS deliver in clear, some of them after a delay. Senders that require
            TLS cannot deliver as long as it lasts.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --tls --quit-after TLS

            Look at the line behind "STARTTLS": "454 4.7.0 TLS not available due to local problem" is what
            Postfix says without a certificate that works, "too many new TLS sessions" what it says at its rate
            limit. After a 454 or 421, try again in a quarter of an hour.)~",
        .mend = R"~(
            Check that the certificate and key files exist, belong together and can be read by the server's
            user, and that they were renewed as a pair. Else take the offer away until it can be kept. If it
            passes by itself, it is a rate limit or lack of resources: raise the limit on new TLS sessions
            (Postfix: smtpd_client_new_tls_session_rate_limit, counted by anvil; 0 is none), and probe with a
            lower --rate.)~",
        .rfc = "RFC 3207 section 4",
    },
    Page{
        .code = "starttls-injection",
        .brief = "text in clear behind the 220 to STARTTLS",
        .remedy =
            "Find out who adds text behind the 220: it is a grave fault of the server or of a filter in "
            "front, or somebody on the way is at work. Update both.",
        .meaning = R"~(
            Behind the 220 to STARTTLS, and before the handshake, further octets came in clear. A client that
            keeps them would take them for replies from inside TLS: this is how text is smuggled into a
            protected session (response injection). The probe ended the session there.)~",
        .matters = R"~(
            Careful senders give up; careless ones can be deceived about what the server said inside TLS.
            Whether it is an attack or a fault cannot be told from outside.)~",
        .verify = R"~(
            $ (sleep 9; printf 'EHLO mail.example.org\r\n'; sleep 3; \
            $     printf 'STARTTLS\r\n'; sleep 3) | nc mx1.example.com 25 | cat -A

            Nothing may follow the line that begins with "220" and answers STARTTLS. Do it from another
            network too: if it does not happen there, it is done on the way.)~",
        .mend = R"~(
            Update the server, and any proxy or antivirus gateway that speaks SMTP in front of it: the input
            and output of the clear part have to be forgotten when TLS begins. If it happens on one path only,
            look at that network.)~",
        .rfc = "RFC 3207 sections 4, 4.2 and 6",
    },
    Page{
        .code = "starttls-masked",
        .brief = "something on the way writes over STARTTLS",
        .remedy =
            "Probe from another network to learn on whose side it is, and switch off SMTP inspection in "
            "that firewall. The server itself may well have TLS.",
        .meaning = R"~(
            The reply to EHLO has a keyword of X's, as in "XXXXXXXA": a firewall has overwritten the keywords
            that it does not let through, in equal length. So does the ESMTP inspection of Cisco ASA and PIX.
            What the server offers could not be seen: this is not missing TLS.)~",
        .matters = R"~(
            Senders behind the same firewall, or all if it stands before the server, see no STARTTLS and
            deliver in clear, or not at all where they require TLS.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --quit-after EHLO

            From here and from another network. A greeting that consists of asterisks is a second sign.)~",
        .mend = R"~(
            Cisco ASA: in the map of "policy-map type inspect esmtp" put "allow-tls" under "parameters", or
            take "inspect esmtp" out of the policy. Older PIX: "no fixup protocol smtp 25". If the firewall is
            yours and this machine's, probe from outside it.)~",
        .rfc = "RFC 3207 section 6; RFC 7435 section 3",
    },
    Page{
        .code = "starttls-repeated",
        .brief = "STARTTLS is offered again inside TLS",
        .remedy = "Update the server or the proxy in front of it: inside TLS, STARTTLS must not be offered "
                  "again.",
        .meaning = R"~(
            The reply to EHLO inside TLS has STARTTLS in it once more. The server, or a proxy that decrypts in
            front of it, does not know that TLS is up.)~",
        .matters = R"~(
            Most senders ignore it. It shows that the reply inside TLS may be a leftover from before, and that
            the server behind a proxy does not know how the client is connected.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 -crlf -quiet

            Type "EHLO mail.example.org": no line of the reply may read STARTTLS.)~",
        .mend = R"~(
            Where a load balancer ends TLS: have it tell the server (XCLIENT, the PROXY protocol), or let the
            server do TLS itself.)~",
        .rfc = "RFC 3207 section 4.2",
    },
    Page{
        .code = "plaintext-accepted",
        .brief = "mail is taken without STARTTLS too",
        .remedy = "None needed: a public mail host has to take mail in clear too. Demand STARTTLS only on a "
                  "host whose "
                  "senders you know.",
        .meaning = R"~(
            --assure was given. On a second connection the probe left STARTTLS alone, and MAIL FROM in clear
            was accepted. Nothing was sent.)~",
        .matters = R"~(
            A sender without TLS gets its mail through. A public mail host must not demand STARTTLS, says the
            standard; who wants senders to insist publishes DANE or MTA-STS records.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com \
            $     --from '<>' --quit-after MAIL

            "250" is plaintext accepted; "530 5.7.0 Must issue a STARTTLS command first" is plaintext
            refused.)~",
        .mend = R"~(
            For partners only. Postfix: smtpd_tls_security_level = encrypt for that service. Exim: a deny in
            acl_smtp_mail where $tls_in_cipher is empty. Exchange: RequireTLS on the Receive connector.)~",
        .rfc = "RFC 3207 section 4; RFC 8461 section 2; RFC 7672 section 1.3",
    },
};

} // namespace

Subject about_starttls() noexcept
{
    return {"STARTTLS", pages};
}

} // namespace report
