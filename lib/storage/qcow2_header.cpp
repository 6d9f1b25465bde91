#include "storage/qcow2_header.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace hotplug {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t magic = 0x514649fb;                 // QFI\xfb
constexpr std::uint32_t endOfExtensions = 0, backingFormatExtension = 0xE2792ACA, dataFileExtension = 0x44415441;
constexpr std::uint32_t version2Length = 72, version3Length = 104;
constexpr std::uint32_t minClusterBits = 9, maxClusterBits = 21;
constexpr std::size_t maxBackingName = 1023, maxFormatName = 15, maxDataFileName = 4095;    // as QEMU has them
constexpr std::uint64_t corruptFeature = 1 << 1, dataFileFeature = 1 << 2, knownFeatures = 0x1f;

static_assert(maxQcow2Cluster == std::size_t{1} << maxClusterBits);

Bytes slice(Bytes bytes, std::uint64_t offset, std::uint64_t size)
{
    if (offset > bytes.size() || size > bytes.size() - offset)
        throw MalformedQcow2("has a qcow2 header that is cut off");
    return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

template<typename Number> Number bigEndian(Bytes bytes, std::uint64_t offset)
{
    std::uint64_t value = 0;
    for (const auto byte : slice(bytes, offset, sizeof(Number)))
        value = value << 8 | byte;
    return static_cast<Number>(value);
}

std::uint32_t u32(Bytes bytes, std::uint64_t offset) { return bigEndian<std::uint32_t>(bytes, offset); }
std::uint64_t u64(Bytes bytes, std::uint64_t offset) { return bigEndian<std::uint64_t>(bytes, offset); }

std::string text(Bytes bytes)
{
    return {bytes.begin(), bytes.end()};
}

/// The fields that say where everything else is.
struct Layout {
    std::uint64_t clusterSize = 0, headerLength = version2Length, features = 0, backingOffset = 0, backingSize = 0;

    std::uint64_t extensionsEnd() const { return backingOffset ? backingOffset : clusterSize; }
};

std::uint64_t clusterSize(Bytes bytes)
{
    const auto version = u32(bytes, 4), bits = u32(bytes, 20);
    if (u32(bytes, 0) != magic)
        throw MalformedQcow2("has no qcow2 header");
    if (version != 2 && version != 3)
        throw MalformedQcow2(fmt::format("has a qcow2 header of version {}; 2 and 3 are known", version));
    if (bits < minClusterBits || bits > maxClusterBits)
        throw MalformedQcow2(
            fmt::format("has a qcow2 header with clusters of 2^{} bytes; 2^9 to 2^21 are valid", bits));
    return std::uint64_t{1} << bits;
}

void readVersion3(Bytes area, Layout& layout)
{
    layout.features = u64(area, 72);
    layout.headerLength = u32(area, 100);
    if (layout.headerLength < version3Length || layout.headerLength > layout.clusterSize)
        throw MalformedQcow2(
            fmt::format("has a qcow2 header with an impossible length of {} bytes", layout.headerLength));
    if (layout.features & ~knownFeatures)
        throw MalformedQcow2("uses qcow2 features that this version does not know");
    if (layout.features & corruptFeature)
        throw MalformedQcow2("is marked corrupt; repair it with qemu-img check -r all");
}

Layout readLayout(Bytes area)
{
    Layout layout;
    layout.clusterSize = clusterSize(area);
    if (u32(area, 4) == 3)
        readVersion3(area, layout);
    layout.backingOffset = u64(area, 8);
    layout.backingSize = layout.backingOffset ? u32(area, 16) : 0;
    if (layout.backingOffset && layout.backingOffset < layout.headerLength)
        throw MalformedQcow2("names its backing file inside its own header fields");
    if (layout.backingOffset > layout.clusterSize || layout.backingSize > layout.clusterSize - layout.backingOffset)
        throw MalformedQcow2("names its backing file outside its first cluster");
    if (layout.backingSize > maxBackingName)
        throw MalformedQcow2("has a backing file name of more than 1023 bytes");
    return layout;
}

/// QEMU takes the last of several; whoever takes the first is deceived. So there may be one only.
void setOnce(std::optional<std::string>& field, Bytes value, std::size_t limit, const char* meaning)
{
    if (field)
        throw MalformedQcow2(fmt::format("names its {} twice", meaning));
    if (value.size() > limit)
        throw MalformedQcow2(fmt::format("names its {} with more than {} bytes", meaning, limit));
    field = text(value);
}

void readExtensions(Bytes area, const Layout& layout, Qcow2Header& header)
{
    constexpr std::uint64_t prefix = 8, alignment = 8;
    const auto end = layout.extensionsEnd();
    for (auto offset = layout.headerLength; offset < end;) {
        const auto kind = u32(area, offset), size = u32(area, offset + 4);
        if (offset + prefix > end || (kind != endOfExtensions && size > end - offset - prefix))
            throw MalformedQcow2("has a qcow2 header extension that is too large");
        if (kind == endOfExtensions)
            return;
        const auto value = slice(area, offset + prefix, size);
        if (kind == backingFormatExtension)
            setOnce(header.backingFormat, value, maxFormatName, "backing format");
        else if (kind == dataFileExtension)
            setOnce(header.dataFile, value, maxDataFileName, "data file");
        offset += prefix + (size + alignment - 1) / alignment * alignment;
    }
}

} // namespace

std::size_t qcow2HeaderArea(std::span<const std::uint8_t> start)
{
    return static_cast<std::size_t>(clusterSize(start));
}

Qcow2Header parseQcow2Header(std::span<const std::uint8_t> area)
{
    const auto layout = readLayout(area);
    Qcow2Header header;
    header.bytes = u64(area, 24);
    header.encrypted = u32(area, 32) != 0;
    header.backingName = text(slice(area, layout.backingOffset, layout.backingSize));
    readExtensions(area, layout, header);
    if (header.bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        throw MalformedQcow2("has a qcow2 header with an impossible disk size");
    if (header.dataFile.has_value() != ((layout.features & dataFileFeature) != 0))
        throw MalformedQcow2("has a qcow2 header that does not say clearly whether there is a data file");
    return header;
}

} // namespace hotplug
