#include "bench/client.h"

#include "hotplugctl/format/json_text.h"

#include <stdexcept>

namespace hotplug::bench {

using test::object;
using test::with;

Json::Value Client::ask(const std::string& verb, const Json::Value& params)
{
    const auto request = object({{"jsonrpc", "2.0"}, {"id", 1}, {"method", verb}, {"params", params}});
    const auto reply = http_.post("/rpc", ctl::compactJson(request), Clock::now() + std::chrono::seconds(60));
    std::string problem;
    if (auto answer = ctl::parseJson(reply.body, problem))
        return *answer;
    throw std::runtime_error(verb + " was answered with no JSON: " + problem);
}

Json::Value Client::must(const std::string& verb, const Json::Value& params)
{
    const auto answer = ask(verb, params);
    if (!answer.isMember("result"))
        throw std::runtime_error(verb + " was answered " + ctl::compactJson(answer));
    return answer["result"];
}

std::string Device::xml(Client& client) const
{
    return client.must(plugVerb, with(plug, {{"dryRun", true}}))["plan"]["xml"].asString();
}

Device diskDevice(const std::string& vm, const std::string& id, const std::string& image, const std::string& bus)
{
    const auto request = test::drive(image, {{"deviceId", id}, {"serial", id}, {"iface", bus}});
    return {"hotplugDisk", "hotunplugDisk", "ua-" + id, with(request, {{"vmId", vm}}),
        object({{"deviceId", id}, {"vmId", vm}})};
}

Device nicDevice(const std::string& vm, const std::string& id, const std::string& bridge)
{
    const auto request = test::nic(bridge, {{"deviceId", id}, {"macAddr", nicMac}});
    return {"hotplugNic", "hotunplugNic", "ua-" + id, with(request, {{"vmId", vm}}),
        object({{"deviceId", id}, {"vmId", vm}})};
}

} // namespace hotplug::bench
