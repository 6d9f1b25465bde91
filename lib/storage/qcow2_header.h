#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

namespace hotplug {

/// What the header of a qcow2 image (version 2 or 3, QEMU's docs/interop/qcow2.txt) says about the files it needs.
struct Qcow2Header {
    std::uint64_t bytes = 0;                    ///< The disk's size as the guest sees it.
    bool encrypted = false;
    std::string backingName;                    ///< As written, any bytes; empty: none.
    std::optional<std::string> backingFormat;   ///< Empty: the header leaves it to guessing.
    std::optional<std::string> dataFile;        ///< The external file that holds the guest's data.
};

/// The bytes are no qcow2 header that QEMU accepts. `what()` continues a sentence that begins with the file's name.
class MalformedQcow2 : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// No cluster, and so no header, is larger than this.
constexpr std::size_t maxQcow2Cluster = std::size_t{2} << 20;

/// How many bytes from the file's beginning parseQcow2Header() wants: one cluster. Throws MalformedQcow2.
std::size_t qcow2HeaderArea(std::span<const std::uint8_t> start);

/// `area` holds the file's first cluster, or the whole file when it is shorter. Pure; made for hostile bytes: where
/// QEMU would choose between two readings, there is none. Throws MalformedQcow2.
Qcow2Header parseQcow2Header(std::span<const std::uint8_t> area);

} // namespace hotplug
