#include "wire/vdsm/dictionary_parts.h"

#include <fmt/format.h>

namespace hotplug::wire {

namespace {

constexpr unsigned maxIndex = 18277;            // the last target of three letters, vdzzz

constexpr std::string_view ignored[] = {"truesize", "apparentsize", "reqsize", "custom", "vm_custom", "blockDev",
    "volumeChain", "volumeInfo", "baseVolumeID", "extSharedState", "guestName", "vmid", "discard_no_unref"};
constexpr std::string_view unsupported[] = {"diskReplicate"};

/// SPEC C1: drives with a medium stay where they are.
void refuseMediumDrives(const DictionaryReader& reader)
{
    const auto device = reader.word("device");
    if (device == "cdrom" || device == "floppy")
        throw Refusal(Reason::BusNotHotpluggable,
            fmt::format("a {} drive cannot be plugged into or out of a running VM, only its medium changed", device))
            .at("/device");
}

/// All else that only a lun can have is in the request, and planning's to judge.
void requireLunForSgio(const DictionaryReader& reader, const DiskRequest& disk)
{
    if (reader.has("sgio") && disk.device != DiskDevice::Lun)
        throw Refusal(Reason::InvalidParameter, "sgio belongs to a lun; leave it out").at("/sgio");
}

std::optional<ErrorPolicy> readErrorPolicy(DictionaryReader& reader)
{
    const auto named = choice<ErrorPolicy>(reader, "propagateErrors",
        {{"off", ErrorPolicy::Stop}, {"on", ErrorPolicy::Enospace}, {"report", ErrorPolicy::Report}});
    if (named || !reader.has("propagateErrors"))
        return named;
    const auto flag = parseFlag(reader.raw("propagateErrors"));
    if (!flag)
        reader.problem("/propagateErrors", "must be off, on or report, or true or false");
    return flag.value_or(false) ? ErrorPolicy::Enospace : ErrorPolicy::Stop;
}

bool readShared(DictionaryReader& reader)
{
    if (reader.word("shared") == "transient")
        throw notSupported("shared", "give true or false");
    const auto named = choice<bool>(reader, "shared", {{"none", false}, {"exclusive", false}, {"shared", true}});
    return named ? *named : reader.flag("shared").value_or(false);
}

std::optional<DiscardMode> readDiscard(DictionaryReader& reader)
{
    const auto named = choice<DiscardMode>(reader, "discard",
        {{"unmap", DiscardMode::Unmap}, {"ignore", DiscardMode::Ignore}});
    if (named || !reader.flag("discard").value_or(false))
        return named;
    return DiscardMode::Unmap;
}

std::optional<std::uint64_t> limit(const Json::Value& tune, const char* key, const std::string& at,
                                   DictionaryReader& reader)
{
    if (!tune.isMember(key))
        return std::nullopt;
    const auto value = parseNumber(tune[key]);
    // QEMU takes signed numbers.
    if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        reader.problem(at + "/" + key, "must be a number from 0 to 9223372036854775807");
    return value;
}

IoTune readLimits(const Json::Value& tune, const std::string& at, DictionaryReader& reader)
{
    IoTune limits;
    limits.totalBytesSec = limit(tune, "total_bytes_sec", at, reader);
    limits.readBytesSec = limit(tune, "read_bytes_sec", at, reader);
    limits.writeBytesSec = limit(tune, "write_bytes_sec", at, reader);
    limits.totalIopsSec = limit(tune, "total_iops_sec", at, reader);
    limits.readIopsSec = limit(tune, "read_iops_sec", at, reader);
    limits.writeIopsSec = limit(tune, "write_iops_sec", at, reader);
    return limits;
}

void requireUnmixed(const IoTune& limits, const std::string& at)
{
    const auto set = [](const std::optional<std::uint64_t>& value) { return value.value_or(0) > 0; };
    const bool bytes = set(limits.totalBytesSec) && (set(limits.readBytesSec) || set(limits.writeBytesSec));
    const bool iops = set(limits.totalIopsSec) && (set(limits.readIopsSec) || set(limits.writeIopsSec));
    if (bytes || iops)
        throw Refusal(Reason::InvalidParameter, "give either the total limit or those for reading and writing")
            .at(at);
}

IoTune readIoTune(DictionaryReader& reader)
{
    const bool current = reader.raw("specParams").isMember("ioTune");
    const std::string at = current ? "/specParams/ioTune" : "/iotune";
    if (current && reader.has("iotune"))
        throw Refusal(Reason::InvalidParameter, "the limits are given twice; give specParams.ioTune only").at("/iotune");
    const auto& tune = current ? reader.raw("specParams")["ioTune"] : reader.raw("iotune");
    auto limits = readLimits(tune, at, reader);
    reader.finish();
    requireUnmixed(limits, at);
    return limits;
}

void readTuning(DictionaryReader& reader, DiskRequest& disk)
{
    disk.errorPolicy = readErrorPolicy(reader);
    disk.cache = choice<CacheMode>(reader, "cache",
        {{"none", CacheMode::None}, {"writethrough", CacheMode::Writethrough}, {"writeback", CacheMode::Writeback},
         {"directsync", CacheMode::DirectSync}, {"unsafe", CacheMode::Unsafe}});
    disk.discard = readDiscard(reader);
    disk.shared = readShared(reader);
    disk.readonly = reader.flag("readonly").value_or(false);
    disk.optional = reader.flag("optional").value_or(false);
}

/// What only some disks can have, and those that VDSM had and nobody needs.
void warnOfIgnored(const DictionaryReader& reader, const DiskRequest& disk, Warnings& warnings)
{
    warnIgnored(reader, ignored, warnings);
    if (reader.has("name") && !reader.has("protocol"))
        warnIgnored("name", warnings);
    if (reader.has("sgio"))
        warnIgnored("sgio", warnings);
    const bool onHost = std::holds_alternative<ImagePath>(disk.source)
        || std::holds_alternative<ImageQuartet>(disk.source);
    if (reader.has("diskType") && onHost)
        warnIgnored("diskType", warnings);
    if (reader.raw("specParams").isMember("pinToIoThread"))
        warnIgnored("specParams.pinToIoThread", warnings);
}

/// What the dictionary says of the device itself.
DiskRequest readDisk(DictionaryReader& reader)
{
    DiskRequest disk;
    disk.id = reader.deviceId();
    const bool lun = reader.word("device") == "lun";
    disk.device = lun ? DiskDevice::Lun : DiskDevice::Disk;
    disk.format = choice<DiskFormat>(reader, "format",
        {{"cow", DiskFormat::Qcow2}, {"qcow2", DiskFormat::Qcow2}, {"raw", DiskFormat::Raw}}).value_or(DiskFormat::Raw);
    disk.bus = choice<Bus>(reader, "iface", {{"virtio", Bus::Virtio}, {"scsi", Bus::Scsi}, {"sata", Bus::Sata},
        {"ide", Bus::Ide}}).value_or(lun ? Bus::Scsi : Bus::Virtio);
    disk.index = reader.number("index", 0, maxIndex);
    disk.address = reader.address();
    disk.bootOrder = reader.number("bootOrder", 1, maxBootOrder);
    disk.serial = reader.text("serial");
    disk.managedReservation = reader.flag("managed_reservation").value_or(false);
    return disk;
}

} // namespace

void dropIgnoredOfDrive(Json::Value& drive)
{
    for (const auto key : ignored)
        drive.removeMember(std::string(key));
}

DiskRequest readDrive(const Json::Value& drive, Warnings& warnings)
{
    DictionaryReader reader(drive);
    refuseMediumDrives(reader);
    auto disk = readDisk(reader);
    readTuning(reader, disk);
    disk.source = readSource(reader).value_or(SourceRef());
    disk.ioTune = readIoTune(reader);
    requireSoundSource(reader, true);
    requireLunForSgio(reader, disk);
    refuseIfAsked(reader, unsupported, "leave it out");
    warnOfIgnored(reader, disk, warnings);
    return disk;
}

DeviceQuery readDriveQuery(const Json::Value& drive)
{
    DictionaryReader reader(drive);
    refuseMediumDrives(reader);
    DeviceQuery query;
    query.kind = DeviceKind::Disk;
    query.id = reader.deviceId();
    query.alias = reader.alias();
    query.source = readSource(reader);
    query.serial = reader.text("serial");
    query.address = reader.address();
    reader.finish();
    requireSoundSource(reader, false);
    if (!query.id && !query.alias && !query.source && !query.serial && !query.address)
        throw Refusal(Reason::MissingParameter, "nothing names the disk; give its deviceId, source, serial or address")
            .at("/deviceId");
    return query;
}

} // namespace hotplug::wire
