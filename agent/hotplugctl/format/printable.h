#pragma once

#include <string>
#include <string_view>

namespace hotplug::ctl {

/// Text of unknown origin, made safe for a terminal: control characters, whatever turns the direction of writing,
/// line separators and bytes that are not UTF-8 become `?`. A guest or a colleague chose these names, and a
/// terminal obeys what it is shown.
std::string printable(std::string_view text);

/// The same for text of several lines: newlines and tabs stay.
std::string printableLines(std::string_view text);

/// Columns that printable text takes on a terminal.
std::size_t displayWidth(std::string_view text);

} // namespace hotplug::ctl
