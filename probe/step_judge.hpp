// A step of a session that did not go as it should → its finding: which code, how bad, in which words. Pure.
#pragma once

#include "probe/finding.hpp"
#include "smtp/session.hpp"

#include <optional>
#include <string>

namespace probe
{

/// The code of a step that has a fault.
Code code_of(const smtp::Step& step) noexcept;

/// None for a step that went well, and for QUIT, whose end is nobody's concern. `session` is the one that the
/// step is of: what it had reached says how bad a loss is.
std::optional<Finding>
judge_step(const smtp::Step& step, const smtp::Session& session, const std::string& host);

} // namespace probe
