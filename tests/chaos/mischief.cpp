#include "tests/chaos/mischief.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace chaos
{
namespace
{

constexpr std::array<std::string_view, 12> names{"none",   "drip",       "flip",     "insert",
                                                 "remove", "recode",     "scramble", "flood",
                                                 "stall",  "half-close", "close",    "reset"};

/// Where the parts of the session of good.smtp begin, in octets from the server: the greeting, its reply to
/// EHLO, the 220, and, roughly, its first flight and the rest. Each is hit equally often, however short it
/// is.
constexpr std::array<std::size_t, 6> server_parts{0, 19, 65, 95, 1200, 2200};
constexpr std::array<std::size_t, 6> client_parts{0, 17, 27, 600, 800, 1000};

constexpr std::array<std::string_view, 14> codes{"200", "220", "250", "334", "354", "421", "450",
                                                 "451", "500", "502", "521", "530", "550", "554"};

constexpr std::array<std::string_view, 8> lookalikes{
    "220 mx.test\r\n",
    "250-",
    "250 STARTTLS\r\n",
    "421 too busy\r\n",
    "\r\n",
    "\x16\x03\x03\x40\x01",
    "\x15\x03\x03\x00\x02\x02\x28",
    "\x17\x03\x03\xff\xff"};

std::size_t below(std::mt19937_64& random, std::size_t limit)
{
    return random() % limit;
}

std::size_t place(std::mt19937_64& random, const Mischief& mischief)
{
    const auto& parts = mischief.from_server ? server_parts : client_parts;
    const auto part = below(random, parts.size() - 1);
    if (mischief.kind == Kind::recode)
        return parts[part];
    return parts[part] + below(random, parts[part + 1] - parts[part]);
}

} // namespace

Mischief mischief_for(std::uint64_t seed, std::uint32_t number)
{
    std::seed_seq sequence{seed & 0xffffffff, seed >> 32, std::uint64_t{number}};
    std::mt19937_64 random(sequence);
    Mischief mischief;
    mischief.kind = static_cast<Kind>(below(random, names.size()));
    mischief.from_server = below(random, 4) != 0;
    mischief.at = place(random, mischief);
    mischief.length = 1 + below(random, below(random, 4) == 0 ? 400 : 8);
    mischief.seed = random();
    return mischief;
}

bool is_harmless(Kind kind) noexcept
{
    return kind == Kind::none || kind == Kind::drip;
}

bool is_loss(Kind kind) noexcept
{
    return kind == Kind::stall || kind == Kind::half_close || kind == Kind::close || kind == Kind::reset;
}

bool spoils_ehlo_reply(const Mischief& mischief) noexcept
{
    const auto [begins, ends] = std::pair(server_parts[1], server_parts[2]);
    if (!mischief.from_server || mischief.at >= ends)
        return false;
    switch (mischief.kind) {
    case Kind::scramble:
    case Kind::flood:
        return true;
    case Kind::flip:
    case Kind::insert:
    case Kind::remove:
        return mischief.at + mischief.length > begins;
    default:
        return false; // it ends, or keeps its words
    }
}

std::string describe(const Mischief& mischief)
{
    return fmt::format(
        "{} of {} octets behind octet {} from the {}", names.at(static_cast<std::size_t>(mischief.kind)),
        mischief.length, mischief.at, mischief.from_server ? "server" : "client"
    );
}

std::string octets(std::uint64_t seed, std::size_t count)
{
    std::mt19937_64 random(seed);
    std::string made;
    while (made.size() < count) {
        if (below(random, 8) == 0)
            made += lookalikes[below(random, lookalikes.size())];
        else
            made += static_cast<char>(random() & 0xff);
    }
    made.resize(count);
    return made;
}

std::string Spoiler::take(std::string_view octets)
{
    std::string passed;
    for (const char octet : octets) {
        if (seen_ == mischief_.at)
            ended_ = is_loss(mischief_.kind) || mischief_.kind == Kind::flood;
        if (ended_)
            break;
        take(octet, passed);
        ++seen_;
        column_ = octet == '\n' ? 0 : column_ + 1;
    }
    return passed;
}

void Spoiler::take(char octet, std::string& into)
{
    const bool begun = seen_ >= mischief_.at;
    const bool within = begun && seen_ - mischief_.at < mischief_.length;
    if (mischief_.kind == Kind::insert && seen_ == mischief_.at)
        into += octets(mischief_.seed, mischief_.length);
    if (mischief_.kind == Kind::remove && within)
        return;
    if (mischief_.kind == Kind::flip && within)
        octet = static_cast<char>(octet ^ (1 << (random_() % 8)));
    if (mischief_.kind == Kind::recode && begun)
        octet = recoded(octet);
    if (mischief_.kind == Kind::scramble && begun)
        octet = static_cast<char>(random_() & 0xff);
    into += octet;
}

char Spoiler::recoded(char octet) const
{
    const auto code = codes[mischief_.seed % codes.size()];
    return column_ < code.size() ? code[column_] : octet;
}

} // namespace chaos
