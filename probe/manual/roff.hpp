// A manual as a page of man(1). Pure.
#pragma once

#include "probe/command/manual.hpp"

#include <span>
#include <string>
#include <string_view>

namespace manual
{

struct Release
{
    std::string_view version{};
    std::string_view date{}; // 2027-01-31
};

/// "mxtls-scan"; "mxtls" for check.
std::string page_name(const command::Manual& manual);

/// In the macros of man(7), section 1. `all`: what the page points to.
std::string page(const command::Manual& manual, std::span<const command::Manual> all, const Release& release);

} // namespace manual
