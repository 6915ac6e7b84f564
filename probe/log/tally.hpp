// How many connections and messages used TLS, by domain or by address, and why some did not. Pure.
#pragma once

#include "probe/log/event.hpp"
#include "probe/log/mixed.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace maillog
{

enum class By : std::uint8_t
{
    domain,
    address
};

enum class Protection : std::uint8_t
{
    plaintext,
    encrypted,
    failed
};

struct Counts
{
    std::uint64_t connections = 0;
    std::uint64_t connections_encrypted = 0;
    std::uint64_t connections_failed = 0; // TLS was tried or required, and came to nothing
    std::uint64_t messages = 0;
    std::uint64_t messages_encrypted = 0;
    std::array<std::uint64_t, versions> by_version{}; // of the encrypted connections

    bool empty() const noexcept { return connections == 0 && messages == 0; }
    Counts& operator+=(const Counts& other) noexcept;
    bool operator==(const Counts&) const = default;
};

struct Failure
{
    Direction direction{};
    std::string name;   // of the row; empty: others
    std::string reason; // empty: the log does not tell
    std::uint64_t count = 0;
};

struct Row
{
    std::string name; // lower case; a domain, "<>" (no sender), "[192.0.2.1]" (no domain is known), "unknown"
    std::array<Counts, 2> counts{};
};

struct Bounds
{
    std::size_t rows = 65'536;
    std::size_t reasons = 4'096;
    std::size_t failures = 65'536; // pairs of a row and a reason
    std::size_t ciphers = 256;
};

class Tally
{
public:
    explicit Tally(By by, Bounds bounds = {});

    By by() const noexcept { return by_; }

    /// What is counted under the domain, or under the address; never fails: beyond the bound all are one row.
    std::size_t row_of(std::string_view domain, std::string_view address);

    void add_message(std::size_t row, Direction direction, bool encrypted);

    /// It turns out that a message that was added as plaintext was not.
    void correct_message(std::size_t row, Direction direction);

    void add_connection(
        std::size_t row, Direction direction, Protection protection, Version version, std::string_view cipher
    );
    void add_failure(std::size_t row, Direction direction, std::string_view reason);

    const Counts& total(Direction direction) const noexcept { return totals_[index(direction)]; }

    /// Where something was counted, those with the most messages, then connections, first.
    std::vector<const Row*> rows(Direction direction) const;

    /// What found no row of its own.
    const Counts& others(Direction direction) const noexcept
    {
        return rows_.front().counts[index(direction)];
    }

    /// The most frequent first.
    std::vector<Failure> failures(Direction direction) const;

    struct Cipher
    {
        std::string name;
        std::uint64_t count = 0;
    };

    /// Of the encrypted connections, the most frequent first; without a name: those that are not known.
    std::vector<Cipher> ciphers(Direction direction) const;

private:
    static std::size_t index(Direction direction) noexcept { return static_cast<std::size_t>(direction); }

    /// Known names; 0 for those that came when it was full.
    struct Names
    {
        struct Hash
        {
            using is_transparent = void;
            /// Not noexcept, so that libstdc++ keeps each hash beside its name.
            std::size_t operator()(std::string_view text) const { return mixed(text); }
        };
        std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> places;

        std::size_t place_of(std::string_view name, std::size_t most);
    };

    By by_;
    Bounds bounds_;
    Names names_;
    std::vector<Row> rows_{1}; // the first is all that found no place
    std::array<Counts, 2> totals_{};
    Names reasons_;
    std::unordered_map<std::uint64_t, std::uint64_t> failures_; // by row, reason and direction
    Names ciphers_;
    std::array<std::vector<std::uint64_t>, 2> by_cipher_;
};

} // namespace maillog
