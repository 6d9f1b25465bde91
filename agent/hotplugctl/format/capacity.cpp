#include "hotplugctl/format/capacity.h"

#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/printable.h"
#include "hotplugctl/format/table.h"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace hotplug::ctl {

namespace {

struct Resource {
    const char* key;
    const char* title;
};

constexpr Resource resources[] = {
    {"virtioDisks", "virtio disks"},
    {"nics", "network cards"},
    {"scsiUnits", "SCSI disks and LUNs"},
    {"sataUnits", "SATA places"},
    {"ideUnits", "IDE places"},
};

std::string reasonsFor(const std::string& key, const std::vector<Json::Value>& blockers)
{
    std::string reasons;
    for (const Json::Value& blocker : blockers)
        if (textOf(blocker, "of") == key)
            reasons += (reasons.empty() ? "" : ", ") + textOf(blocker, "reason");
    return reasons;
}

Cell freeCell(const std::string& count)
{
    return {count, count == "0" ? Colour::Red : Colour::Green};
}

/// A sentence about several resources is said once.
std::string sentences(const std::vector<Json::Value>& blockers)
{
    std::vector<std::string> said;
    std::string lines;
    for (const Json::Value& blocker : blockers) {
        const std::string line = fmt::format("{}: {}", textOf(blocker, "reason"), textOf(blocker, "sentence"));
        if (std::ranges::find(said, line) == said.end())
            lines += printable(line) + '\n';
        said.push_back(line);
    }
    return lines;
}

} // namespace

void showCapacity(const Shown& shown)
{
    const Json::Value& capacity = memberOf(shown.result, "capacity");
    const auto blockers = elementsOf(memberOf(capacity, "blockers"));
    Table table({"FITS", "FREE", "BLOCKED BY"});
    for (const Resource& resource : resources)
        table.add({resource.title, freeCell(textOf(capacity, resource.key)), reasonsFor(resource.key, blockers)});
    shown.out << table.str(shown.style) << sentences(blockers);
}

} // namespace hotplug::ctl
