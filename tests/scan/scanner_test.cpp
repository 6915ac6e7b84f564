#include "probe/scan/scanner.hpp"

#include "fixtures/peer/server.hpp"
#include "fixtures/pki/pki.hpp"
#include "probe/untried.hpp"
#include "support/dns_stub.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>

namespace
{

using namespace std::chrono_literals;
using dns::Type;
using probe::Code;
using probe::Status;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

constexpr auto patience = 20s;

/// Targets of a list. At its end it may wait until it is stopped, or fail, as a file or a queue does.
class ListSource final : public scan::Source
{
public:
    enum class End
    {
        over,
        waits,
        fails
    };

    explicit ListSource(std::vector<std::string> targets, End end = End::over)
        : targets_(std::move(targets)), end_(end)
    {}

    std::optional<scan::Task> next() override
    {
        std::unique_lock lock(mutex_);
        if (given_ < targets_.size() && !stopped_) {
            const auto number = given_++;
            changed_.notify_all();
            return scan::Task{.number = number, .target = targets_[number]};
        }
        if (end_ == End::fails && !stopped_)
            throw std::runtime_error("the disk is broken");
        changed_.wait(lock, [this] { return stopped_ || end_ == End::over; });
        return std::nullopt;
    }

    void stop() noexcept override
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }

    std::optional<double> share_read() const noexcept override { return std::nullopt; }

    bool wait_until_given(std::size_t count)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return given_ >= count; });
    }

    std::size_t given()
    {
        const std::lock_guard lock(mutex_);
        return given_;
    }

private:
    const std::vector<std::string> targets_;
    const End end_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t given_ = 0;
    bool stopped_ = false;
};

/// Keeps what it is given. It may not take anything for a while, and then or from some result on throw.
class ListSink final : public scan::Sink
{
public:
    void put(const std::vector<scan::Result>& batch) override
    {
        std::unique_lock lock(mutex_);
        is_asked_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_ || stopped_; });
        if (!open_)
            throw std::runtime_error("nobody reads");
        for (const auto& result : batch) {
            if (results_.size() == room && gone)
                throw scan::ReaderGone();
            if (results_.size() == room)
                throw std::runtime_error("the disk is full");
            results_.push_back(result);
        }
        changed_.notify_all();
    }

    void stop() noexcept override
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }

    void set_open(bool open)
    {
        const std::lock_guard lock(mutex_);
        open_ = open;
        changed_.notify_all();
    }

    bool wait_until_asked()
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return is_asked_; });
    }

    bool wait_for(std::size_t count)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return results_.size() >= count; });
    }

    std::vector<scan::Result> results()
    {
        const std::lock_guard lock(mutex_);
        return results_;
    }

    std::size_t room = 1'000'000;
    bool gone = false;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<scan::Result> results_;
    bool is_asked_ = false;
    bool open_ = true;
    bool stopped_ = false;
};

support::DnsBehaviour found(std::vector<support::DnsRecord> records, std::uint32_t ttl = 300)
{
    support::DnsReply reply;
    reply.answers = std::move(records);
    for (auto& record : reply.answers)
        record.ttl = ttl;
    return support::always(reply);
}

/// The name is there, but nothing of that type.
support::DnsBehaviour nothing()
{
    support::DnsReply reply;
    reply.authorities = {support::soa_record("test", 300)};
    return support::always(reply);
}

support::DnsBehaviour absent()
{
    support::DnsReply reply;
    reply.rcode = 3;
    reply.authorities = {support::soa_record("test", 300)};
    return support::always(reply);
}

peer::Options dialogue(const std::string& name, const std::string& address, std::uint16_t port = 0)
{
    return {
        .dialogue = peer::load_dialogue(FIXTURES "/dialogues/" + name + ".smtp"),
        .address = address,
        .port = port};
}

/// What is looked at of a verdict.
struct Told
{
    std::string target;
    Status status{};
    std::vector<probe::Code> codes;
    std::vector<bool> shared; // of each endpoint
    std::chrono::system_clock::time_point started;
};

