#include "operation/qemu_leftovers.h"

#include <algorithm>
#include <charconv>

namespace hotplug {

namespace {

/// 7 of `libvirt-7-storage`; libvirt's XML has it as the source's index.
unsigned numberOf(const std::string& backend)
{
    constexpr std::size_t prefix = std::string_view("libvirt-").size();
    unsigned number = 0;
    if (backend.size() > prefix)
        std::from_chars(backend.data() + prefix, backend.data() + backend.size(), number);
    return number;
}

bool isLeftover(const QemuBackend& backend, const Plan& plan, const Definition& live)
{
    if (plan.kind == DeviceKind::Nic)
        return backend.kind == QemuBackend::Kind::Netdev && backend.name == "host" + plan.alias.str();
    return backend.kind != QemuBackend::Kind::Netdev
        && std::ranges::find(live.storageNumbers, numberOf(backend.name)) == live.storageNumbers.end();
}

} // namespace

QemuLeftovers findLeftovers(const QemuView& qemu, const Plan& plan, const Definition& live)
{
    QemuLeftovers found;
    found.device = std::ranges::find(qemu.devices, plan.alias) != qemu.devices.end();
    for (const auto& backend : qemu.backends)
        if (isLeftover(backend, plan, live))
            found.backends.push_back(backend);
    if (plan.kind == DeviceKind::Nic)
        for (const char* kind : {"tapfd-", "vhostfd-"})
            found.backends.push_back({QemuBackend::Kind::Taps, kind + plan.alias.str()});
    return found;
}

} // namespace hotplug
