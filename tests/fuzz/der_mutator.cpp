// Changes a certificate_fuzz input as DER, so that the lengths still fit: one element of the tree gets
// another value, goes, or comes twice. Linked only to libFuzzer, which looks for LLVMFuzzerCustomMutator.
#include "tests/fuzz/promise.hpp"

#include <optional>
#include <random>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace
{

using fuzz::Octets;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t asked = 2; // the octets before the DER
constexpr int deepest = 24;
constexpr std::uint8_t constructed = 0x20;
constexpr std::uint8_t bit_string = 0x03;
constexpr std::uint8_t octet_string = 0x04;

struct Element
{
    std::uint8_t tag = 0;
    Bytes before;                  // the count of unused bits of a BIT STRING that holds DER
    Bytes value;                   // where there are no elements in it
    std::vector<Element> elements; // where there are
};

std::vector<Element> read_all(Octets octets, int depth);

/// Takes one element off the front; none where there is no whole one.
std::optional<Element> take(Octets& octets, int depth)
{
    if (octets.size() < 2 || (octets[0] & 0x1f) == 0x1f)
        return std::nullopt;
    std::size_t length = octets[1];
    std::size_t begins = 2;
    if (length > 0x80) {
        begins += length & 0x7f;
        if (begins > 5 || octets.size() < begins)
            return std::nullopt;
        length = 0;
        for (const auto octet : octets.subspan(2, begins - 2))
            length = length << 8 | octet;
    }
    if (octets.size() - begins < length)
        return std::nullopt;
    Element element{octets[0], {}, {}, {}};
    auto value = octets.subspan(begins, length);
    octets = octets.subspan(begins + length);
    if (element.tag == bit_string && value.size() > 1 && value[0] == 0) {
        element.before = {0};
        value = value.subspan(1);
    }
    const bool may_hold =
        (element.tag & constructed) || element.tag == octet_string || element.tag == bit_string;
    if (may_hold && depth < deepest)
        element.elements = read_all(value, depth + 1);
    if (element.elements.empty())
        element.value.assign(value.begin(), value.end());
    return element;
}

/// None unless all of it is elements.
std::vector<Element> read_all(Octets octets, int depth)
{
    std::vector<Element> elements;
    while (auto element = take(octets, depth))
        elements.push_back(std::move(*element));
    return octets.empty() ? elements : std::vector<Element>{};
}

Bytes written(const std::vector<Element>& elements);

void append(Bytes& octets, const Element& element)
{
    auto value = element.before;
    const auto inside = element.elements.empty() ? element.value : written(element.elements);
    value.insert(value.end(), inside.begin(), inside.end());
    octets.push_back(element.tag);
    if (value.size() < 0x80) {
        octets.push_back(static_cast<std::uint8_t>(value.size()));
    } else {
        octets.push_back(0x82);
        octets.push_back(static_cast<std::uint8_t>(value.size() >> 8));
        octets.push_back(static_cast<std::uint8_t>(value.size()));
    }
    octets.insert(octets.end(), value.begin(), value.end());
}

Bytes written(const std::vector<Element>& elements)
{
    Bytes octets;
    for (const auto& element : elements)
        append(octets, element);
    return octets;
}

struct Place
{
    std::vector<Element>* siblings = nullptr;
    std::size_t at = 0;
};

void collect(std::vector<Element>& elements, std::vector<Place>& places)
{
    for (std::size_t i = 0; i < elements.size(); ++i) {
        places.push_back({&elements, i});
        collect(elements[i].elements, places);
    }
}

void change_value(Element& element, std::minstd_rand& chance)
{
    if (chance() % 8 == 0) {
        element.tag = static_cast<std::uint8_t>(chance());
        return;
    }
    if (!element.elements.empty())
        element.value = written(std::exchange(element.elements, {}));
    const auto size = element.value.size();
    element.value.resize(size + 64);
    element.value.resize(LLVMFuzzerMutate(element.value.data(), size, element.value.size()));
}

void change(std::vector<Element>& tree, std::minstd_rand& chance)
{
    std::vector<Place> places;
    collect(tree, places);
    const auto [siblings, at] = places[chance() % places.size()];
    const auto there = siblings->begin() + static_cast<std::ptrdiff_t>(at);
    const auto& other = places[chance() % places.size()];
    switch (chance() % 8) {
    case 0:
        siblings->erase(there);
        return;
    case 1:
        siblings->insert(there, Element(*there));
        return;
    case 2:
        std::swap(*there, (*siblings)[chance() % siblings->size()]);
        return;
    case 3: {
        const Element copy = (*other.siblings)[other.at];
        *there = copy;
        return;
    }
    default:
        change_value(*there, chance);
    }
}

} // namespace

extern "C" std::size_t
LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed)
{
    std::minstd_rand chance(seed);
    Octets octets(data, size);
    std::vector<Element> tree;
    if (size > asked && chance() % 8 != 0) {
        octets = octets.subspan(asked);
        while (auto element = take(octets, 0))
            tree.push_back(std::move(*element));
    }
    if (tree.empty())
        return LLVMFuzzerMutate(data, size, max_size);
    const Bytes rest(octets.begin(), octets.end());
    change(tree, chance);
    auto changed = written(tree);
    changed.insert(changed.end(), rest.begin(), rest.end());
    const auto length = std::min(changed.size(), max_size - asked);
    std::copy_n(changed.begin(), length, data + asked);
    return asked + length;
}
