// A DNS server for tests: one loopback port for UDP and TCP, a thread of its own, and what to do for each
// name.
#pragma once

#include "dns/resolver.hpp"
#include "support/dns_octets.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace support
{

struct DnsQuery
{
    std::uint16_t id = 0;
    std::string name; // as it came, without trailing dot
    dns::Type type = dns::Type::a;
    bool over_tcp = false;
    std::uint16_t from_port = 0; // where over UDP
    bool recursion_desired = false;
    bool authenticated_data = false;
    bool checking_disabled = false;
    bool edns = false;
    std::uint16_t payload = 0; // of the OPT record
    bool dnssec_ok = false;    // likewise
};

/// The messages to send back, whatever they are; none is silence.
using DnsBehaviour = std::function<std::vector<Octets>(const DnsQuery&)>;

/// The answer to this query.
Octets reply_to(const DnsQuery& query, const DnsReply& reply);

/// Always this reply.
DnsBehaviour always(DnsReply reply);

/// Never any reply.
DnsBehaviour silent();

class DnsStub
{
public:
    explicit DnsStub(const std::string& address = "127.0.0.1");
    ~DnsStub();
    DnsStub(DnsStub&&) = delete;

    dns::Server server() const;

    /// For questions of this name and type; an empty name is every name that has nothing of its own. Without
    /// either, the answer is REFUSED.
    void on(std::string name, dns::Type type, DnsBehaviour behaviour, std::chrono::milliseconds delay = {});

    /// What was asked so far, in order.
    std::vector<DnsQuery> asked() const;

    /// Whether it was asked for that type so often; waits for that, up to 20 seconds. What a resolver has
    /// sent, the stub's thread may not have read yet.
    bool wait_until_asked(dns::Type type, std::size_t times) const;

private:
    class State;
    std::unique_ptr<State> state_;
};

/// A UDP port on which nothing listens, and which nobody else gets.
class RefusedPort
{
public:
    RefusedPort();
    ~RefusedPort();
    RefusedPort(RefusedPort&&) = delete;

    dns::Server server() const;

private:
    class State;
    std::unique_ptr<State> state_;
};

} // namespace support
