#pragma once

#include "requests.h"
#include "support/bridge.h"
#include "support/images.h"
#include "support/test_vm.h"

#include <string>

namespace hotplug::test {

/// A device that is plugged and unplugged while something else happens.
struct Subject {
    std::string id, plugVerb, unplugVerb;
    Json::Value plug;                               ///< Params of the plug, but for the VM.
    std::string backend;                            ///< By which QEMU's lists name what is behind the device.
};

inline Subject diskSubject(const TestHost& host, const std::string& id, Members more = {})
{
    const auto image = makeRaw(host.imageRoot() / (id + ".img"));
    auto params = drive(image, {{"deviceId", id}});
    for (const auto& [name, value] : more)
        params["drive"][name] = value;
    return {id, "hotplugDisk", "hotunplugDisk", params, image};
}

inline Subject nicSubject(const Bridge& bridge, const std::string& id)
{
    return {id, "hotplugNic", "hotunplugNic", nic(bridge.name(), {{"deviceId", id}}), "hostua-" + id};
}

/// Where a device is, in libvirt's own files and by QEMU's own lists.
struct Whereabouts {
    bool live = false, config = false, recorded = false;
    bool qemuDevice = false, qemuBackend = false;

    bool operator==(const Whereabouts&) const = default;
};

inline constexpr Whereabouts nowhere{};
inline constexpr Whereabouts everywhere{true, true, true, true, true};

inline Whereabouts whereIs(TestVm& vm, const Subject& subject)
{
    const auto names = [](const std::string& text, const std::string& name) { return text.find(name) != std::string::npos; };
    const auto alias = "name='ua-" + subject.id + "'";
    const auto live = vm.liveXml();
    const auto backends = vm.monitor().execute("query-named-block-nodes")
        + vm.monitor().execute("human-monitor-command", R"({"command-line": "info network"})");
    return {
        .live = names(live, alias),
        .config = names(vm.configXml(), alias),
        .recorded = names(live, "id=\"" + subject.id + '"'),
        .qemuDevice = names(vm.monitor().execute("qom-list", R"({"path": "/machine/peripheral"})"), '"' + ("ua-" + subject.id) + '"'),
        .qemuBackend = names(backends, subject.backend),
    };
}

inline std::ostream& operator<<(std::ostream& out, const Whereabouts& seen)
{
    return out << "live " << seen.live << " config " << seen.config << " recorded " << seen.recorded << " device in QEMU "
               << seen.qemuDevice << " backend in QEMU " << seen.qemuBackend;
}

/// The operation that an answer names, whatever the answer.
inline std::string operationOf(const Json::Value& envelope)
{
    return (envelope.isMember("result") ? envelope["result"]["operationId"] : envelope["error"]["data"]["operationId"]).asString();
}

inline Json::Value operation(Hotplugd& daemon, const std::string& id)
{
    return daemon.must("getOperation", object({{"operationId", id}}));
}

inline bool isOpen(Hotplugd& daemon, const std::string& id)
{
    const auto outcome = operation(daemon, id)["outcome"];
    return outcome == "running" || outcome == "pending";
}

/// Waits for the end of an operation; its outcome.
inline std::string outcomeOf(Hotplugd& daemon, const std::string& id, milliseconds within = patience)
{
    eventually("operation " + id + " is settled", [&] { return !isOpen(daemon, id); }, within);
    return operation(daemon, id)["outcome"].asString();
}

} // namespace hotplug::test