Told told_of(const probe::Verdict& verdict)
{
    Told told;
    told.target = verdict.target;
    told.status = verdict.status;
    told.started = verdict.started;
    const auto add = [&](const std::vector<probe::Finding>& findings) {
        for (const auto& finding : findings)
            told.codes.push_back(finding.code);
    };
    add(verdict.findings);
    for (const auto& host : verdict.hosts) {
        add(host.findings);
        for (const auto& endpoint : host.endpoints) {
            told.shared.push_back(endpoint.shared);
            add(endpoint.findings);
        }
    }
    return told;
}

/// One scan of a few names, which stand in the stub.
class Scanned : public testing::Test
{
protected:
    Scanned()
    {
        auto& manner = settings.manner;
        manner.smtp.ehlo_name = "probe.test";
        manner.smtp.limits = {5s, 5s, 5s};
        manner.dns.servers = {stub.server()};
        manner.dns.timeout = 5s;
        manner.timeout = 20s;
        settings.plan.smtp = manner.smtp;
        settings.plan.local_resolver = true;
        settings.plan.dane = false;
        settings.plan.mta_sts = false;
        settings.loops = 2;
        for (const auto type : {Type::mx, Type::a, Type::aaaa, Type::txt})
            stub.on("", type, absent());
    }

    /// A host that has this address, and is the only one of these domains.
    void mail_host(
        const std::string& host, const std::string& address, const std::vector<std::string>& domains = {},
        std::uint32_t ttl = 300
    )
    {
        stub.on(host, Type::a, found({support::a_record(host, address)}, ttl));
        stub.on(host, Type::aaaa, nothing());
        for (const auto& domain : domains)
            stub.on(domain, Type::mx, found({support::mx_record(domain, 10, host)}, ttl));
    }

    static std::vector<std::string> numbered(const std::string& name, int count)
    {
        std::vector<std::string> names;
        for (int number = 0; number < count; ++number)
            names.push_back(fmt::format("{}{}.test", name, number));
        return names;
    }

    scan::Words words()
    {
        scan::Words words;
        words.target = probe::parse_target;
        words.is_done = [this](const std::string& target) { return done.contains(target); };
        words.result = [this](const probe::Verdict& verdict) {
            auto told = told_of(verdict);
            auto text = fmt::format("{} {}\n", name(told.status), told.target);
            const std::lock_guard lock(mutex);
            verdicts.push_back(std::move(told));
            has_told.notify_all();
            return text;
        };
        return words;
    }

    void start(scan::Source& source)
    {
        scanner.emplace(settings, roots, words(), source, sink);
        scanner->start([this] { over.set_value(); });
    }

    scan::Ended end()
    {
        const bool is_over = over.get_future().wait_for(patience) == std::future_status::ready;
        EXPECT_TRUE(is_over);
        if (!is_over)
            scanner->stop();
        auto ended = scanner->join();
        tally = scanner->tally();
        resolvers = scanner->resolvers();
        scanner.reset(); // the source goes before this does
        return ended;
    }

    bool wait_until_told(std::size_t count)
    {
        std::unique_lock lock(mutex);
        return has_told.wait_for(lock, patience, [&] { return verdicts.size() >= count; });
    }

    scan::Ended run(const std::vector<std::string>& targets)
    {
        ListSource source(targets);
        start(source);
        return end();
    }

    std::size_t times_asked(const std::string& name, Type type) const
    {
        const auto queries = stub.asked();
        return static_cast<std::size_t>(std::ranges::count_if(queries, [&](const auto& query) {
            return query.name == name && query.type == type;
        }));
    }

    std::vector<std::string> targets_of_results()
    {
        std::vector<std::string> targets;
        for (const auto& result : sink.results())
            targets.push_back(result.task.target);
        return targets;
    }

    std::size_t shared_endpoints() const
    {
        std::size_t count = 0;
        for (const auto& verdict : verdicts)
            count += static_cast<std::size_t>(std::ranges::count(verdict.shared, true));
        return count;
    }

