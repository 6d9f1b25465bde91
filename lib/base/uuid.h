#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hotplug {

/// An RFC 4122 UUID: the name of a VM, an operation, an image. A plain value.
class Uuid {
public:
    using Bytes = std::array<std::uint8_t, 16>;

    Uuid() = default;                       ///< The nil UUID.
    explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

    /// Accepts the canonical form 8-4-4-4-12 in either case, nothing else.
    static std::optional<Uuid> parse(std::string_view text);

    /// Version 4, from the kernel's random source.
    static Uuid random();

    /// Version 5 (SHA-1): the same namespace and name always give the same UUID.
    static Uuid fromName(const Uuid& space, std::string_view name);

    std::string str() const;                ///< Canonical lower-case form.
    const Bytes& bytes() const { return bytes_; }

    auto operator<=>(const Uuid&) const = default;

private:
    Bytes bytes_{};
};

} // namespace hotplug

template<> struct std::hash<hotplug::Uuid> {
    std::size_t operator()(const hotplug::Uuid& uuid) const noexcept
    {
        return std::hash<std::string_view>{}(
            std::string_view(reinterpret_cast<const char*>(uuid.bytes().data()), uuid.bytes().size()));
    }
};
