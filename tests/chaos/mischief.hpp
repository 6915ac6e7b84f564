// What a hostile or broken path does to a connection: one mischief for each, drawn from a seed. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace chaos
{

enum class Kind : std::uint8_t
{
    none,       // the control: nothing is done
    drip,       // nothing is lost, but every octet comes alone
    flip,       // some octets are others
    insert,     // octets that nobody sent
    remove,     // octets that never arrive
    recode,     // from there on, every reply bears another code
    scramble,   // from there on, every octet is another
    flood,      // octets without end
    stall,      // nothing goes on
    half_close, // the end of one direction
    close,
    reset
};

struct Mischief
{
    Kind kind = Kind::none;
    bool from_server = true; // the direction that suffers
    std::size_t at = 0;      // after so many octets in that direction
    std::size_t length = 0;  // of what is flipped, inserted or removed
    std::uint64_t seed = 0;  // of its octets
};

/// That of one connection, always the same for the same seed and number.
Mischief mischief_for(std::uint64_t seed, std::uint32_t number);

/// Whether everything that was sent arrives, in the end.
bool is_harmless(Kind kind) noexcept;

/// Whether the connection, or a direction of it, just ends.
bool is_loss(Kind kind) noexcept;

/// Whether the server's reply to EHLO, in fixtures/dialogues/good.smtp, may arrive as another whole reply.
bool spoils_ehlo_reply(const Mischief& mischief) noexcept;

std::string describe(const Mischief& mischief);

/// Random octets; now and then what looks like SMTP or the start of a TLS record.
std::string octets(std::uint64_t seed, std::size_t count);

/// One direction of a connection, spoiled as it goes through.
class Spoiler
{
public:
    explicit Spoiler(const Mischief& mischief) : mischief_(mischief), random_(mischief.seed) {}

    /// What is passed on of these octets, and of what is slipped in among them.
    std::string take(std::string_view octets);

    /// From here on nothing is passed on: loss or flood.
    bool ended() const noexcept { return ended_; }

private:
    void take(char octet, std::string& into);
    char recoded(char octet) const;

    const Mischief mischief_;
    std::mt19937_64 random_;
    std::size_t seen_ = 0;
    std::size_t column_ = 0; // of its line
    bool ended_ = false;
};

} // namespace chaos
