// Metric families in the text format of OpenMetrics 1.0, written so that whoever reads the older text format
// of Prometheus reads them too: no timestamps, and nothing but counters and gauges.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <unordered_set>

namespace report
{

/// What tells the samples of a family apart.
class Labels
{
public:
    /// These and one more. `value` is safe to show; what would end it is escaped.
    Labels with(std::string_view name, std::string_view value) const;

    const std::string& text() const noexcept { return text_; } // `code="mx-null",host=""`

private:
    std::string text_;
};

/// One family after the other, each with its samples behind its own description. One without any sample is
/// left out.
class Exposition
{
public:
    /// `prefix` begins the name of every family.
    explicit Exposition(std::string_view prefix = "") : prefix_(prefix) {}

    /// What follows are its samples. A unit ends the name: "seconds", "bytes", "ratio".
    void counter(std::string_view name, std::string_view help, std::string_view unit = "");
    void gauge(std::string_view name, std::string_view help, std::string_view unit = "");

    /// A second sample of the same labels is left out: it would spoil the whole for its reader.
    template <class Number>
    void sample(const Labels& labels, Number value)
    {
        put(labels.text(), fmt::format("{}", value));
    }

    template <class Number>
    void sample(Number value)
    {
        put("", fmt::format("{}", value));
    }

    /// All of it, with its end. There is nothing to be added then.
    std::string ended() const { return text_ + "# EOF\n"; }

private:
    void begin(
        std::string_view name, std::string_view type, std::string_view help, std::string_view unit,
        std::string_view suffix
    );
    void put(const std::string& labels, std::string_view value);

    std::string prefix_;
    std::string text_;
    std::string description_; // of the family at hand, until its first sample
    std::string sample_name_;
    std::unordered_set<std::string> seen_; // labels of the family at hand
};

} // namespace report
