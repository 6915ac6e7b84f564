#include "probe/log/tally.hpp"

#include <algorithm>
#include <tuple>

namespace maillog
{
namespace
{

constexpr std::size_t longest_name = 255; // of a domain (RFC 1035 §2.3.4)
constexpr std::size_t longest_reason = 200;

/// A name as it is compared, in a buffer that lasts until the next one.
class Folded
{
public:
    explicit Folded(std::string_view name) noexcept : size_(std::min(name.size(), longest_name))
    {
        std::ranges::transform(name.substr(0, size_), octets_.begin(), [](char letter) {
            return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
        });
        if (size_ > 1 && octets_[size_ - 1] == '.')
            --size_;
    }

    std::string_view text() const noexcept { return {octets_.data(), size_}; }

private:
    std::array<char, longest_name> octets_;
    std::size_t size_;
};

/// "[192.0.2.1]"
std::string_view literal(std::string_view address, std::array<char, longest_name + 2>& buffer) noexcept
{
    const auto size = std::min(address.size(), longest_name);
    buffer[0] = '[';
    std::copy_n(address.begin(), size, buffer.begin() + 1);
    buffer[size + 1] = ']';
    return {buffer.data(), size + 2};
}

std::uint64_t failure_key(std::size_t row, std::size_t reason, std::size_t direction) noexcept
{
    return (std::uint64_t{row} << 32) | (std::uint64_t{reason} << 1) | direction;
}

/// The names of a table by their places; the first is of what found none.
template <class Places>
std::vector<std::string> names_of(const Places& places)
{
    std::vector<std::string> names(places.size() + 1);
    for (const auto& [name, place] : places)
        names[place] = name;
    return names;
}

} // namespace

Counts& Counts::operator+=(const Counts& other) noexcept
{
    connections += other.connections;
    connections_encrypted += other.connections_encrypted;
    connections_failed += other.connections_failed;
    messages += other.messages;
    messages_encrypted += other.messages_encrypted;
    for (std::size_t version = 0; version < versions; ++version)
        by_version[version] += other.by_version[version];
    return *this;
}

Tally::Tally(By by, Bounds bounds) : by_(by), bounds_(bounds) {}

std::size_t Tally::Names::place_of(std::string_view name, std::size_t most)
{
    if (const auto known = places.find(name); known != places.end())
        return known->second;
    if (places.size() == most)
        return 0;
    return places.emplace(name, places.size() + 1).first->second;
}

std::size_t Tally::row_of(std::string_view domain, std::string_view address)
{
    std::array<char, longest_name + 2> buffer;
    auto name = by_ == By::domain ? domain : address;
    if (name.empty())
        name = by_ == By::domain && !address.empty() ? literal(address, buffer) : "unknown";
    const Folded folded(name);
    const auto place = names_.place_of(folded.text(), bounds_.rows);
    if (place == rows_.size())
        rows_.emplace_back().name = folded.text();
    return place;
}

void Tally::add_message(std::size_t row, Direction direction, bool encrypted)
{
    for (auto* counts : {&rows_[row].counts[index(direction)], &totals_[index(direction)]}) {
        ++counts->messages;
        counts->messages_encrypted += encrypted ? 1 : 0;
    }
}

void Tally::correct_message(std::size_t row, Direction direction)
{
    for (auto* counts : {&rows_[row].counts[index(direction)], &totals_[index(direction)]})
        ++counts->messages_encrypted;
}

void Tally::add_connection(
    std::size_t row, Direction direction, Protection protection, Version version, std::string_view cipher
)
{
    const bool encrypted = protection == Protection::encrypted;
    for (auto* counts : {&rows_[row].counts[index(direction)], &totals_[index(direction)]}) {
        ++counts->connections;
        counts->connections_encrypted += encrypted ? 1 : 0;
        counts->connections_failed += protection == Protection::failed ? 1 : 0;
        counts->by_version[static_cast<std::size_t>(version)] += encrypted ? 1 : 0;
    }
    if (!encrypted)
        return;
    const auto place =
        cipher.empty() ? 0 : ciphers_.place_of(cipher.substr(0, longest_name), bounds_.ciphers);
    auto& by_cipher = by_cipher_[index(direction)];
    by_cipher.resize(std::max(by_cipher.size(), place + 1));
    ++by_cipher[place];
}

void Tally::add_failure(std::size_t row, Direction direction, std::string_view reason)
{
    const auto told = reason.substr(0, longest_reason);
    const auto place = reasons_.place_of(told, bounds_.reasons);
    auto key = failure_key(row, place, index(direction));
    if (failures_.size() >= bounds_.failures && !failures_.contains(key))
        key = failure_key(0, place, index(direction));
    ++failures_[key];
}

std::vector<const Row*> Tally::rows(Direction direction) const
{
    std::vector<const Row*> rows;
    for (std::size_t place = 1; place < rows_.size(); ++place) {
        if (!rows_[place].counts[index(direction)].empty())
            rows.push_back(&rows_[place]);
    }
    const auto rank = [this, direction](const Row* row) {
        const auto& counts = row->counts[index(direction)];
        return std::tuple(~counts.messages, ~counts.connections, std::string_view(row->name));
    };
    std::ranges::sort(rows, {}, rank);
    return rows;
}

std::vector<Failure> Tally::failures(Direction direction) const
{
    auto reasons = names_of(reasons_.places);
    reasons.front() = "other reasons";
    std::vector<Failure> failures;
    for (const auto& [key, count] : failures_) {
        if ((key & 1) == index(direction))
            failures.push_back({direction, rows_[key >> 32].name, reasons[(key & 0xffffffff) >> 1], count});
    }
    std::ranges::sort(failures, {}, [](const Failure& failure) {
        return std::tuple(~failure.count, std::string_view(failure.name), std::string_view(failure.reason));
    });
    return failures;
}

std::vector<Tally::Cipher> Tally::ciphers(Direction direction) const
{
    const auto names = names_of(ciphers_.places);
    std::vector<Cipher> ciphers;
    const auto& counts = by_cipher_[index(direction)];
    for (std::size_t place = 0; place < counts.size(); ++place) {
        if (counts[place] > 0)
            ciphers.push_back({names[place], counts[place]});
    }
    std::ranges::sort(ciphers, {}, [](const Cipher& cipher) {
        return std::pair(~cipher.count, std::string_view(cipher.name));
    });
    return ciphers;
}

} // namespace maillog
