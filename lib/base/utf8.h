#pragma once

#include <cstddef>
#include <string_view>

namespace hotplug {

/// Bytes of the well-formed UTF-8 character that a text starts with, control characters included (The Unicode Standard,
/// table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF). 0: it is malformed, cut off or the text empty.
std::size_t utf8Length(std::string_view text);

} // namespace hotplug
