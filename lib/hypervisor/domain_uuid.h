#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hotplug {

/// What a domain document says in the <uuid> child of its root, spaces and all: libvirt parses it. Metadata, comments
/// and the like are passed over. Empty: none there, or no XML, of which libvirt says what is wrong. Pure.
/// Throws HypervisorError{Invalid} for what could hide a UUID from us yet not from libvirt: a DOCTYPE, and anything in
/// the element but its digits.
std::optional<std::string> domainUuid(std::string_view domainXml);

} // namespace hotplug
