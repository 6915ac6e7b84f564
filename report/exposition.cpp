#include "report/exposition.hpp"

namespace report
{

Labels Labels::with(std::string_view name, std::string_view value) const
{
    Labels result = *this;
    auto& text = result.text_;
    text += fmt::format("{}{}=\"", text.empty() ? "" : ",", name);
    for (const char octet : value) {
        if (octet == '\\' || octet == '"')
            text += '\\';
        if (octet == '\n')
            text += "\\n";
        else
            text += octet;
    }
    text += '"';
    return result;
}

void Exposition::counter(std::string_view name, std::string_view help, std::string_view unit)
{
    begin(name, "counter", help, unit, "_total");
}

void Exposition::gauge(std::string_view name, std::string_view help, std::string_view unit)
{
    begin(name, "gauge", help, unit, "");
}

void Exposition::begin(
    std::string_view name, std::string_view type, std::string_view help, std::string_view unit,
    std::string_view suffix
)
{
    const auto family = fmt::format("{}{}", prefix_, name);
    description_ = fmt::format("# TYPE {} {}\n", family, type);
    if (!unit.empty())
        description_ += fmt::format("# UNIT {} {}\n", family, unit);
    description_ += fmt::format("# HELP {} {}\n", family, help);
    sample_name_ = fmt::format("{}{}", family, suffix);
    seen_.clear();
}

void Exposition::put(const std::string& labels, std::string_view value)
{
    if (!seen_.insert(labels).second)
        return;
    text_ += description_ + sample_name_;
    description_.clear();
    text_ += labels.empty() ? "" : fmt::format("{{{}}}", labels);
    text_ += fmt::format(" {}\n", value);
}

} // namespace report
