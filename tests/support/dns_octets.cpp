#include "support/dns_octets.hpp"

#include <asio/ip/address.hpp>

namespace support
{
namespace
{

constexpr std::uint16_t type_ns = 2;
constexpr std::uint16_t type_soa = 6;
constexpr std::uint16_t type_opt = 41;

DnsRecord record(std::string owner, dns::Type type, Octets data)
{
    return {std::move(owner), static_cast<std::uint16_t>(type), std::move(data)};
}

template <class Address>
Octets octets_of(const Address& address)
{
    const auto bytes = address.to_bytes();
    return Octets(bytes.begin(), bytes.end());
}

void append(Octets& octets, const Octets& more)
{
    octets.insert(octets.end(), more.begin(), more.end());
}

void append(Octets& octets, const std::vector<DnsRecord>& records)
{
    for (const auto& record : records) {
        append(octets, name_octets(record.owner));
        put16(octets, record.type);
        put16(octets, record.klass);
        put16(octets, record.ttl >> 16);
        put16(octets, record.ttl & 0xffff);
        put16(octets, static_cast<unsigned>(record.data.size()));
        append(octets, record.data);
    }
}

} // namespace

void put16(Octets& octets, unsigned value)
{
    octets.push_back(static_cast<std::uint8_t>(value >> 8));
    octets.push_back(static_cast<std::uint8_t>(value));
}

Octets name_octets(std::string_view name)
{
    Octets octets;
    if (name.ends_with('.'))
        name.remove_suffix(1);
    while (!name.empty()) {
        const auto label = name.substr(0, name.find('.'));
        name.remove_prefix(std::min(label.size() + 1, name.size()));
        octets.push_back(static_cast<std::uint8_t>(label.size()));
        octets.insert(octets.end(), label.begin(), label.end());
    }
    octets.push_back(0);
    return octets;
}

DnsRecord a_record(std::string owner, std::string_view address)
{
    return record(std::move(owner), dns::Type::a, octets_of(asio::ip::make_address_v4(address)));
}

DnsRecord aaaa_record(std::string owner, std::string_view address)
{
    return record(std::move(owner), dns::Type::aaaa, octets_of(asio::ip::make_address_v6(address)));
}

DnsRecord cname_record(std::string owner, std::string_view target)
{
    return record(std::move(owner), dns::Type::cname, name_octets(target));
}

DnsRecord ptr_record(std::string owner, std::string_view name)
{
    return record(std::move(owner), dns::Type::ptr, name_octets(name));
}

DnsRecord mx_record(std::string owner, unsigned preference, std::string_view exchange)
{
    Octets data;
    put16(data, preference);
    append(data, name_octets(exchange));
    return record(std::move(owner), dns::Type::mx, std::move(data));
}

DnsRecord txt_record(std::string owner, const std::vector<std::string>& strings)
{
    Octets data;
    for (const auto& string : strings) {
        data.push_back(static_cast<std::uint8_t>(string.size()));
        data.insert(data.end(), string.begin(), string.end());
    }
    return record(std::move(owner), dns::Type::txt, std::move(data));
}

DnsRecord tlsa_record(std::string owner, Octets data)
{
    return record(std::move(owner), dns::Type::tlsa, std::move(data));
}

DnsRecord soa_record(std::string owner, std::uint32_t minimum)
{
    Octets data = name_octets("ns.test");
    append(data, name_octets("hostmaster.test"));
    data.resize(data.size() + 16); // serial, refresh, retry, expire
    put16(data, minimum >> 16);
    put16(data, minimum & 0xffff);
    return {std::move(owner), type_soa, std::move(data)};
}

DnsRecord ns_record(std::string owner, std::string_view server)
{
    return {std::move(owner), type_ns, name_octets(server)};
}

DnsRecord opt_record(unsigned upper_rcode)
{
    return {".", type_opt, {}, static_cast<std::uint32_t>(upper_rcode) << 24, 1232};
}

Octets message_octets(std::uint16_t id, std::string_view name, dns::Type type, const DnsReply& reply)
{
    Octets octets;
    put16(octets, id);
    const unsigned flags = 0x8180u | (reply.truncated ? 0x0200u : 0u) | (reply.authenticated ? 0x0020u : 0u);
    put16(octets, flags | static_cast<unsigned>(reply.rcode));
    put16(octets, 1);
    put16(octets, static_cast<unsigned>(reply.answers.size()));
    put16(octets, static_cast<unsigned>(reply.authorities.size()));
    put16(octets, static_cast<unsigned>(reply.additionals.size()));
    append(octets, name_octets(name));
    put16(octets, static_cast<unsigned>(type));
    put16(octets, 1);
    append(octets, reply.answers);
    append(octets, reply.authorities);
    append(octets, reply.additionals);
    return octets;
}

} // namespace support
