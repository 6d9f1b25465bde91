#include "wire/vdsm/answer.h"

#include <fmt/format.h>

namespace hotplug::wire {

namespace {

using verbs::DeviceView;

template<typename Enum> std::string word(Enum value)
{
    return std::string(name(value));
}

std::string word(verbs::GuestSeen seen)
{
    switch (seen) {
    case verbs::GuestSeen::Yes: return "yes";
    case verbs::GuestSeen::No: return "no";
    case verbs::GuestSeen::Unknown: break;
    }
    return "unknown";
}

Json::Value pci(const PciAddress& address)
{
    Json::Value json;
    json["type"] = "pci";
    json["domain"] = fmt::format("{:#06x}", address.domain);
    json["bus"] = fmt::format("{:#04x}", address.bus);
    json["slot"] = fmt::format("{:#04x}", address.slot);
    json["function"] = fmt::format("{:#x}", address.function);
    return json;
}

Json::Value drive(const DriveAddress& address)
{
    Json::Value json;
    json["type"] = "drive";
    json["controller"] = std::to_string(address.controller);
    json["bus"] = std::to_string(address.bus);
    json["target"] = std::to_string(address.target);
    json["unit"] = std::to_string(address.unit);
    return json;
}

Json::Value orNull(const std::optional<Address>& address)
{
    return address ? toJson(*address) : Json::Value();
}

Json::Value orNull(const std::optional<DeviceId>& id)
{
    return id ? Json::Value(id->str()) : Json::Value();
}

void addUnlessEmpty(Json::Value& json, const char* key, const std::string& value)
{
    if (!value.empty())
        json[key] = value;
}

// What listDevices and changes say alike.
Json::Value deviceCore(const DeviceView& device)
{
    Json::Value json;
    json["deviceId"] = orNull(device.id);
    json["kind"] = word(device.kind);
    json["plugged"] = device.plugged;
    json["state"] = word(device.state);
    json["alias"] = device.alias.str();
    json["address"] = orNull(device.address);
    json["target"] = device.target;
    addUnlessEmpty(json, "serial", device.serial);
    addUnlessEmpty(json, "macAddr", device.mac);
    addUnlessEmpty(json, "source", device.source);
    addUnlessEmpty(json, "model", device.model);
    return json;
}

Json::Value changedDevice(const DeviceView& device, bool guestSeen)
{
    auto json = deviceCore(device);
    addUnlessEmpty(json, "guestSerial", device.guestSerial);
    if (guestSeen)
        json["guestSeen"] = word(device.guestSeen);
    return json;
}

bool plugsNic(const verbs::ChangeAnswer& answer)
{
    return !answer.plans.empty() && answer.plans.front().kind == DeviceKind::Nic && answer.plans.front().goal == Goal::Plug;
}

// Engines read devices and xml of a plugged NIC, and nothing of all others.
void addForEngines(Json::Value& result, const verbs::ChangeAnswer& answer)
{
    result["xml"] = answer.domainXml;
    result["devices"] = Json::arrayValue;
    for (const auto& device : answer.devices) {
        Json::Value entry;
        entry["macAddr"] = device.mac;
        entry["alias"] = device.alias.str();
        result["devices"].append(std::move(entry));
    }
}

Json::Value toJson(const Plan& plan)
{
    Json::Value json;
    json["goal"] = word(plan.goal);
    json["deviceId"] = orNull(plan.device);
    json["alias"] = plan.alias.str();
    json["address"] = orNull(plan.address);
    json["target"] = plan.target;
    json["xml"] = plan.deviceXml;
    json["persist"] = plan.persist;
    json["conflicts"] = Json::arrayValue;
    return json;
}

// The list, and what is in it beside it when it is one.
void addList(Json::Value& result, const char* one, const char* all, Json::Value list)
{
    if (list.size() == 1)
        result[one] = list[0];
    result[all] = std::move(list);
}

} // namespace

Json::Value done()
{
    Json::Value result;
    result["status"]["code"] = 0;
    result["status"]["message"] = "Done";
    return result;
}

Json::Value toJson(const Address& address)
{
    if (const auto* onPci = std::get_if<PciAddress>(&address))
        return pci(*onPci);
    return drive(std::get<DriveAddress>(address));
}

Json::Value toJson(const VmSummary& vm)
{
    Json::Value json;
    json["vmId"] = vm.uuid.str();
    json["name"] = vm.name;
    json["status"] = word(vm.status);
    json["persistent"] = vm.persistent;
    return json;
}

Json::Value toJson(const verbs::VmView& vm)
{
    auto json = toJson(vm.summary);
    json["machine"] = vm.machine;
    json["memoryMiB"] = Json::Value::UInt64(vm.memoryMiB);
    addUnlessEmpty(json, "problem", vm.problem);
    return json;
}

Json::Value listedDevice(const DeviceView& device)
{
    auto json = deviceCore(device);
    addUnlessEmpty(json, "problem", device.problem);
    json["guestSeen"] = word(device.guestSeen);
    return json;
}

Json::Value toJson(const Capacity& capacity)
{
    Json::Value json;
    for (const auto& [resource, count] : capacity.counts())
        json[resource] = count;
    json["blockers"] = Json::arrayValue;
    for (const auto& blocker : capacity.blockers) {
        Json::Value entry;
        entry["of"] = blocker.of;
        entry["reason"] = std::string(nameOf(blocker.reason));
        entry["sentence"] = blocker.sentence;
        json["blockers"].append(std::move(entry));
    }
    return json;
}

Json::Value changeResult(const verbs::ChangeAnswer& answer, bool guestSeen)
{
    auto result = done();
    if (answer.operationId)
        result["operationId"] = answer.operationId->str();
    Json::Value devices(Json::arrayValue);
    for (const auto& device : answer.devices)
        devices.append(changedDevice(device, guestSeen));
    addList(result, "device", "devices", std::move(devices));
    if (plugsNic(answer))
        addForEngines(result, answer);
    return result;
}

Json::Value planResult(const std::vector<Plan>& plans)
{
    auto result = done();
    result["dryRun"] = true;
    Json::Value list(Json::arrayValue);
    for (const auto& plan : plans)
        list.append(toJson(plan));
    addList(result, "plan", "plans", std::move(list));
    return result;
}

void addWarnings(Json::Value& result, const Warnings& warnings)
{
    for (const auto& warning : warnings)
        result["warnings"].append(warning);
}

} // namespace hotplug::wire