    support::DnsStub stub;
    probe::TrustStore trust{{}};
    const probe::Trust::Roots roots = [this]() -> const probe::TrustStore& { return trust; };
    scan::Settings settings;
    ListSink sink;
    std::set<std::string> done;
    std::mutex mutex; // of the verdicts, while it runs
    std::condition_variable has_told;
    std::vector<Told> verdicts;
    std::promise<void> over;
    std::optional<scan::Scanner> scanner;
    probe::Tally tally; // of the end
    std::vector<dns::ServerValidation> resolvers;
};

TEST_F(Scanned, OneSessionServesAllTargetsOfAHostAndItsNamesAreAskedForOnce)
{
    peer::Server server(dialogue("no-starttls", "127.0.0.1"));
    settings.plan.port = server.endpoint().port();
    const auto domains = numbered("d", 40);
    mail_host("mx.test", "127.0.0.1", domains);

    EXPECT_TRUE(run(domains).whole);
    EXPECT_THAT(targets_of_results(), UnorderedElementsAreArray(domains));
    EXPECT_EQ(server.connections(), 1U);
    EXPECT_EQ(shared_endpoints(), domains.size() - 1);
    EXPECT_EQ(times_asked("mx.test", Type::a), 1U);
    EXPECT_EQ(times_asked("mx.test", Type::aaaa), 1U);
    for (const auto& domain : domains)
        EXPECT_EQ(times_asked(domain, Type::mx), 1U) << domain;
    EXPECT_EQ(tally.sessions_held, 1U);
    EXPECT_EQ(tally.sessions_shared, domains.size() - 1);
    EXPECT_EQ(tally.dns_questions, stub.asked().size());
    EXPECT_EQ(tally.targets_under_way + tally.sessions_under_way, 0U);
}

TEST_F(Scanned, UnsharedEachTargetHasItsOwnSessionAndNamesAreAskedForOnceAllTheSame)
{
    peer::Server server(dialogue("no-starttls", "127.0.0.1"));
    settings.plan.port = server.endpoint().port();
    settings.manner.share = false;
    const auto domains = numbered("d", 12);
    mail_host("mx.test", "127.0.0.1", domains);

    EXPECT_TRUE(run(domains).whole);
    EXPECT_EQ(server.connections(), domains.size());
    EXPECT_EQ(shared_endpoints(), 0U);
    EXPECT_EQ(times_asked("mx.test", Type::a), 1U);
}

TEST_F(Scanned, AnotherServerNameIsAnotherSession)
{
    peer::Server server(dialogue("no-starttls", "127.0.0.1"));
    settings.plan.port = server.endpoint().port();
    mail_host("mx1.test", "127.0.0.1", {"a.test", "b.test"});
    mail_host("mx2.test", "127.0.0.1", {"c.test", "d.test"});

    EXPECT_TRUE(run({"a.test", "b.test", "c.test", "d.test"}).whole);
    EXPECT_EQ(server.connections(), 2U);
    EXPECT_EQ(shared_endpoints(), 2U);
}

/// Certificates for peers of "TLS good", by an authority below another.
class Chains
{
public:
    Chains()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "mxtls-scanner-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~Chains() { std::filesystem::remove_all(folder_); }
    Chains(Chains&&) = delete;

    const pki::Certificate& root() const { return root_.certificate; }

    /// A folder where the server's own is followed by `issuers` issuers.
    std::filesystem::path good(const pki::Recipe& recipe, std::size_t issuers)
    {
        const auto own = pki::issue(recipe, &lower_, now);
        const std::array above{lower_.certificate, upper_.certificate};
        const auto folder = folder_ / std::to_string(made_++);
        std::filesystem::create_directory(folder);
        std::ofstream file(folder / "good.pem");
        file << pki::pem(own.key) << pki::pem(own.certificate);
        for (std::size_t index = 0; index < issuers; ++index)
            file << pki::pem(above.at(index));
        return folder;
    }

