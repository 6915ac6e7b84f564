// What of a run is worth an alert: held against what was told before, so that nothing is told twice and
// nothing is lost where it could not be told. Pure.
#pragma once

#include "probe/history/timeline.hpp"
#include "probe/verdict.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace history
{

/// The weightiest first.
enum class Event : std::uint8_t
{
    worse,
    unknown,     // for unknown_limit, nothing could be judged
    recovery,    // also to a lesser fault, and from unknown
    key,         // a certificate that was never seen there, for a key that was never seen there
    certificate, // likewise, for a key that is known
    expiry
};

/// "worse", "unknown", "recovery", "key", "certificate", "expiry".
std::string_view name(Event event) noexcept;

/// Before its end, a certificate is told of once at each of these that is a third of its life at most:
/// those that are made for a few days are renewed in the last third as well.
inline constexpr std::array expiry_days{30, 14, 7, 3, 1};

/// So long a target may be UNKNOWN without a word. Less than a day: the second of two daily runs tells it.
inline constexpr std::chrono::hours unknown_limit{20};

/// A cause that so many runs in a row did not find is new when it comes back.
inline constexpr int runs_to_forget = 3;

inline constexpr std::size_t most_known = 100; // certificates of a target that are remembered as told
inline constexpr std::size_t most_causes = 1000;

/// A server's own certificate, that was seen.
struct Presented
{
    Certificate certificate{};
    std::chrono::seconds life{}; // from its first moment to its last; 0: not known
};

/// A run, as far as it says something. A server that turned the probe away, as by greylisting or a limit of
/// its rate, says nothing: what it was before, it is still. What lies with this machine says nothing either.
struct Outlook
{
    Moment moment{};
    probe::Status status = probe::Status::unknown; // of what was judged; UNKNOWN: nothing was
    bool judged = true;                            // a server was
    std::vector<std::string> away{};       // hosts that turned the probe away, or that nobody looked at
    std::vector<std::string> causes{};     // "starttls-refused mx1.example.com", each once
    std::vector<Presented> certificates{}; // each once
};

/// Of a verdict that is finished. A domain that does not exist is CRITICAL: that much is known.
Outlook outlook_of(const probe::Verdict& verdict);

/// What was told of a target.
struct Told
{
    struct Known
    {
        std::string sha256{};
        std::string spki_sha256{};
        int days = 0; // the least of expiry_days that was told; 0: none
        bool operator==(const Known&) const = default;
    };

    struct Cause
    {
        std::string name{};
        int missed = 0; // runs in a row that looked, and did not find it
        bool operator==(const Cause&) const = default;
    };
    struct Unknown
    {
        int runs = 0; // in a row
        Moment since{};
        bool is_told = false;
        bool operator==(const Unknown&) const = default;
    };

    probe::Status status = probe::Status::ok;
    std::vector<Cause> causes{};
    int worse_runs = 0; // in a row, each worse than what was told
    std::optional<Unknown> unknown{};
    std::vector<Known> certificates{};
    bool operator==(const Told&) const = default;
};

/// Lines, as a history keeps them.
std::string text_of(const Told& told);

/// None for what is no such text.
std::optional<Told> told_in(std::string_view text);

/// Where nothing was ever told: that a target fails is news, and its certificates of before are none.
Told untold(const std::optional<State>& before);

/// With the run counted, and without what needs no alert: the first certificates that were ever seen. Once a
/// run.
Told followed(Told told, const Outlook& outlook);

struct Ending
{
    Certificate certificate{};
    int days = 0; // of expiry_days
};

/// What is to be told now. Nothing where there are no events.
struct Notice
{
    std::vector<Event> events{}; // each once, the weightiest first
    probe::Status previous = probe::Status::ok;
    int worse_runs = 0;
    std::vector<Certificate> fresh{};
    std::vector<Ending> ending{};
    std::optional<Moment> unknown_since{}; // of Event::unknown
    Told after{};                          // what has been told once this was
};

/// `told` is followed() by this run. `confirm`: so many runs in a row must be worse before that is told.
Notice notice_of(const Told& told, const Outlook& outlook, int confirm);

} // namespace history
