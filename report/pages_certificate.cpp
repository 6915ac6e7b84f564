#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array pages{
    Page{
        .code = "certificate-expired",
        .brief = "a certificate is past its date",
        .remedy = "Renew the certificate, and have the mail server load it: a renewal that nobody tells the "
                  "server of is the usual cause.",
        .meaning = R"~(
            A certificate of the chain has ended. The message says which: the server's own, or one above it
            ("at depth 1" is its issuer). The moment it was judged by stands there too: see --at and the clock
            of this machine.)~",
        .matters = R"~(
            Senders with opportunistic TLS encrypt all the same. Those that verify (MTA-STS in mode enforce,
            DANE with usage 2, Postfix "verify" and "secure", connectors and compliance rules that demand a
            valid certificate) do not deliver. DANE with usage 3 does not look at dates.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -showcerts </dev/null
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com </dev/null | openssl x509 -noout -dates

            "Verify return code: 10 (certificate has expired)". The lines that begin with "v:" under
            "Certificate chain" show the dates of each certificate (OpenSSL 3).)~",
        .mend = R"~(
            Renew, and reload: "postfix reload", "systemctl reload exim4", for Exchange
            Enable-ExchangeCertificate with the new thumbprint. Certbot: a --deploy-hook does it every time. If
            an intermediate has ended, take the current one from the CA. Test with "mxtls --at +30d" that the
            next renewal is in time.)~",
        .rfc = "RFC 5280 sections 4.1.2.5 and 6.1.3; RFC 8461 section 4.2; RFC 8460 section 4.3",
    },
    Page{
        .code = "certificate-not-yet-valid",
        .brief = "a certificate begins in the future",
        .remedy = "Wait until the certificate begins, or use the previous one until then. If it should be "
                  "valid already, check the clock of this machine.",
        .meaning = R"~(
            The first day of a certificate of the chain is yet to come. Either it was installed too early, the
            issuing CA's clock was ahead, or this machine's clock is behind (or --at names an early moment).)~",
        .matters = R"~(
            As with an expired one: senders that verify do not deliver, the others encrypt all the same.)~",
        .verify = R"~(
            $ date -u
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com </dev/null | openssl x509 -noout -dates

            "Verify return code: 9 (certificate is not yet valid)". Compare notBefore with the clock.)~",
        .mend = R"~(
            Put the previous certificate back until the day has come. For an internal CA: set its clock, and
            let certificates begin a little before they are issued.)~",
        .rfc = "RFC 5280 sections 4.1.2.5 and 6.1.3",
    },
    Page{
        .code = "certificate-host-mismatch",
        .brief = "the certificate does not name the mail host",
        .remedy = "Get a certificate with the host name of the MX record among its DNS names, or put a name "
                  "that the certificate has in the MX record.",
        .meaning = R"~(
            None of the names in the certificate is the one in the MX record. A wildcard stands for one label
            at the left: *.example.com matches mx1.example.com, not a.mx1.example.com. The domain of the mail
            address does not count, the MX host does. An address literal has no name to compare: give
            --reference.)~",
        .matters = R"~(
            Senders with opportunistic TLS encrypt all the same. MTA-STS in mode enforce and Postfix "verify"
            and "secure" do not deliver; nor do connectors or compliance rules that demand the name. DANE
            compares names with usage 2 only.)~",
        .verify = R"~(
            $ dig +short MX example.com
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -verify_hostname mx1.example.com </dev/null
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com </dev/null \
            $     | openssl x509 -noout -ext subjectAltName

            "Verify return code: 62 (hostname mismatch)". The last one lists the names.)~",
        .mend = R"~(
            Have the certificate issued for every name by which MX records lead to this machine. A server with
            several certificates chooses by the server name: Postfix tls_server_sni_maps, Exim
            tls_certificate with $tls_in_sni. Hosted mail: use the MX name that the provider wants, not an
            alias of your own.)~",
        .rfc = "RFC 9525 section 6.3; RFC 8461 section 4.2; RFC 7672 section 3.2; RFC 8460 section 4.3",
    },
    Page{
        .code = "certificate-not-trusted",
        .brief = "no path leads to a trusted root",
        .remedy = "Use a certificate from a CA that senders trust, and let the server send all its "
                  "intermediate certificates. For a private CA of your own, probe with --ca-file.",
        .meaning = R"~(
            The chain as sent ends at no root that this machine trusts: the root is a private or a distrusted
            one, or the certificate that leads to it is missing. The message names the last certificate
            found and its issuer.)~",
        .matters = R"~(
            Senders with opportunistic TLS encrypt without knowing to whom. Those that verify against public
            CAs (MTA-STS in mode enforce, Postfix "verify" and "secure", connectors that demand a CA-signed
            certificate) do not deliver. DANE asks for no public CA.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -showcerts </dev/null

            "Verify return code: 20 (unable to get local issuer certificate)" or "21 (unable to verify the
            first certificate)": the issuer is missing. "19 (self-signed certificate in certificate chain)": the
            root is there and not trusted. Each "i:" has to be the "s:" of the next.)~",
        .mend = R"~(
            Install the "full chain" file of the CA, without the root. Postfix: smtpd_tls_chain_files with key,
            certificate, intermediates in this order; Exim: certificate and intermediates in
            tls_certificate; Exchange: import the intermediates into "Intermediate Certification
            Authorities". If the set of roots on this machine is old, update ca-certificates.)~",
        .rfc = "RFC 5280 section 6.1; RFC 8446 section 4.4.2; RFC 8461 section 4.2; RFC 8460 section 4.3",
    },
    Page{
        .code = "certificate-self-signed",
        .brief = "the server's certificate signed itself",
        .remedy =
            "Replace the self-signed certificate by one from a CA, or publish its key as a DANE-EE (3 1 1) "
            "TLSA record in a signed zone.",
        .meaning = R"~(
            The server's own certificate is its own issuer, and this machine does not trust it. It is what a
            mail server makes for itself at installation.)~",
        .matters = R"~(
            Senders with opportunistic TLS encrypt without knowing to whom. Those that verify against public
            CAs do not deliver. With a matching DANE-EE record such a certificate is as good as any to senders
            that know DANE.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com </dev/null

            "Verify return code: 18 (self-signed certificate)". If you expected another certificate, the server
            does not use the one you installed: "subject=" tells which it is.)~",
        .mend = R"~(
            Get a certificate for the MX name from a public CA (ACME works with DNS validation where port 80 is
            closed), install it with its intermediates, reload. Appliances come with a demonstration
            certificate: assign the real one to the listener.)~",
        .rfc = "RFC 5280 section 6.1; RFC 7672 section 3.1.1",
    },
    Page{
        .code = "certificate-name-in-cn-only",
        .brief = "the host name is in the common name only",
        .remedy = "Have the certificate issued anew with the host name among its DNS names (subjectAltName).",
        .meaning = R"~(
            The certificate has no DNS name in its subjectAltName; only the common name of its subject is the
            MX name. The probe lets that pass, as OpenSSL does by default, and says so.)~",
        .matters = R"~(
            Newer senders do not look at the common name: those written in Go, and all that follow RFC 9525.
            For MTA-STS it never counts. To them this is a wrong name.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com </dev/null \
            $     | openssl x509 -noout -subject -ext subjectAltName

            Behind the subject there is no line with "DNS:" names. Without any subjectAltName, openssl writes a
            line that begins with "No extensions" in its place, on standard error.)~",
        .mend = R"~(
            Public CAs have put the name into the subjectAltName for many years: this is a private CA or an old
            template. With openssl req: -addext "subjectAltName=DNS:mx1.example.com".)~",
        .rfc = "RFC 9525 sections 1.3 and 6.3; RFC 6125 section 6.4.4; RFC 8461 section 4.2",
    },
    Page{
        .code = "certificate-expires-soon",
        .brief = "a certificate ends within --expiry-days",
        .remedy = "Renew the certificate and reload the server. If renewal is automatic, find out why it has "
                  "not happened yet.",
        .meaning = R"~(
            A certificate of the chain is valid, and ends within the days given by --expiry-days (21). Automatic
            renewal mostly happens some 30 days before the end, or after two thirds of the time: by now it
            should have been done.)~",
        .matters = R"~(
            Nothing today. After that day it is certificate-expired.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com </dev/null \
            $     | openssl x509 -noout -enddate -serial

            Compare with the file on the server: if that one is newer, only the reload is missing.)~",
        .mend = R"~(
            "certbot renew --dry-run" and its log show what stops it. See that every host and every listener
            gets the new certificate, and the TLSA record too if there is one. For certificates that live for
            days only, lower --expiry-days.)~",
        .rfc = "RFC 5280 section 4.1.2.5",
    },
    Page{
        .code = "certificate-key-weak",
        .brief = "a key in the chain is too short",
        .remedy = "Make a new key, RSA of 2048 bits or more or EC P-256, and have the certificate issued for "
                  "it.",
        .meaning = R"~(
            A certificate of the chain has an RSA or DSA key below 2048 bits or an elliptic-curve key below
            224.)~",
        .matters = R"~(
            Current libraries refuse such keys by default (OpenSSL at security level 2, as on Debian and its
            like), so that verifying senders do not deliver, and opportunistic ones may fall back to clear
            text.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -cipher 'DEFAULT@SECLEVEL=0' -showcerts </dev/null

            "Server public key is 1024 bit"; for the others the line "a:PKEY" under "Certificate chain".)~",
        .mend = R"~(
            $ openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
            $     -nodes -keyout key.pem -out request.pem -subj / \
            $     -addext "subjectAltName=DNS:mx1.example.com"

            For a key above the server's, the CA has to help: choose another one.)~",
        .rfc = "RFC 9325 section 4.5",
    },
    Page{
        .code = "certificate-signature-weak",
        .brief = "a certificate is signed with MD5 or SHA-1",
        .remedy = "Have the certificate issued anew with a SHA-256 signature; public CAs have no others.",
        .meaning = R"~(
            A certificate of the chain (a trusted root apart, whose own signature nobody relies on) is signed
            with MD5 or SHA-1, for which certificates can be forged.)~",
        .matters = R"~(
            Current libraries refuse such chains, so that verifying senders do not deliver.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -showcerts </dev/null

            Look for SHA1 or MD5 behind "sigalg:" in the lines "a:" under "Certificate chain" (OpenSSL 3), or
            pass each certificate through "openssl x509 -noout -text".)~",
        .mend = R"~(
            A private CA: change its default digest to SHA-256, and issue its intermediate and the server's
            certificate anew. Public CAs stopped in 2016: such a certificate should be long gone.)~",
        .rfc = "RFC 6194 section 4; RFC 6151 section 2; RFC 9325 section 4.5",
    },
    Page{
        .code = "certificate-purpose",
        .brief = "the certificate is not for a TLS server",
        .remedy =
            "Have a certificate issued for TLS servers (extended key usage serverAuth), and install that "
            "one.",
        .meaning = R"~(
            The extended key usage of a certificate of the chain does not contain "TLS Web Server
            Authentication", or its key usage forbids what a server does with it: it was issued for clients,
            for mail signatures, for code.)~",
        .matters = R"~(
            Senders that verify do not deliver; the others encrypt all the same.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com </dev/null \
            $     | openssl x509 -noout -ext extendedKeyUsage,keyUsage

            "Verify return code: 26 (unsuitable certificate purpose)".)~",
        .mend = R"~(
            Choose the template "web server" at the CA (openssl.cnf: extendedKeyUsage = serverAuth). An
            intermediate limited to other purposes cannot issue for servers: use another.)~",
        .rfc = "RFC 5280 sections 4.2.1.3 and 4.2.1.12",
    },
    Page{
        .code = "certificate-constraint",
        .brief = "the chain breaks a rule that a CA has set",
        .remedy =
            "Have the certificate issued anew under a CA that may issue for this name; the message says "
            "which rule is broken.",
        .meaning = R"~(
            The certificates are there and within their dates, and one of them forbids what another does: a name
            outside the names that an intermediate may issue for (name constraints), more intermediates than
            allowed (path length), an issuer that is no CA, or a critical extension that nobody knows.)~",
        .matters = R"~(
            Senders that verify do not deliver; the others encrypt all the same.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -showcerts </dev/null

            "Verify return code: 47 (permitted subtree violation)", 48 (excluded subtree), 25 (path length
            constraint exceeded), 79 (invalid CA certificate), 34 (unhandled critical extension). Look at
            "X509v3 Name Constraints" and "Basic Constraints" of the intermediates with "openssl x509
            -text".)~",
        .mend = R"~(
            This happens with private CAs: give the intermediate the names it needs (nameConstraints), the right
            pathlen, and CA:TRUE with keyCertSign; then issue the server's certificate anew.)~",
        .rfc = "RFC 5280 sections 4.2, 4.2.1.9, 4.2.1.10 and 6.1.4",
    },
    Page{
        .code = "certificate-revoked",
        .brief = "the CA has revoked the certificate",
        .remedy = "Find out why the CA revoked it, make a new key if the old one may be known, and install a "
                  "new certificate.",
        .meaning = R"~(
            A valid OCSP response that the server itself sends along, or a list given with --crl-file, says that
            a certificate of the chain is revoked. The probe fetches nothing.)~",
        .matters = R"~(
            Few senders look at revocation; those that do, refuse. It may mean that the private key is in other
            hands, who could then pose as this server.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -status </dev/null

            "Cert Status: revoked", with the time and often the reason. Without a staple, take the URL under
            "CRL Distribution Points" of the certificate, and look for its serial number in that list.)~",
        .mend = R"~(
            Ask the CA for the reason: key compromise, wrong issuance, or a request from your own house. New
            key, new certificate, reload, and a new TLSA record if there is one.)~",
        .rfc = "RFC 6960 section 2.2; RFC 5280 section 6.3; RFC 9325 section 7.5",
    },
    Page{
        .code = "ocsp-invalid",
        .brief = "the stapled OCSP response is not valid",
        .remedy = "Have the server fetch a fresh OCSP response, or switch stapling off.",
        .meaning = R"~(
            The server sends an OCSP response along with its certificate, and it cannot be used: too old, about
            another certificate, wrongly signed, an error, or no OCSP response at all. The message says
            what.)~",
        .matters = R"~(
            Most senders ignore staples. Those that check them treat a bad one as a failure.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -status </dev/null

            Look at "OCSP Response Status", "This Update", "Next Update" and "Serial Number".)~",
        .mend = R"~(
            Exim: the file named by tls_ocsp_file has to be renewed by a timer, and belongs to the current
            certificate. Many CAs have ended OCSP (Let's Encrypt in 2025): then take the file out of the
            configuration. Check the server's clock.)~",
        .rfc = "RFC 6960 sections 3.2 and 4.2.2; RFC 6066 section 8",
    },
    Page{
        .code = "ocsp-missing",
        .brief = "Must-Staple is in the certificate, no staple came",
        .remedy =
            "Have the certificate issued without Must-Staple, or let the server staple OCSP responses if "
            "it can.",
        .meaning = R"~(
            The certificate has the TLS feature extension (Must-Staple): it promises that the server sends an
            OCSP response along. The server sends none.)~",
        .matters = R"~(
            Clients that heed the extension refuse the certificate. Few mail senders do so.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -status </dev/null

            "OCSP response: no response sent". "openssl x509 -noout -ext tlsfeature" on the certificate says
            "status_request".)~",
        .mend = R"~(
            Postfix does not staple: leave Must-Staple out of the request (certbot: without --must-staple). Exim
            can, with tls_ocsp_file.)~",
        .rfc = "RFC 7633 section 4; RFC 6066 section 8",
    },
};

} // namespace

Subject about_certificates() noexcept
{
    return {"Certificate", pages};
}

} // namespace report
