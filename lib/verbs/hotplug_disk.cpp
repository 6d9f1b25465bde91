#include "planning/planning.h"
#include "planning/uniqueness.h"
#include "verbs/change.h"

namespace hotplug::verbs {

namespace {

HostSource resolve(const Storage& storage, const DiskRequest& disk)
{
    try {
        return storage.resolve(disk.path, disk.format);
    } catch (Refusal& refusal) {
        if (refusal.field().empty())
            refusal.at(refusal.reason() == Reason::FormatMismatch ? "/format" : "/path");
        throw;
    }
}

std::string guestSerial(const DiskRequest& disk, const std::string& serial)
{
    const auto seen = cutSerial(serial, disk.bus);
    return seen == serial ? std::string() : seen;
}

} // namespace

/// The VM's turn comes first, then the storage is looked at: what was true of it then is what QEMU opens.
ChangeAnswer hotplugDisk(Context& context, const Uuid& vm, const DiskRequest& disk, const ChangeOptions& options)
{
    auto answer = change(context, vm, options, [&storage = context.storage, disk, options](const Domain& domain) {
        requireChangeable(domain);
        return planPlugDisk(domain, disk, resolve(storage, disk), options.persist);
    });
    if (!answer.device)
        return answer;
    answer.device->model = name(disk.bus);
    answer.guestSerial = guestSerial(disk, answer.device->serial);
    if (answer.outcome == Outcome::Done && !options.dryRun && options.waitForGuest)
        answer.device->guestSeen = context.guestReads.await(vm, answer.device->target);
    return answer;
}

} // namespace hotplug::verbs
