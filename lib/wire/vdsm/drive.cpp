#include "wire/vdsm/dictionary_parts.h"

#include <fmt/format.h>

namespace hotplug::wire {

namespace {

constexpr unsigned maxIndex = 18277;            // the last target of three letters, vdzzz

constexpr std::string_view ignored[] = {"name", "truesize", "apparentsize", "reqsize", "custom", "vm_custom", "sgio",
    "diskType", "blockDev", "volumeChain", "volumeInfo", "baseVolumeID", "extSharedState", "guestName", "vmid",
    "managed_reservation", "discard_no_unref"};
constexpr const char* imageKeys[] = {"poolID", "domainID", "imageID", "volumeID"};
constexpr std::string_view unsupported[] = {"GUID", "UUID", "poolID", "domainID", "imageID", "volumeID", "protocol",
    "hosts", "auth", "diskReplicate"};

// A4: the source is named in exactly one way.
std::vector<std::string> sourcesOf(const DictionaryReader& reader)
{
    std::vector<std::string> sources;
    for (const char* key : {"path", "GUID", "UUID", "protocol"})
        if (reader.has(key))
            sources.emplace_back(key);
    const auto* part = std::ranges::find_if(imageKeys, [&](const char* key) { return reader.has(key); });
    if (part != std::end(imageKeys))
        sources.emplace_back(*part);
    return sources;
}

void refuseUnsupported(const DictionaryReader& reader)
{
    const auto device = reader.text("device");
    if (device && device != "disk")
        throw notSupported("device", "only disk is supported");
    refuseIfAsked(reader, unsupported, "name the disk by path");
}

std::string requirePath(const DictionaryReader& reader)
{
    const auto sources = sourcesOf(reader);
    if (sources.empty())
        throw Refusal(Reason::MissingParameter, "the disk has no source; give its path").at("/path");
    if (sources.size() > 1)
        throw Refusal(Reason::InvalidParameter, fmt::format("the disk has several sources ({}); give one",
            fmt::join(sources, ", "))).at("/" + sources.back());
    refuseUnsupported(reader);
    return reader.text("path").value_or(std::string());
}

bool readShared(DictionaryReader& reader)
{
    const auto word = reader.text("shared");
    if (word == "transient")
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
    const auto limits = readLimits(tune, at, reader);
    reader.finish();
    requireUnmixed(limits, at);
    return limits;
}

void readTuning(DictionaryReader& reader, DiskRequest& disk)
{
    disk.errorPolicy = choice<ErrorPolicy>(reader, "propagateErrors",
        {{"off", ErrorPolicy::Stop}, {"on", ErrorPolicy::Enospace}, {"report", ErrorPolicy::Report}});
    disk.cache = choice<CacheMode>(reader, "cache",
        {{"none", CacheMode::None}, {"writethrough", CacheMode::Writethrough}, {"writeback", CacheMode::Writeback},
         {"directsync", CacheMode::DirectSync}, {"unsafe", CacheMode::Unsafe}});
    disk.discard = readDiscard(reader);
    disk.shared = readShared(reader);
    disk.readonly = reader.flag("readonly").value_or(false);
    disk.optional = reader.flag("optional").value_or(false);
}

void warnPinning(const Json::Value& specParams, Warnings& warnings)
{
    if (specParams.isMember("pinToIoThread"))
        warnings.emplace_back("specParams.pinToIoThread has no effect here and was ignored");
}

} // namespace

DiskRequest readDrive(const Json::Value& drive, Warnings& warnings)
{
    DictionaryReader reader(drive);
    DiskRequest disk;
    disk.id = reader.deviceId();
    disk.format = choice<DiskFormat>(reader, "format",
        {{"cow", DiskFormat::Qcow2}, {"qcow2", DiskFormat::Qcow2}, {"raw", DiskFormat::Raw}}).value_or(DiskFormat::Raw);
    disk.bus = choice<Bus>(reader, "iface",
        {{"virtio", Bus::Virtio}, {"scsi", Bus::Scsi}, {"sata", Bus::Sata}, {"ide", Bus::Ide}}).value_or(Bus::Virtio);
    disk.index = reader.number("index", 0, maxIndex);
    disk.address = reader.address();
    disk.bootOrder = reader.number("bootOrder", 1, maxBootOrder);
    disk.serial = reader.text("serial");
    readTuning(reader, disk);
    disk.ioTune = readIoTune(reader);
    disk.path = requirePath(reader);
    warnIgnored(reader, ignored, warnings);
    warnPinning(drive["specParams"], warnings);
    return disk;
}

DeviceQuery readDriveQuery(const Json::Value& drive)
{
    DictionaryReader reader(drive);
    DeviceQuery query;
    query.kind = DeviceKind::Disk;
    query.id = reader.deviceId();
    query.alias = reader.alias();
    query.path = reader.text("path");
    query.serial = reader.text("serial");
    query.address = reader.address();
    reader.finish();
    refuseUnsupported(reader);
    if (!query.id && !query.alias && !query.path && !query.serial && !query.address)
        throw Refusal(Reason::MissingParameter, "nothing names the disk; give its deviceId, path, serial or address")
            .at("/deviceId");
    return query;
}

} // namespace hotplug::wire
