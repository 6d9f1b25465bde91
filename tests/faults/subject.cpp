#include "faults/subject.h"

#include "integration/requests.h"
#include "support/images.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace hotplug::test {

namespace {

constexpr auto guest = "the guest", live = "the live XML", config = "the definition", liveRecord = "the live record",
               configRecord = "the definition's record", device = "QEMU's devices", backend = "QEMU's backends",
               tap = "the bridge", listed = "listDevices";

std::string viewOf(const std::string& where, const Part& part)
{
    return where + ": " + part.id;
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

bool hasDevice(const std::string& domainXml, const Part& part)
{
    return deviceByAlias(parseDomain(domainXml), "ua-" + part.id);
}

bool hasRecord(const std::string& domainXml, const Part& part)
{
    const auto document = parseDomain(domainXml);
    for (const auto& record : document.child("domain").child("metadata").child("hotplugd:vm"))
        if (record.attribute("id").value() == part.id)
            return true;
    return false;
}

/// By image or by name: a backend that an attach has left behind has no device that would name it.
bool hasBackend(Qmp& qemu, const Part& part)
{
    if (part.kind == Part::Kind::Disk)
        return contains(qemu.execute("query-named-block-nodes"), part.backend);
    return contains(qemu.execute("human-monitor-command", R"({"command-line": "info network"})"), "hostua-" + part.id);
}

/// Only one NIC at a time comes to a subject's bridge.
bool hasTap(const Part& part)
{
    std::error_code none;
    const std::filesystem::directory_iterator ports("/sys/class/net/" + part.backend + "/brif", none);
    return ports != std::filesystem::directory_iterator();
}

bool guestHas(TestVm& vm, const Part& part)
{
    return !vm.guestDevices(part.kind == Part::Kind::Disk ? "disk" : "nic", part.inGuest).empty();
}

bool isInQemu(Qmp& qemu, const Part& part)
{
    return contains(qemu.execute("qom-list", R"({"path": "/machine/peripheral"})"), "\"ua-" + part.id + "\"");
}

bool isListedAsPlugged(TestVm& vm, const Part& part)
{
    const auto shown = vm.device(part.id);
    return !shown.isNull() && shown["state"] == "plugged";
}

void look(TestVm& vm, const Part& part, Views& seen)
{
    const auto note = [&](bool there, const char* where) {
        if (there)
            seen.insert(viewOf(where, part));
    };
    const auto liveXml = vm.liveXml(), configXml = vm.configXml();
    const bool runs = !liveXml.empty();
    note(runs && guestHas(vm, part), guest);
    note(hasDevice(liveXml, part), live);
    note(hasDevice(configXml, part), config);
    note(hasRecord(liveXml, part), liveRecord);
    note(hasRecord(configXml, part), configRecord);
    note(runs && isInQemu(vm.monitor(), part), device);
    note(runs && hasBackend(vm.monitor(), part), backend);
    note(part.kind == Part::Kind::Nic && hasTap(part), tap);
    note(isListedAsPlugged(vm, part), listed);
}

Part diskPart(const std::string& image, const std::string& id)
{
    return {Part::Kind::Disk, id, image, {{"serial", id}}};
}

Json::Value dictionaryOf(const Part& part)
{
    return diskOf(part.backend, {{"deviceId", part.id}, {"serial", part.id}});
}

} // namespace

Subject diskSubject(const TestHost& host, const std::string& id)
{
    const auto part = diskPart(makeRaw(host.imageRoot() / (id + ".img")), id);
    return {"disk", "hotplugDisk", "hotunplugDisk", object({{"drive", dictionaryOf(part)}}), {part}};
}

Subject nicSubject(const std::string& bridge, const std::string& id, const std::string& mac)
{
    return {"NIC", "hotplugNic", "hotunplugNic", nic(bridge, {{"deviceId", id}, {"macAddr", mac}}),
        {{Part::Kind::Nic, id, bridge, {{"mac", mac}}}}};
}

Subject listSubject(const TestHost& host, const std::string& id, const std::string& heldImage)
{
    const auto first = diskPart(makeRaw(host.imageRoot() / (id + "-1.img")), id + "-1");
    const auto second = diskPart(heldImage, id + "-2");
    return {"list", "hotplugDisk", "hotunplugDisk", drives({dictionaryOf(first), dictionaryOf(second)}),
        {first, second}};
}

Views seenIn(TestVm& vm, const Subject& subject)
{
    Views seen;
    for (const auto& part : subject.parts)
        look(vm, part, seen);
    return seen;
}

void leaveInQemu(Qmp& qemu, const Part& part)
{
    if (part.kind == Part::Kind::Disk) {
        qemu.execute("blockdev-add", fmt::format(
            R"({{"driver": "file", "filename": "{}", "node-name": "libvirt-99-storage"}})", part.backend));
        qemu.execute("blockdev-add",
            R"({"driver": "raw", "file": "libvirt-99-storage", "node-name": "libvirt-99-format"})");
        qemu.execute("device_add", fmt::format(R"({{"driver": "virtio-blk-pci", "id": "ua-{}", "bus": "pci.9",
            "drive": "libvirt-99-format", "serial": "{}"}})", part.id, part.inGuest.at("serial")));
        return;
    }
    // No tap: QEMU could not open one by itself, and it is not what matters here.
    qemu.execute("netdev_add", fmt::format(R"({{"type": "user", "id": "hostua-{}", "restrict": true}})", part.id));
    qemu.execute("device_add", fmt::format(R"({{"driver": "virtio-net-pci", "id": "ua-{0}", "bus": "pci.9",
        "netdev": "hostua-{0}", "mac": "{1}"}})", part.id, part.inGuest.at("mac")));
}

Views allOf(const Subject& subject)
{
    Views all;
    for (const auto& part : subject.parts) {
        for (const auto* where : {guest, live, config, liveRecord, configRecord, device, backend, listed})
            all.insert(viewOf(where, part));
        if (part.kind == Part::Kind::Nic)
            all.insert(viewOf(tap, part));
    }
    return all;
}

std::string textOf(const Views& seen, const Views& all)
{
    if (seen.empty())
        return "nowhere";
    if (seen == all)
        return "everywhere";
    Views missing;
    std::ranges::set_difference(all, seen, std::inserter(missing, missing.end()));
    return fmt::format("in {}; not in {}", fmt::join(seen, ", "), fmt::join(missing, ", "));
}

} // namespace hotplug::test
