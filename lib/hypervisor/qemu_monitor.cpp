#include "hypervisor/qemu_monitor.h"

#include "hypervisor/classify.h"

#include <json/json.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <memory>
#include <sstream>

namespace hotplug {

namespace {

/// QEMU refused a command; its class tells what kind of refusal it was.
class QemuError : public HypervisorError {
public:
    explicit QemuError(const Json::Value& error)
        : HypervisorError(classify(VIR_ERR_INTERNAL_ERROR, error["desc"].asString()), error["desc"].asString()),
          notFound_(error["class"] == "DeviceNotFound"
              || error["desc"].asString().find("not found") != std::string::npos
              || error["desc"].asString().find("Failed to find node") != std::string::npos)
    {
    }
    bool notFound() const { return notFound_; }

private:
    bool notFound_;
};

Json::Value parse(const std::string& text)
{
    Json::CharReaderBuilder builder;
    Json::CharReaderBuilder::strictMode(&builder.settings_);
    const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
    Json::Value value;
    std::string problem;
    if (!reader->parse(text.data(), text.data() + text.size(), &value, &problem) || !value.isObject())
        throw HypervisorError(ErrorKind::Other, "QEMU's monitor answered what is no JSON object: " + problem);
    return value;
}

Json::Value run(const QemuMonitor& monitor, const char* command, const Json::Value& arguments = Json::objectValue)
{
    Json::Value request;
    request["execute"] = command;
    request["arguments"] = arguments;
    auto reply = parse(monitor(Json::writeString(Json::StreamWriterBuilder(), request), 0));
    if (reply.isMember("error"))
        throw QemuError(reply["error"]);
    return reply["return"];
}

Json::Value argument(const char* key, const std::string& value)
{
    Json::Value arguments;
    arguments[key] = value;
    return arguments;
}

/// False: there is no such thing.
bool runIfThere(const QemuMonitor& monitor, const char* command, const Json::Value& arguments)
{
    try {
        run(monitor, command, arguments);
        return true;
    } catch (const QemuError& error) {
        if (!error.notFound())
            throw;
        return false;
    }
}

/// libvirt names what it makes for storage `libvirt-7-format`, `libvirt-7-storage-auth-secret0` …
bool isNumbered(const std::string& name)
{
    constexpr std::string_view prefix = "libvirt-";
    return name.starts_with(prefix) && name.size() > prefix.size() && name[prefix.size()] >= '0'
        && name[prefix.size()] <= '9';
}

std::vector<std::string> children(const QemuMonitor& monitor, const char* path)
{
    std::vector<std::string> names;
    for (const auto& child : run(monitor, "qom-list", argument("path", path)))
        if (child["type"].asString().starts_with("child<"))
            names.push_back(child["name"].asString());
    return names;
}

void appendNodes(const QemuMonitor& monitor, std::vector<QemuBackend>& backends)
{
    Json::Value flat;
    flat["flat"] = true;
    for (const auto& node : run(monitor, "query-named-block-nodes", flat))
        if (const auto name = node["node-name"].asString(); isNumbered(name))
            backends.push_back({QemuBackend::Kind::BlockNode, name});
}

void appendSecrets(const QemuMonitor& monitor, std::vector<QemuBackend>& backends)
{
    for (const auto& name : children(monitor, "/objects"))
        if (isNumbered(name))
            backends.push_back({QemuBackend::Kind::Secret, name});
}

/// There is no other list of them: ` hostua-red: index=0,type=tap,…` and `ua-red: …` above it.
void appendNetdevs(const QemuMonitor& monitor, std::vector<QemuBackend>& backends)
{
    std::istringstream lines(monitor("info network", VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP));
    for (std::string line; std::getline(lines, line);) {
        const auto begin = line.find_first_not_of(" \\");
        const auto end = line.find(':');
        if (begin != std::string::npos && end != std::string::npos && line.compare(begin, 4, "host") == 0)
            backends.push_back({QemuBackend::Kind::Netdev, line.substr(begin, end - begin)});
    }
}

/// `tapfd-ua-red0` and on, one for each queue.
void closeTaps(const QemuMonitor& monitor, const std::string& name)
{
    for (unsigned queue = 0; runIfThere(monitor, "closefd", argument("fdname", name + std::to_string(queue))); ++queue) {
    }
}

void drop(const QemuMonitor& monitor, const QemuBackend& backend)
{
    switch (backend.kind) {
    case QemuBackend::Kind::BlockNode:
        runIfThere(monitor, "blockdev-del", argument("node-name", backend.name));
        return;
    case QemuBackend::Kind::Secret:
        runIfThere(monitor, "object-del", argument("id", backend.name));
        return;
    case QemuBackend::Kind::Netdev:
        runIfThere(monitor, "netdev_del", argument("id", backend.name));
        return;
    case QemuBackend::Kind::Taps:
        closeTaps(monitor, backend.name);
        return;
    }
}

} // namespace

QemuView askQemu(const QemuMonitor& monitor)
{
    QemuView view;
    for (const auto& name : children(monitor, "/machine/peripheral"))
        view.devices.emplace_back(name);
    appendNodes(monitor, view.backends);
    appendSecrets(monitor, view.backends);
    appendNetdevs(monitor, view.backends);
    return view;
}

void unplugFromQemu(const QemuMonitor& monitor, const Alias& alias)
{
    runIfThere(monitor, "device_del", argument("id", alias.str()));
}

/// A node is in use by the one above it, in no order that could be told from their names: as long as one goes, the
/// others are tried again.
void dropFromQemu(const QemuMonitor& monitor, const std::vector<QemuBackend>& backends)
{
    auto left = backends;
    while (!left.empty()) {
        std::optional<HypervisorError> inUse;
        const auto refused = [&](const QemuBackend& backend) {
            try {
                drop(monitor, backend);
                return false;
            } catch (const QemuError& error) {
                inUse = error;
                return true;
            }
        };
        const auto before = left.size();
        std::erase_if(left, [&](const QemuBackend& backend) { return !refused(backend); });
        if (left.size() == before)
            throw *inUse;
    }
}

} // namespace hotplug
