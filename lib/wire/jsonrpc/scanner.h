#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hotplug::wire {

/// What a JSON text may cost before anything is built from it.
struct JsonLimits {
    std::size_t maxBytes = 1024 * 1024;
    std::size_t maxDepth = 64;
    /// `{ } [ ] , :` outside strings: what parsing costs memory for. 1 MiB of `[0,0,…]` would take 57 MiB.
    std::size_t maxStructural = 10'000;
};

/// One pass over the bytes of a JSON text, no memory taken: everything that jsoncpp lets through or dies of.
/// Finds invalid UTF-8, depth, size, comments, control characters and U+0000 in strings, lone surrogates and
/// numbers outside the grammar. Not a whole parser: brackets and commas in the wrong place are left to jsoncpp.
/// Returns what is wrong with the text, empty when nothing is.
std::optional<std::string> findFlaw(std::string_view text, const JsonLimits& limits = {});

} // namespace hotplug::wire
