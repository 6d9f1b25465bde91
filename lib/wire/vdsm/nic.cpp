#include "wire/jsonrpc/schema_problems.h"
#include "wire/vdsm/dictionary_parts.h"

#include <array>
#include <charconv>
#include <fmt/format.h>

namespace hotplug::wire {

namespace {

constexpr unsigned leastMtu = 68, mostMtu = 65535;
constexpr unsigned mostQueues = 256;            // of the kernel's tap
constexpr unsigned mostRate = std::numeric_limits<unsigned>::max();
constexpr unsigned mostBurst = 4194303;         // tc keeps it in bytes, in 32 bits

constexpr std::string_view ignored[] = {"name", "vm_custom", "vmid"};
constexpr std::string_view unsupported[] = {"portMirroring", "promisc"};
constexpr std::string_view elsewhere[] = {"bandwidth"};

/// `pci_0000_05_00_1` as VDSM and libvirt name the host's device, or `0000:05:00.1`.
std::optional<PciAddress> parseHostDevice(std::string_view text)
{
    const bool named = text.starts_with("pci_");
    const std::string_view separators = named ? "___" : "::.";
    if (named)
        text.remove_prefix(4);
    constexpr std::array lengths = {4U, 2U, 2U, 1U};
    constexpr std::array most = {0xffffU, 0xffU, 0x1fU, 7U};
    std::array<unsigned, lengths.size()> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto part = text.substr(0, lengths[i]);
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), parts[i], 16);
        if (part.size() != lengths[i] || error != std::errc() || end != part.data() + part.size() || parts[i] > most[i])
            return std::nullopt;
        text.remove_prefix(part.size());
        if (i < separators.size() && (text.empty() || text.front() != separators[i]))
            return std::nullopt;
        text.remove_prefix(i < separators.size() ? 1 : 0);
    }
    return text.empty() ? std::optional(PciAddress{parts[0], parts[1], parts[2], parts[3]}) : std::nullopt;
}

/// What each kind of NIC must name (SPEC B9).
void readAttachment(DictionaryReader& reader, NicRequest& request)
{
    const auto require = [&](bool given, const char* at) {
        if (!given)
            reader.problem(at, fmt::format("is required for device {}", name(request.kind)));
    };
    const bool sriov = request.kind == NicKind::Sriov;
    require(sriov || reader.has("network"), "/network");
    require(!sriov || reader.has("hostdev"), "/hostdev");
    if (!sriov)
        request.network = reader.text("network").value_or(std::string());
    request.profile = reader.raw("specParams")["profile"].asString();
    require(request.kind != NicKind::Vnlink || !request.profile.empty(), "/specParams/profile");
    if (!request.profile.empty() && !isPrintable(request.profile))
        reader.problem("/specParams/profile", "must be printable");
    if (!reader.has("hostdev"))
        return;
    request.virtualFunction = parseHostDevice(reader.raw("hostdev").asString());
    if (!request.virtualFunction)
        reader.problem("/hostdev", "must be a PCI device such as pci_0000_05_00_1 or 0000:05:00.1");
}

Bandwidth readBandwidth(DictionaryReader& reader, const char* direction)
{
    const auto& limits = reader.raw("specParams")[direction];
    if (limits.empty())
        return {};
    const auto at = std::string("/specParams/") + direction;
    if (!limits.isMember("average"))
        reader.problem(at + "/average", "is required");
    return {reader.numberIn(limits, at, "average", 1, mostRate), reader.numberIn(limits, at, "peak", 1, mostRate),
        reader.numberIn(limits, at, "burst", 1, mostBurst)};
}

std::optional<unsigned> readQueues(DictionaryReader& reader)
{
    const auto& custom = reader.raw("custom");
    if (reader.has("queues") || !custom.isObject())
        return reader.number("queues", 1, mostQueues);
    return reader.numberIn(custom, "/custom", "queues", 1, mostQueues);
}

bool readIsolated(DictionaryReader& reader)
{
    const auto named = choice<bool>(reader, "port_isolated", {{"yes", true}, {"no", false}});
    return named ? *named : reader.flag("port_isolated").value_or(false);
}

void addParameter(DictionaryReader& reader, NicRequest& request, FilterParameter parameter, const std::string& at)
{
    if (!isMadeOf(parameter.name, "_"))
        reader.problem(at, "must have a name of A-Z a-z 0-9 _");
    if (!isPrintable(parameter.value))
        reader.problem(at, "must have a printable value");
    request.filterParameters.push_back(std::move(parameter));
}

