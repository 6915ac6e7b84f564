// A mail log, read line by line: whatever others had written into it.
#include "probe/log/ledger.hpp"

#include "tests/fuzz/promise.hpp"

#include <string_view>

namespace
{

using fuzz::require;
using namespace maillog;

bool is_within(std::string_view part, std::string_view line)
{
    return part.empty() ||
           (part.data() >= line.data() && part.data() + part.size() <= line.data() + line.size()) ||
           part == "<>";
}

void check_line(const Event& event, std::string_view line)
{
    for (const auto part :
         {event.stamp, event.origin, event.address, event.host, event.domain, event.cipher, event.trust,
          event.queue_id})
        require(is_within(part, line), "an event looks into its line only");
    require(event.kind != Kind::unrecognised || event.stamp.empty(), "what is of no shape has no stamp");
    require(reason_of(line).size() <= line.size(), "a reason is a part of what was said");
}

void check_counts(const Counts& counts)
{
    require(counts.messages_encrypted <= counts.messages, "not more messages used TLS than there were");
    require(
        counts.connections_encrypted + counts.connections_failed <= counts.connections,
        "a connection ended one way"
    );
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto rest = fuzz::as_text({data, size});
    Tally tally(By::domain, {.rows = 4, .reasons = 2, .failures = 3, .ciphers = 2});
    std::uint64_t told = 0;
    Ledger ledger(tally, [&](const Connection&) { ++told; }, {.connections = 3, .messages = 3});
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const auto event = parse(line);
        check_line(event, line);
        ledger.enter(event);
    }
    ledger.finish();
    for (const auto direction : {Direction::receiving, Direction::delivery}) {
        auto sum = tally.others(direction);
        for (const auto* row : tally.rows(direction))
            sum += row->counts[static_cast<std::size_t>(direction)];
        check_counts(sum);
        require(sum == tally.total(direction), "the rows add up");
    }
    return 0;
}
