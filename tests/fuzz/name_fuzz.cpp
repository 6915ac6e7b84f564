// Domain names as text and as octets: any text in.
#include "dns/name.hpp"

#include "tests/fuzz/promise.hpp"

#include <string>

namespace
{

using fuzz::require;

/// Walks the labels, which must lead to the root's octet at the very end, and nowhere else.
void check_wire(const std::vector<std::uint8_t>& wire)
{
    require(!wire.empty() && wire.size() <= dns::max_name_wire, "a name on the wire is of 1 to 255 octets");
    std::size_t at = 0;
    while (wire[at] != 0) {
        require(wire[at] <= dns::max_label, "a label has at most 63 octets");
        at += 1u + wire[at];
        require(at < wire.size(), "a label ends inside the name");
    }
    require(at + 1 == wire.size(), "the root's label is the last");
}

void check_label(std::string_view label)
{
    std::string text;
    dns::append_label(text, label);
    require(fuzz::is_printable(text) && text.find(' ') == std::string::npos, "a label is printable");
    if (label.empty() || label.size() > dns::max_label)
        return;
    const auto wire = dns::wire_name(text);
    require(wire && wire->size() == label.size() + 2, "the text of a label is one label");
    const std::string_view octets(reinterpret_cast<const char*>(wire->data()) + 1, label.size());
    require(fuzz::same_but_for_case(octets, label), "the text of a label says the label");
    require(dns::canonical_name(text) == text, "the text of a label is canonical");
}

void check_name(std::string_view text)
{
    const auto wire = dns::wire_name(text);
    const auto canonical = dns::canonical_name(text);
    require(wire.has_value() == canonical.has_value(), "wire_name() and canonical_name() take the same text");
    if (!wire)
        return;
    check_wire(*wire);
    require(fuzz::is_printable(*canonical), "a canonical name is printable");
    require(*canonical == "." || !canonical->ends_with('.'), "a canonical name has no trailing dot");
    require(dns::canonical_name(*canonical) == *canonical, "a canonical name stays as it is");

    const auto again = dns::wire_name(*canonical);
    require(again && again->size() == wire->size(), "a canonical name is the same name");
    const std::string_view one(reinterpret_cast<const char*>(wire->data()), wire->size());
    const std::string_view other(reinterpret_cast<const char*>(again->data()), again->size());
    require(fuzz::same_but_for_case(one, other), "a canonical name is the same name, case aside");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto text = fuzz::as_text({data, size});
    check_name(text);
    check_label(text);
    return 0;
}
