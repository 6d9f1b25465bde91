#include "storage/storage.h"

#include "base/bounded_calls.h"
#include "storage/fence.h"
#include "storage/image_chain.h"
#include "storage/mount_point.h"
#include "storage/network_server.h"
#include "storage/network_volume.h"
#include "storage/source_location.h"
#include "storage/source_names.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

/// Looks at once, by mount and in all: with as many that hang it counts as down without another try.
constexpr BoundedCalls::Limits maxLooks{16, 256};

std::shared_ptr<const Fence> makeFence(std::vector<std::string> roots, const StoragePolicy& policy)
{
    return std::make_shared<const Fence>(Fence{ImageRoots(std::move(roots)), BlockDevices(policy.blockDevices)});
}

std::vector<std::string> rootsOfQuartets(const StoragePolicy& policy)
{
    auto roots = policy.imageRoots;
    roots.push_back(policy.dataCenterRoot);
    return roots;
}

void requireDataCenter(const SourceLocation& location, const StoragePolicy& policy)
{
    if (location.inDataCenter && policy.dataCenterRoot.empty())
        throw Refusal(Reason::SourceNotAllowed, "the source is an image of a storage domain, and this host has no "
            "place for these; have the administrator name it with --data-center-root");
}

/// Of the paths by which one source may be there: the one that is, else one that would be allowed.
std::string judgedOf(const std::vector<std::string>& paths, const BlockDevices& devices)
{
    auto found = std::ranges::find_if(paths, leadsSomewhere);
    if (found == paths.end())
        found = std::ranges::find_if(paths, [&devices](const std::string& path) { return devices.allow(path); });
    return found == paths.end() ? paths.front() : *found;
}

std::vector<std::string> namesOfAny(const std::vector<std::string>& paths, const BlockDevices& devices)
{
    const auto found = std::ranges::find_if(paths, leadsSomewhere);
    return found == paths.end() ? paths : namesBehind(devices, *found);
}

/// A mount is known by its path only: that of what a link leads to counts for the link's own.
BoundedCalls::Place placeOf(const SourceLocation& location)
{
    return [path = location.paths.front()] { return isInDev(path) ? path : mountPointOf(path); };
}

} // namespace

Storage::Storage(StoragePolicy policy)
    : policy_(std::move(policy)), fence_(makeFence(policy_.imageRoots, policy_)),
      dataCenterFence_(makeFence(rootsOfQuartets(policy_), policy_)),
      looks_(std::make_unique<BoundedCalls>("storage", maxLooks)) {}

Storage::~Storage() = default;

HostSource Storage::resolve(const SourceRef& ref, DiskFormat declared) const
{
    if (const auto* volume = std::get_if<NetworkVolume>(&ref))
        return inspectVolume(*volume, declared);
    requireWellFormed(ref);
    const auto location = locate(ref, policy_.dataCenterRoot);
    requireDataCenter(location, policy_);
    const auto fence = fenceOf(location);
    auto source = looks_->take(placeOf(location), policy_.patience, [fence, paths = location.paths, declared] {
        return inspectImage(*fence, judgedOf(paths, fence->devices), declared);
    });
    if (!source)
        throw Refusal(Reason::SourceNotResponding,
            fmt::format("the storage of {} did not answer within {} ms, or hangs since too often before; check whether it "
                "hangs", location.paths.front(), policy_.patience.count()));
    return *std::move(source);
}

void Storage::requireServer(const HostSource& source) const
{
    if (!source.network)
        return;
    const auto answers = looks_->take([host = source.network->hosts.front().name] { return host; }, policy_.patience,
        [volume = *source.network, deadline = Clock::now() + policy_.patience] { return serverAnswers(volume, deadline); });
    if (!answers.value_or(false))
        throw Refusal(Reason::SourceNotResponding,
            fmt::format("no server of {} answers; check the host, its port and the network between", source.path));
}

std::vector<std::string> Storage::namesOf(const SourceRef& ref) const
{
    const auto location = locate(ref, policy_.dataCenterRoot);
    if (std::holds_alternative<NetworkVolume>(ref))
        return namesOfVolume(location.paths.front());
    try {
        requireWellFormed(ref);
        auto names = looks_->take(placeOf(location), policy_.patience, [fence = fence_, paths = location.paths] {
            return namesOfAny(paths, fence->devices);
        });
        return names ? *std::move(names) : location.paths;
    } catch (const Refusal&) {
        return location.paths;
    }
}

std::string Storage::canonical(const std::string& name) const
{
    return canonicalName(name);
}

std::shared_ptr<const Fence> Storage::fenceOf(const SourceLocation& location) const
{
    return location.inDataCenter ? dataCenterFence_ : fence_;
}

} // namespace hotplug
