// What is made of each dialogue of fixtures/dialogues, played as it is and octet by octet.
#include "observation_builder.hpp"
#include "probe/endpoint_judge.hpp"
#include "tests/smtp/conversation.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace
{

using probe::EndpointVerdict;
using probe::Offer;
using probe::Result;
using smtp_tests::hasty;
using smtp_tests::patient;
using testing::AnyOf;

struct Case
{
    std::string dialogue;
    std::string verdict; // as told() has it
    smtp::Limits limits = patient;
    std::string otherwise = verdict; // what it may be as well, where the timing of segments decides
};

void PrintTo(const Case& one, std::ostream* out)
{
    *out << one.dialogue;
}

std::string name_of(const testing::TestParamInfo<Case>& info)
{
    auto text = info.param.dialogue;
    std::ranges::replace(text, '-', '_');
    return text;
}

const probe::TrustStore& roots()
{
    static const probe::TrustStore store(std::array{
        smtp::Certificate(smtp_tests::Certificates::instance().root())});
    return store;
}

EndpointVerdict judged(const Case& one, bool octet_by_octet)
{
    auto options = smtp_tests::playing(one.dialogue);
    options.octet_by_octet = octet_by_octet;
    peer::Server server(std::move(options));
    smtp_tests::Client client;
    client.settings.limits = one.limits;
    if (one.dialogue.starts_with("rcpt-"))
        client.call.rcpt_to = "user@mx.test";
    auto criteria = seen::criteria();
    criteria.moment = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return judge_endpoint({client.converse(server.endpoint())}, "mx.test", "mx.test", criteria, roots);
}

/// The columns from Answer to To, a letter each: o(k), f(ail), "-".
std::string row(const EndpointVerdict& verdict)
{
    std::string letters;
    for (const auto& stage : verdict.stages)
        letters += stage.result == Result::ok ? 'o' : stage.result == Result::fail ? 'f' : '-';
    return letters;
}

std::string_view name(Offer offer)
{
    constexpr std::array<std::string_view, 5> names{"verified", "unverified", "plain", "broken", "unknown"};
    return names.at(static_cast<std::size_t>(offer));
}

/// "of------ unknown: greeting-deferred", "oooo-f-- broken: tls-timeout (critical)": the stages, what is
/// offered, and what was found, but for notices and for what keeps a certificate from being believed, which
/// are judged elsewhere.
std::string told(const EndpointVerdict& verdict)
{
    std::string text = fmt::format("{} {}", row(verdict), name(verdict.offer));
    const char* separator = ": ";
    for (const auto& finding : verdict.findings) {
        if (finding.severity == seen::Severity::notice || fails_cert(finding.code))
            continue;
        text += separator + std::string(name(finding.code));
        text += finding.severity == seen::Severity::critical ? " (critical)" : "";
        separator = ", ";
    }
    return text;
}

/// All of a verdict that does not hold times.
std::string whole(const EndpointVerdict& verdict)
{
    std::string text = fmt::format("{} {} {}", row(verdict), name(verdict.offer), verdict.judged);
    if (verdict.stopped_by)
        text += fmt::format(" stopped by {}", name(*verdict.stopped_by));
    for (const auto outcome : verdict.outcomes)
        text += fmt::format(" {}", name(outcome));
    for (const auto& finding : verdict.findings)
        text += fmt::format(", {} {}", name(finding.severity), name(finding.code));
    return text;
}

class DialogueVerdict : public testing::TestWithParam<Case>
{};

TEST_P(DialogueVerdict, IsTheSameOctetByOctet)
{
    const auto& one = GetParam();
    const auto at_once = judged(one, false);
    const auto by_octets = judged(one, true);
    EXPECT_THAT(told(at_once), AnyOf(one.verdict, one.otherwise));
    EXPECT_THAT(told(by_octets), AnyOf(one.verdict, one.otherwise));
    if (one.otherwise == one.verdict) {
        EXPECT_EQ(whole(by_octets), whole(at_once));
    }
}

const std::vector<Case> ends_well{
    {"byte-by-byte", "ooooooo- verified"},
    {"client-certificate", "ooooooo- verified"},
    {"ehlo-1000-extensions", "ooooooo- verified"},
    {"ehlo-nul", "ooooooo- verified"},
    {"good", "ooooooo- verified"},
    {"good-esmtp-multiline", "ooooooo- verified"},
    {"hostile-certificate", "ooooooo- verified"},
    {"lf-only", "ooooooo- verified"},
    {"mail-from-450", "oooooof- verified"},
    {"no-close-notify", "ooooooo- verified"},
    {"one-group", "ooooooo- verified"},
    {"postscreen", "ooooooo- verified"},
    {"rcpt-450", "ooooooof verified"},
    {"rcpt-ok", "oooooooo verified"},
    {"rsa-key-exchange", "ooooooo- verified"},
    {"silent-after-quit", "ooooooo- verified", hasty},
    {"stapled", "ooooooo- verified"},
    {"starttls-lower-case", "ooooooo- verified"},
    {"starttls-with-parameter", "ooooooo- verified"},
    {"tls12", "ooooooo- verified"},
    {"tls13", "ooooooo- verified"},
};

const std::vector<Case> goes_wrong{
    {"421-for-tls", "oooo-f-- broken: tls-not-tls (critical)"},
    {"421-in-clear", "ooof--f- plain: starttls-not-supported (critical)"},
    {"abort-after-handshake", "ooooof-- broken: connection-lost (critical)"},
    {"alert-after-server-hello", "oooo-f-- broken: tls-handshake-failed (critical)"},
    {"anonymous-cipher", "oooo-f-- broken: tls-handshake-failed (critical)"},
    {"application-data-for-tls", "oooo-f-- broken: tls-handshake-failed (critical)"},
    {"close-after-220", "oooo-f-- broken: connection-lost (critical)"},
    {"close-after-client-hello", "oooo-f-- broken: connection-lost (critical)"},
    {"close-after-ehlo", "oof----- unknown: connection-lost"},
    {"close-after-ehlo-550", "oof----- unknown: ehlo-refused, connection-lost"},
    {"close-after-handshake", "ooooof-- broken: connection-lost (critical)"},
    {"close-after-mail-from", "oooooof- verified: connection-lost (critical)"},
    {"close-after-starttls", "ooof---- unknown: connection-lost"},
    {"close-before-greeting", "of------ unknown: connect-closed"},
    {"close-inside-greeting", "of------ unknown: connect-closed"},
    {"close-inside-server-hello", "oooo-f-- broken: connection-lost (critical)"},
    {"close-notify-for-tls", "oooo-f-- broken: connection-lost (critical)"},
    {"connect-timeout", "f------- unknown: connect-timeout", hasty},
    {"drip", "of------ unknown: greeting-timeout", hasty},
    {"drip-inside-tls", "ooooof-- broken: command-timeout (critical)", hasty},
    {"drip-lines", "of------ unknown: greeting-timeout", hasty},
    {"ehlo-220", "oof----- unknown: ehlo-malformed"},
    {"ehlo-421", "oof----- unknown: ehlo-deferred"},
    {"ehlo-421-inside", "oof----- unknown: ehlo-deferred"},
    {"ehlo-421-inside-tls", "ooooof-- broken: ehlo-deferred"},
    {"ehlo-450", "oof----- unknown: ehlo-deferred"},
    {"ehlo-451-inside-tls", "ooooof-- broken: ehlo-deferred"},
    {"ehlo-451-rate", "oof----- unknown: ehlo-deferred"},
    {"ehlo-502-helo-421", "oof----- unknown: ehlo-refused, ehlo-deferred"},
    {"ehlo-502-inside-tls", "ooooof-- broken: ehlo-refused"},
    {"ehlo-554-helo-250", "ooo---o- unknown: ehlo-refused"},
    {"ehlo-554-rate", "oof----- unknown: ehlo-refused, ehlo-refused"},
    {"ehlo-and-helo-refused", "oof----- unknown: ehlo-refused, ehlo-refused"},
    {"ehlo-bare-code", "ooof--o- plain: starttls-not-supported (critical)"},
    {"ehlo-bare-cr", "oof----- unknown: command-timeout", hasty},
    {"ehlo-broken-off", "oof----- unknown: command-timeout", hasty},
    {"ehlo-broken-off-close", "oof----- unknown: connection-lost"},
    {"ehlo-broken-off-inside-tls", "ooooof-- broken: connection-lost (critical)"},
    {"ehlo-codes-differ", "oof----- unknown: ehlo-malformed"},
    {"ehlo-letter-in-code", "oof----- unknown: ehlo-malformed"},
    {"ehlo-long-line", "oof----- unknown: reply-too-long"},
    {"ehlo-long-line-inside-tls", "ooooof-- broken: reply-too-long"},
    {"ehlo-malformed", "oof----- unknown: ehlo-malformed"},
    {"ehlo-malformed-inside-tls", "ooooof-- broken: ehlo-malformed"},
    {"ehlo-no-separator", "oof----- unknown: ehlo-malformed"},
    {"ehlo-refused-inside-tls", "ooooof-- broken: ehlo-refused"},
    {"ehlo-reset", "oof----- unknown: connection-lost"},
    // Octet by octet, what comes behind STARTTLS is an answer to it.
    {"ehlo-unasked-421", "ooof---- unknown: ehlo-deferred", patient,
     "ooof---- plain: starttls-refused (critical)"},
    {"endless-line", "of------ unknown: reply-too-long"},
    {"endless-reply", "oof----- unknown: reply-too-long"},
    {"expired", "oooofoo- unverified"},
    {"garbage-tls", "oooo-f-- broken: tls-not-tls (critical)"},
    {"greeting-250", "of------ unknown: greeting-malformed"},
    {"greeting-354", "of------ unknown: greeting-malformed"},
    {"greeting-421", "of------ unknown: greeting-deferred"},
    {"greeting-421-bare", "of------ unknown: greeting-deferred"},
    {"greeting-421-rate", "of------ unknown: greeting-deferred"},
    {"greeting-450", "of------ unknown: greeting-deferred"},
    {"greeting-451-rate", "of------ unknown: greeting-deferred"},
    {"greeting-554", "of------ unknown: greeting-refused"},
    {"greeting-554-rate", "of------ unknown: greeting-refused"},
    {"greeting-letter-in-code", "of------ unknown: greeting-malformed"},
    {"greeting-no-separator", "of------ unknown: greeting-malformed"},
    {"greeting-twice", "oof----- unknown: ehlo-malformed"},
    {"greeting-unasked-421", "oof----- unknown: ehlo-deferred"},
    {"greeting-unfinished", "of------ unknown: connect-closed"},
    {"greeting-unfinished-silent", "of------ unknown: greeting-timeout", hasty},
    {"helo-only", "ooof--o- plain: ehlo-refused, starttls-not-supported (critical)"},
    {"hostile-text", "oooooof- verified: mail-from-refused"},
    {"http-for-tls", "oooo-f-- broken: tls-not-tls (critical)"},
    {"incomplete-chain", "oooofoo- unverified"},
    // Octet by octet, what comes behind the ClientHello is an answer to it.
    {"injection", "oooo-f-- broken: starttls-injection (critical)", patient,
     "oooo-f-- broken: tls-not-tls (critical)"},
    // Octet by octet, the same.
    {"injection-partial", "oooo-f-- broken: starttls-injection (critical)", patient,
     "oooo-f-- broken: tls-not-tls (critical)"},
    {"long-line", "of------ unknown: reply-too-long"},
    {"long-reply", "oof----- unknown: reply-too-long"},
    {"mail-from-421", "oooooof- verified"},
    {"mail-from-451-rate", "oooooof- verified"},
    {"mail-from-550", "oooooof- verified: mail-from-refused"},
    {"mail-from-554-rate", "oooooof- verified: mail-from-refused"},
    {"mail-from-malformed", "oooooof- verified: mail-from-refused"},
    {"masked", "ooof--o- unknown: starttls-masked"},
    {"masked-mail-from-530", "ooof--f- unknown: starttls-masked, mail-from-refused"},
    {"no-starttls", "ooof--o- plain: starttls-not-supported (critical)"},
    {"not-smtp", "of------ unknown: greeting-malformed"},
    {"not-smtp-http", "of------ unknown: greeting-malformed"},
    {"octet-for-tls", "oooo-f-- broken: tls-not-tls (critical)"},
    {"oversize-record", "oooo-f-- broken: tls-handshake-failed (critical)"},
    {"plaintext-for-tls", "oooo-f-- broken: tls-not-tls (critical)"},
    {"postscreen-drop", "of------ unknown: greeting-refused"},
    {"rcpt-550", "ooooooof verified: rcpt-refused"},
    {"reset-after-220", "oooo-f-- broken: connection-lost (critical)"},
    {"reset-after-server-hello", "oooo-f-- broken: connection-lost (critical)"},
    {"reset-before-greeting", "of------ unknown: connect-closed"},
    {"reset-inside-tls", "ooooof-- broken: connection-lost (critical)"},
    {"self-signed", "oooofoo- unverified"},
    {"silent", "of------ unknown: greeting-timeout", hasty},
    {"silent-after-ehlo", "oof----- unknown: command-timeout", hasty},
    {"silent-after-mail-from", "oooooof- verified: command-timeout", hasty},
    {"silent-after-server-hello", "oooo-f-- broken: tls-timeout (critical)", hasty},
    {"silent-after-starttls", "ooof---- unknown: command-timeout", hasty},
    {"silent-handshake", "oooo-f-- broken: tls-timeout (critical)", hasty},
    {"silent-inside-tls", "ooooof-- broken: command-timeout (critical)", hasty},
    {"ssl2-for-tls", "oooo-f-- broken: tls-not-tls (critical)"},
    {"staple-garbled", "ooooooo- verified: ocsp-invalid"},
    {"starttls-250", "ooof---- plain: starttls-refused (critical)"},
    {"starttls-421", "ooof---- plain: starttls-refused (critical)"},
    {"starttls-454", "ooof---- plain: starttls-refused (critical)"},
    {"starttls-502", "ooof---- plain: starttls-refused (critical)"},
    {"starttls-554", "ooof---- plain: starttls-refused (critical)"},
    {"starttls-in-name-only", "ooof--o- plain: starttls-not-supported (critical)"},
    {"starttls-malformed", "ooof---- unknown: ehlo-malformed"},
    {"starttls-nul", "ooof--o- plain: starttls-not-supported (critical)"},
    {"starttls-repeated", "ooooooo- verified: starttls-repeated"},
    {"starttls-reset", "ooof---- unknown: connection-lost"},
    {"starttls-unfinished", "ooof---- unknown: connection-lost"},
    {"tls-alert", "oooo-f-- broken: tls-handshake-failed (critical)"},
    {"tls-alert-version", "oooo-f-- broken: tls-handshake-failed (critical)"},
    {"tls10", "ooooooo- verified: tls-version-weak"},
    {"tls11", "ooooooo- verified: tls-version-weak"},
    {"untrusted", "oooofoo- unverified"},
    {"weak-cipher", "oooo-f-- broken: tls-handshake-failed (critical)"},
    {"wrong-name", "oooofoo- unverified"},
    {"x-starttls", "ooof--o- plain: starttls-not-supported (critical)"},
};

INSTANTIATE_TEST_SUITE_P(EndsWell, DialogueVerdict, testing::ValuesIn(ends_well), name_of);
INSTANTIATE_TEST_SUITE_P(GoesWrong, DialogueVerdict, testing::ValuesIn(goes_wrong), name_of);

TEST(DialogueVerdicts, AreThereForEveryDialogue)
{
    std::set<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(FIXTURES "/dialogues"))
        files.insert(file.path().stem());
    std::set<std::string> cases;
    for (const auto* const table : {&ends_well, &goes_wrong}) {
        for (const auto& one : *table)
            cases.insert(one.dialogue);
    }
    EXPECT_EQ(cases, files);
    EXPECT_GE(goes_wrong.size(), 60U);
}

} // namespace
