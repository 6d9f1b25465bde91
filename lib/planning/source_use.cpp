#include "planning/source_use.h"

#include "planning/preconditions.h"
#include "planning/uniqueness.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

struct Field {
    const char* operator()(const ImagePath&) const { return "/path"; }
    const char* operator()(const ImageQuartet&) const { return "/volumeID"; }
    const char* operator()(const MultipathGuid&) const { return "/GUID"; }
    const char* operator()(const FileSystemUuid&) const { return "/UUID"; }
    const char* operator()(const NetworkVolume&) const { return "/name"; }
};

bool contains(const std::vector<std::string>& names, const std::string& name)
{
    return std::ranges::find(names, name) != names.end();
}

[[noreturn]] void refuseTwice(const DiskRequest& disk, const HostSource& source, const std::string& holder)
{
    throw Refusal(Reason::AlreadyPlugged,
        fmt::format("the VM has {} already, as {}; unplug that first", source.names.front(), holder))
        .at(fieldOf(disk.source)).against(holder);
}

/// QEMU would give the disk a base that changes under it.
[[noreturn]] void refuseWrittenBase(const DiskRequest& disk, const std::string& base, const std::string& holder)
{
    throw Refusal(Reason::SourceInUse,
        fmt::format("the image stands on {}, which {} of this VM writes to; unplug that first", base, holder))
        .at(fieldOf(disk.source)).against(holder);
}

/// A disk that is not shareable keeps others out even when it only reads: what it reads must not change.
bool conflicts(const DiskRequest& disk, const HostSource& source, const SourceUser& user)
{
    const bool base = contains(source.backing, user.layer);
    const bool writes = !disk.readonly && !base;
    const bool agreed = disk.shared && user.shareable && !base;
    return (writes || user.writes) && !agreed;
}

} // namespace

const char* fieldOf(const SourceRef& source)
{
    return std::visit(Field{}, source);
}

void requireNewSource(const Domain& domain, const DiskRequest& disk, const HostSource& source)
{
    forEachDocument(domain, [&](const Definition& document) {
        for (const auto& other : document.disks) {
            for (const auto& layer : other.sources)
                if (contains(source.names, layer))
                    refuseTwice(disk, source, holderName(other.alias, other.target));
            if (!other.sources.empty() && !other.readonly && contains(source.backing, other.sources.front()))
                refuseWrittenBase(disk, other.sources.front(), holderName(other.alias, other.target));
        }
    });
}

void requireUnusedElsewhere(const DiskRequest& disk, const DiskFacts& facts)
{
    for (const auto& user : facts.users)
        if (conflicts(disk, facts.source, user))
            throw Refusal(Reason::SourceInUse,
                fmt::format("{} is used by disk {} of VM {}; unplug it there, or give shared: true to both disks if "
                            "their guests know how to share it", user.layer, user.disk, user.vmName))
                .at(fieldOf(disk.source)).against(user.vm.str());
}

} // namespace hotplug
