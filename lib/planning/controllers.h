#pragma once

#include "libvirtxml/domain.h"

#include <optional>
#include <string_view>

namespace hotplug {

const Controller* findController(const Definition& document, std::string_view type, unsigned index);

/// A controller that only the live VM has would be added to the definition by libvirt, silently (SPEC P3): it serves
/// only what is not persisted.
bool definitionHas(const Domain& domain, const Controller& controller, bool persist);

/// Refusals of an address that a caller gave (SPEC A5).
[[noreturn]] void refuseAddress(const Address& address, const std::string& why);
void requireFree(const Address& address, const std::optional<std::string>& holder);

} // namespace hotplug
