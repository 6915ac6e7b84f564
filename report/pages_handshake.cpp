#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array pages{
    Page{
        .code = "tls-handshake-failed",
        .brief = "the TLS handshake failed",
        .remedy =
            "Read the alert or the reason in the finding: mostly there is no protocol version or cipher "
            "in common, or the server's certificate does not work.",
        .meaning = R"~(
            The server answered STARTTLS with 220, and the handshake ended with an alert or an error, which
            the message names. The probe offers TLS 1.0 to 1.3 and every cipher that encrypts and
            authenticates, so that real senders, who offer less, hardly fare better.)~",
        .matters = R"~(
            Senders with opportunistic TLS try again in clear, at once or with the next attempt. Senders that
            require TLS do not deliver.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com </dev/null
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -tls1_2 -cipher 'DEFAULT@SECLEVEL=0' </dev/null

            "alert handshake failure" (40): nothing in common, or no certificate. "protocol version" (70): only
            other versions. "internal error" (80): the server's log knows. "unrecognized name" (112): it
            does not like the server name; try without -servername.)~",
        .mend = R"~(
            Allow TLS 1.2 and 1.3 with the library's default ciphers: take lists of ciphers and protocols out
            of the configuration, as they age badly. Install certificate and key as a pair. Renew an RSA
            key below 1024 bits and a Diffie-Hellman group below 2048. Let the server present its default
            certificate for names that it does not know.)~",
        .rfc = "RFC 8446 section 6.2; RFC 5246 section 7.2.2; RFC 3207 section 4.1",
    },
    Page{
        .code = "tls-timeout",
        .brief = "the TLS handshake did not end in time",
        .remedy = "Try again with a longer --command-timeout. If it stays so, look for a firewall that "
                  "swallows large packets, or a server that hangs.",
        .meaning = R"~(
            The server answered STARTTLS with 220, and then did not finish the handshake within
            --command-timeout.)~",
        .matters = R"~(
            Senders lose minutes on it, then try in clear or again later. Senders that require TLS do not
            deliver.)~",
        .verify = R"~(
            $ time openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -servername mx1.example.com -state </dev/null
            $ ping -M do -s 1472 192.0.2.1

            If the handshake stops behind the ClientHello while small packets pass, packets of full size get
            lost (path MTU).)~",
        .mend = R"~(
            Let ICMP "fragmentation needed" and "packet too big" through, or lower the MSS at the tunnel. On
            the server: too few random numbers, a hanging key store or HSM, all processes busy. Some
            inspections stall when a ClientHello spans two packets: update them.)~",
        .rfc = "RFC 3207 section 4.1; RFC 5321 section 4.5.3.2; RFC 8201 section 1",
    },
    Page{
        .code = "tls-not-tls",
        .brief = "the handshake is answered in plaintext",
        .remedy =
            "Look at what answers after the 220: a proxy or load balancer that says yes to STARTTLS and "
            "does not know TLS, or a server that failed to start it.",
        .meaning = R"~(
            The server answered STARTTLS with 220, and then the ClientHello with something that is no TLS,
            mostly an SMTP reply in clear such as "500 unknown command" or "454 TLS not available".)~",
        .matters = R"~(
            As with a failed handshake: opportunistic senders deliver in clear, the others not at all.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 </dev/null

            "wrong version number" is how OpenSSL says it.)~",
        .mend = R"~(
            Have TLS begin and end in one place: let the load balancer pass the octets on from the first one,
            or let it do STARTTLS whole. Look into the server's log for why TLS did not start.)~",
        .rfc = "RFC 3207 sections 4 and 4.1",
    },
    Page{
        .code = "tls-version-weak",
        .brief = "the server chose a TLS version below 1.2",
        .remedy = "Enable TLS 1.2 and 1.3 on the server: it chose an older version although newer ones were "
                  "offered. Switch the older ones off only when the newer ones work.",
        .meaning = R"~(
            The probe offers every version from TLS 1.0 to TLS 1.3 unless told otherwise, and the server chose
            TLS 1.0 or TLS 1.1: it has nothing newer.)~",
        .matters = R"~(
            TLS 1.0 and 1.1 are deprecated, and switched off in current libraries and at large providers.
            Such senders fail the handshake, and deliver in clear or not at all. Weak TLS still beats clear
            text, so that it takes points off and is no failure.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -tls1_3 </dev/null
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -tls1_2 -cipher 'DEFAULT@SECLEVEL=0' </dev/null
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -tls1_1 -cipher 'DEFAULT@SECLEVEL=0' </dev/null
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -tls1 -cipher 'DEFAULT@SECLEVEL=0' </dev/null

            "Cipher is (NONE)": the server does not have that version. Any other cipher: it has. If only the
            last two succeed, or one of them, it has nothing newer. If one of the first two succeeds, it has,
            and does not choose it: look for a filter in front. "no protocols available": this openssl lacks the
            version.)~",
        .mend = R"~(
            First make TLS 1.2 and 1.3 available. Postfix: remove smtpd_tls_protocols and
            smtpd_tls_mandatory_protocols, so that the default holds, and upgrade OpenSSL (1.0.1 has TLS 1.2,
            1.1.1 has TLS 1.3). Exim: drop any +no_tlsv1_2 and +no_tlsv1_3, and an old tls_require_ciphers.
            Exchange and IIS: the SCHANNEL keys of the registry. Appliances: a firmware update, then the TLS
            settings.

            Only when those work, think of switching off the old ones (Postfix: >=TLSv1.2; Exim: +no_tlsv1
            +no_tlsv1_1). Done before, it leaves senders with clear text or none; done after, it still drives
            those that have nothing newer to clear text.)~",
        .rfc = "RFC 8996 sections 4 and 5; RFC 9325 sections 3.1.1 and 5.2",
    },
    Page{
        .code = "cipher-weak",
        .brief = "the server chose a cipher that protects little",
        .remedy = "Use the TLS library's default ciphers on the server, and let it go by its own order of "
                  "preference.",
        .meaning = R"~(
            The server chose a suite without encryption (NULL) or authentication (anonymous), of export
            strength, or with RC4, DES, 3DES or MD5, although better ones were offered. NULL and anonymous
            suites are offered only where --ciphers names them.)~",
        .matters = R"~(
            Whoever records the session may read it, now or soon. Senders whose library has dropped the suite
            fail the handshake and deliver in clear or not at all.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -tls1_2 -cipher 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' </dev/null

            Look at "Cipher is". Then offer good ones, to see whether the server has any:

            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -cipher 'ECDHE+AESGCM' </dev/null)~",
        .mend = R"~(
            Postfix: smtpd_tls_ciphers = medium, smtpd_tls_exclude_ciphers = aNULL, RC4, 3DES, MD5 and
            tls_preempt_cipherlist = yes. Exim: drop an old tls_require_ciphers. Exchange: SCHANNEL's order of
            cipher suites. A server that has nothing better needs a newer TLS library.)~",
        .rfc = "RFC 9325 sections 4.1 and 4.2; RFC 7465 section 2; RFC 7672 section 8.2",
    },
    Page{
        .code = "cipher-no-forward-secrecy",
        .brief = "the key exchange has no forward secrecy",
        .remedy =
            "Enable ECDHE ciphers or TLS 1.3 on the server, so that a key stolen later does not open the "
            "sessions of today.",
        .meaning = R"~(
            The server chose a suite in which the client encrypts the session's secret with the RSA key of the
            certificate. Whoever gets that key later can read every session recorded before.)~",
        .matters = R"~(
            Mail is delivered and encrypted. Some libraries and policies no longer offer such suites and
            would fail.)~",
        .verify = R"~(
            $ openssl s_client -starttls smtp -connect mx1.example.com:25 \
            $     -cipher 'ECDHE' -tls1_2 </dev/null

            If this fails, the server has no ECDHE suite; if it succeeds, it prefers the others.)~",
        .mend = R"~(
            TLS 1.3 always has forward secrecy. For TLS 1.2: the library's default ciphers, and the server's
            own order (Postfix: tls_preempt_cipherlist = yes and smtpd_tls_eecdh_grade = auto).)~",
        .rfc = "RFC 9325 sections 4.1 and 7.3; RFC 8446 section 1.2",
    },
};

} // namespace

Subject about_the_handshake() noexcept
{
    return {"Handshake", pages};
}

} // namespace report
