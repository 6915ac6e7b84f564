// The TXT records of MTA-STS and TLS-RPT: any number of any octets. A line feed parts the records.
#include "probe/sts_record.hpp"
#include "probe/tls_rpt.hpp"

#include "tests/fuzz/promise.hpp"

#include <string>
#include <vector>

namespace
{

using fuzz::require;

std::vector<dns::Text> records_of(std::string_view text)
{
    std::vector<dns::Text> records;
    for (;;) {
        const auto end = text.find('\n');
        records.push_back({std::string(text.substr(0, end))});
        if (end == std::string_view::npos)
            return records;
        text.remove_prefix(end + 1);
    }
}

long count(const std::vector<dns::Text>& records, std::string_view beginning)
{
    return std::count_if(records.begin(), records.end(), [&](const dns::Text& record) {
        return record.octets.starts_with(beginning);
    });
}

void check_fault(bool is_invalid, const std::string& fault)
{
    require(fault.empty() != is_invalid, "what is invalid has a fault, and nothing else has");
    require(fuzz::is_printable(fault) && fault.size() < 1000, "a fault is printable and short");
}

bool is_id(std::string_view id)
{
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    return !id.empty() && id.size() <= 32 && id.find_first_not_of(allowed) == std::string::npos;
}

void check_sts(const std::vector<dns::Text>& records)
{
    using State = probe::StsRecord::State;
    const auto read = probe::read_sts_record(records);
    check_fault(read.state == State::invalid, read.fault);
    const auto announced = count(records, "v=STSv1;");
    require(announced == 0 || read.state != State::none, "what begins as a record is one, good or bad");
    if (read.state != State::valid) {
        require(read.id.empty(), "only a valid record has an id");
        return;
    }
    require(announced == 1, "a valid record is the only one");
    require(is_id(read.id), "an id has 1 to 32 letters and digits");
    const std::vector<dns::Text> written{{"v=STSv1; id=" + read.id + ";"}};
    require(probe::read_sts_record(written).id == read.id, "an id can be written and read again");
}

void check_tls_rpt(const std::vector<dns::Text>& records)
{
    using State = probe::TlsRptRecord::State;
    const auto read = probe::read_tls_rpt(records);
    check_fault(read.state == State::invalid, read.fault);
    const auto announced = count(records, "v=TLSRPTv1;");
    require(announced == 0 || read.state != State::none, "what begins as a record is one, good or bad");
    require(read.rua.empty() || announced == 1, "addresses come from the only record");
    require(read.state != State::valid || !read.rua.empty(), "a valid record has an address");
    if (read.rua.empty())
        return;
    dns::Text written{"v=TLSRPTv1; rua="};
    for (const auto& uri : read.rua) {
        require(fuzz::is_printable(uri), "an address is printable");
        require(uri.find_first_of(" ,;!\"<>\\") == std::string::npos, "an address is a URI");
        written.octets += (&uri == &read.rua.front() ? "" : ",") + uri;
    }
    const auto again = probe::read_tls_rpt({&written, 1});
    require(again.state == State::valid && again.rua == read.rua, "addresses can be written and read again");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto records = records_of(fuzz::as_text({data, size}));
    check_sts(records);
    check_tls_rpt(records);
    return 0;
}
