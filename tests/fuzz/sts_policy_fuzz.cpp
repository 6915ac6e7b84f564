// The file mta-sts.txt: any octets.
#include "probe/sts_policy.hpp"

#include "tests/fuzz/promise.hpp"

#include <set>
#include <string>

namespace
{

using fuzz::require;

void check_words(const std::string& words)
{
    require(!words.empty() && words.size() < 1000 && fuzz::is_printable(words), "a clause is one short line");
}

/// The pattern covers what it says and, with "*.", one label more, never none and never two.
void check_pattern(const std::string& pattern)
{
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-.*";
    require(pattern.find_first_not_of(allowed) == std::string::npos, "a pattern is of lower-case A-labels");
    require(
        pattern.size() <= 255 && pattern.front() != '.' && pattern.back() != '.',
        "a pattern has no dot at an end"
    );
    require(pattern.find("..") == std::string::npos, "no label is empty");
    require(pattern.rfind('*') == std::string::npos || pattern.starts_with("*."), "* is a whole first label");
    require(pattern.rfind('*') == std::string::npos || pattern.rfind('*') == 0, "there is one * at most");

    const bool is_wild = pattern.starts_with("*.");
    const auto domain = pattern.substr(is_wild ? 2 : 0);
    require(probe::matches(pattern, domain) != is_wild, "* stands for no empty label");
    require(probe::matches(pattern, "mx." + domain) == is_wild, "* stands for a label");
    require(probe::matches(pattern, "MX." + domain + ".") == is_wild, "names are compared as DNS does");
    require(!probe::matches(pattern, "a.mx." + domain), "* stands for one label only");
    require(!probe::matches(pattern, "x" + domain), "labels are compared whole");
}

void check_policy(const probe::StsPolicy& policy)
{
    require(policy.max_age <= probe::max_sts_age, "max_age is at most a year");
    require(policy.mode == probe::StsMode::none || !policy.mx.empty(), "a policy names hosts");
    for (const auto& pattern : policy.mx)
        check_pattern(pattern);
    require(
        std::set(policy.mx.begin(), policy.mx.end()).size() == policy.mx.size(), "each pattern is there once"
    );

    const auto written = probe::write_sts_policy(policy);
    if (written.size() > probe::max_sts_policy) // "mx:a\n" is shorter than what is written for it
        return;
    const auto again = probe::read_sts_policy(written);
    require(again.policy == policy, "a policy comes through a round trip");
    require(again.remarks.empty(), "what is written gives no cause for remarks");
    require(probe::write_sts_policy(*again.policy) == written, "a policy is written in one way");
}

/// Of any two texts.
void check_matching(std::string_view pattern, std::string_view host)
{
    if (!probe::matches(pattern, host))
        return;
    require(host.find('*') == std::string_view::npos, "no host has a *");
    require(!host.empty() && !pattern.empty(), "nothing covers nothing");
    require(host.ends_with('.') || probe::matches(pattern, std::string(host) + "."), "a dot changes nothing");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto body = fuzz::as_text({data, size});
    const auto reading = probe::read_sts_policy(body);
    require(reading.policy.has_value() == reading.fault.empty(), "there is a policy or a fault");
    require(reading.remarks.size() <= 10, "remarks are bounded");
    for (const auto& remark : reading.remarks)
        check_words(remark);
    if (reading.policy)
        check_policy(*reading.policy);
    else
        check_words(reading.fault);
    check_matching(body.substr(0, size / 2), body.substr(size / 2));
    return 0;
}
