#include "planning/planning.h"
#include "planning/preconditions.h"

#include <set>
#include <string_view>

namespace hotplug {

std::string chooseTarget(const Domain& domain, Bus bus, const std::optional<unsigned>& index)
{
    const std::string prefix = bus == Bus::Virtio ? "vd" : "sd";
    std::set<std::string_view> taken;
    forEachDocument(domain, [&taken](const Definition& document) {
        for (const auto& disk : document.disks)
            taken.insert(disk.target);
    });
    if (index)
        if (auto preferred = targetName(prefix, *index); !taken.contains(preferred))
            return preferred;
    for (unsigned i = 0;; ++i)
        if (auto target = targetName(prefix, i); !taken.contains(target))
            return target;
}

} // namespace hotplug
