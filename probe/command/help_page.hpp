// The form that --help has for every command.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <utility>
#include <vector>

namespace command
{

class HelpPage final : public CLI::Formatter
{
public:
    HelpPage() { column_width(26); }

    std::string make_usage(const CLI::App*, std::string) const override { return {}; }

    std::string
    make_group(std::string group, bool positional, std::vector<const CLI::Option*> options) const override
    {
        return "\n" +
               CLI::detail::trim_copy(CLI::Formatter::make_group(group, positional, std::move(options)));
    }

    std::string make_option_opts(const CLI::Option* option) const override
    {
        return option->get_type_size() == 0 ? "" : " " + option->get_type_name();
    }
};

} // namespace command
