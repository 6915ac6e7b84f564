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
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <malloc.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::uint32_t sessions = 10'000;
constexpr std::uint32_t at_once = 200;
constexpr std::size_t most_left_behind = 64 << 10; // octets; one a session would be 5,000 times its size
constexpr smtp::Limits short_limits{10s, 800ms, 800ms};
constexpr smtp::Limits patient_limits{
    60s, 60s, 60s}; // for those to whom nothing is done: a busy machine is no fault
constexpr auto tick = 50ms;

std::uint64_t seed()
{
    const char* given = std::getenv("MXTLS_CHAOS_SEED");
    return given != nullptr ? std::stoull(given) : 20261121;
}

std::size_t entries_of(const char* folder)
{
    const std::filesystem::directory_iterator entries(folder);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::size_t open_descriptors()
{
    return entries_of("/proc/self/fd");
}

/// Those of a server are detached, and hold memory until they are gone.
void wait_for_threads()
{
    while (entries_of("/proc/self/task") > 1)
        std::this_thread::yield();
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

std::chrono::microseconds limit_of(smtp::Stage stage, const smtp::Limits& limits)
{
    if (stage == smtp::Stage::connect)
        return limits.connect;
    if (stage == smtp::Stage::greeting)
        return limits.greeting;
    return stage == smtp::Stage::quit ? std::min(limits.command, smtp::quit_limit) : limits.command;
}

/// How much longer than its limit the slowest step of a session took.
std::chrono::microseconds excess_of(const smtp::Session& session, const smtp::Limits& limits)
{
    auto excess = std::chrono::microseconds::min();
    for (const auto& step : session.steps)
        excess = std::max(excess, step.took - limit_of(step.stage, limits));
    return excess;
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

    void examine(smtp::Session session, const chaos::Mischief& mischief)
    {
        EXPECT_TRUE(session.finished);
        check_claims(session, mischief);
        const auto verdict = judged(std::move(session));
        const auto& endpoint = verdict.hosts.at(0).endpoints.at(0);
        check_verdict(endpoint, mischief);
        check_missing_tls(endpoint, mischief);
        check_what_is_unknown(verdict, endpoint);
        check_reports(verdict);
        ++ends_[endpoint.stopped_by ? std::string(name(*endpoint.stopped_by)) : "up"];
    }

    /// How many sessions ended in which way: a chaos that always looks the same tests nothing.
    const std::map<std::string, int>& ends() const { return ends_; }

private:
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
            const auto* proof = endpoint.session.at(smtp::Stage::ehlo_tls);
            ASSERT_TRUE(endpoint.chain && proof);
            EXPECT_FALSE(proof->fault) << "what was said inside TLS proves the handshake";
            EXPECT_TRUE(endpoint.chain->cert_ok);
            leaf_ = leaf_.empty() ? endpoint.chain->certificates.at(0).facts.sha256 : leaf_;
            EXPECT_EQ(endpoint.chain->certificates.at(0).facts.sha256, leaf_);
        }
    }

    static void check_missing_tls(const probe::EndpointVerdict& endpoint, const chaos::Mischief& mischief)
    {
        if (chaos::is_loss(mischief.kind)) {
            EXPECT_NE(endpoint.offer, probe::Offer::plain) << "a lost connection is not missing TLS";
        }
        if (!std::ranges::count(codes(endpoint.findings), "starttls-not-supported"))
            return;
        const auto* hello = endpoint.session.at(smtp::Stage::helo);
        hello = hello ? hello : endpoint.session.at(smtp::Stage::ehlo);
        EXPECT_TRUE(chaos::spoils_ehlo_reply(mischief)) << "the server offers it";
        ASSERT_TRUE(hello && hello->reply);
        EXPECT_EQ(hello->reply->code, 250);
    }

    /// Who cannot tell defers, and counts half. This domain publishes nothing.
    static void check_what_is_unknown(const probe::Verdict& verdict, const probe::EndpointVerdict& endpoint)
    {
        if (endpoint.offer != probe::Offer::unknown)
            return;
        for (const auto policy : probe::all_policies) {
            const bool published = policy == probe::Policy::dane || policy == probe::Policy::mta_sts;
            const auto due = published ? probe::Outcome::not_applicable : probe::Outcome::deferred;
            EXPECT_EQ(endpoint.outcomes[static_cast<std::size_t>(policy)], due) << name(policy);
        }
        EXPECT_EQ(endpoint.factor, 50);
        EXPECT_NE(verdict.status, probe::Status::ok);
        EXPECT_FALSE(endpoint.findings.empty());
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

    /// All sessions from `first` up to `last`; returns when they have ended, or one of them hangs.
    void run(std::uint32_t first, std::uint32_t last)
    {
        next_ = first;
        last_ = last;
        const auto rethrow = [](std::exception_ptr thrown) {
            if (thrown)
                std::rethrow_exception(thrown);
        };
        for (std::uint32_t worker = 0; worker < at_once; ++worker)
            asio::co_spawn(loop_, work(), rethrow);
        asio::co_spawn(loop_, watch(), rethrow);
        loop_.run();
        // What is due waits for the handlers of one turn of the loop, and goes on in the next.
        EXPECT_LT(excess_, 2 * (delay_ + tick)) << "a step took longer than its limit";
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
            under_way_[number] = steady_clock::now() + longest(settings.limits);
            co_await smtp::converse(session, settings, call_, tls_);
            under_way_.erase(number);
            excess_ = std::max(excess_, excess_of(session, settings.limits));
            SCOPED_TRACE(told(number));
            examiner_.examine(std::move(session), mischief);
        }
    }

    /// Sees how busy this thread is, so that a limit can be told from a machine that has no time; and that no
    /// session is under way for longer than all its steps may take.
    asio::awaitable<void> watch()
    {
        asio::steady_timer timer(loop_);
        while (next_ < last_ || !under_way_.empty()) {
            timer.expires_after(tick);
            co_await timer.async_wait(asio::use_awaitable);
            const auto now = steady_clock::now();
            delay_ = std::max(delay_, now - timer.expiry());
            const auto hangs = [&](const auto& session) { return now > session.second + delay_; };
            const auto found = std::ranges::find_if(under_way_, hangs);
            if (found == under_way_.end())
                continue;
            ADD_FAILURE() << "hangs: " << told(found->first);
            loop_.stop();
        }
    }

    static steady_clock::duration longest(const smtp::Limits& limits)
    {
        constexpr int commands = 7; // EHLO and HELO, STARTTLS, the handshake, EHLO, MAIL FROM, QUIT
        return limits.connect + limits.greeting + commands * limits.command;
    }

    static std::string told(std::uint32_t number)
    {
        const auto mischief = chaos::mischief_for(seed(), number);
        return fmt::format("MXTLS_CHAOS_SEED={}, session {}: {}", seed(), number, describe(mischief));
    }

    const chaos::Proxy& proxy_;
    Examiner& examiner_;
    const smtp::TlsContext tls_{smtp::TlsSettings{}};
    smtp::Settings settings_;
    smtp::Settings patient_;
    smtp::Call call_;
    asio::io_context loop_{1};
    std::uint32_t next_ = 0;
    std::uint32_t last_ = 0;
    std::map<std::uint32_t, steady_clock::time_point> under_way_; // and when each must be over
    steady_clock::duration delay_{};                              // of what was due, at worst
    std::chrono::microseconds excess_ = std::chrono::microseconds::min();
};

