// A DNS message off the wire: what is read of it, and what an answer takes over from it. The question asked
// is example.test, of the type that stands in the message.
#include "dns/message.hpp"

#include "dns/aliases.hpp"
#include "dns/name.hpp"
#include "tests/fuzz/promise.hpp"

#include <array>
#include <set>
#include <type_traits>

namespace
{

using dns::Type;
using fuzz::Octets;
using fuzz::require;

constexpr std::size_t header_size = 12;
constexpr std::size_t question_size = 14 + 4; // example.test, type, class

Type asked_type(Octets octets)
{
    constexpr std::size_t at = header_size + question_size - 4;
    const auto number = octets.size() < at + 2 ? 0 : octets[at] << 8 | octets[at + 1];
    for (const auto type : {Type::cname, Type::ptr, Type::ns, Type::mx, Type::txt, Type::aaaa, Type::tlsa}) {
        if (number == static_cast<int>(type))
            return type;
    }
    return Type::a;
}

void check_name(const std::string& name)
{
    require(fuzz::is_printable(name), "a name is printable");
    require(dns::canonical_name(name) == name, "a name is canonical");
}

void check_data(const dns::Record& data, Type type)
{
    switch (type) {
    case Type::a:
        return require(std::get<asio::ip::address>(data).is_v4(), "A holds an IPv4 address");
    case Type::aaaa:
        return require(std::get<asio::ip::address>(data).is_v6(), "AAAA holds an IPv6 address");
    case Type::mx:
        return check_name(std::get<dns::Mx>(data).exchange);
    case Type::ptr:
        return check_name(std::get<dns::Ptr>(data).name);
    case Type::ns:
        return check_name(std::get<dns::Ns>(data).name);
    case Type::txt:
        return require(std::holds_alternative<dns::Text>(data), "TXT holds text");
    case Type::tlsa:
        return require(std::holds_alternative<dns::Tlsa>(data), "TLSA holds TLSA");
    case Type::cname:
        return require(false, "a CNAME is an alias, and no record");
    }
}

void check_message(const dns::Message& message, Type type)
{
    require(static_cast<unsigned>(message.rcode) <= 0xfff, "a response code has 12 bits");
    require(message.aliases.size() + message.records.size() <= dns::max_records, "at most max_records");
    require(message.negative_ttl <= 0x7fffffff, "a TTL has 31 bits");
    require(message.negative_ttl == 0 || message.start_of_authority, "only an SOA says how long");
    const bool empty = message.aliases.empty() && message.records.empty();
    require(empty || (!message.truncated && !message.referral), "no records where there is no answer");
    std::set<std::string> owners;
    for (const auto& alias : message.aliases) {
        check_name(alias.owner);
        check_name(alias.target);
        require(alias.ttl <= 0x7fffffff, "a TTL has 31 bits");
        require(owners.insert(alias.owner).second, "one alias at one name");
    }
    for (const auto& record : message.records) {
        check_name(record.owner);
        require(record.ttl <= 0x7fffffff, "a TTL has 31 bits");
        check_data(record.data, type);
    }
}

/// The same message written anew without compression: whatever was read must be read again.
class Writer
{
public:
    Writer(const dns::Message& message, const dns::Question& question)
        : octets_(dns::encode(question, 0, {.checking_disabled = false, .edns = false})), type_(question.type)
    {
        octets_[2] |= 0x80; // a response
        octets_[3] = static_cast<std::uint8_t>(message.authenticated ? 0x20 : 0);
        const auto count = message.aliases.size() + message.records.size();
        octets_[6] = static_cast<std::uint8_t>(count >> 8);
        octets_[7] = static_cast<std::uint8_t>(count);
        for (const auto& alias : message.aliases)
            write(alias.owner, Type::cname, alias.ttl, dns::wire_name(alias.target).value());
        for (const auto& record : message.records)
            write(record.owner, type_, record.ttl, std::visit(*this, record.data));
    }

    const std::vector<std::uint8_t>& octets() const { return octets_; }

    std::vector<std::uint8_t> operator()(const asio::ip::address& address) const
    {
        const auto bytes_of = [](const auto& bytes) {
            return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
        };
        return address.is_v4() ? bytes_of(address.to_v4().to_bytes()) : bytes_of(address.to_v6().to_bytes());
    }

