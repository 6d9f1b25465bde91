#pragma once

#include <string>
#include <vector>

namespace hotplug::test {

/// Runs `ip` with these words; throws what it says when it fails.
void ip(std::vector<std::string> words);

/// A name for a link of this run, `kind` in it: what bears one is found by the leak check and removed after us.
std::string newLinkName(char kind);

} // namespace hotplug::test