    const std::chrono::sys_seconds now =
        std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

private:
    pki::Issued authority(const std::string& name, const pki::Issued* issuer) const
    {
        return pki::issue({.common_name = name, .authority = true}, issuer, now);
    }

    pki::Issued root_ = authority("Root CA", nullptr);
    pki::Issued upper_ = authority("Upper CA", &root_);
    pki::Issued lower_ = authority("Lower CA", &upper_);
    std::filesystem::path folder_;
    int made_ = 0;
};

TEST_F(Scanned, WhatOneHostOfATargetSentCompletesTheChainOfAnotherAndOfNoOtherTarget)
{
    Chains chains;
    auto options = dialogue("good", "127.0.0.1");
    options.certificates = chains.good({.common_name = "", .names = {"DNS:whole.test"}}, 2);
    peer::Server whole(options);
    options = dialogue("good", "127.0.0.2", whole.endpoint().port());
    options.certificates = chains.good({.common_name = "", .names = {"DNS:broken.test"}}, 1);
    peer::Server broken(options);
    trust = probe::TrustStore(std::vector{chains.root()});
    settings.plan.port = whole.endpoint().port();
    settings.criteria.moment = chains.now;
    settings.loops = 1;
    settings.limits = {.busy = 1, .taken = 1}; // one after another
    mail_host("whole.test", "127.0.0.1");
    mail_host("broken.test", "127.0.0.2", {"without.test", "again.test"});
    stub.on(
        "with.test", Type::mx,
        found(
            {support::mx_record("with.test", 10, "whole.test"),
             support::mx_record("with.test", 20, "broken.test")}
        )
    );

    EXPECT_TRUE(run({"without.test", "with.test", "again.test"}).whole);
    ASSERT_THAT(verdicts, SizeIs(3));
    EXPECT_THAT(
        verdicts[0].codes,
        AllOf(Contains(Code::certificate_not_trusted), Not(Contains(Code::chain_incomplete)))
    );
    EXPECT_THAT(
        verdicts[1].codes,
        AllOf(Contains(Code::chain_incomplete), Not(Contains(Code::certificate_not_trusted)))
    );
    EXPECT_THAT(
        verdicts[2].codes,
        AllOf(Contains(Code::certificate_not_trusted), Not(Contains(Code::chain_incomplete)))
    );
}

TEST_F(Scanned, AnAnswerIsAskedForAgainWhenItsTimeIsOver)
{
    peer::Server server(dialogue("no-starttls", "127.0.0.1"));
    settings.plan.port = server.endpoint().port();
    settings.limits = {.busy = 1, .taken = 1}; // one after another
    mail_host("brief.test", "127.0.0.1", {"a.test", "b.test", "c.test"}, 0);
    mail_host("lasting.test", "127.0.0.1", {"d.test", "e.test", "f.test"});

    EXPECT_TRUE(run({"a.test", "b.test", "c.test", "d.test", "e.test", "f.test"}).whole);
    EXPECT_EQ(times_asked("brief.test", Type::a), 3U);
    EXPECT_EQ(times_asked("brief.test", Type::aaaa), 1U);
    EXPECT_EQ(times_asked("lasting.test", Type::a), 1U);
    EXPECT_EQ(server.connections(), 2U);
}

TEST_F(Scanned, AnAddressThatWasSilentIsNotSpokenToAgain)
{
    peer::Server server(dialogue("silent", "127.0.0.1"));
    settings.plan.port = server.endpoint().port();
    settings.manner.smtp.limits.greeting = 100ms;
    settings.manner.gate.per_address = 1;
    for (const bool share : {true, false}) {
        settings.manner.share = share;
        mail_host("mx1.test", "127.0.0.1", {"a.test", "b.test"});
        mail_host("mx2.test", "127.0.0.1", {"c.test"});
        verdicts.clear();
        over = {};
        EXPECT_TRUE(run({"a.test", "b.test", "c.test"}).whole);
        server.next_run();
        EXPECT_EQ(server.connections(), share ? 1U : 2U); // in all
        ASSERT_THAT(verdicts, SizeIs(3));
        for (const auto& verdict : verdicts)
            EXPECT_THAT(verdict.codes, ElementsAre(probe::Code::greeting_timeout)) << verdict.target;
        EXPECT_EQ(shared_endpoints(), 2U);
    }
}

