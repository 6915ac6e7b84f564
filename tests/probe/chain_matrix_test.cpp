// Chains of every shape with every fault, and with several: what is said of each, and whether OpenSSL's and
// GnuTLS's own programs agree about trust and name.
#include "fixtures/pki/pki.hpp"
#include "probe/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace
{

using pki::Algorithm;
using pki::Issued;
using pki::Recipe;
using probe::Code;
using testing::UnorderedElementsAreArray;

using Chain = std::vector<smtp::Certificate>;

constexpr std::chrono::days day{1};

// The programs go by the clock of the machine.
const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

/// Root → upper → lower → the server's own.
enum class Shape
{
    complete,
    alone,         // neither intermediate
    gap,           // the upper one missing
    duplicate,     // the upper one twice
    misordered,    // the upper one first
    extra,         // with a stranger
    root_included, // with its root
};
constexpr std::array shapes{Shape::complete,   Shape::alone, Shape::gap,          Shape::duplicate,
                            Shape::misordered, Shape::extra, Shape::root_included};

enum class Fault
{
    wrong_name,
    expired,
    expired_intermediate, // the lower one
    not_yet_valid,
    self_signed,
    wrong_root,
    weak_key,
    weak_signature,
    wrong_purpose,
    unknown_extension,
    name_constraint, // of the lower intermediate
    path_length,     // of the upper one
};
constexpr std::array faults{Fault::wrong_name,        Fault::expired,         Fault::expired_intermediate,
                            Fault::not_yet_valid,     Fault::self_signed,     Fault::wrong_root,
                            Fault::weak_key,          Fault::weak_signature,  Fault::wrong_purpose,
                            Fault::unknown_extension, Fault::name_constraint, Fault::path_length};

using Faults = std::set<Fault>;

const std::map<Shape, std::string> shape_names{
    {Shape::complete, "complete"},          {Shape::alone, "alone"},           {Shape::gap, "gap"},
    {Shape::duplicate, "duplicate"},        {Shape::misordered, "misordered"}, {Shape::extra, "extra"},
    {Shape::root_included, "root included"}};
const std::map<Fault, std::string> fault_names{
    {Fault::wrong_name, "wrong name"},
    {Fault::expired, "expired"},
    {Fault::expired_intermediate, "expired intermediate"},
    {Fault::not_yet_valid, "not yet valid"},
    {Fault::self_signed, "self-signed"},
    {Fault::wrong_root, "wrong root"},
    {Fault::weak_key, "weak key"},
    {Fault::weak_signature, "weak signature"},
    {Fault::wrong_purpose, "wrong purpose"},
    {Fault::unknown_extension, "unknown extension"},
    {Fault::name_constraint, "name constraint"},
    {Fault::path_length, "path length"}};

struct Case
{
    Algorithm algorithm;
    Shape shape;
    Faults faults;

    bool has(Fault fault) const { return faults.count(fault) != 0; }

    std::string name() const
    {
        auto text = std::string(algorithm == Algorithm::ec_p256 ? "ECDSA" : "RSA");
        text += ", " + shape_names.at(shape);
        for (const auto fault : faults)
            text += ", " + fault_names.at(fault);
        return text;
    }
};

/// RSA keys take long to make: one for each role, for all cases.
const pki::Key& key(const std::string& role, Algorithm algorithm)
{
    static std::map<std::pair<std::string, Algorithm>, pki::Key> made;
    auto& key = made[{role, algorithm}];
    if (!key)
        key = pki::make_key(algorithm);
    return key;
}

Issued authority(const std::string& name, Algorithm algorithm, const Issued* issuer)
{
    const Recipe recipe{.common_name = name, .until = 400 * day, .algorithm = algorithm, .authority = true};
    return pki::issue(recipe, issuer, now, key(name, algorithm));
}

Issued upper_of(const Case& one, const Issued& root)
{
    Recipe recipe{.common_name = "Upper", .until = 400 * day, .algorithm = one.algorithm, .authority = true};
    if (one.has(Fault::path_length))
        recipe.path_length = 0;
    return pki::issue(recipe, &root, now, key("Upper", one.algorithm));
}

Issued lower_of(const Case& one, const Issued& upper)
{
    Recipe recipe{.common_name = "Lower", .from = -400 * day, .algorithm = one.algorithm, .authority = true};
    if (one.has(Fault::expired_intermediate))
        recipe.until = -10 * day;
    if (one.has(Fault::name_constraint))
        recipe.extensions = {{"nameConstraints", "critical,permitted;DNS:elsewhere.test"}};
    return pki::issue(recipe, &upper, now, key("Lower", one.algorithm));
}

struct Authorities
{
    explicit Authorities(const Case& one)
        : trusted(authority("Root", one.algorithm, nullptr)),
          root(one.has(Fault::wrong_root) ? authority("Other Root", one.algorithm, nullptr) : trusted),
          upper(upper_of(one, root)),
          lower(lower_of(one, upper)),
          stranger(authority("Stranger", one.algorithm, nullptr))
    {}

    Issued trusted;
    Issued root;
    Issued upper;
    Issued lower;
    Issued stranger;
};

Algorithm own_algorithm(const Case& one)
{
    if (!one.has(Fault::weak_key))
        return one.algorithm;
    return one.algorithm == Algorithm::rsa_2048 ? Algorithm::rsa_1024 : Algorithm::ec_p192;
}

Issued own(const Case& one, const Authorities& above)
{
    Recipe recipe{.common_name = "mx.test", .names = {"DNS:mx.test"}, .algorithm = own_algorithm(one)};
    if (one.has(Fault::wrong_name))
        recipe = {.common_name = "other.test", .names = {"DNS:other.test"}, .algorithm = recipe.algorithm};
    if (one.has(Fault::expired))
        recipe.from = -90 * day, recipe.until = -5 * day;
    if (one.has(Fault::not_yet_valid))
        recipe.from = 5 * day;
    if (one.has(Fault::weak_signature))
        recipe.digest = "SHA1";
    if (one.has(Fault::wrong_purpose))
        recipe.purpose = "clientAuth";
    if (one.has(Fault::unknown_extension))
        recipe.extensions = {{"1.2.3.4", "critical,DER:05:00"}};
    const auto* issuer = one.has(Fault::self_signed) ? nullptr : &above.lower;
    return pki::issue(recipe, issuer, now, key("own", recipe.algorithm));
}

Chain chain_of(const Case& one, const Authorities& above)
{
    const auto leaf = own(one, above).certificate;
    const auto lower = above.lower.certificate;
    const auto upper = above.upper.certificate;
    switch (one.shape) {
    case Shape::complete:
        return {leaf, lower, upper};
    case Shape::alone:
        return {leaf};
    case Shape::gap:
        return {leaf, lower};
    case Shape::duplicate:
        return {leaf, lower, upper, upper};
    case Shape::misordered:
        return {leaf, upper, lower};
    case Shape::extra:
        return {leaf, lower, above.stranger.certificate, upper};
    case Shape::root_included:
        return {leaf, lower, upper, above.root.certificate};
    }
    return {};
}

/// What a shape shows of itself, where the server's own certificate was issued by the lower authority.
std::vector<Code> codes_of(Shape shape)
{
    static const std::map<Shape, std::vector<Code>> all{
        {Shape::complete, {}},
        {Shape::alone, {Code::chain_incomplete}},
        {Shape::gap, {Code::certificate_not_trusted}},
        {Shape::duplicate, {Code::chain_duplicate}},
        {Shape::misordered, {Code::chain_misordered}},
        {Shape::extra, {Code::chain_unrelated}},
        {Shape::root_included, {Code::chain_root_included}}};
    return all.at(shape);
}

/// The same where it signed itself: whatever else was sent is unrelated.
std::vector<Code> codes_beside_self_signed(Shape shape)
{
    static const std::map<Shape, std::size_t> unrelated{
        {Shape::complete, 2},   {Shape::alone, 0}, {Shape::gap, 1},          {Shape::duplicate, 2},
        {Shape::misordered, 2}, {Shape::extra, 3}, {Shape::root_included, 3}};
    std::vector<Code> codes(unrelated.at(shape), Code::chain_unrelated);
    if (shape == Shape::duplicate)
        codes.push_back(Code::chain_duplicate);
    return codes;
}

/// How far the path goes: a fault above its end is none of its own.
enum class Reach
{
    own,
    lower,
    upper
};

Reach reach(const Case& one)
{
    if (one.has(Fault::self_signed) || one.shape == Shape::alone)
        return Reach::own;
    return one.shape == Shape::gap ? Reach::lower : Reach::upper;
}

std::optional<Code> code_of(Fault fault, const Case& one)
{
    const auto from = [&](Reach least, Code code) {
        return reach(one) >= least ? std::optional(code) : std::nullopt;
    };
    switch (fault) {
    case Fault::wrong_name:
        return Code::certificate_host_mismatch;
    case Fault::expired:
        return Code::certificate_expired;
    case Fault::expired_intermediate:
        return from(Reach::lower, Code::certificate_expired);
    case Fault::not_yet_valid:
        return Code::certificate_not_yet_valid;
    case Fault::self_signed:
        return Code::certificate_self_signed;
    case Fault::wrong_root:
        return from(Reach::upper, Code::certificate_not_trusted); // below, the shape's own code tells
    case Fault::weak_key:
        return Code::certificate_key_weak;
    case Fault::weak_signature:
        return Code::certificate_signature_weak;
    case Fault::wrong_purpose:
        return Code::certificate_purpose;
    case Fault::unknown_extension:
        return Code::certificate_constraint;
    case Fault::name_constraint:
        return from(Reach::lower, Code::certificate_constraint);
    case Fault::path_length:
        return from(Reach::upper, Code::certificate_constraint);
    }
    return std::nullopt;
}

std::vector<Code> expected(const Case& one)
{
    auto codes = one.has(Fault::self_signed) ? codes_beside_self_signed(one.shape) : codes_of(one.shape);
    for (const auto fault : one.faults) {
        if (const auto code = code_of(fault, one))
            codes.push_back(*code);
    }
    // What one certificate has against constraints is one finding.
    if (one.has(Fault::unknown_extension) && one.has(Fault::name_constraint) && reach(one) > Reach::own)
        codes.pop_back();
    return codes;
}

/// About the path on one side, and about the name on the other.
struct Opinion
{
    bool trusted = false;
    bool named = false;
    std::string said;
};

Opinion ours(const probe::ChainVerdict& verdict)
{
    Opinion opinion{.trusted = true, .named = true, .said = {}};
    for (const auto& finding : verdict.findings) {
        const bool about_name = finding.code == Code::certificate_host_mismatch;
        opinion.named = opinion.named && !about_name;
        opinion.trusted = opinion.trusted && (about_name || !probe::fails_cert(finding.code));
        opinion.said += finding.message + '\n';
    }
    EXPECT_EQ(verdict.cert_ok, opinion.trusted && opinion.named);
    return opinion;
}

struct Spoken
{
    int status = -1;
    std::string text;
};

Spoken run(const std::string& command)
{
    Spoken spoken;
    auto* pipe = ::popen((command + " 2>&1 </dev/null").c_str(), "r");
    if (pipe == nullptr)
        return spoken;
    std::array<char, 4096> part{};
    while (const auto length = std::fread(part.data(), 1, part.size(), pipe))
        spoken.text.append(part.data(), length);
    spoken.status = ::pclose(pipe);
    return spoken;
}

/// A folder with the chain and the root that is trusted, in PEM.
class Files
{
public:
    Files(const Chain& chain, const smtp::Certificate& root)
    {
        auto pattern = (std::filesystem::temp_directory_path() / "mxtls-matrix-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary folder");
        folder_ = pattern;
        std::string all;
        for (const auto& certificate : chain)
            all += pki::pem(certificate);
        std::ofstream(folder_ / "chain.pem") << all;
        std::ofstream(folder_ / "leaf.pem") << pki::pem(chain.front());
        std::ofstream(folder_ / "root.pem") << pki::pem(root);
    }
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    ~Files() { std::filesystem::remove_all(folder_); }

    std::string operator[](const std::string& name) const { return folder_ / name; }

private:
    std::filesystem::path folder_;
};

bool says(const Spoken& spoken, const std::string& words)
{
    return spoken.text.find(words) != std::string::npos;
}

Opinion openssl_opinion(const Files& files)
{
    const auto trust =
        run("openssl verify -no-CApath -no-CAstore -CAfile " + files["root.pem"] + " -untrusted " +
            files["chain.pem"] + " -purpose sslserver -auth_level 0 " + files["leaf.pem"]);
    EXPECT_TRUE(says(trust, ": OK\n") != says(trust, "verification failed")) << trust.text;
    // With -verify_hostname it would not come to the name where an issuer is missing.
    const auto name = run("openssl x509 -noout -checkhost mx.test -in " + files["leaf.pem"]);
    EXPECT_TRUE(says(name, "does match") != says(name, "does NOT match")) << name.text;
    return {trust.status == 0, says(name, "does match"), trust.text + name.text};
}

Opinion gnutls_opinion(const Files& files)
{
    const auto spoken =
        run(TESTS "/support/certtool --verify --load-ca-certificate " + files["root.pem"] + " --infile " +
            files["chain.pem"] + " --verify-hostname mx.test --verify-purpose 1.3.6.1.5.5.7.3.1" +
            " --verify-profile low");
    const std::string verdict = "Chain verification output: ";
    const auto at = spoken.text.rfind(verdict);
    EXPECT_NE(at, std::string::npos) << spoken.text;
    if (at == std::string::npos)
        return {};
    auto reasons = spoken.text.substr(at + verdict.size());
    const std::string mismatch = "The name in the certificate does not match the expected. ";
    const auto name = reasons.find(mismatch);
    const bool named = name == std::string::npos;
    if (!named)
        reasons.erase(name, mismatch.size());
    const bool nothing_else = reasons.starts_with("Not verified. The certificate is NOT trusted. \n");
    return {reasons.starts_with("Verified.") || (!named && nothing_else), named, spoken.text};
}

/// GnuTLS refuses SHA-1 at any level; here, as in the contract, a weak signature is a warning of its own.
bool gnutls_trusts(const probe::ChainVerdict& verdict, const Opinion& opinion)
{
    return opinion.trusted &&
           std::none_of(verdict.findings.begin(), verdict.findings.end(), [](const auto& finding) {
               return finding.code == Code::certificate_signature_weak;
           });
}

void check(const Case& one)
{
    SCOPED_TRACE(one.name());
    const Authorities above(one);
    const auto chain = chain_of(one, above);
    const Chain roots{above.trusted.certificate};
    const auto verdict = probe::judge_chain(
        {.chain = chain, .ocsp_staple = {}, .reference = "mx.test", .received = now, .moment = now},
        probe::TrustStore(roots)
    );
    std::vector<Code> codes;
    for (const auto& finding : verdict.findings)
        codes.push_back(finding.code);
    const auto opinion = ours(verdict);
    EXPECT_THAT(codes, UnorderedElementsAreArray(expected(one))) << opinion.said;
    EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end())) << "the most basic first";

    const Files files(chain, above.trusted.certificate);
    const auto openssl = openssl_opinion(files);
    EXPECT_EQ(opinion.trusted, openssl.trusted) << openssl.said;
    EXPECT_EQ(opinion.named, openssl.named) << openssl.said;
    const auto gnutls = gnutls_opinion(files);
    EXPECT_EQ(gnutls_trusts(verdict, opinion), gnutls.trusted) << gnutls.said;
    EXPECT_EQ(opinion.named, gnutls.named) << gnutls.said;
}

void check_each_fault(Algorithm algorithm)
{
    for (const auto shape : shapes) {
        check({algorithm, shape, {}});
        for (const auto fault : faults)
            check({algorithm, shape, {fault}});
    }
}

/// All pairs that one certificate can have.
void check_several_faults(Algorithm algorithm)
{
    for (const auto one : faults) {
        for (const auto other : faults) {
            const Faults both{one, other};
            const bool apart = both == Faults{Fault::expired, Fault::not_yet_valid};
            if (one < other && !apart)
                check({algorithm, Shape::complete, both});
        }
    }
}

TEST(ChainMatrix, OfRsa)
{
    check_each_fault(Algorithm::rsa_2048);
}

TEST(ChainMatrix, OfEcdsa)
{
    check_each_fault(Algorithm::ec_p256);
}

TEST(ChainMatrix, OfRsaWithSeveralFaults)
{
    check_several_faults(Algorithm::rsa_2048);
}

TEST(ChainMatrix, OfEcdsaWithSeveralFaults)
{
    check_several_faults(Algorithm::ec_p256);
}

} // namespace
