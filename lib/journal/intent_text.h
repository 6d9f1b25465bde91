#pragma once

#include "model/outcome.h"

#include <string>

namespace hotplug {

/// An intent as JSON text: what the journal keeps. parseIntent(intentText(one)) == one, byte for byte in every string.
std::string intentText(const Intent& intent);

/// Takes only what intentText() writes: every member, no other, of the right type. Throws JournalError.
Intent parseIntent(const std::string& text);

} // namespace hotplug