TEST_F(Scanned, AnAddressThatSaid421IsLeftAlone)
{
    peer::Server server(dialogue("greeting-421", "127.0.0.1"));
    settings.plan.port = server.endpoint().port();
    settings.manner.gate.per_address = 1;
    settings.manner.gate.first_back_off = 300ms;
    settings.loops = 1;
    mail_host("mx1.test", "127.0.0.1", {"a.test"});
    mail_host("mx2.test", "127.0.0.1", {"b.test"});

    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(run({"a.test", "b.test"}).whole);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 300ms);
    EXPECT_EQ(server.connections(), 2U);
}

TEST_F(Scanned, WhatSays421TimeAfterTimeIsToldToThoseThatStillWait)
{
    peer::Server server(dialogue("greeting-421", "127.0.0.1"));
    settings.plan.port = server.endpoint().port();
    settings.manner.gate.per_address = 1;
    settings.manner.gate.first_back_off = 10ms;
    const auto domains = numbered("d", 10);
    for (const auto& domain : domains)
        mail_host("mx." + domain, "127.0.0.1", {domain});

    EXPECT_TRUE(run(domains).whole);
    EXPECT_EQ(server.connections(), 3U);
    ASSERT_THAT(verdicts, SizeIs(10));
    for (const auto& verdict : verdicts)
        EXPECT_THAT(verdict.codes, ElementsAre(probe::Code::greeting_deferred)) << verdict.target;
    EXPECT_EQ(shared_endpoints(), 7U);
}

TEST_F(Scanned, WhoWaitsForABusyAddressHoldsUpNobodyElse)
{
    peer::Server busy(dialogue("greeting-421", "127.0.0.1"));
    settings.plan.port = busy.endpoint().port();
    peer::Server other(dialogue("no-starttls", "127.0.0.2", settings.plan.port));
    settings.manner.gate.per_address = 1;
    settings.manner.gate.first_back_off = 1h;
    settings.limits.busy = 1;
    std::vector<std::string> targets;
    for (const auto& domain : numbered("busy", 5)) {
        mail_host("mx." + domain, "127.0.0.1", {domain});
        targets.push_back(domain);
    }
    const auto prompt = numbered("prompt", 20);
    for (const auto& domain : prompt) {
        mail_host("mx." + domain, "127.0.0.2", {domain});
        targets.push_back(domain);
    }

    ListSource source(targets);
    start(source);
    EXPECT_TRUE(sink.wait_for(1 + prompt.size()));
    scanner->stop();
    EXPECT_FALSE(end().whole);
    EXPECT_EQ(busy.connections(), 1U);
    EXPECT_EQ(other.connections(), prompt.size());
    EXPECT_THAT(verdicts, SizeIs(1 + prompt.size()));
}

/// A file of exclusions with these rules.
scan::Exclusions excluding(const std::vector<std::string>& rules)
{
    scan::Exclusions exclusions;
    for (const auto& rule : rules)
        exclusions.add(rule);
    return exclusions;
}

