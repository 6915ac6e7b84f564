// What a server answers to a ClientHello, as far as it is in clear: its ServerHello and what comes with it, a
// HelloRetryRequest, or an alert. Pure, and bounded: what comes is hostile.
#pragma once

#include "smtp/cipher_suites.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smtp
{

struct ServerHello
{
    ProtocolVersion version{}; // as chosen, in whichever way it is told
    std::uint16_t suite = 0;
    std::uint8_t compression = 0; // 0: none (RFC 3749)
    std::uint8_t session_id_size = 0;
    bool retry = false; // a HelloRetryRequest (RFC 8446 §4.1.4)
    bool secure_renegotiation = false;
    bool extended_master_secret = false;
    bool session_ticket = false;
    bool operator==(const ServerHello&) const = default;
};

/// All that could be read before the flight ended, or became unreadable.
struct FirstFlight
{
    std::optional<ServerHello> hello{};
    std::uint16_t group = 0;             // of the key exchange; 0: none, or not a named one
    std::size_t dh_bits = 0;             // of the prime of a DHE key exchange; 0: there is none
    std::optional<std::uint8_t> alert{}; // a fatal one, or close_notify (RFC 8446 §6)
    bool complete = false;               // to where an answer of ours is due
    bool malformed = false;              // not TLS, or broken; or too long
    bool operator==(const FirstFlight&) const = default;
};

inline constexpr std::size_t max_flight = 65'536; // octets, of all records together

/// Records, as they come, in pieces of any size → a FirstFlight.
class FlightReader
{
public:
    /// False where no more is wanted: the flight is complete, an alert, or malformed.
    bool take(std::string_view octets);

    const FirstFlight& flight() const noexcept { return flight_; }

private:
    bool is_over() const noexcept { return flight_.complete || flight_.malformed || flight_.alert; }
    bool take_record();
    bool take_message();
    void read_alert(std::string_view body);
    void read_message(std::uint8_t type, std::string_view body);
    void read_server_hello(std::string_view body);
    void read_extension(std::uint16_t type, std::string_view body);
    void read_key_exchange(std::string_view body);

    FirstFlight flight_;
    std::string records_;  // all of them
    std::string messages_; // likewise, out of their records
    std::size_t records_read_ = 0;
    std::size_t messages_read_ = 0;
};

/// "protocol version (70)"; "unknown (99)".
std::string alert_name(std::uint8_t alert);

} // namespace smtp
