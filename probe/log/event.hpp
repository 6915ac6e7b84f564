// What one line of a mail log tells: of the Cisco (IronPort) appliance, of Postfix or of Exim.
#pragma once

#include <cstdint>
#include <string_view>

namespace maillog
{

enum class Server : std::uint8_t
{
    none,
    appliance,
    postfix,
    exim
};
enum class Direction : std::uint8_t
{
    receiving,
    delivery
};

/// As names say it: "TLSv1.2"; `unknown` where the log does not, or says what we do not know.
enum class Version : std::uint8_t
{
    unknown,
    sslv3,
    tlsv1_0,
    tlsv1_1,
    tlsv1_2,
    tlsv1_3
};
inline constexpr std::size_t versions = 6;

enum class Kind : std::uint8_t
{
    unrecognised, // of no shape that we know
    other,        // of a log, and nothing that we ask for
    continued,    // what was broken off the line before: an address
    opened,       // a connection
    secured,      // a connection speaks TLS
    failed,       // TLS came to nothing on a connection
    explained,    // why it did, where it did
    named,        // the domain and address of a connection
    closed,       // a connection; `encrypted`: it had spoken TLS
    begun,        // a message on a connection
    sender,       // of a message
    recipient,    // of a message
    copied,       // a message has the recipients of another
    delivered,    // a message over a connection; `domain` or `recipient` says to whom
    refused,      // likewise, but the server did not take it
    finished,     // a message is gone
    received,     // a message and its connection, in one line
    sent          // the same, the other way
};

/// The views look into the line. What a line does not tell is empty or 0.
struct Event
{
    Kind kind = Kind::unrecognised;
    Server server = Server::none;
    Direction direction = Direction::receiving;
    Version version = Version::unknown;
    bool encrypted = false;          // closed, received, sent
    bool reused = false;             // secured, delivered, sent: the connection had been used before
    bool has_message = false;        // that `message` is told
    std::uint64_t connection = 0;    // ICID, DCID, process
    std::uint64_t message = 0;       // MID, or what stands for a queue id
    std::uint64_t other_message = 0; // copied: the one that takes them over
    std::uint64_t recipient = 0;     // RID
    std::string_view stamp;
    std::string_view origin; // the host that logged it
    std::string_view address;
    std::string_view host;
    std::string_view domain;
    std::string_view cipher;
    std::string_view trust; // "Verified", "CV=yes", as the server puts it
    std::string_view reason;
    std::string_view queue_id;
};

/// Pure, and never fails: a line of no known shape is `unrecognised`. `line` is without its end.
Event parse(std::string_view line) noexcept;

/// "TLSv1.3", "TLS1.3", "TLSv1", "SSLv3".
Version version_of(std::string_view text) noexcept;

/// What matters of "error:0A0000C1:SSL routines::no shared cipher", of
/// "(336109761, 'error:1408A0C1:SSL routines:F:no shared cipher')" and their like: "no shared cipher". Other
/// words stay, but for what surrounds them.
std::string_view reason_of(std::string_view text) noexcept;

// The parts of parse(): the text behind time stamp and program, into an event that has those.

void parse_appliance(std::string_view text, Event& event) noexcept;
void parse_postfix(
    std::string_view service, std::uint64_t process, std::string_view text, Event& event
) noexcept;
void parse_exim(std::string_view text, Event& event) noexcept;

} // namespace maillog
