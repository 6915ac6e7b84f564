#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array reaching{
    Page{
        .code = "connect-refused",
        .brief = "nobody listens on the port (TCP reset)",
        .remedy = "Start the mail server on this address, open the port in its firewall, or take the address "
                  "out of the DNS. This says nothing about TLS.",
        .meaning = R"~(
            The connection was answered with a TCP reset: the machine is there, and nothing listens on the
            port, or a firewall refuses in its name. No word of SMTP was spoken, so this says nothing about
            TLS.)~",
        .matters = R"~(
            Senders pass on to the next address or host, and keep the mail where there is none. A dead address
            beside a live one delays mail.)~",
        .verify = R"~(
            $ nc -vz 192.0.2.1 25
            $ swaks --to user@example.com --server 192.0.2.1 --quit-after EHLO

            "Connection refused" from here and from another network too: nothing listens there. On the server,
            "ss -ltn" has to show port 25 on this address, not only on 127.0.0.1.)~",
        .mend = R"~(
            Postfix: inet_interfaces and inet_protocols have to include the address. Exim:
            local_interfaces. Exchange: the bindings of the Receive connector. A host that is meant to refuse
            ("nolisting") does no harm beyond the delay.)~",
        .rfc = "RFC 5321 sections 4.5.4.1 and 5.1; RFC 9293 section 3.5.2",
    },
    Page{
        .code = "connect-timeout",
        .brief = "no answer to the attempt to connect",
        .remedy = "Try from another network: outgoing port 25 is often blocked. If it fails there too, the "
                  "host is down or filtered. This says nothing about TLS.",
        .meaning = R"~(
            Within --connect-timeout there came neither a connection nor a refusal. Either the host is down,
            or a firewall at one of the two ends, or on the way, drops the packets. This says nothing about
            TLS.)~",
        .matters = R"~(
            Senders wait as long, pass on to the next host, and keep the mail where there is none.)~",
        .verify = R"~(
            $ nc -vz -w 30 192.0.2.1 25
            $ traceroute -T -p 25 192.0.2.1

            Then the same towards a mail host that surely answers. If none can be reached, this machine may
            not send on port 25, as is usual at home and in most clouds.)~",
        .mend = R"~(
            On this side: run the probe where port 25 is open, and name a host that surely answers with
            --known-good, so that the two cases are told apart.

            On the host's side: let port 25 through the firewall, for IPv6 as well, or take the address out of
            the DNS.)~",
        .rfc = "RFC 5321 sections 4.5.4.1 and 5.1",
    },
    Page{
        .code = "connect-unreachable",
        .brief = "the network says that the host is unreachable",
        .remedy = "Check the route to the host from another network. If it is dead everywhere, repair it or "
                  "take the address out of the DNS. This says nothing about TLS.",
        .meaning = R"~(
            The connection failed for a reason that is neither a refusal nor silence: a router on the way, or
            the host's firewall, says that the host or its network cannot be reached. This says nothing about
            TLS.)~",
        .matters = R"~(
            Senders pass on to the next address or host, and keep the mail where there is none.)~",
        .verify = R"~(
            $ nc -vz 192.0.2.1 25
            $ traceroute 192.0.2.1

            Where the trace ends is where to ask.)~",
        .mend = R"~(
            On the host's side: repair the route, or the firewall rule that rejects with an ICMP message; take
            the address out of the DNS while it is dead. An IPv6 address that was published and never
            routed is the usual case.)~",
        .rfc = "RFC 1122 section 3.2.2.1; RFC 4443 section 3.1; RFC 5321 section 5.1",
    },
    Page{
        .code = "connect-local",
        .brief = "this machine cannot send there",
        .remedy =
            "The fault is on this side: run the probe where port 25 and this address family are open, or "
            "leave the family out with -4 or -6.",
        .meaning = R"~(
            This machine has no route for the address (most often: no IPv6), its own firewall forbids to send
            on the port, or it has too many files open for one more connection. Beside the domain it means
            that the host given by --known-good could not be reached either. Nobody else is at fault: it is
            left out of the factor, and says nothing about the host or its TLS.)~",
        .matters = R"~(
            Nothing, to senders elsewhere.)~",
        .verify = R"~(
            $ ip route get 192.0.2.1
            $ ip -6 route get 2001:db8::1
            $ nc -vz 192.0.2.1 25

            "Network is unreachable" is a missing route, "Permission denied" or "Operation not permitted" a
            rule of this machine's: see "nft list ruleset". "Too many open files" is a limit: see "ulimit -n".)~",
        .mend = R"~(
            Leave the family out with -4 or -6, or give the machine IPv6. Have outgoing port 25 opened by the
            provider, or run the probe on the mail server itself, whose port is open. Raise a limit of files
            with "ulimit -n", or have fewer targets at once with --jobs.)~",
        .rfc = "RFC 5321 section 5.2",
    },
    Page{
        .code = "connect-closed",
        .brief = "the connection was closed before a greeting",
        .remedy = "Wait and try again, with --rate 1. If it stays so, ask the host's operator whether your "
                  "address is blocked. This says nothing about TLS.",
        .meaning = R"~(
            The connection opened and was closed, or reset, before any greeting. So do firewalls and load
            balancers that dislike the client's address, TCP wrappers, and servers that have no process
            left. Whether there is TLS could not be seen.)~",
        .matters = R"~(
            Senders that meet the same pass on to the next host or try again later.)~",
        .verify = R"~(
            $ nc -v mx1.example.com 25
            $ swaks --to user@example.com --server mx1.example.com --quit-after EHLO

            Do so from this machine and from another network. If the other one is greeted, your address is
            turned away.)~",
        .mend = R"~(
            On this side: probe from an address with a reverse name and a good reputation, and slower.

            On the host's side: turn clients away with a 421 or 554 greeting, which says why, in place of
            closing. Behind a load balancer look whether its back end is up. Postfix: a
            "too many connections" or a missing certificate file stands in the mail log.)~",
        .rfc = "RFC 5321 sections 3.1 and 3.8",
    },
};

