// Ten thousand sessions with a server behind a path that breaks: whatever arrives, nothing hangs, nothing is
// left behind, and no verdict is better than what was seen.
#include "fixtures/peer/server.hpp"
#include "probe/judge.hpp"
#include "report/report.hpp"
#include "smtp/session.hpp"
#include "tests/chaos/proxy.hpp"
#include "tests/smtp/certificates.hpp"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <malloc.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using chaos::Kind;

constexpr std::uint32_t sessions = 10'000;
constexpr std::uint32_t at_once = 50;
constexpr std::size_t most_left_behind = 64 << 10; // octets; one a session would be 5,000 times its size
constexpr smtp::Limits short_limits{10s, 800ms, 800ms};
constexpr smtp::Limits patient_limits{
    60s, 60s, 60s};         // for those to whom nothing is done: a busy machine is no fault
constexpr auto slack = 20s; // of a busy machine; a hang is for ever

std::uint64_t seed()
{
    const char* given = std::getenv("MXTLS_CHAOS_SEED");
    return given != nullptr ? std::stoull(given) : 20261121;
}

std::size_t open_descriptors()
{
    const std::filesystem::directory_iterator entries("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::vector<std::string_view> codes(const std::vector<probe::Finding>& findings)
{
    std::vector<std::string_view> names;
    for (const auto& finding : findings)
        names.push_back(name(finding.code));
    return names;
}

bool has_control(const nlohmann::json& value)
{
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        return std::ranges::any_of(text, [](char octet) {
            return static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f;
        });
    }
    return value.is_structured() && std::ranges::any_of(value, has_control);
}

/// What came of one session, held against what was done to it.
class Examiner
{
public:
    explicit Examiner(const smtp_tests::Certificates& certificates)
        : trust_(std::array{smtp::Certificate(certificates.root())})
    {
        criteria_.moment = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    }

    void examine(smtp::Session session, const smtp::Limits& limits, const chaos::Mischief& mischief)
    {
        check_limits(session, limits);
        check_claims(session, mischief);
        const auto verdict = judged(std::move(session));
        check_verdict(verdict.hosts.at(0).endpoints.at(0), mischief);
        check_reports(verdict);
    }

    /// How many sessions ended in which way: a chaos that always looks the same tests nothing.
    const std::map<std::string, int>& ends() const { return ends_; }

private:
    static void check_limits(const smtp::Session& session, const smtp::Limits& limits)
    {
        EXPECT_TRUE(session.finished);
        for (const auto& step : session.steps)
            EXPECT_LT(step.took, std::max(limits.connect, limits.command) + slack);
    }

    /// A connection that just ends proves nothing: what was not said was not refused either.
    static void check_claims(const smtp::Session& session, const chaos::Mischief& mischief)
    {
        if (chaos::is_loss(mischief.kind) && session.offered) {
            EXPECT_TRUE(session.offered->starttls) << "the reply is whole, or there is none";
        }
    }

    probe::Verdict judged(smtp::Session session) const
    {
        probe::Observation observation;
        observation.target = probe::parse_target("mx.test");
        observation.route = probe::Route::given;
        observation.finished = true;
        auto& host = observation.hosts.emplace_back();
        host.name = "mx.test";
        host.endpoints.emplace_back().session = std::move(session);
        const auto trust = [this]() -> const probe::TrustStore& { return trust_; };
        return probe::judge(std::move(observation), criteria_, trust);
    }

    void check_verdict(const probe::EndpointVerdict& endpoint, const chaos::Mischief& mischief)
    {
        const bool verified = endpoint.offer == probe::Offer::verified;
        const bool harmless = chaos::is_harmless(mischief.kind);
        if (harmless) {
            EXPECT_TRUE(verified);
            EXPECT_THAT(codes(endpoint.findings), testing::ElementsAre("chain-root-included"));
        }
        if (verified) {
            ASSERT_TRUE(endpoint.chain);
            EXPECT_TRUE(endpoint.chain->cert_ok);
            leaf_ = leaf_.empty() ? endpoint.chain->certificates.at(0).facts.sha256 : leaf_;
            EXPECT_EQ(endpoint.chain->certificates.at(0).facts.sha256, leaf_);
        }
        if (chaos::is_loss(mischief.kind)) {
            EXPECT_NE(endpoint.offer, probe::Offer::plain) << "a lost connection is not missing TLS";
        }
        ++ends_[endpoint.stopped_by ? std::string(name(*endpoint.stopped_by)) : "up"];
    }

    static void check_reports(const probe::Verdict& verdict)
    {
        const std::array verdicts{verdict};
        const auto json =
            nlohmann::json::parse(report::write(verdicts, report::Format::json), nullptr, false);
        ASSERT_FALSE(json.is_discarded());
        EXPECT_FALSE(has_control(json));
        const auto text = report::write(verdicts, report::Format::table_and_detail);
        const auto is_raw = [](char octet) {
            return static_cast<unsigned char>(octet) < 0x20 && octet != '\n';
        };
        EXPECT_TRUE(std::ranges::none_of(text, is_raw));
    }

    probe::TrustStore trust_;
    probe::Criteria criteria_;
    std::string leaf_;
    std::map<std::string, int> ends_;
};

class Crowd
{
public:
    Crowd(const chaos::Proxy& proxy, Examiner& examiner) : proxy_(proxy), examiner_(examiner)
    {
        settings_.ehlo_name = "probe.test";
        patient_.ehlo_name = settings_.ehlo_name;
        settings_.limits = short_limits;
        patient_.limits = patient_limits;
        call_.server_name = "mx.test";
    }

    /// All sessions from `first` up to `last`; returns when they have ended.
    void run(std::uint32_t first, std::uint32_t last)
    {
        next_ = first;
        last_ = last;
        asio::io_context loop(1);
        for (std::uint32_t worker = 0; worker < at_once; ++worker)
            asio::co_spawn(loop, work(), [](std::exception_ptr thrown) {
                if (thrown)
                    std::rethrow_exception(thrown);
            });
        loop.run();
    }

private:
    asio::awaitable<void> work()
    {
        while (next_ < last_) {
            const auto number = next_++;
            const auto mischief = chaos::mischief_for(seed(), number);
            const auto& settings = chaos::is_harmless(mischief.kind) ? patient_ : settings_;
            smtp::Session session;
            session.peer = proxy_.endpoint(number);
            co_await smtp::converse(session, settings, call_, tls_);
            SCOPED_TRACE(
                fmt::format("MXTLS_CHAOS_SEED={}, session {}: {}", seed(), number, describe(mischief))
            );
            examiner_.examine(std::move(session), settings.limits, mischief);
        }
    }

    const chaos::Proxy& proxy_;
    Examiner& examiner_;
    const smtp::TlsContext tls_{smtp::TlsSettings{}};
    smtp::Settings settings_;
    smtp::Settings patient_;
    smtp::Call call_;
    std::uint32_t next_ = 0;
    std::uint32_t last_ = 0;
};

/// Octets that are still held when these sessions are over, and all that they needed is gone.
std::size_t held_after(std::uint32_t first, std::uint32_t last, Examiner& examiner)
{
    peer::Server server(
        {.dialogue = peer::load_dialogue(FIXTURES "/dialogues/good.smtp"),
         .certificates = smtp_tests::Certificates::instance().folder(),
         .keep_runs = false}
    );
    {
        const chaos::Proxy proxy(seed(), server.endpoint());
        Crowd(proxy, examiner).run(first, last);
    }
    return mallinfo2().uordblks;
}

TEST(Chaos, NothingHangsNothingLeaksNothingIsMadeUp)
{
    Examiner examiner(smtp_tests::Certificates::instance());
    const auto descriptors = open_descriptors();
    const auto once = held_after(0, sessions / 2, examiner);
    const auto twice = held_after(sessions / 2, sessions, examiner);
    EXPECT_EQ(open_descriptors(), descriptors);
    EXPECT_LT(twice, once + most_left_behind);
    for (const auto* end :
         {"up", "greeting-timeout", "connect-closed", "greeting-malformed", "ehlo-malformed",
          "command-timeout", "connection-lost", "tls-timeout", "tls-not-tls", "tls-handshake-failed",
          "starttls-not-supported"})
        EXPECT_GT(examiner.ends().count(end), 0u) << end;
    for (const auto& [end, count] : examiner.ends())
        RecordProperty(end, count);
}

} // namespace