void run(std::uint32_t first, std::uint32_t last, Examiner& examiner)
{
    peer::Server server(
        {.dialogue = peer::load_dialogue(FIXTURES "/dialogues/good.smtp"),
         .certificates = smtp_tests::Certificates::instance().folder(),
         .keep_runs = false}
    );
    const chaos::Proxy proxy(seed(), server.endpoint());
    Crowd(proxy, examiner).run(first, last);
}

/// Octets that are still held when these sessions are over, and all that they needed is gone.
std::size_t held_after(std::uint32_t first, std::uint32_t last, Examiner& examiner)
{
    run(first, last, examiner);
    wait_for_threads();
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
    fmt::print("{} octets held after half of them, {} after all\n", once, twice);
    for (const auto* end :
         {"up", "greeting-timeout", "connect-closed", "greeting-malformed", "greeting-deferred",
          "greeting-refused", "ehlo-malformed", "ehlo-deferred", "ehlo-refused", "command-timeout",
          "connection-lost", "starttls-refused", "starttls-injection", "tls-timeout", "tls-not-tls",
          "tls-handshake-failed", "starttls-not-supported"})
        EXPECT_GT(examiner.ends().count(end), 0u) << end;
    EXPECT_EQ(examiner.ends().count("connect-unreachable"), 0U) << "a reset comes over an open connection";
    for (const auto& [end, count] : examiner.ends())
        fmt::print("{:6} {}\n", count, end);
}

} // namespace
