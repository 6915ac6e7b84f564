#include "tests/bench/clients.hpp"

#include "probe/judge.hpp"
#include "smtp/session.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <deque>
#include <fstream>
#include <stdexcept>
#include <sys/resource.h>

namespace bench
{
namespace
{

smtp::Settings settings()
{
    smtp::Settings settings;
    settings.ehlo_name = ehlo_name;
    return settings;
}

smtp::Call call()
{
    smtp::Call call;
    call.server_name = host_name;
    return call;
}

/// What is the same for all sessions of a run, as the program has it.
class Prober
{
public:
    explicit Prober(const Work& work) : work_(work), trust_(work.root, "")
    {
        std::signal(SIGPIPE, SIG_IGN);
        criteria_.moment = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    }

    asio::awaitable<void> work()
    {
        while (begun_ < work_.sessions) {
            ++begun_;
            probe::Observation observation;
            prepare(observation);
            co_await smtp::converse(observation.hosts[0].endpoints[0].session, settings_, call_, tls_);
            observation.finished = true;
            judge(std::move(observation));
        }
    }

    /// Sessions that live until the process ends.
    asio::awaitable<void> hold(smtp::Session& session)
    {
        session.peer = endpoint();
        co_await smtp::converse(session, settings_, call_, tls_);
    }

    std::size_t judged() const { return judged_; }
    const smtp::TlsFacts& agreed() const { return agreed_; }

private:
    asio::ip::tcp::endpoint endpoint() const { return {asio::ip::address_v4::loopback(), work_.port}; }

    void prepare(probe::Observation& observation) const
    {
        observation.target.domain = observation.target.given = host_name;
        observation.route = probe::Route::given;
        observation.started = std::chrono::system_clock::now();
        auto& host = observation.hosts.emplace_back();
        host.name = host_name;
        host.endpoints.emplace_back().session.peer = endpoint();
    }

    void judge(probe::Observation observation)
    {
        const auto verdict =
            probe::judge(std::move(observation), criteria_, [this]() -> const probe::TrustStore& {
                return trust_;
            });
        if (verdict.status != probe::Status::ok)
            throw std::runtime_error("ours: the verdict is not OK");
        const auto& session = verdict.hosts.at(0).endpoints.at(0).session;
        if (judged_++ == 0)
            agreed_ = session.tls.value();
    }

    const Work& work_;
    const smtp::Settings settings_ = settings();
    const smtp::Call call_ = call();
    const smtp::TlsContext tls_{smtp::TlsSettings{}};
    probe::TrustStore trust_;
    probe::Criteria criteria_;
    std::size_t begun_ = 0;
    std::size_t judged_ = 0;
    smtp::TlsFacts agreed_;
};

void rethrow(std::exception_ptr fault)
{
    if (fault)
        std::rethrow_exception(fault);
}

/// Opens that many more sessions at the same time and returns when all of them wait inside TLS.
asio::awaitable<void> open_wave(Prober& prober, std::deque<smtp::Session>& sessions, std::size_t count)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto opened = sessions.size();
    for (std::size_t i = 0; i < count; ++i)
        asio::co_spawn(timer.get_executor(), prober.hold(sessions.emplace_back()), asio::detached);
    for (auto i = opened; i < sessions.size(); ++i) {
        while (sessions[i].now != smtp::Stage::ehlo_tls) {
            timer.expires_after(std::chrono::milliseconds(1));
            co_await timer.async_wait(asio::use_awaitable);
        }
    }
}

asio::awaitable<void> open_more(Prober& prober, std::deque<smtp::Session>& sessions, const Work& work)
{
    for (std::size_t opened = 0; opened < work.sessions; opened += work.at_once)
        co_await open_wave(prober, sessions, work.at_once);
}

asio::awaitable<void>
measure_memory(const Work& work, Prober& prober, std::deque<smtp::Session>& sessions, double& octets)
{
    co_await open_wave(prober, sessions, work.at_once); // what is needed only once is there then
    const double before = resident_octets();
    co_await open_more(prober, sessions, work);
    octets = (resident_octets() - before) / static_cast<double>(sessions.size() - work.at_once);
}

} // namespace

double resident_octets()
{
    double size = 0;
    double resident = 0;
    std::ifstream("/proc/self/statm") >> size >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double cpu_us()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto us = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return us(usage.ru_utime) + us(usage.ru_stime);
}

Spent our_sessions(const Work& work)
{
    Prober prober(work);
    asio::io_context io(1);
    for (std::size_t i = 0; i < work.at_once; ++i)
        asio::co_spawn(io, prober.work(), rethrow);

    const auto wall = std::chrono::steady_clock::now();
    const double cpu = cpu_us();
    io.run();
    const auto sessions = static_cast<double>(work.sessions);
    Spent spent;
    spent.cpu_us = (cpu_us() - cpu) / sessions;
    spent.wall_us =
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - wall).count() / sessions;
    if (prober.judged() != work.sessions)
        throw std::runtime_error("ours: a session is missing");
    const auto& tls = prober.agreed();
    spent.agreed = tls.version + ' ' + tls.cipher + ' ' + tls.group;
    return spent;
}

double our_memory(const Work& work)
{
    Prober prober(work);
    std::deque<smtp::Session> sessions;
    asio::io_context io(1);
    double octets = 0;
    asio::co_spawn(io, measure_memory(work, prober, sessions, octets), [&](std::exception_ptr fault) {
        io.stop();
        rethrow(fault);
    });
    io.run();
    return octets;
}

} // namespace bench
