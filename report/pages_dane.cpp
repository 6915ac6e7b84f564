#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array pages{
    Page{
        .code = "tlsa-invalid",
        .brief = "no TLSA record matches the server's certificate",
        .remedy = "Publish a TLSA record for what the server sends now (mxtls tlsa HOST prints it), or send "
                  "what the "
                  "record describes. Until then senders with DANE do not deliver.",
        .meaning = R"~(
            The host has usable TLSA records in a signed zone, and none of them matches the certificates that
            the server sends as it has to. Mostly the certificate was renewed with a new key, and the record was
            not. A record of a CA (2 x x) needs more: the CA's certificate in the chain that is sent, also
            where it is a root; a name of the host; and dates that hold. Where there are digests of two
            strengths of one usage and selector, only the stronger counts: a 3 0 1 that matches is of no use
            beside a 3 0 2 that does not.)~",
        .matters = R"~(
            Senders with DANE (Postfix "dane", Exim, Exchange Online and others) keep the mail and return it in
            the end. The others notice nothing.)~",
        .verify = R"~(
            $ dig +dnssec +short TLSA _25._tcp.mx1.example.com
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     </dev/null | openssl x509 -noout -pubkey \
            $     | openssl pkey -pubin -outform DER | openssl dgst -sha256
            $ posttls-finger -c -l dane example.com

            For a record "3 1 1" the digest has to be the one that the second command prints. posttls-finger
            says "Verified TLS connection established" where a record matches. mxtls -v says of each record
            whether it matches, and why that is not enough.)~",
        .mend = R"~(
            $ mxtls tlsa mx1.example.com

            prints the records for what is sent now. Publish "3 1 1" with the digest of the present key at once, and keep the old record until its TTL
            has passed. Then renew so that it does not happen again: keep the key (certbot --reuse-key), or
            publish the next key's record at least two TTLs before it comes into use. Each address and each
            of an RSA and ECDSA pair has to match.)~",
        .rfc = "RFC 7672 sections 2.2 and 3.1; RFC 7671 section 8.1; RFC 8460 section 4.3",
    },
    Page{
        .code = "tlsa-unusable",
        .brief = "TLSA records that SMTP cannot use",
        .remedy = "Replace the records by DANE-EE ones, \"3 1 1\" with the SHA-256 digest of the server's "
                  "public key.",
        .meaning = R"~(
            The host has TLSA records in a signed zone, and SMTP can use none of them: usages 0 and 1 (PKIX) are
            not for SMTP, the selector or matching type is unknown, or the data has the wrong length.)~",
        .matters = R"~(
            Senders with DANE then demand encryption and authenticate nobody: the records give less than they
            promise.)~",
        .verify = R"~(
            $ dig +short TLSA _25._tcp.mx1.example.com

            The first number is the usage, which has to be 2 or 3; then selector (0 or 1) and matching type (0,
            1, 2). Behind a 1 there are 64 hexadecimal digits, behind a 2 there are 128.)~",
        .mend = R"~(
            $ openssl x509 -in cert.pem -noout -pubkey \
            $     | openssl pkey -pubin -outform DER | openssl dgst -sha256

            Publish "_25._tcp.mx1.example.com. TLSA 3 1 1" with that digest.)~",
        .rfc = "RFC 7672 sections 2.2 and 3.1.3; RFC 6698 section 2.1",
    },
    Page{
        .code = "tlsa-insecure",
        .brief = "TLSA records without DNSSEC",
        .remedy =
            "Sign the zone with DNSSEC and put its DS record at the parent: without it the TLSA records "
            "count for nothing.",
        .meaning = R"~(
            There are TLSA records, and either the answer with them is not protected by DNSSEC, or they are
            and the MX answer that leads to the host is not.)~",
        .matters = R"~(
            Senders with DANE take records without DNSSEC for absent and go on with opportunistic TLS. Where
            only the MX answer is unsigned they encrypt and hold the server to its records, but whoever forges
            the MX answer leads them elsewhere: nobody is authenticated, and mandatory DANE is not met.)~",
        .verify = R"~(
            $ dig +dnssec TLSA _25._tcp.mx1.example.com
            $ dig +dnssec MX example.com
            $ dig DS example.com

            With a validating resolver the flags of a signed answer contain "ad".)~",
        .mend = R"~(
            Sign the domain's zone and the mail host's, and publish their DS records with the registrar.)~",
        .rfc = "RFC 7672 sections 2.1 and 2.2; RFC 6698 section 4.1",
    },
    Page{
        .code = "dane-required",
        .brief = "DANE is required, and there are no usable records",
        .remedy = "Publish TLSA records for every mail host in a signed zone, or ask for DANE only where the "
                  "domain has it.",
        .meaning = R"~(
            The policy "dane" was asked for, and a mail host has no TLSA records that DNSSEC protects, or it
            cannot be known here: the resolver has to validate, and be on this machine or believed by
            --trust-ad. The name is that of the result in TLS reports.)~",
        .matters = R"~(
            A sender set to mandatory DANE for this domain (Postfix "dane-only") keeps the mail and returns it
            in the end. A sender with opportunistic DANE delivers without it.)~",
        .verify = R"~(
            $ dig +short MX example.com
            $ dig +dnssec TLSA _25._tcp.mx1.example.com
            $ posttls-finger -c -l dane-only example.com

            An answer with the flag "ad" and a TLSA record is needed for each host.)~",
        .mend = R"~(
            Sign the zones of the domain and of the mail hosts, then publish "3 1 1" records. Hosted mail: ask
            the provider whether the MX names that it gives have DANE; some have other names for it.)~",
        .rfc = "RFC 7672 sections 2.2 and 6; RFC 8460 section 4.3",
    },
};

} // namespace

Subject about_dane() noexcept
{
    return {"DANE", pages};
}

} // namespace report
