// A judged domain → its status. Pure.
#pragma once

#include "probe/judge.hpp"

namespace probe
{

/// Contract, section 2. Everything in the verdict but its status is there already.
Status status_of(const Verdict& verdict, const Criteria& criteria);

/// Whether mail under the policy would not go out as it wants. False without one, and where there is nothing
/// to hold it against: no mail is ever sent to a null MX, and what this machine cannot or must not reach, or
/// had no time for, others may.
bool policy_broken(const Verdict& verdict);

/// Whether nothing was reached for a reason that lies with this machine.
bool this_machine_at_fault(const Verdict& verdict);

/// Whether nothing was reached, and --exclude kept the probe from something that might have been.
bool kept_away(const Verdict& verdict);

} // namespace probe
