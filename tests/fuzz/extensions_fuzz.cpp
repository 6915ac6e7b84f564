// The lines of an EHLO reply, without their codes, one a line.
#include "smtp/extensions.hpp"

#include "smtp/printable.hpp"
#include "tests/fuzz/promise.hpp"

#include <string>
#include <utility>

namespace
{

using fuzz::require;

smtp::Reply reply_of(std::string_view text)
{
    smtp::Reply reply{250, {}};
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        reply.lines.push_back(smtp::printable(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return reply;
}

std::string keyword_of(std::string_view line)
{
    std::string keyword;
    for (const char octet : line) {
        if (octet != ' ')
            keyword += fuzz::upper(octet);
        else if (!keyword.empty())
            break;
    }
    return keyword;
}

/// Only the lines after the first count, whatever their order and their case.
void check_starttls(const smtp::Reply& reply, const smtp::Extensions& extensions)
{
    const auto starttls = [](const std::string& line) { return keyword_of(line) == "STARTTLS"; };
    const auto& lines = extensions.lines;
    require(
        extensions.starttls == std::any_of(lines.begin(), lines.end(), starttls),
        "STARTTLS is a whole keyword"
    );
    require(!extensions.starttls || !extensions.masked, "nothing masks a STARTTLS that is there");

    auto other = reply;
    other.lines.front() = "STARTTLS STARTTLS XXXXXXXA";
    std::reverse(other.lines.begin() + 1, other.lines.end());
    const auto same = smtp::extensions_of(other);
    require(same.starttls == extensions.starttls, "the first line and the order say nothing of STARTTLS");
    require(same.masked == extensions.masked, "the first line and the order say nothing of a mask");

    for (auto& line : other.lines)
        std::transform(line.begin(), line.end(), line.begin(), fuzz::upper);
    require(smtp::extensions_of(other).starttls == extensions.starttls, "case says nothing of STARTTLS");

    other.lines.emplace_back("starttls");
    const auto offered = smtp::extensions_of(other);
    require(offered.starttls && !offered.masked, "STARTTLS on any line is an offer");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto reply = reply_of(fuzz::as_text({data, size}));
    const auto extensions = smtp::extensions_of(reply);
    if (reply.lines.empty()) {
        require(extensions == smtp::Extensions{}, "nothing comes of nothing");
        return 0;
    }
    require(extensions.name.find(' ') == std::string::npos, "a name is one word");
    require(
        fuzz::same_but_for_case(extensions.name, keyword_of(reply.lines.front())), "the first word is it"
    );
    require(extensions.lines.size() + 1 == reply.lines.size(), "each further line is kept");
    require(
        std::equal(extensions.lines.begin(), extensions.lines.end(), reply.lines.begin() + 1),
        "the lines stay as they were sent"
    );
    check_starttls(reply, extensions);
    return 0;
}
