#pragma once

#include "requests.h"
#include "support/catch.h"
#include "support/test_vm.h"

namespace hotplug::test {

inline constexpr unsigned mib = 1 << 20;

inline std::string emptyAsDash(const std::string& text)
{
    return text.empty() ? "-" : text;
}

/// Plugs a disk and returns the reply, once the guest has told of it with this serial and size and read from it.
inline Json::Value plugAndRead(TestVm& vm, const Json::Value& params, const std::string& guestSerial, unsigned size)
{
    const auto mark = vm.console().mark();
    const auto reply = vm.must("hotplugDisk", params);
    const auto seen = vm.console().waitFor(mark, "add disk", {{"serial", emptyAsDash(guestSerial)}});
    CHECK(seen["size"] == std::to_string(size));
    if (seen["bus"] == "virtio")
        CHECK(seen["address"] == addressText(reply["device"]["address"]));
    CHECK(vm.does("read", seen["name"]));
    CHECK(vm.device(reply["device"]["deviceId"].asString())["state"] == "plugged");
    return reply;
}

/// Unplugs a disk by its own dictionary; afterwards guest, QEMU, libvirt and the records know nothing of it.
inline void unplugLeavingNothing(TestVm& vm, const Json::Value& params, const Json::Value& plugged)
{
    const auto id = plugged["device"]["deviceId"].asString();
    const auto mark = vm.console().mark();
    vm.must("hotunplugDisk", params);
    vm.console().waitFor(mark, "del disk");
    CHECK(vm.guestDevices("disk").empty());
    CHECK(vm.device(id).isNull());
    CHECK(vm.liveXml().find(id) == std::string::npos);
    CHECK(vm.configXml().find(id) == std::string::npos);
    eventually("QEMU has closed the disk",
        [&] { return vm.monitor().execute("query-named-block-nodes").find("libvirt-") == std::string::npos; });
}

} // namespace hotplug::test
