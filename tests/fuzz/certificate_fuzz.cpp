// What a server presents in a handshake: two octets that say what is asked (see question_of), the
// certificates as DER one behind the other, and the stapled OCSP response behind them. root.pem is trusted.
#include "probe/chain.hpp"

#include "tests/fuzz/promise.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>

namespace
{

using namespace std::chrono_literals;
using fuzz::Octets;
using fuzz::require;

constexpr std::chrono::sys_seconds now =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(12);
constexpr std::size_t most_certificates = 12;
constexpr std::size_t enough_text = 8192; // octets, of any one sentence

const probe::TrustStore& trust()
{
    static const probe::TrustStore store(TESTS "/fuzz/root.pem", "");
    return store;
}

std::vector<smtp::Certificate> take_chain(Octets& octets)
{
    std::vector<smtp::Certificate> chain;
    while (chain.size() < most_certificates) {
        const auto* at = octets.data();
        smtp::Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(octets.size())), X509_free);
        if (!certificate)
            break;
        octets = octets.subspan(static_cast<std::size_t>(at - octets.data()));
        chain.push_back(std::move(certificate));
    }
    ERR_clear_error();
    return chain;
}

/// What the run knows beside the chain: nothing of it may make a chain better than it is.
struct Case
{
    std::vector<smtp::Certificate> chain{};
    Octets rest{};
    probe::Evidence evidence{};
    std::optional<std::string> reference{};
    std::chrono::sys_seconds moment{};

    probe::ChainQuestion question() const
    {
        return {
            .chain = chain,
            .ocsp_staple = rest,
            .reference = reference,
            .received = now,
            .moment = moment,
            .evidence = &evidence};
    }
};

/// Takes the last certificates off the chain, as many as `count`, but never the server's own.
std::vector<smtp::Certificate> take_last(std::vector<smtp::Certificate>& chain, std::size_t count)
{
    std::vector<smtp::Certificate> taken;
    for (; count > 0 && chain.size() > 1; --count) {
        taken.push_back(std::move(chain.back()));
        chain.pop_back();
    }
    return taken;
}

void take_list(Octets& octets, std::vector<probe::RevocationList>& lists)
{
    const auto* at = octets.data();
    std::shared_ptr<X509_CRL> crl(
        d2i_X509_CRL(nullptr, &at, static_cast<long>(octets.size())), X509_CRL_free
    );
    ERR_clear_error();
    if (!crl)
        return;
    octets = octets.subspan(static_cast<std::size_t>(at - octets.data()));
    lists.push_back({std::move(crl), "list.pem"});
}

/// Of the first octet, three bits choose the name that is looked for, the next two say how many of the last
/// certificates only another server sent, and the next two how many of those before were given. The second
/// octet is a signed number of months from now. A CRL may stand before the staple.
Case case_of(std::uint8_t chosen, std::uint8_t months, Octets octets)
{
    static const std::array<std::optional<std::string>, 8> names{
        "mx.test",     std::nullopt, "",       "mx.test.",
        "a.b.mx.test", "192.0.2.1",  "*.test", std::string("mx.test\0", 8)};
    Case made;
    made.chain = take_chain(octets);
    made.evidence.seen = take_last(made.chain, chosen >> 3 & 3u);
    made.evidence.given = take_last(made.chain, chosen >> 5 & 3u);
    take_list(octets, made.evidence.revocation_lists);
    made.rest = octets;
    made.reference = names[chosen % names.size()];
    made.moment = now + static_cast<std::int8_t>(months) * 30 * 24h;
    return made;
}

void check_facts(const probe::CertificateFacts& facts)
{
    for (const auto* text :
         {&facts.subject, &facts.issuer, &facts.serial, &facts.key, &facts.signature, &facts.common_name})
        require(fuzz::is_printable(*text) && text->size() <= 1000, "a fact is printable and bounded");
    require(facts.names.size() <= 100, "the names are bounded");
    for (const auto& name : facts.names)
        require(fuzz::is_printable(name) && name.size() <= 1100, "a name is printable and bounded");
    constexpr std::string_view digits = "0123456789abcdef";
    for (const auto* print : {&facts.sha256, &facts.spki_sha256})
        require(
            print->size() == 64 && print->find_first_not_of(digits) == std::string::npos,
            "a fingerprint has 64 hexadecimal digits"
        );
    require(
        facts.serial.find_first_not_of("-0123456789abcdef") == std::string::npos, "a serial is hexadecimal"
    );
}

