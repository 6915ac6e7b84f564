#include "probe/sts_record.hpp"

#include "probe/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace probe
{
namespace
{

constexpr std::size_t max_id = 32;

std::string fault_of_id(std::string_view id)
{
    if (id.empty())
        return "its id is empty";
    const auto wrong = std::ranges::find_if_not(id, is_letter_or_digit);
    if (wrong != id.end())
        return fmt::format(
            "its id {} has {} in it, and only letters and digits may be", quoted(id), quoted({&*wrong, 1})
        );
    if (id.size() > max_id)
        return fmt::format("its id {} has {} characters, and {} are the most", quoted(id), id.size(), max_id);
    return {};
}

std::string fault_of_missing_id(const std::vector<TxtField>& fields)
{
    const auto look_alike =
        std::ranges::find_if(fields, [](const TxtField& field) { return lower(field.name) == "id"; });
    if (look_alike == fields.end())
        return "it has no id";
    return fmt::format("it has no \"id\", only {}", quoted(look_alike->name));
}

std::string fault_of(const TxtFields& fields)
{
    if (!fields.fault.empty())
        return fields.fault;
    for (const auto& field : fields.all) {
        if (field.name == "id")
            continue;
        if (auto fault = fault_of_extension(field); !fault.empty())
            return fault;
    }
    const auto id = std::ranges::find(fields.all, "id", &TxtField::name);
    return id == fields.all.end() ? fault_of_missing_id(fields.all) : fault_of_id(id->value);
}

} // namespace

StsRecord read_sts_record(std::span<const dns::Text> records)
{
    const auto selection = select_record(records, "v=STSv1");
    if (!selection.fields && selection.fault.empty())
        return {};
    if (!selection.fields)
        return {StsRecord::State::invalid, {}, selection.fault};
    const auto fields = read_fields(*selection.fields);
    auto fault = fault_of(fields);
    if (!fault.empty())
        return {StsRecord::State::invalid, {}, std::move(fault)};
    const auto id = std::ranges::find(fields.all, "id", &TxtField::name);
    return {StsRecord::State::valid, std::string(id->value), {}};
}

} // namespace probe