constexpr std::array greeting{
    Page{
        .code = "greeting-timeout",
        .brief = "the connection opened, and no greeting came",
        .remedy = "Try again with a longer --greeting-timeout, and by hand. A server that stays silent is "
                  "overloaded or is no mail server. This says nothing about TLS.",
        .meaning = R"~(
            The connection opened, and no whole greeting came within --greeting-timeout. Servers that make
            clients wait on purpose take up to half a minute; a greeting in parts (220-, a pause, 220) was
            waited for. Whether there is TLS could not be seen.)~",
        .matters = R"~(
            Senders wait up to 5 minutes for the greeting, then try the next host or again later.)~",
        .verify = R"~(
            $ time nc mx1.example.com 25

            Say nothing, and measure how long the 220 takes.)~",
        .mend = R"~(
            The usual causes on the host: reverse DNS or blocklist look-ups that time out before the greeting,
            all server processes busy, a tarpit. Postfix: watch smtpd's process limit and its DNS; Exim:
            rfc1413_query_timeout = 0s and host look-ups in acl_smtp_connect.)~",
        .rfc = "RFC 5321 sections 4.3.1 and 4.5.3.2.1",
    },
    Page{
        .code = "greeting-deferred",
        .brief = "the server says: not now (421 or another 4xx)",
        .remedy = "Wait a while and try again, with --rate 1 or from another address: the server puts this "
                  "client off. This says nothing about TLS.",
        .meaning = R"~(
            In place of 220 the server greeted with a temporary refusal: too many connections, a rate limit,
            greylisting, maintenance. Its own words stand in the finding. Whether there is TLS could not be
            seen: this is not missing TLS.)~",
        .matters = R"~(
            Senders try the next host, or again later. Who probes often is put off more often than real
            senders are.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --quit-after EHLO

            Read the server's text. Try again in a quarter of an hour, and from the address of a real mail
            server.)~",
        .mend = R"~(
            On this side: --rate 1 and --per-host 1, fewer runs, a machine whose address has a matching reverse
            name; or ask the operator to be allowed.

            On the host's side, for your own probes: Postfix smtpd_client_event_limit_exceptions and
            postscreen_access_list; Exim smtp_accept_max_per_host; Exchange MaxInboundConnectionPerSource.)~",
        .rfc = "RFC 5321 sections 3.8 and 4.2.1; RFC 6647 section 2",
    },
    Page{
        .code = "greeting-refused",
        .brief = "the server turns this client away (5xx)",
        .remedy =
            "Read the server's reason, and probe from an address that it accepts, or ask its operator to "
            "be allowed. This says nothing about TLS.",
        .meaning = R"~(
            In place of 220 the server greeted with a final refusal. Mostly it dislikes the client's address: a
            blocklist, no reverse name, a dial-up range. Its own words stand in the finding. Whether there is
            TLS could not be seen: this is not missing TLS.)~",
        .matters = R"~(
            It concerns the client that is turned away. Other senders may be welcome.)~",
        .verify = R"~(
            $ swaks --to user@example.com --server mx1.example.com --quit-after EHLO
            $ dig +short -x 192.0.2.99

            Put the address of this machine in place of 192.0.2.99: it should have a name, and that name this
            address. Many refusals contain a link to the list that the address stands on.)~",
        .mend = R"~(
            On this side: have the address delisted, give it a reverse name, or probe from your mail server.

            On the host's side: if every client gets this, the host refuses mail on purpose (521 or 554). It
            should then have no MX record.)~",
        .rfc = "RFC 5321 sections 3.1 and 4.2.1; RFC 7504 section 3",
    },
    Page{
        .code = "greeting-malformed",
        .brief = "what answered does not speak SMTP",
        .remedy = "Check that the MX record and the port lead to a mail server: what answered is none. This "
                  "says nothing about TLS.",
        .meaning = R"~(
            What came is no SMTP greeting: another protocol (HTTP, SSH, POP), garbage, or a reply code that has
            no place there. Whether there is TLS could not be seen.)~",
        .matters = R"~(
            Senders give the host up and try the next one or later.)~",
        .verify = R"~(
            $ nc mx1.example.com 25
            $ openssl s_client -connect mx1.example.com:25 </dev/null

            The first shows what the server says of itself. If only the second gets an answer, the port speaks
            TLS from the first octet, as 465 does.)~",
        .mend = R"~(
            Correct the MX record, the address or the port forwarding. TLS from the first octet belongs on port
            465 (submission): senders speak in clear first on port 25. Postfix: smtpd_tls_wrappermode = no for
            the "smtp" service.)~",
        .rfc = "RFC 5321 sections 4.2 and 4.3.1; RFC 8314 section 3.3",
    },
};

} // namespace

Subject about_reaching() noexcept
{
    return {"Reaching the host", reaching};
}

Subject about_the_greeting() noexcept
{
    return {"Greeting", greeting};
}

} // namespace report