    std::vector<std::uint8_t> operator()(const dns::Mx& mx) const
    {
        auto data = dns::wire_name(mx.exchange).value();
        const auto high = static_cast<std::uint8_t>(mx.preference >> 8);
        data.insert(data.begin(), {high, static_cast<std::uint8_t>(mx.preference)});
        return data;
    }

    std::vector<std::uint8_t> operator()(const dns::Ns& ns) const { return dns::wire_name(ns.name).value(); }

    std::vector<std::uint8_t> operator()(const dns::Ptr& ptr) const
    {
        return dns::wire_name(ptr.name).value();
    }

    std::vector<std::uint8_t> operator()(const dns::Text& text) const
    {
        std::vector<std::uint8_t> data;
        for (std::size_t at = 0; at < text.octets.size(); at += 255) {
            const auto piece = text.octets.substr(at, 255);
            data.push_back(static_cast<std::uint8_t>(piece.size()));
            data.insert(data.end(), piece.begin(), piece.end());
        }
        return data;
    }

    std::vector<std::uint8_t> operator()(const dns::Tlsa& tlsa) const
    {
        const std::array numbers{tlsa.usage, tlsa.selector, tlsa.matching};
        std::vector<std::uint8_t> data;
        for (std::size_t index = 0; index + tlsa.missing < numbers.size(); ++index)
            data.push_back(numbers[index]);
        data.insert(data.end(), tlsa.data.begin(), tlsa.data.end());
        return data;
    }

private:
    void put16(std::size_t value)
    {
        octets_.push_back(static_cast<std::uint8_t>(value >> 8));
        octets_.push_back(static_cast<std::uint8_t>(value));
    }

    void append(const std::vector<std::uint8_t>& more)
    {
        octets_.insert(octets_.end(), more.begin(), more.end());
    }

    void write(const std::string& owner, Type type, std::uint32_t ttl, const std::vector<std::uint8_t>& data)
    {
        append(dns::wire_name(owner).value());
        put16(static_cast<std::size_t>(type));
        put16(1); // IN
        put16(ttl >> 16);
        put16(ttl & 0xffff);
        put16(data.size());
        append(data);
    }

    std::vector<std::uint8_t> octets_;
    Type type_;
};

void check_round_trip(const dns::Message& message, const dns::Question& question)
{
    const Writer writer(message, question);
    if (writer.octets().size() > dns::max_message)
        return;
    const auto again = dns::decode(writer.octets(), question);
    require(again.has_value(), "what was read can be written and read again");
    require(again->aliases == message.aliases, "the aliases come through a round trip");
    require(again->records == message.records, "the records come through a round trip");
    require(again->authenticated == message.authenticated, "AD comes through a round trip");
}

void check_answer(const dns::Message& message, const dns::Question& question)
{
    dns::Answer answer;
    answer.name = question.name;
    answer.type = question.type;
    answer.security = dns::Security::secure;
    const bool settled = dns::absorb(message, dns::Security::insecure, answer);

    std::set<std::string> passed{answer.name};
    for (const auto& alias : answer.aliases)
        require(passed.insert(alias).second, "a chain of aliases never comes back");
    require(answer.aliases.size() <= dns::alias_limit, "at most alias_limit aliases are followed");
    require((answer.state == dns::State::failed) == static_cast<bool>(answer.fault), "a failure says why");
    require(answer.security < dns::Security::secure, "no answer is surer than its message");
    require(answer.ttl <= dns::longest_ttl, "no TTL is believed for longer");
    const bool nothing = answer.state == dns::State::no_data || answer.state == dns::State::no_such_name;
    require(!settled || !nothing || answer.ttl <= dns::longest_negative_ttl, "and nothing for less long");
    require(answer.state != dns::State::failed || answer.ttl == 0, "a failure is for once only");
    const bool holds = question.type == Type::cname ? !answer.aliases.empty() : !answer.records.empty();
    require(answer.state != dns::State::found || holds, "what was found is there");
    require(answer.state != dns::State::no_data || answer.records.empty(), "no data is none");
    for (const auto& record : answer.records)
        check_data(record, question.type);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const Octets octets(data, size);
    const dns::Question question{"example.test", asked_type(octets)};
    const auto message = dns::decode(octets, question);
    if (!message)
        return 0;
    check_message(*message, question.type);
    check_round_trip(*message, question);
    check_answer(*message, question);
    return 0;
}
