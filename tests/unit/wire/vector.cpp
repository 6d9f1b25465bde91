#include "unit/wire/vector.h"

#include "libvirtxml/device_xml.h"
#include "planning/bus_matrix.h"
#include "planning/nic_rules.h"
#include "unit/wire/reading.h"
#include "wire/vdsm/request.h"
#include "wire/vdsm/values.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace hotplug::test {

namespace {

using namespace hotplug::wire;

constexpr const char* data = HOTPLUGD_SOURCE_DIR "/tests/unit/wire/data/vdsm-device-xml.json";
constexpr const char* someVm = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";

Json::Value readData()
{
    std::ifstream file(data);
    const std::string text{std::istreambuf_iterator(file), {}};
    return parseShielded(text, {text.size(), 64, text.size()});
}

// The quartet and the GUID name the storage; the path beside them is what VDSM found there.
void readStorage(Vector& vector, const Json::Value& prepared)
{
    vector.path = prepared.isMember("path") ? prepared["path"].asString() : vector.input["path"].asString();
    vector.blockDevice = prepared["block_device"].asBool() || vector.input["diskType"] == "block";
    if (vector.input.isMember("imageID") || vector.input.isMember("GUID"))
        vector.input.removeMember("path");
}

Vector readVector(const Json::Value& json)
{
    Vector vector{json["id"].asString(), json["case"].asString(), json["profile"].asString(), json["device"] == "interface",
        json[json.isMember("input") ? "input" : "params"], {}, false, {}, {}};
    if (const auto index = parseNumber(json["index_chosen_by_host"]))
        vector.index = static_cast<unsigned>(*index);
    if (json["kind"] == "observed")
        vector.xml = json["expected_xml"].asString();
    if (!vector.nic)
        readStorage(vector, json["prepared"]);
    return vector;
}

HostSource sourceOf(const Vector& vector, const DiskRequest& disk)
{
    HostSource source;
    source.kind = vector.blockDevice ? SourceKind::Block : SourceKind::File;
    source.path = vector.path;
    if (const auto* volume = std::get_if<NetworkVolume>(&disk.source)) {
        source.kind = SourceKind::Network;
        source.network = *volume;
    }
    return source;
}

// SPEC A4: the image's id by default; the device's own, which follows, VDSM does not have.
std::string serialOf(const DiskRequest& disk)
{
    const auto* image = std::get_if<ImageQuartet>(&disk.source);
    return disk.serial.value_or(image ? image->image.str() : std::string());
}

std::string targetOf(const Vector& vector, const DiskRequest& disk)
{
    const auto prefix = disk.bus == Bus::Virtio ? "vd" : disk.bus == Bus::Ide ? "hd" : "sd";
    return targetName(prefix, vector.index.value_or(disk.index.value_or(0)));
}

XmlLines linesOf(const Vector& vector, const DiskRequest& disk)
{
    return xmlLines(printDisk(disk, {Alias("ua-x"), disk.address.value_or(PciAddress()), targetOf(vector, disk), serialOf(disk),
        sourceOf(vector, disk)}));
}

XmlLines linesOf(const NicRequest& nic)
{
    const auto address = nic.address ? std::get<PciAddress>(*nic.address) : PciAddress();
    return xmlLines(printNic(nic, {Alias("ua-x"), address, nic.mac ? *nic.mac : Mac::random()}));
}

CheckedParams check(const Vector& vector, const std::string& dropped)
{
    static const Catalogue catalogue;
    Json::Value params;
    params["vmId"] = someVm;
    auto& dictionary = params[vector.nic ? "nic" : "drive"];
    dictionary = vector.input;
    dictionary.removeMember(dropped);
    return checkParams(catalogue, vector.nic ? "hotplugNic" : "hotplugDisk", params);
}

// `-32602 /drive/format` -> `-32602 /format`
std::string withinDictionary(std::string refused)
{
    for (const std::string form : {" /drive/", " /nic/"})
        if (const auto at = refused.find(form); at != refused.npos)
            refused.erase(at + 1, form.size() - 2);
    return refused;
}

void translateDisk(const Vector& vector, const Json::Value& dictionary, XmlLines& lines)
{
    Warnings warnings;
    const auto disk = readDrive(dictionary, warnings);
    lines = linesOf(vector, disk);
    requireHotpluggable(disk, sourceOf(vector, disk));
}

void translateNic(const Json::Value& dictionary, XmlLines& lines)
{
    Warnings warnings;
    const auto nic = readNic(dictionary, warnings);
    lines = linesOf(nic);
    requireFittingNic(nic);
}

struct ByDesign {
    const char* start;                          ///< Of a line.
    const char* reason;
};

constexpr ByDesign theirsAlone[] = {
    {"/disk@snapshot=no", "snapshots of a disk are not ours to forbid"},
    {"/disk/source/seclabel", "libvirt labels the images that it opens"},
    {"/disk/alias@name=ua-", "ours follows from the deviceId"},
    {"/interface/alias@name=ua-", "ours follows from the deviceId"},
    {"/interface/link@state=up", "libvirt's default"},
    {"/interface/port@isolated=no", "libvirt's default"},
};

constexpr ByDesign oursAlone[] = {
    {"/disk/alias", "every device has its alias"},
    {"/interface/alias", "every device has its alias"},
    {"/disk/address@target=0", "we write drive addresses whole"},
};

// DESIGN, invariant 8: an address is always written; these are what we write where a vector has none.
bool isPlaceholder(const std::string& line, const XmlLines& theirs)
{
    const auto at = line.find("/address@");
    const auto given = [&](const std::string& other) { return other.find("/address@") != other.npos; };
    return at != line.npos && std::ranges::none_of(theirs, given);
}

template<typename Table> bool isIn(const Table& table, const std::string& line)
{
    return std::ranges::any_of(table, [&](const ByDesign& one) { return line.starts_with(one.start); });
}

// A MAC address is written in lower case; a serial that is there but empty is none.
XmlLines normal(const XmlLines& lines)
{
    XmlLines result;
    for (auto line : lines) {
        if (line.starts_with("/interface/mac@"))
            std::ranges::transform(line, line.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        if (line != "/disk/serial")
            result.insert(line);
    }
    return result;
}

} // namespace

std::vector<Vector> allVectors()
{
    std::vector<Vector> vectors;
    for (const auto& json : readData())
        vectors.push_back(readVector(json));
    return vectors;
}

Translation translate(const Vector& vector, const std::string& dropped)
{
    Translation result;
    result.refused = withinDictionary(verdict([&] {
        const auto checked = check(vector, dropped);
        if (vector.nic)
            translateNic(checked.entry(0), result.lines);
        else
            translateDisk(vector, checked.entry(0), result.lines);
    }));
    return result;
}

XmlLines differences(const XmlLines& theirs, const XmlLines& ours)
{
    const auto theirLines = normal(theirs), ourLines = normal(ours);
    XmlLines differing;
    for (const auto& line : theirLines)
        if (!ourLines.contains(line) && !isIn(theirsAlone, line))
            differing.insert("-" + line);
    for (const auto& line : ourLines)
        if (!theirLines.contains(line) && !isIn(oursAlone, line) && !isPlaceholder(line, theirs))
            differing.insert("+" + line);
    return differing;
}

} // namespace hotplug::test
