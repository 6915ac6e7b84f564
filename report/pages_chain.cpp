#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array pages{
    Page{
        .code = "chain-incomplete",
        .brief = "an intermediate certificate is missing",
        .remedy = "Let the server send the missing intermediate behind its own certificate: install the full "
                  "chain file of the CA, and reload.",
        .meaning = R"~(
            The server's certificate was issued by an intermediate CA whose certificate it does not send. The
            message names the missing one. The chain ends before any root.)~",
        .matters = R"~(
            Browsers mend this by fetching the certificate or from memory; mail servers do not. Senders that
            verify do not deliver; the others encrypt all the same.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -showcerts </dev/null

            "Verify return code: 21 (unable to verify the first certificate)" or 20. Under "Certificate chain"
            stands one entry only, or one whose issuer ("i:") has no entry ("s:") of its own. Give the missing
            certificate to the probe with --extra-certs, to see whether it is all that is missing.)~",
        .mend = R"~(
            Use fullchain.pem, not cert.pem. Postfix: smtpd_tls_chain_files with key, certificate and
            intermediates, or all certificates in smtpd_tls_cert_file. Exim: in tls_certificate. Exchange:
            import the intermediate on the server and restart the transport service. Appliances have a
            field "intermediate certificates" of their own, to be filled anew when the CA changes it.)~",
        .rfc = "RFC 8446 section 4.4.2; RFC 5246 section 7.4.2; RFC 5280 section 6.1",
    },
    Page{
        .code = "chain-duplicate",
        .brief = "a certificate is in the chain twice",
        .remedy = "Take the second copy out of the chain file: the server's certificate first, then each "
                  "intermediate once.",
        .meaning = R"~(
            The server sends the same certificate twice, or two different ones with one subject and one key, as
            an old and a renewed intermediate. It happens when the chain file already begins with the server's
            certificate and that is configured once more, or when a renewal adds in place of replacing.)~",
        .matters = R"~(
            Most senders take no notice. Some strict or old ones fail, and an outdated copy may be the one that
            they choose.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -showcerts </dev/null

            Under "Certificate chain" the same "s:" stands more than once.)~",
        .mend = R"~(
            Write the file anew: key and certificate, then the intermediates, each once. On appliances remove
            the old intermediate before the new one is added.)~",
        .rfc = "RFC 8446 section 4.4.2; RFC 5246 section 7.4.2",
    },
    Page{
        .code = "chain-misordered",
        .brief = "the chain is out of order",
        .remedy = "Put the chain file in order: the server's certificate, its issuer, that one's issuer.",
        .meaning = R"~(
            Each certificate should be issued by the one that follows. Here they come in another order, and a
            path could be found all the same.)~",
        .matters = R"~(
            Current libraries sort it out. Old ones, and some devices, demand the order, which TLS 1.2 and older
            prescribe.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -showcerts </dev/null

            Under "Certificate chain" each "i:" has to be the "s:" of the next entry.)~",
        .mend = R"~(
            Put the file together anew, lowest first:

            $ cat cert.pem intermediate.pem > fullchain.pem)~",
        .rfc = "RFC 5246 section 7.4.2; RFC 8446 section 4.4.2",
    },
    Page{
        .code = "chain-unrelated",
        .brief = "the server sends a certificate nobody needs",
        .remedy = "Take the certificate that does not belong there out of the chain file.",
        .meaning = R"~(
            A certificate among those sent is on no path from the server's certificate to a root: mostly a
            leftover of an earlier CA.)~",
        .matters = R"~(
            Senders pass over it. It costs octets in every handshake, and shows that the certificate it once
            served for has changed: is the right intermediate there?)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -showcerts </dev/null

            Under "Certificate chain" there is, apart from entry 0, an "s:" that is not reached by following
            "i:" from entry 0.)~",
        .mend = R"~(
            Write the chain file anew from what the CA gave with the present certificate.)~",
        .rfc = "RFC 8446 section 4.4.2",
    },
    Page{
        .code = "chain-root-included",
        .brief = "the server sends the root as well",
        .remedy = "Take the root that the message names out of the chain file, and keep the intermediates. "
                  "Leave it in where a DANE-TA (2 x x) record names it.",
        .meaning = R"~(
            Among the certificates sent, at whatever place, is a self-signed root: the message names it. Who
            trusts it has it already; who has it not does not trust it for being sent.)~",
        .matters = R"~(
            No harm: some octets more in every handshake. Senders that verify by a trust store do not need it.
            With a DANE-TA (2 x x) TLSA record that names this root, sending it is right, and needed where the
            record has its digest.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -showcerts </dev/null
            $ dig +short TLSA _25._tcp.mx1.example.com

            Under "Certificate chain" the root is the entry that has the same "s:" and "i:". A record that
            begins with "2" is a DANE-TA one.)~",
        .mend = R"~(
            Delete the certificate that the message names from the chain file, and only that one: the
            intermediates have to stay. Where a DANE-TA (2 x x) record names it, leave it in.)~",
        .rfc = "RFC 8446 section 4.4.2; RFC 7672 section 3.1.2",
    },
};

} // namespace

Subject about_the_chain() noexcept
{
    return {"Chain", pages};
}

} // namespace report
