#include "storage/image_signature.h"

#include <algorithm>

namespace hotplug {

namespace {

using namespace std::string_view_literals;

struct Signature {
    std::size_t offset;
    std::string_view bytes, format;
};

constexpr Signature signatures[] = {
    {0, "QFI\xfb\0\0\0\1"sv, "qcow"},
    {0, "QFI\xfb"sv, "qcow2"},
    {0, "QED\0"sv, "qed"},
    {0, "KDMV"sv, "vmdk"},
    {0, "COWD"sv, "vmdk"},
    {0, "# Disk DescriptorFile"sv, "vmdk"},
    {0, "vhdxfile"sv, "vhdx"},
    {0, "conectix"sv, "vpc"},
    {0, "WithoutFreeSpace"sv, "parallels"},
    {0, "WithouFreSpacExt"sv, "parallels"},
    {64, "\x7f\x10\xda\xbe"sv, "vdi"},
};

} // namespace

std::string_view imageSignature(std::span<const std::uint8_t> start)
{
    const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
    const auto carried = [text](const Signature& one) {
        return text.size() >= one.offset && text.substr(one.offset).starts_with(one.bytes);
    };
    const auto found = std::ranges::find_if(signatures, carried);
    return found == std::end(signatures) ? ""sv : found->format;
}

} // namespace hotplug
