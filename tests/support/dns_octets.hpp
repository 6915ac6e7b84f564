// DNS messages for tests, put together octet by octet, with nothing of dns/ in it but the type numbers.
#pragma once

#include "dns/records.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace support
{

using Octets = std::vector<std::uint8_t>;

struct DnsRecord
{
    std::string owner;
    std::uint16_t type = 0;
    Octets data;
    std::uint32_t ttl = 300;
    std::uint16_t klass = 1;
};

struct DnsReply
{
    std::vector<DnsRecord> answers;
    std::vector<DnsRecord> authorities;
    std::vector<DnsRecord> additionals;
    int rcode = 0; // the lower four bits
    bool authenticated = false;
    bool truncated = false;
};

void put16(Octets& octets, unsigned value);

/// "mail.example." or "mail.example" as labels, uncompressed, case kept, no escapes.
Octets name_octets(std::string_view name);

DnsRecord a_record(std::string owner, std::string_view address);
DnsRecord aaaa_record(std::string owner, std::string_view address);
DnsRecord cname_record(std::string owner, std::string_view target);
DnsRecord ptr_record(std::string owner, std::string_view name);
DnsRecord mx_record(std::string owner, unsigned preference, std::string_view exchange);
DnsRecord txt_record(std::string owner, const std::vector<std::string>& strings);
DnsRecord tlsa_record(std::string owner, Octets data);
DnsRecord soa_record(std::string owner, std::uint32_t minimum = 0);
DnsRecord ns_record(std::string owner, std::string_view server);
DnsRecord opt_record(unsigned upper_rcode);

/// A whole response to one question.
Octets message_octets(std::uint16_t id, std::string_view name, dns::Type type, const DnsReply& reply);

} // namespace support
