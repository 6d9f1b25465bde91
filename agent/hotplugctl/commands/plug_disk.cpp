#include "hotplugctl/commands.h"
#include "hotplugctl/commands/disk_options.h"
#include "hotplugctl/errors.h"
#include "hotplugctl/format/change.h"

namespace hotplug::ctl {

namespace {

using enum Option::Value;

std::vector<Option> lookOptions()
{
    return {
        {.name = "--format", .valueName = "FORMAT", .help = "What the image is: qcow2 (or cow), raw", .to = "drive.format"},
        {.name = "--bus", .valueName = "BUS", .help = "virtio (default) or scsi", .to = "drive.iface"},
        {.name = "--lun", .help = "Pass the SCSI device itself through, raw, on the bus scsi",
         .value = Flag, .to = "drive.device", .flagValue = "lun"},
        {.name = "--id", .valueName = "DEVICEID",
         .help = "Its name from now on; made from VM and source by default", .to = "drive.deviceId"},
        {.name = "--serial", .valueName = "SERIAL", .help = "What the guest sees as serial", .to = "drive.serial"},
        {.name = "--shared", .help = "Other VMs may use it at the same time", .value = Flag, .to = "drive.shared"},
        {.name = "--readonly", .help = "The guest may not write", .value = Flag, .to = "drive.readonly"},
        {.name = "--optional", .help = "The VM may start without it", .value = Flag, .to = "drive.optional"},
        {.name = "--boot-order", .valueName = "N",
         .help = "Place among the boot devices, from 1", .value = Number, .to = "drive.bootOrder"},
        {.name = "--address", .valueName = "ADDRESS",
         .help = "0000:05:00.0 (PCI) or 0:0:0:3 (SCSI: controller, bus, target, unit)",
         .value = Address, .to = "drive.address"},
        {.name = "--target-index", .valueName = "N",
         .help = "Preferred target: 1 is vdb or sdb", .value = Number, .to = "drive.index"},
    };
}

std::vector<Option> storageOptions()
{
    return {
        {.name = "--user", .valueName = "NAME", .help = "Who logs in to a network volume", .to = "drive.auth.username"},
        {.name = "--secret", .valueName = "UUID", .help = "The libvirt secret with the password", .to = "drive.auth.uuid"},
        {.name = "--cache", .valueName = "MODE",
         .help = "none (default), writethrough, writeback, directsync, unsafe", .to = "drive.cache"},
        {.name = "--discard", .valueName = "MODE", .help = "unmap or ignore", .to = "drive.discard"},
        {.name = "--propagate-errors", .valueName = "WORD",
         .help = "When the storage fails: off stops the VM (default), on only when it is full, report tells the guest",
         .to = "drive.propagateErrors"},
        {.name = "--bytes-per-second", .valueName = "N",
         .help = "At most this much is read and written", .value = Number, .to = "drive.specParams.ioTune.total_bytes_sec"},
        {.name = "--iops", .valueName = "N",
         .help = "At most this many reads and writes per second", .value = Number,
         .to = "drive.specParams.ioTune.total_iops_sec"},
        {.name = "--managed-reservation", .help = "Persistent reservations of a LUN, through libvirt's helper",
         .value = Flag, .to = "drive.managed_reservation"},
    };
}

std::vector<Option> options()
{
    std::vector<Option> all{vmOption()};
    for (auto&& some : {sourceOptions(), lookOptions(), storageOptions()})
        all.insert(all.end(), some.begin(), some.end());
    all.push_back({.name = "--file", .valueName = "FILE",
                   .help = "JSON instead of all these: a drive, or a list of drives of which all are plugged or none; "
                           "- for standard input"});
    return withChangeOptions(std::move(all));
}

std::vector<std::string> ways()
{
    auto names = sourceNames();
    names.emplace_back("--file");
    return names;
}

Json::Value fixedParams()
{
    Json::Value params;
    params["drive"]["type"] = "disk";
    params["drive"]["device"] = "disk";
    params["waitForGuest"] = true;
    return params;
}

Request request(const Command& command, const Arguments& arguments, std::istream& in)
{
    if (!arguments.has("--file") && !arguments.has("--format"))
        throw UsageError("--format is needed", "an image's format is never guessed");
    return diskRequest(command, arguments, in);
}

} // namespace

Command plugDisk()
{
    return {
        .name = "plug-disk",
        .summary = "Plug disks into a running VM",
        .examples = "hotplugctl plug-disk web1 --source /var/lib/images/data.qcow2 --format qcow2\n"
                    "hotplugctl plug-disk web1 --source /images/logs.img --format raw --bus scsi --id logs --serial LOGS-1\n"
                    "hotplugctl plug-disk web1 --source iscsi://10.0.0.5/iqn.2024-01.org.example:store/1 --format raw --lun\n"
                    "hotplugctl plug-disk web1 --file drives.json --dry-run",
        .options = options(),
        .oneOf = ways(),
        .verbs = {"hotplugDisk"},
        .pace = Pace::Patient,
        .changes = true,
        .fixed = fixedParams(),
        .request = request,
        .show = showPlugged,
    };
}

} // namespace hotplug::ctl