TEST_F(Scanned, WhoIsExcludedIsNotContactedNorAskedFor)
{
    peer::Server server(dialogue("no-starttls", "127.0.0.1"));
    settings.plan.port = server.endpoint().port();
    peer::Server left_alone(dialogue("no-starttls", "127.0.0.2", settings.plan.port));
    settings.exclusions = excluding({"127.0.0.2/31", "mx-out.test", "out.test"});
    mail_host("mx.test", "127.0.0.1", {"in.test"});
    mail_host("other.test", "127.0.0.2", {"by-address.test", "out.test", "below.out.test"});
    mail_host("mx-out.test", "127.0.0.1", {"by-host.test"});
    mail_host("mx-alias.test", "127.0.0.1", {"by-alias.test"});
    stub.on(
        "mx-alias.test", Type::a,
        found(
            {support::cname_record("mx-alias.test", "mx.out.test"),
             support::a_record("mx.out.test", "127.0.0.1")}
        )
    );

    EXPECT_TRUE(run({"in.test", "by-address.test", "out.test", "below.out.test", "by-host.test",
                     "by-alias.test", "user@[127.0.0.3]", "user@out.test"})
                    .whole);
    EXPECT_EQ(server.connections(), 1U);
    EXPECT_EQ(left_alone.connections(), 0U);
    for (const auto& name : {"out.test", "below.out.test"})
        EXPECT_EQ(times_asked(name, Type::mx), 0U) << name;
    EXPECT_EQ(times_asked("mx-out.test", Type::a) + times_asked("mx-out.test", Type::aaaa), 0U);
    for (const auto& verdict : verdicts) {
        if (verdict.target == "in.test")
            continue;
        EXPECT_EQ(verdict.status, Status::unknown) << verdict.target;
        EXPECT_THAT(verdict.codes, Contains(probe::Code::excluded)) << verdict.target;
    }
    EXPECT_EQ(tally.targets_excluded, 3U);
}

TEST_F(Scanned, ALineThatIsNoTargetIsAResult)
{
    const std::vector<std::string> lines{"two words", "user@", "..", std::string("nul\0", 4),
                                         "\xff\xfe",  "a@b@c"};
    EXPECT_TRUE(run(lines).whole);
    EXPECT_EQ(targets_of_results(), lines);
    for (const auto& verdict : verdicts) {
        EXPECT_EQ(verdict.status, Status::unknown);
        EXPECT_THAT(verdict.codes, ElementsAre(probe::Code::target_invalid)) << verdict.target;
    }
    EXPECT_EQ(tally.targets_invalid, lines.size());
    EXPECT_THAT(stub.asked(), IsEmpty());
}

TEST_F(Scanned, WhatIsDoneAlreadyIsPassedOver)
{
    done = {"b.test", "c.test"};
    EXPECT_TRUE(run({"a.test", "b.test", "c.test", "d.test"}).whole);
    EXPECT_THAT(targets_of_results(), UnorderedElementsAre("a.test", "d.test"));
    EXPECT_EQ(times_asked("b.test", Type::mx), 0U);
}

TEST_F(Scanned, WhatIsDoneAlreadyLeavesNoGapInTheOrder)
{
    settings.ordered = true;
    done = {"a.test", "c.test"};
    EXPECT_TRUE(run({"a.test", "b.test", "c.test", "d.test"}).whole);
    EXPECT_THAT(targets_of_results(), ElementsAre("b.test", "d.test"));
}

/// Many hosts and many targets, at random among several loops.
class ManyScanned : public Scanned
{
protected:
    ManyScanned()
    {
        settings.loops = 4;
        servers.emplace_back(dialogue("no-starttls", "127.0.0.1"));
        settings.plan.port = servers.front().endpoint().port();
        for (int address = 2; address <= hosts / 2; ++address)
            servers.emplace_back(
                dialogue("no-starttls", fmt::format("127.0.0.{}", address), settings.plan.port)
            );
        for (int host = 0; host < hosts; ++host)
            mail_host(fmt::format("mx{}.test", host), fmt::format("127.0.0.{}", host / 2 + 1));
        for (int number = 0; number < targets; ++number) {
            const auto domain = fmt::format("d{}.test", number);
            const auto host = fmt::format("mx{}.test", number % hosts);
            domains.push_back(domain);
            stub.on(domain, Type::mx, found({support::mx_record(domain, 10, host)}));
        }
    }

    /// Of who is silent there is no result then, however long the others take.
    void wait_for_ever()
    {
        settings.manner.timeout = 1h;
        settings.manner.smtp.limits.greeting = 1h;
    }

