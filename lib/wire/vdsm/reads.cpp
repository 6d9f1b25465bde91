#include "wire/vdsm/answer.h"
#include "wire/vdsm/request.h"
#include "wire/vdsm/service.h"

namespace hotplug::wire {

namespace {

Json::Value list(const std::vector<std::string>& words)
{
    Json::Value array(Json::arrayValue);
    for (const auto& word : words)
        array.append(word);
    return array;
}

Json::Value methodNames(const Catalogue& catalogue)
{
    Json::Value names(Json::arrayValue);
    for (const auto& verb : catalogue.verbs()) {
        names.append(verb.name());
        if (!verb.engineName().empty())
            names.append(verb.engineName());
    }
    return names;
}

Json::Value ping(const Service&, const CheckedParams&)
{
    return done();
}

// The values that the keys of the dictionaries take.
void addDeviceKinds(Json::Value& result)
{
    result["diskBuses"] = list({"virtio", "scsi"});
    result["diskDevices"] = list({"disk", "lun"});
    result["diskFormats"] = list({"raw", "qcow2"});
    result["diskSources"] = list({"path", "imageID", "GUID", "UUID", "iscsi", "nbd", "rbd"});
    result["nicDevices"] = list({"bridge", "bridgeless", "sriov", "vnlink"});
    result["nicModels"] = list({"pv", "rtl8139", "e1000", "e1000e"});
}

Json::Value getCapabilities(const Service& service, const CheckedParams&)
{
    auto result = done();
    result["software"] = "hotplugd";
    result["version"] = service.about.version;
    result["connection"] = service.about.connection;
    result["libvirt"] = service.context.hypervisor.connected();
    result["verbs"] = methodNames(service.catalogue);
    addDeviceKinds(result);
    result["imageRoots"] = list(service.about.imageRoots);
    result["blockDevices"] = list(service.about.blockDevices);
    result["dataCenterRoot"] = service.about.dataCenterRoot;
    return result;
}

Json::Value listVms(const Service& service, const CheckedParams&)
{
    auto result = done();
    result["vms"] = Json::arrayValue;
    for (const auto& vm : verbs::listVms(service.context))
        result["vms"].append(toJson(vm));
    return result;
}

Json::Value getVm(const Service& service, const CheckedParams& checked)
{
    auto result = done();
    result["vm"] = toJson(verbs::getVm(service.context, checked.vm()));
    return result;
}

Json::Value listDevices(const Service& service, const CheckedParams& checked)
{
    auto result = done();
    result["devices"] = Json::arrayValue;
    for (const auto& device : verbs::listDevices(service.context, checked.vm()))
        result["devices"].append(listedDevice(device));
    return result;
}

Json::Value capacity(const Service& service, const CheckedParams& checked)
{
    auto result = done();
    result["capacity"] = toJson(verbs::capacity(service.context, checked.vm()));
    return result;
}

using Read = Json::Value (*)(const Service&, const CheckedParams&);

Method method(const SharedService& service, const std::string& name, Read read)
{
    Method made;
    made.name = name;
    made.call = [service, name, read](const Json::Value& params, const CallInfo&) {
        const auto checked = checkParams(service->catalogue, name, params);
        return read(*service, checked);
    };
    return made;
}

Method ofLibvirt(Method made)
{
    made.reading = true;
    return made;
}

} // namespace

std::vector<Method> readingMethods(const SharedService& service)
{
    return {
        method(service, "ping", ping),
        method(service, "getCapabilities", getCapabilities),
        ofLibvirt(method(service, "capacity", capacity)),
        ofLibvirt(method(service, "listVms", listVms)),
        ofLibvirt(method(service, "getVm", getVm)),
        ofLibvirt(method(service, "listDevices", listDevices)),
    };
}

} // namespace hotplug::wire
