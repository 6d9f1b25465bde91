#pragma once

#include "base/uuid.h"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hotplug {

/// The caller's name for a device: `[A-Za-z0-9_-]{1,64}` (SPEC, Words). libvirt silently drops aliases made of
/// anything else, so nothing else can be a DeviceId.
class DeviceId {
public:
    static std::optional<DeviceId> parse(std::string_view text);
    /// UUIDv5 of VM and reference (a disk's source, a NIC's MAC): the same dictionary names the same device.
    static DeviceId derive(const Uuid& vm, std::string_view reference);

    const std::string& str() const { return text_; }
    auto operator<=>(const DeviceId&) const = default;

private:
    explicit DeviceId(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// A device's name inside libvirt: `ua-<deviceId>` for ours, whatever libvirt chose for others'.
class Alias {
public:
    Alias() = default;                                      ///< None.
    explicit Alias(std::string text) : text_(std::move(text)) {}
    static Alias of(const DeviceId& id) { return Alias("ua-" + id.str()); }

    /// The deviceId inside a `ua-` alias; empty for a device that others attached.
    std::optional<DeviceId> deviceId() const;
    const std::string& str() const { return text_; }
    bool empty() const { return text_.empty(); }
    auto operator<=>(const Alias&) const = default;

private:
    std::string text_;
};

/// A unicast MAC address.
class Mac {
public:
    /// Accepts `52:54:00:aa:bb:cc` in either case; refuses multicast and all-zero addresses.
    static std::optional<Mac> parse(std::string_view text);
    /// A random address with QEMU's prefix 52:54:00, for a NIC whose caller gave none.
    static Mac random();

    std::string str() const;                                ///< Lower case, with colons.
    auto operator<=>(const Mac&) const = default;

private:
    explicit Mac(const std::array<std::uint8_t, 6>& bytes) : bytes_(bytes) {}
    std::array<std::uint8_t, 6> bytes_{};
};

/// The preferred guest name of the index-th disk behind a prefix: vda … vdz, vdaa (SPEC A3).
std::string targetName(std::string_view prefix, unsigned index);
/// Which of the targets of its bus one is: `vdb` 1. Empty: no such name.
std::optional<unsigned> targetIndex(std::string_view target);

} // namespace hotplug
