#include "hotplugctl/vm_name.h"

#include "base/reason.h"
#include "base/uuid.h"
#include "hotplugctl/errors.h"
#include "hotplugctl/format/json_text.h"

#include <fmt/format.h>

namespace hotplug::ctl {

namespace {

RpcError unknownVm(const std::string& vmName)
{
    Json::Value data;
    data["reason"] = std::string(nameOf(Reason::VmNotFound));
    data["outcome"] = "refused";
    return {*entryOf(Reason::VmNotFound).code,
            fmt::format("Virtual machine does not exist: no VM has the UUID or name '{}'; one that is gone is named by its UUID",
                vmName), data};
}

/// libvirt alone knows names; much can be asked without it.
Json::Value listOfVms(Daemon& daemon, milliseconds wait)
{
    try {
        return daemon.call("listVms", Json::objectValue, wait);
    } catch (const RpcError& error) {
        throw RpcError(error.code(), fmt::format("{}; or name the VM by its UUID", error.what()), error.data());
    }
}

} // namespace

std::string vmIdOf(const std::string& uuidOrName, Daemon& daemon, milliseconds wait)
{
    if (const auto uuid = Uuid::parse(uuidOrName))
        return uuid->str();
    const auto result = listOfVms(daemon, wait);
    for (const Json::Value& vm : elementsOf(memberOf(result, "vms"))) {
        if (textOf(vm, "name") == uuidOrName)
            return textOf(vm, "vmId");
    }
    throw unknownVm(uuidOrName);
}

} // namespace hotplug::ctl
