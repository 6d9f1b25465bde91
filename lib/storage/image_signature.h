#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hotplug {

/// How many bytes from a file's beginning imageSignature() wants; fewer only when the file is shorter.
constexpr std::size_t signatureArea = 4096;

/// QEMU's name of the image format whose signature the file begins with; empty: none, so raw if anything. LUKS is left
/// out on purpose: a guest that encrypts its whole disk leaves that signature on a raw image. Pure.
std::string_view imageSignature(std::span<const std::uint8_t> start);

} // namespace hotplug
