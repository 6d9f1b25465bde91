#pragma once

namespace hotplug::test {

/// A TCP port of 127.0.0.1 that nobody listened on a moment ago. Throws when there is none.
unsigned freePort();

/// Whether somebody takes connections there.
bool answersOn(unsigned port);

} // namespace hotplug::test
