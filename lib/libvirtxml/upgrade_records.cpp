#include "libvirtxml/upgrade_records.h"

#include <pugixml.hpp>

namespace hotplug {

void upgradeRecords(pugi::xml_node vm, std::uint64_t version, std::span<const UpgradeStep> steps)
{
    for (auto step = version; step <= steps.size(); ++step)
        steps[step - 1](vm);
}

} // namespace hotplug