/// A list of name and value, or an object.
void readFilter(DictionaryReader& reader, NicRequest& request)
{
    request.filter = reader.text("filter").value_or(std::string());
    if (!request.filter.empty() && !isPrintable(request.filter))
        reader.problem("/filter", "must be printable");
    const auto& parameters = reader.raw("filterParameters");
    for (auto one = parameters.begin(); one != parameters.end(); ++one) {
        const auto step = parameters.isArray() ? std::to_string(one.index()) : one.name();
        const auto at = "/filterParameters" + pointerStep(step);
        if (parameters.isArray())
            addParameter(reader, request, {(*one)["name"].asString(), (*one)["value"].asString()}, at);
        else if (one->isString())
            addParameter(reader, request, {step, one->asString()}, at);
        else
            reader.problem(at, "must be of type string");
    }
}

[[noreturn]] void refuse(const char* field, const char* sentence)
{
    throw Refusal(Reason::InvalidParameter, sentence).at(field);
}

/// Parts that need another one. What a kind or model of NIC can have is planning's to say.
void requireFittingParts(const NicRequest& request)
{
    if (request.virtualFunction && request.kind != NicKind::Sriov)
        refuse("/hostdev", "a virtual function belongs to device sriov; give that, or leave it out");
    if (!request.profile.empty() && request.kind != NicKind::Vnlink)
        refuse("/specParams/profile", "a port profile belongs to device vnlink; give that, or leave it out");
    if (request.filter.empty() && !request.filterParameters.empty())
        refuse("/filterParameters", "filterParameters belong to a filter; give that, or leave them out");
}

void warnOfCustom(const DictionaryReader& reader, Warnings& warnings)
{
    const auto& custom = reader.raw("custom");
    if (!custom.isObject())
        return custom.isNull() ? void() : warnIgnored("custom", warnings);
    for (const auto& key : custom.getMemberNames())
        if (key != "queues" || reader.has("queues"))
            warnIgnored("custom." + key, warnings);
}

void warnOfIgnored(const DictionaryReader& reader, const NicRequest& request, Warnings& warnings)
{
    warnIgnored(reader, ignored, warnings);
    warnOfCustom(reader, warnings);
    for (const char* key : {"network", "nicModel"})
        if (request.kind == NicKind::Sriov && reader.has(key))
            warnIgnored(key, warnings);
}

void readLook(DictionaryReader& reader, NicRequest& request)
{
    request.id = reader.deviceId();
    request.mac = reader.mac("macAddr");
    request.model = choice<NicModel>(reader, "nicModel",
        {{"pv", NicModel::Virtio}, {"virtio", NicModel::Virtio}, {"rtl8139", NicModel::Rtl8139},
         {"e1000", NicModel::E1000}, {"e1000e", NicModel::E1000e}}).value_or(NicModel::Virtio);
    request.address = reader.address();
    request.bootOrder = reader.number("bootOrder", 1, maxBootOrder);
    request.mtu = reader.number("mtu", leastMtu, mostMtu);
    request.queues = readQueues(reader);
    request.linkUp = reader.flag("linkActive").value_or(true);
    request.isolated = readIsolated(reader);
}

} // namespace

void dropIgnoredOfNic(Json::Value& nic)
{
    for (const auto key : ignored)
        nic.removeMember(std::string(key));
    const auto custom = nic["custom"];
    nic.removeMember("custom");
    if (custom.isObject() && custom.isMember("queues"))
        nic["custom"]["queues"] = custom["queues"];
}

NicRequest readNic(const Json::Value& nic, Warnings& warnings)
{
    DictionaryReader reader(nic);
    NicRequest request;
    request.kind = choice<NicKind>(reader, "device",
        {{"bridge", NicKind::Bridge}, {"bridgeless", NicKind::Bridgeless}, {"sriov", NicKind::Sriov},
         {"vnlink", NicKind::Vnlink}}).value_or(NicKind::Bridge);
    readLook(reader, request);
    readAttachment(reader, request);
    readFilter(reader, request);
    request.inbound = readBandwidth(reader, "inbound");
    request.outbound = readBandwidth(reader, "outbound");
    reader.finish();
    refuseIfAsked(reader, unsupported, "leave it out");
    refuseIfAsked(reader, elsewhere, "give specParams.inbound and specParams.outbound");
    requireFittingParts(request);
    warnOfIgnored(reader, request, warnings);
    return request;
}

DeviceQuery readNicQuery(const Json::Value& nic)
{
    DictionaryReader reader(nic);
    DeviceQuery query;
    query.kind = DeviceKind::Nic;
    query.id = reader.deviceId();
    query.alias = reader.alias();
    query.mac = reader.mac("macAddr");
    query.address = reader.address();
    reader.finish();
    if (!query.id && !query.alias && !query.mac && !query.address)
        throw Refusal(Reason::MissingParameter, "nothing names the NIC; give its deviceId, macAddr or address")
            .at("/deviceId");
    return query;
}

} // namespace hotplug::wire