    static constexpr int hosts = 10; // two names an address
    static constexpr int targets = 400;
    std::deque<peer::Server> servers;
    std::vector<std::string> domains;
};

TEST_F(ManyScanned, OnSeveralLoopsHaveEachItsResultOnce)
{
    EXPECT_TRUE(run(domains).whole);
    EXPECT_THAT(targets_of_results(), UnorderedElementsAreArray(domains));
    for (auto& server : servers)
        EXPECT_EQ(server.connections(), 2U);
    for (const auto& verdict : verdicts)
        EXPECT_THAT(verdict.codes, Contains(probe::Code::starttls_not_supported)) << verdict.target;
    EXPECT_EQ(stub.asked().size(), std::size_t{targets + 2 * hosts});
}

TEST_F(ManyScanned, OrderedTheResultsStandInTheOrderOfTheInput)
{
    settings.ordered = true;
    settings.limits = {.busy = 50, .taken = 60};
    stub.on("d7.test", Type::mx, absent(), 300ms);
    EXPECT_TRUE(run(domains).whole);
    EXPECT_EQ(targets_of_results(), domains);
}

TEST_F(ManyScanned, StoppedInMidRunEveryResultThatIsKnownIsStoredWholeAndNothingElse)
{
    wait_for_ever();
    peer::Server silent(dialogue("silent", "127.0.1.1", settings.plan.port));
    for (const auto& domain : numbered("silent", 5)) {
        mail_host("mx." + domain, "127.0.1.1", {domain});
        domains.insert(domains.begin(), domain);
    }
    ListSource source(domains, ListSource::End::waits);
    start(source);
    EXPECT_TRUE(sink.wait_for(50));
    scanner->stop();
    const auto ended = end();
    EXPECT_FALSE(ended.whole);
    EXPECT_FALSE(ended.fault);

    std::set<std::string> once;
    const auto results = sink.results();
    for (const auto& result : results) {
        EXPECT_TRUE(once.insert(result.task.target).second) << result.task.target;
        EXPECT_EQ(result.text, fmt::format("{} {}\n", name(result.status), result.task.target));
        EXPECT_NE(result.task.target.substr(0, 6), "silent");
    }
    EXPECT_EQ(results.size(), verdicts.size());
    EXPECT_EQ(tally.targets_done(), results.size());
}

TEST_F(ManyScanned, StoppedWhileNoQuestionIsAnsweredItLeavesNothing)
{
    wait_for_ever();
    settings.manner.dns.timeout = 1h;
    for (const auto& domain : domains)
        stub.on(domain, Type::mx, support::silent());
    ListSource source(domains, ListSource::End::waits);
    start(source);
    EXPECT_TRUE(source.wait_until_given(domains.size()));
    EXPECT_TRUE(stub.wait_until_asked(Type::mx, 100));
    scanner->stop();
    EXPECT_FALSE(end().whole); // and the sanitizers see no leak
    EXPECT_THAT(sink.results(), IsEmpty());
}

TEST_F(ManyScanned, StoppedWhileItIsOrderedItStoresAlsoWhatWaitsForAnother)
{
    settings.ordered = true;
    wait_for_ever();
    peer::Server silent(dialogue("silent", "127.0.1.1", settings.plan.port));
    mail_host("mx.silent.test", "127.0.1.1", {"silent.test"});
    domains.insert(domains.begin() + 1, "silent.test");
    ListSource source(domains, ListSource::End::waits);
    start(source);
    EXPECT_TRUE(source.wait_until_given(domains.size()));
    EXPECT_TRUE(wait_until_told(targets));
    scanner->stop();
    EXPECT_FALSE(end().whole);
    domains.erase(domains.begin() + 1);
    EXPECT_EQ(targets_of_results(), domains);
}

