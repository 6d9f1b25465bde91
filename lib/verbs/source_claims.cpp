#include "verbs/source_claims.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace hotplug::verbs {

namespace {

/// What a claim's disk would be to others, layer by layer.
std::vector<SourceUser> usersOf(const Uuid& vm, const std::string& vmName, const DiskRequest& disk,
    const HostSource& source)
{
    std::vector<SourceUser> users;
    for (const auto& name : source.names)
        users.push_back({vm, vmName, "(being plugged)", name, !disk.readonly, disk.shared});
    for (const auto& name : source.backing)
        users.push_back({vm, vmName, "(being plugged)", name, false, disk.shared});
    return users;
}

} // namespace

struct SourceClaims::State {
    std::mutex mutex;
    std::map<const Claim*, std::vector<SourceUser>> laid;
};

bool hasLayer(const HostSource& source, const std::string& layer)
{
    return std::ranges::find(source.names, layer) != source.names.end()
        || std::ranges::find(source.backing, layer) != source.backing.end();
}

SourceClaims::SourceClaims() : state_(std::make_shared<State>()) {}

SourceClaims::Claim::~Claim()
{
    const std::lock_guard lock(state_->mutex);
    state_->laid.erase(this);
}

std::vector<SourceUser> SourceClaims::Claim::lay(const Uuid& vm, const std::string& vmName, const DiskRequest& disk,
    const HostSource& source)
{
    const std::lock_guard lock(state_->mutex);
    std::vector<SourceUser> met;
    for (const auto& [claim, users] : state_->laid)
        for (const auto& user : users)
            if (user.vm != vm && hasLayer(source, user.layer))
                met.push_back(user);
    if (met.empty())
        state_->laid[this] = usersOf(vm, vmName, disk, source);
    return met;
}

} // namespace hotplug::verbs
