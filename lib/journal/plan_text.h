#pragma once

#include "model/outcome.h"

#include <string>

namespace hotplug {

/// A plan as JSON text: what the journal keeps. parsePlan(planText(plan)) == plan, byte for byte in every string.
std::string planText(const Plan& plan);

/// Takes only what planText() writes: every member, no other, of the right type. Throws JournalError.
Plan parsePlan(const std::string& text);

} // namespace hotplug
