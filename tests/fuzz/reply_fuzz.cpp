// What a server sends in clear, read reply by reply.
#include "smtp/reply.hpp"

#include "smtp/printable.hpp"
#include "tests/fuzz/promise.hpp"

#include <optional>
#include <string>

namespace
{

using fuzz::require;
using smtp::ReplyReader;

/// The next line, without its line end: LF, or CR LF. None where there is no further one.
std::optional<std::string> take_line(std::string_view& octets)
{
    const auto end = octets.find('\n');
    if (end == std::string_view::npos)
        return std::nullopt;
    auto line = octets.substr(0, end);
    octets.remove_prefix(end + 1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return std::string(line);
}

void check_excerpt(std::string_view octets)
{
    const auto text = smtp::excerpt(octets);
    require(text.size() <= smtp::excerpt_limit, "an excerpt is bounded");
    const auto whole = smtp::printable(octets);
    require(fuzz::is_printable(whole), "printable() is printable");
    require(whole.starts_with(text), "an excerpt is the beginning of the text");
    require(text == whole || text.size() + 4 > smtp::excerpt_limit, "an excerpt is as long as it may be");
}

void check_reply(const smtp::Reply& reply, std::size_t taken)
{
    require(reply.code >= 200 && reply.code <= 599, "a code is of 200 to 599");
    require(reply.lines.size() == taken, "every line is kept");
    for (const auto& line : reply.lines)
        require(fuzz::is_printable(line), "a line is printable");
    const auto text = reply.text();
    require(fuzz::is_printable(text), "a text is printable");
    require(text.starts_with(std::to_string(reply.code)), "a text begins with the code");
}

/// The reply as a server would send it, read again. Escapes may have made it longer than a reply may be.
void check_round_trip(const smtp::Reply& reply)
{
    ReplyReader reader;
    std::size_t octets = 0;
    for (std::size_t i = 0; i < reply.lines.size(); ++i) {
        const bool last = i + 1 == reply.lines.size();
        const auto line = std::to_string(reply.code) + (last ? ' ' : '-') + reply.lines[i];
        octets += line.size() + 2;
        if (line.size() >= smtp::max_line || octets > smtp::max_reply)
            return;
        std::error_code fault;
        const auto progress = reader.take(line, fault);
        require(!fault, "a reply can be sent and read again");
        require((progress == ReplyReader::Progress::complete) == last, "a reply ends with its last line");
    }
    require(reader.reply() == reply, "a reply comes through a round trip");
}

/// Reads one reply off the front. False where no further one can be read.
bool read_reply(std::string_view& octets)
{
    ReplyReader reader;
    std::size_t taken = 0;
    std::size_t sum = 0;
    while (const auto line = take_line(octets)) {
        std::error_code fault;
        const auto progress = reader.take(*line, fault);
        if (fault) {
            require(progress == ReplyReader::Progress::more, "a lost reply is never complete");
            require(reader.reply().lines.size() == taken, "a lost line is not kept");
            return false;
        }
        sum += line->size() + 2;
        require(line->size() < smtp::max_line && sum <= smtp::max_reply, "a reply is bounded");
        check_reply(reader.reply(), ++taken);
        if (progress == ReplyReader::Progress::complete) {
            check_round_trip(reader.reply());
            return true;
        }
    }
    return false;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto octets = fuzz::as_text({data, size});
    check_excerpt(octets);
    while (read_reply(octets))
        continue;
    return 0;
}
