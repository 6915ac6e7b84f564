#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array pages{
    Page{
        .code = "sts-policy-fetch-error",
        .brief = "the MTA-STS policy cannot be fetched",
        .remedy =
            "Make the policy file reachable at https://mta-sts.DOMAIN/.well-known/mta-sts.txt, with status "
            "200 and without a redirect.",
        .meaning = R"~(
            The domain announces MTA-STS in the DNS, and its policy cannot be fetched: no address, no
            connection, another status than 200, a redirect, or too slow.)~",
        .matters = R"~(
            Senders that hold a policy in their cache go on with it until it ends; the others deliver as if
            there were none. The protection is gone without a sign.)~",
        .verify = R"~(
            $ dig +short TXT _mta-sts.example.com
            $ curl -si https://mta-sts.example.com/.well-known/mta-sts.txt

            "HTTP/1.1 200" or "HTTP/2 200" has to come first, without -L, and "Content-Type: text/plain".)~",
        .mend = R"~(
            Give mta-sts.example.com an address, port 443, a certificate and the file. Redirects are not
            followed. To give MTA-STS up, publish mode "none" first and delete record and file after max_age
            has passed.)~",
        .rfc = "RFC 8461 sections 3.3 and 8.3; RFC 8460 section 4.3",
    },
    Page{
        .code = "sts-policy-invalid",
        .brief = "the MTA-STS policy is not well-formed",
        .remedy = "Correct the policy file: it needs version, mode, max_age and, unless the mode is none, at "
                  "least one mx line.",
        .meaning = R"~(
            The policy was fetched, and it is no policy: a key is missing or has a value that is not allowed,
            the file is not text/plain, or it has more than 64 KiB.)~",
        .matters = R"~(
            Senders act as if there were no policy, or go on with the one in their cache.)~",
        .verify = R"~(
            $ curl -s https://mta-sts.example.com/.well-known/mta-sts.txt | cat -A

            Look for "version: STSv1", "mode: enforce" (or testing, none), "max_age:" with seconds up to
            31557600, and a line "mx: mx1.example.com" for each host. A wildcard stands for one label.)~",
        .mend = R"~(
            Write the file with these keys, a line each, and no quotes. A name after "mx:" has no final dot and
            is no address. Then give the TXT record a new id.)~",
        .rfc = "RFC 8461 section 3.2; RFC 8460 section 4.3",
    },
    Page{
        .code = "sts-webpki-invalid",
        .brief = "a certificate is not what MTA-STS demands",
        .remedy = "Give the host that the message names a certificate of a public CA that bears its name as "
                  "a DNS name "
                  "(subjectAltName), complete and within its dates.",
        .meaning = R"~(
            About the domain: the web server of the policy presents a certificate that cannot be verified:
            expired, for another name, from an unknown CA, or without its intermediate.

            About a mail host: the policy covers it, and its certificate does not satisfy the policy. To
            MTA-STS only the DNS names of subjectAltName count, never the common name.)~",
        .matters = R"~(
            Senders must not use a policy fetched from such a web server: they go on with the one in their
            cache, or without any. To such a mail host, senders with MTA-STS do not deliver in mode enforce;
            in mode testing they deliver, and report it.)~",
        .verify = R"~(
            $ curl -sv https://mta-sts.example.com/.well-known/mta-sts.txt
            $ openssl s_client -connect mta-sts.example.com:443 \
            $     -servername mta-sts.example.com \
            $     -verify_hostname mta-sts.example.com </dev/null

            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -verify_hostname mx1.example.com </dev/null

            The line "Verify return code" says what is wrong. The last command is for a mail host: it takes
            the common name for a name too, which MTA-STS does not.)~",
        .mend = R"~(
            Add mta-sts.example.com to the web server's certificate, or the MX name to the mail server's, send
            the full chain, and have both renewed by themselves. They are mostly two certificates. Until a
            mail host is mended, mode testing keeps mail flowing.)~",
        .rfc = "RFC 8461 sections 3.3 and 4.2; RFC 9525 section 6.3; RFC 8460 section 4.3",
    },
    Page{
        .code = "sts-mx-mismatch",
        .brief = "the mail host is not in the MTA-STS policy",
        .remedy = "Add the host to the policy as an mx line, give the TXT record a new id, and only then "
                  "publish its MX record.",
        .meaning = R"~(
            The MX record names a host that no mx line of the policy matches.)~",
        .matters = R"~(
            In mode enforce, senders with MTA-STS (Gmail, Exchange Online and others) do not deliver to this
            host, and keep the mail where there is no other. In mode testing they deliver, and report it to
            whom TLS-RPT names.)~",
        .verify = R"~(
            $ dig +short MX example.com
            $ curl -s https://mta-sts.example.com/.well-known/mta-sts.txt

            Each host of the first has to be matched by an "mx:" line of the second; "*.example.com" matches
            one label.)~",
        .mend = R"~(
            Update the policy file first, then the id in the TXT record, and change the MX record once the
            caches had time (max_age is an upper limit; most senders look at the id daily).)~",
        .rfc = "RFC 8461 sections 4.1, 5 and 8.1",
    },
    Page{
        .code = "sts-record-invalid",
        .brief = "the MTA-STS TXT record is not well-formed",
        .remedy =
            "Publish exactly one TXT record at _mta-sts that reads \"v=STSv1; id=...;\", with an id of 1 "
            "to 32 letters and digits.",
        .meaning = R"~(
            At _mta-sts there is a TXT record meant for MTA-STS that does not have the right form, or there are
            several.)~",
        .matters = R"~(
            Senders take the domain for one without MTA-STS.)~",
        .verify = R"~(
            $ dig +short TXT _mta-sts.example.com

            One line such as "v=STSv1; id=20260101T000000;" is right.)~",
        .mend = R"~(
            Write it with semicolons that are not escaped, no hyphens or dots in the id, and delete the others.
            Change the id whenever the policy changes.)~",
        .rfc = "RFC 8461 section 3.1",
    },
    Page{
        .code = "sts-required",
        .brief = "MTA-STS is required, and not enforced",
        .remedy =
            "Publish an MTA-STS policy in mode enforce that covers every mail host, or ask for MTA-STS only "
            "where the domain has it.",
        .meaning = R"~(
            The policy "mta-sts" was asked for, and the domain announces no MTA-STS policy, or one in mode
            testing or none, which demands nothing of senders.)~",
        .matters = R"~(
            Senders with MTA-STS deliver as if there were no policy: whoever is on the way can take TLS away.)~",
        .verify = R"~(
            $ dig +short TXT _mta-sts.example.com
            $ curl -s https://mta-sts.example.com/.well-known/mta-sts.txt

            A record that begins with "v=STSv1;" and a line "mode: enforce" are needed.)~",
        .mend = R"~(
            $ mxtls sts-policy --mode enforce example.com >mta-sts.txt

            Begin with mode testing and TLS-RPT, and change to enforce (and the id of the record) once the
            reports tell of no failure.)~",
        .rfc = "RFC 8461 sections 3 and 5",
    },
    Page{
        .code = "tls-rpt-invalid",
        .brief = "the TLS-RPT record is not well-formed",
        .remedy =
            "Publish exactly one TXT record at _smtp._tls that reads \"v=TLSRPTv1; rua=mailto:ADDRESS\".",
        .meaning = R"~(
            At _smtp._tls there is a TXT record meant for TLS reports that does not have the right form, names
            no mailto: or https: address, or there are several.)~",
        .matters = R"~(
            Delivery is not affected. Senders send no reports, so that failures of DANE and MTA-STS stay
            unseen.)~",
        .verify = R"~(
            $ dig +short TXT _smtp._tls.example.com

            One line such as "v=TLSRPTv1; rua=mailto:tls-reports@example.com" is right.)~",
        .mend = R"~(
            Correct the record, with several addresses parted by commas in one rua. "_smtp-tlsrpt" is the name
            of an early draft: nobody looks there.)~",
        .rfc = "RFC 8460 section 3",
    },
};

} // namespace

Subject about_mta_sts() noexcept
{
    return {"MTA-STS and TLS reports", pages};
}

} // namespace report