TEST_F(ManyScanned, AtAnyMomentItCanBeStopped)
{
    for (std::size_t results = 0; results < 8; ++results) {
        ListSink own;
        ListSource source(domains);
        scan::Scanner many(settings, roots, words(), source, own);
        std::promise<void> ended;
        many.start([&] { ended.set_value(); });
        EXPECT_TRUE(own.wait_for(results * 10));
        many.stop();
        EXPECT_EQ(ended.get_future().wait_for(patience), std::future_status::ready);
        many.join();
        EXPECT_EQ(own.results().size(), many.tally().targets_done());
    }
}

TEST_F(ManyScanned, AReaderThatStallsIsWaitedForAndLosesNothing)
{
    settings.limits = {.busy = 20, .taken = 30};
    sink.set_open(false);
    ListSource source(domains);
    start(source);
    EXPECT_TRUE(source.wait_until_given(settings.limits.taken + 1));
    std::this_thread::sleep_for(50ms); // in which it would go on, if it did
    EXPECT_EQ(source.given(), settings.limits.taken + 1);
    EXPECT_THAT(sink.results(), IsEmpty());
    sink.set_open(true);
    EXPECT_TRUE(end().whole);
    EXPECT_THAT(targets_of_results(), UnorderedElementsAreArray(domains));
}

TEST_F(ManyScanned, AStalledReaderDoesNotKeepItFromEnding)
{
    sink.set_open(false);
    ListSource source(domains);
    start(source);
    EXPECT_TRUE(sink.wait_until_asked());
    scanner->stop();
    const auto ended = end();
    EXPECT_FALSE(ended.whole);
    EXPECT_EQ(ended.fault, "nobody reads");
}

TEST_F(ManyScanned, ADiskThatIsFullEndsIt)
{
    sink.room = 10;
    const auto ended = run(domains);
    EXPECT_FALSE(ended.whole);
    EXPECT_FALSE(ended.reader_gone);
    EXPECT_EQ(ended.fault, "the disk is full");
    EXPECT_THAT(sink.results(), SizeIs(10));
}

TEST_F(ManyScanned, AReaderThatGoesEndsItWithoutAWord)
{
    sink.room = 10;
    sink.gone = true;
    const auto ended = run(domains);
    EXPECT_FALSE(ended.whole);
    EXPECT_TRUE(ended.reader_gone);
    EXPECT_FALSE(ended.fault);
}

TEST_F(ManyScanned, WhereTheInputFailsTheTargetsUpToThereAreDone)
{
    domains.resize(30);
    ListSource source(domains, ListSource::End::fails);
    start(source);
    const auto ended = end();
    EXPECT_FALSE(ended.whole);
    EXPECT_EQ(ended.fault, "the disk is broken");
    EXPECT_THAT(targets_of_results(), UnorderedElementsAreArray(domains));
}

/// A name whose questions are put on that loop of two.
std::string name_of_loop(std::size_t loop)
{
    std::string name = "d.test";
    while (std::hash<std::string>()(name) % 2 != loop)
        name.insert(0, "d");
    return name;
}

TEST_F(Scanned, AResolverThatDoesNotValidateIsSeenOnWhicheverLoopItIsAsked)
{
    settings.manner.dns.trust_ad = true;
    stub.on("com", Type::ns, found({support::ns_record("com", "a.gtld-servers.net")}));
    for (const std::size_t loop : {0, 1}) {
        over = {};
        EXPECT_TRUE(run({name_of_loop(loop)}).whole);
        ASSERT_THAT(resolvers, SizeIs(1));
        EXPECT_EQ(resolvers.front().validation, dns::Validation::not_validating) << loop;
    }
}

TEST_F(Scanned, WhatIsABugInALoopEndsIt)
{
    ListSource source({"a.test", "b.test"}, ListSource::End::waits);
    auto broken = words();
    broken.result = [](const probe::Verdict&) -> std::string { throw std::logic_error("a bug"); };
    scanner.emplace(settings, roots, broken, source, sink);
    scanner->start([this] { over.set_value(); });
    EXPECT_EQ(over.get_future().wait_for(patience), std::future_status::ready);
    EXPECT_THROW(scanner->join(), std::logic_error);
    scanner.reset();
}

} // namespace