void check_findings(const probe::ChainVerdict& verdict)
{
    bool fails = false;
    for (std::size_t i = 0; i < verdict.findings.size(); ++i) {
        const auto& finding = verdict.findings[i];
        require(!finding.message.empty() && fuzz::is_printable(finding.message), "a sentence is printable");
        require(finding.message.size() <= enough_text && finding.text.empty(), "a sentence is bounded");
        require(i == 0 || verdict.findings[i - 1].code <= finding.code, "the most basic finding comes first");
        if (!probe::fails_cert(finding.code))
            continue;
        fails = true;
        require(finding.severity >= probe::Severity::warning, "what fails Cert is a warning or worse");
    }
    require(verdict.cert_ok == !fails, "Cert is OK where no finding fails it");
    require((verdict.cause() == nullptr) == verdict.cert_ok, "a failed Cert has a cause");
}

void check_identity(const probe::ChainVerdict& verdict, const probe::ChainQuestion& question)
{
    const auto& identity = verdict.identity;
    require(identity.reference == question.reference, "the reference is kept");
    require(
        identity.matched.has_value() == (identity.by != probe::Identity::By::none), "what matched is known"
    );
    require(!verdict.cert_ok || identity.matched, "Cert is never OK for another name");
    if (!identity.matched)
        return;
    require(fuzz::is_printable(*identity.matched), "the name that matched is printable");
    require(probe::names_host(*identity.matched, *question.reference), "what matched does match");
}

/// OpenSSL's own verdict on path, dates and purpose, without our callback.
bool openssl_verifies(const probe::ChainQuestion& question)
{
    const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> others(
        sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); }
    );
    for (const auto& certificate : question.chain.subspan(1))
        sk_X509_push(others.get(), certificate.get());
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
        X509_STORE_CTX_new(), X509_STORE_CTX_free
    );
    X509_STORE_CTX_init(context.get(), trust().get(), question.chain.front().get(), others.get());
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
    X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(question.moment));
    const bool verified = X509_verify_cert(context.get()) == 1;
    ERR_clear_error();
    return verified;
}

bool same(const probe::ChainVerdict& one, const probe::ChainVerdict& other)
{
    const auto same_finding = [](const probe::Finding& a, const probe::Finding& b) {
        return a.code == b.code && a.severity == b.severity && a.message == b.message;
    };
    return std::equal(
        one.findings.begin(), one.findings.end(), other.findings.begin(), other.findings.end(), same_finding
    );
}

void check(const probe::ChainQuestion& question)
{
    const auto verdict = probe::judge_chain(question, trust());
    require(ERR_peek_error() == 0, "no error is left for the next session");
    require(verdict.certificates.size() == question.chain.size(), "each certificate is judged");
    for (const auto& judged : verdict.certificates) {
        check_facts(judged.facts);
        require(!judged.verdict.empty() && judged.verdict.size() <= enough_text, "each has its verdict");
        require(fuzz::is_printable(judged.verdict), "a verdict is printable");
    }
    check_findings(verdict);
    check_identity(verdict, question);
    require(
        !verdict.cert_ok || openssl_verifies(question), "nothing is trusted that OpenSSL does not verify"
    );
    require(same(verdict, probe::judge_chain(question, trust())), "a chain judged again is judged the same");

    static const probe::TrustStore nobody{std::span<const smtp::Certificate>{}};
    require(!probe::judge_chain(question, nobody).cert_ok, "nothing is trusted where no root is");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    const auto made = case_of(data[0], data[1], {data + 2, size - 2});
    check(made.question());
    return 0;
}
