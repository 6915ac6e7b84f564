// What a user may give as a target, a host or a name: any text.
#include "probe/target.hpp"

#include "tests/fuzz/promise.hpp"

#include <stdexcept>
#include <string>

namespace
{

using fuzz::require;

/// None where it is refused, which only one exception with one printable line may say.
template <class Parse>
auto taken(Parse parse, std::string_view text) -> std::optional<decltype(parse(text))>
{
    try {
        return parse(text);
    } catch (const std::invalid_argument& refusal) {
        const std::string_view why = refusal.what();
        require(!why.empty() && fuzz::is_printable(why), "a refusal is one printable line");
        require(why.size() <= 4 * text.size() + 200, "a refusal is bounded");
        return std::nullopt;
    }
}

void check_name(const std::string& name)
{
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    require(!name.empty() && name.size() <= 253, "a name has 1 to 253 octets");
    require(name.find_first_not_of(allowed) == std::string::npos, "a name is of lower-case A-labels");
    require(name.front() != '.' && name.back() != '.', "a name has no dot at an end");
    require(name.find("..") == std::string::npos, "no label is empty");
}

/// IDNA has spaces and marks of its own, but no control character of ASCII is part of any name.
bool has_control(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char octet) {
        return static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f;
    });
}

void check_host_name(std::string_view text)
{
    const auto name = taken(probe::parse_host_name, text);
    if (!name)
        return;
    require(!has_control(text), "no control character is part of a name");
    check_name(*name);
    require(taken(probe::parse_host_name, *name) == *name, "a name stays as it is");
}

void check_host_port(std::string_view text)
{
    const auto host = taken(probe::parse_host_port, text);
    if (!host)
        return;
    require(!has_control(text), "no control character is part of a host");
    require(!host->port || *host->port > 0, "a port is of 1 to 65535");
    require(fuzz::is_printable(host->host), "a host is printable");
    if (host->literal)
        require(host->host == host->literal->to_string(), "a literal is written as its address is");
    else
        check_name(host->host);

    const auto written = (host->literal ? "[" + host->host + "]" : host->host) +
                         (host->port ? ":" + std::to_string(*host->port) : "");
    const auto again = taken(probe::parse_host_port, written);
    require(again.has_value(), "a host can be written and read again");
    require(again->host == host->host && again->port == host->port, "a host comes through a round trip");
    require(again->literal == host->literal, "a literal comes through a round trip");
}

void check_local_part(const probe::Target& target)
{
    require(target.local_part->size() <= 64, "a local part is bounded");
    require(!target.local_part->empty(), "a local part says something");
    const auto mailbox = target.mailbox();
    if (mailbox)
        require(fuzz::is_printable(*mailbox), "a mailbox is safe to send and to print");
}

void check_target(std::string_view text)
{
    const auto target = taken(probe::parse_target, text);
    if (!target)
        return;
    require(!has_control(text), "no control character is part of a target");
    require(target->given == text, "a target is kept as it was given");
    if (target->literal)
        require(target->domain.starts_with('[') && target->domain.ends_with(']'), "a literal has brackets");
    else
        check_name(target->domain);
    if (target->local_part)
        check_local_part(*target);

    const auto written = (target->local_part ? *target->local_part + "@" : "") + target->domain;
    const auto again = taken(probe::parse_target, written);
    require(again.has_value(), "a target can be written and read again");
    require(again->domain == target->domain, "a domain comes through a round trip");
    require(again->literal == target->literal, "a literal comes through a round trip");
    require(again->local_part == target->local_part, "a local part comes through a round trip");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto text = fuzz::as_text({data, size});
    check_host_name(text);
    check_host_port(text);
    check_target(text);
    return 0;
}
