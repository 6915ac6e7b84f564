#include "dns/message.hpp"

#include "dns/name.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace dns
{
namespace
{

constexpr std::uint16_t class_in = 1;
constexpr auto type_ns = static_cast<std::uint16_t>(Type::ns);
constexpr std::uint16_t type_soa = 6;
constexpr std::uint16_t type_opt = 41;

// The second 16 bits of the header (RFC 1035 §4.1.1, RFC 4035 §3.2).
constexpr std::uint16_t response_flag = 0x8000;
constexpr std::uint16_t opcode_mask = 0x7800;
constexpr std::uint16_t truncated_flag = 0x0200;
constexpr std::uint16_t recursion_desired_flag = 0x0100;
constexpr std::uint16_t authenticated_flag = 0x0020;
constexpr std::uint16_t dnssec_ok_flag = 0x8000; // of the OPT record
constexpr std::uint16_t checking_disabled_flag = 0x0010;
constexpr std::uint16_t rcode_mask = 0x000f;

constexpr std::size_t header_size = 12;
constexpr std::size_t question_rest = 4;    // type and class, behind the name
constexpr std::size_t opt_size = 11;        // without options
constexpr std::uint8_t pointer_bits = 0xc0; // RFC 1035 §4.1.4
constexpr std::size_t usual_name = 40;      // characters, at most

void put16(std::vector<std::uint8_t>& octets, unsigned value)
{
    octets.push_back(static_cast<std::uint8_t>(value >> 8));
    octets.push_back(static_cast<std::uint8_t>(value));
}

/// Reads forward through a message. The first read beyond its end breaks it: from then on every read gives
/// nothing, so that only the end of a unit has to be checked.
class Cursor
{
public:
    explicit Cursor(std::span<const std::uint8_t> message, std::size_t at = 0)
        : message_(message), at_(at), end_(message.size())
    {}

    bool good() const { return good_; }
    bool at_end() const { return good_ && at_ == end_; }

    std::uint8_t octet()
    {
        const auto taken = octets(1);
        return taken.empty() ? std::uint8_t{0} : taken[0];
    }

    std::uint16_t number16()
    {
        const auto high = octet();
        return static_cast<std::uint16_t>(high << 8 | octet());
    }

    std::uint32_t number32()
    {
        const std::uint32_t high = number16();
        return high << 16 | number16();
    }

    std::span<const std::uint8_t> octets(std::size_t count)
    {
        if (!good_ || end_ - at_ < count) {
            good_ = false;
            return {};
        }
        at_ += count;
        return message_.subspan(at_ - count, count);
    }

    std::span<const std::uint8_t> rest() { return octets(end_ - at_); }

    /// A cursor over the next `count` octets, which may point back into the whole message; this one goes on
    /// behind them.
    Cursor part(std::size_t count)
    {
        auto inner = *this;
        octets(count);
        inner.good_ = good_;
        inner.end_ = at_;
        return inner;
    }

    std::string name();

    /// Reads as name() does, and makes nothing of it.
    void skip_name();

private:
    template <class Take>
    void labels(Take take);

    std::span<const std::uint8_t> message_;
    std::size_t at_;
    std::size_t end_;
    bool good_ = true;
};

/// Gives each label to `take`.
template <class Take>
void Cursor::labels(Take take)
{
    std::size_t wire = 1; // the root's octet
    auto from = at_;      // a pointer must lead before the piece of the name that it ends
    auto piece = *this;
    for (bool jumped = false;;) {
        const auto length = piece.octet();
        if ((length & pointer_bits) == pointer_bits) {
            const auto target = static_cast<std::size_t>((length & ~pointer_bits) << 8 | piece.octet());
            if (!piece.good_ || target >= from || target < header_size)
                break;
            if (!std::exchange(jumped, true))
                at_ = piece.at_;
            piece = Cursor(message_, target);
            from = target;
            continue;
        }
        if (!piece.good_ || length > max_label)
            break;
        if (length == 0) {
            if (!jumped)
                at_ = piece.at_;
            return;
        }
        const auto label = piece.octets(length);
        wire += label.size() + 1;
        if (!piece.good_ || wire > max_name_wire)
            break;
        take(std::string_view(reinterpret_cast<const char*>(label.data()), label.size()));
    }
    good_ = false;
}

std::string Cursor::name()
{
    std::string text;
    text.reserve(usual_name);
    labels([&](std::string_view label) { append_label(text, label); });
    if (!good_)
        return {};
    return text.empty() ? "." : text;
}

void Cursor::skip_name()
{
    labels([](std::string_view) {});
}

struct Header
{
    std::uint16_t flags = 0;
    std::uint16_t answers = 0;
    std::uint16_t authorities = 0;
    std::uint16_t additionals = 0;
};

struct RecordHead // without the owner, in front of it
{
    std::uint16_t type = 0;
    std::uint16_t klass = 0;
    std::uint32_t ttl = 0;
};

RecordHead read_head(Cursor& cursor)
{
    RecordHead head;
    head.type = cursor.number16();
    head.klass = cursor.number16();
    head.ttl = cursor.number32();
    return head;
}

/// RFC 2181 §8: a TTL with its highest bit set means zero.
std::uint32_t sane_ttl(std::uint32_t ttl)
{
    return ttl > 0x7fffffff ? 0 : ttl;
}

template <class Address>
Record read_address(Cursor& rdata)
{
    typename Address::bytes_type bytes{};
    const auto octets = rdata.octets(bytes.size());
    std::copy(octets.begin(), octets.end(), bytes.begin());
    return asio::ip::address(Address(bytes));
}

Record read_text(Cursor& rdata)
{
    Text text;
    while (rdata.good() && !rdata.at_end()) {
        const auto string = rdata.octets(rdata.octet());
        text.octets.append(string.begin(), string.end());
    }
    return text;
}

Record read_mx(Cursor& rdata)
{
    Mx mx;
    mx.preference = rdata.number16();
    mx.exchange = rdata.name();
    return mx;
}

Record read_tlsa(Cursor& rdata)
{
    Tlsa tlsa;
    tlsa.missing = 3;
    for (auto* number : {&tlsa.usage, &tlsa.selector, &tlsa.matching}) {
        if (rdata.at_end())
            return tlsa;
        *number = rdata.octet();
        --tlsa.missing;
    }
    const auto data = rdata.rest();
    tlsa.data.assign(data.begin(), data.end());
    return tlsa;
}

/// What does not end where its RDATA ends is for the caller to see.
Record read_data(Type type, Cursor& rdata)
{
    switch (type) {
    case Type::a:
        return read_address<asio::ip::address_v4>(rdata);
    case Type::aaaa:
        return read_address<asio::ip::address_v6>(rdata);
    case Type::mx:
        return read_mx(rdata);
    case Type::txt:
        return read_text(rdata);
    case Type::tlsa:
        return read_tlsa(rdata);
    case Type::ptr:
        return Ptr{rdata.name()};
    case Type::ns:
        return Ns{rdata.name()};
    case Type::cname:
        break; // never here: kept as an alias
    }
    return {};
}

/// RFC 1034 §3.6.2: one canonical name. A second, different one is nobody's to choose between.
bool keep_alias(Message& message, Cname alias)
{
    const auto same_owner = [&](const Cname& other) { return other.owner == alias.owner; };
    const auto other = std::find_if(message.aliases.begin(), message.aliases.end(), same_owner);
    if (other != message.aliases.end())
        return other->target == alias.target;
    message.aliases.push_back(std::move(alias));
    return true;
}

bool read_answer(Cursor& cursor, Type type, Message& message)
{
    auto owner = cursor.name();
    const auto head = read_head(cursor);
    auto rdata = cursor.part(cursor.number16());
    if (!cursor.good() || message.aliases.size() + message.records.size() >= max_records)
        return false;
    if (head.klass != class_in)
        return true;
    if (head.type == static_cast<std::uint16_t>(Type::cname)) {
        Cname alias{std::move(owner), rdata.name(), sane_ttl(head.ttl)};
        return rdata.at_end() && keep_alias(message, std::move(alias));
    }
    if (head.type != static_cast<std::uint16_t>(type))
        return true;
    auto data = read_data(type, rdata);
    if (!rdata.at_end())
        return false;
    message.records.push_back({std::move(owner), sane_ttl(head.ttl), std::move(data)});
    return true;
}

/// RFC 2308 §5: the less of the SOA's own TTL and the last of its numbers. An SOA that cannot be read says 0.
std::uint32_t read_negative_ttl(const RecordHead& head, Cursor& rdata)
{
    rdata.skip_name();   // MNAME
    rdata.skip_name();   // RNAME
    rdata.octets(4 * 4); // SERIAL, REFRESH, RETRY, EXPIRE
    const auto minimum = rdata.number32();
    if (head.klass != class_in || !rdata.at_end())
        return 0;
    return std::min(sane_ttl(head.ttl), sane_ttl(minimum));
}

bool read_authority(Cursor& cursor, bool& name_servers, Message& message)
{
    cursor.skip_name();
    const auto head = read_head(cursor);
    auto rdata = cursor.part(cursor.number16());
    name_servers |= head.type == type_ns;
    if (head.type != type_soa || !cursor.good())
        return cursor.good();
    const auto ttl = read_negative_ttl(head, rdata);
    message.negative_ttl = message.start_of_authority ? std::min(message.negative_ttl, ttl) : ttl;
    message.start_of_authority = true;
    return true;
}

bool read_additional(Cursor& cursor, Message& message)
{
    cursor.skip_name();
    const auto head = read_head(cursor);
    cursor.octets(cursor.number16());
    if (head.type != type_opt)
        return cursor.good();
    // RFC 6891 §6.1.3: the upper eight bits of the response code are the highest of the TTL.
    const auto upper = static_cast<std::uint16_t>(head.ttl >> 24 << 4);
    message.rcode = static_cast<Rcode>(upper | (static_cast<std::uint16_t>(message.rcode) & rcode_mask));
    return cursor.good();
}

bool read_sections(Cursor& cursor, const Header& header, Type type, Message& message)
{
    for (unsigned left = header.answers; left > 0; --left) {
        if (!read_answer(cursor, type, message))
            return false;
    }
    bool name_servers = false;
    for (unsigned left = header.authorities; left > 0; --left) {
        if (!read_authority(cursor, name_servers, message))
            return false;
    }
    for (unsigned left = header.additionals; left > 0; --left) {
        if (!read_additional(cursor, message))
            return false;
    }
    message.referral = header.answers == 0 && name_servers && !message.start_of_authority;
    return true;
}

/// The header and the question, which must be the one asked, case aside.
std::optional<Header> read_opening(Cursor& cursor, const Question& question)
{
    Header header;
    cursor.number16(); // the id is the transport's to match
    header.flags = cursor.number16();
    const auto questions = cursor.number16();
    header.answers = cursor.number16();
    header.authorities = cursor.number16();
    header.additionals = cursor.number16();
    if (!(header.flags & response_flag) || (header.flags & opcode_mask) || questions != 1)
        return std::nullopt;
    const auto name = cursor.name();
    const auto type = cursor.number16();
    const auto klass = cursor.number16();
    if (!cursor.good() || name != question.name || type != static_cast<std::uint16_t>(question.type) ||
        klass != class_in)
        return std::nullopt;
    return header;
}

} // namespace

std::vector<std::uint8_t> encode(const Question& question, std::uint16_t id, const Manner& manner)
{
    std::vector<std::uint8_t> octets;
    octets.reserve(header_size + question.name.size() + 2 + question_rest + opt_size);
    put16(octets, id);
    const unsigned asks_verdict = manner.by_do ? 0 : authenticated_flag;
    const unsigned checking = manner.checking_disabled ? checking_disabled_flag : 0;
    put16(octets, recursion_desired_flag | asks_verdict | checking);
    put16(octets, 1); // questions
    put16(octets, 0); // answers
    put16(octets, 0); // authorities
    put16(octets, manner.edns ? 1 : 0);
    if (!append_wire_name(octets, question.name))
        throw std::invalid_argument("no domain name: " + question.name);
    put16(octets, static_cast<std::uint16_t>(question.type));
    put16(octets, class_in);
    if (!manner.edns)
        return octets;
    octets.push_back(0); // RFC 6891 §6.1.2: OPT, of the root
    put16(octets, type_opt);
    put16(octets, edns_udp_payload);
    put16(octets, 0); // upper bits of the response code, version
    put16(octets, manner.by_do ? dnssec_ok_flag : 0);
    put16(octets, 0); // no options
    return octets;
}

std::optional<Message> decode(std::span<const std::uint8_t> octets, const Question& question)
{
    if (octets.size() > max_message)
        return std::nullopt;
    Cursor cursor(octets);
    const auto header = read_opening(cursor, question);
    if (!header)
        return std::nullopt;
    Message message;
    message.rcode = static_cast<Rcode>(header->flags & rcode_mask);
    message.truncated = header->flags & truncated_flag;
    message.authenticated = header->flags & authenticated_flag;
    if (message.truncated)
        return message;
    if (!read_sections(cursor, *header, question.type, message))
        return std::nullopt;
    return message;
}

} // namespace dns
