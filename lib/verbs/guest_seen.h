#pragma once

#include "verbs/verbs.h"

namespace hotplug::verbs {

/// Whether the guest has read from a live disk (SPEC R4); never fails.
GuestSeen guestSeen(Context& context, const Uuid& vm, const std::string& target);

/// The same, looked at again for at most 500 ms while the answer is no.
GuestSeen awaitGuest(Context& context, const Uuid& vm, const std::string& target);

} // namespace hotplug::verbs
