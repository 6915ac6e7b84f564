// What a server answers to a ClientHello of ours. The first octet says into pieces of which size it falls.
#include "smtp/server_hello.hpp"

#include "tests/fuzz/promise.hpp"

namespace
{

using fuzz::require;
using smtp::FirstFlight;
using smtp::FlightReader;

bool is_over(const FirstFlight& flight)
{
    return flight.complete || flight.malformed || flight.alert;
}

FirstFlight read(std::string_view octets, std::size_t piece)
{
    FlightReader reader;
    while (!octets.empty()) {
        const auto size = std::min(piece, octets.size());
        const bool wanted = reader.take(octets.substr(0, size));
        require(wanted != is_over(reader.flight()), "no more is wanted once it is over, and not before");
        octets.remove_prefix(size);
        if (!wanted)
            break;
    }
    const auto flight = reader.flight();
    if (is_over(flight)) {
        require(!reader.take("\x16\x03\x03"), "nothing is wanted once it is over");
        require(reader.flight() == flight, "what comes too late changes nothing");
    }
    return flight;
}

void check(const FirstFlight& flight)
{
    const int ends = flight.complete + flight.malformed + flight.alert.has_value();
    require(ends <= 1, "a flight ends but once");
    require(!flight.complete || flight.hello, "a whole flight has its ServerHello");
    require(flight.dh_bits <= 0xffff * 8, "a prime is bounded");
    if (flight.alert)
        require(fuzz::is_printable(smtp::alert_name(*flight.alert)), "an alert has a name");
    if (flight.hello) {
        require(flight.hello->session_id_size <= 32, "a session id is bounded");
        require(fuzz::is_printable(name(flight.hello->version)), "a version has a name");
        return;
    }
    require(
        flight.malformed || (flight.group == 0 && flight.dh_bits == 0), "all else comes behind the hello"
    );
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const auto octets = fuzz::as_text({data + 1, size - 1});
    const auto flight = read(octets, octets.size());
    check(flight);
    require(read(octets, 1) == flight, "octet by octet it is the same");
    require(read(octets, 1u + data[0]) == flight, "in pieces it is the same");
    return 0;
}
