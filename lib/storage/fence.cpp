#include "storage/fence.h"

#include <filesystem>

namespace hotplug {

std::string Fence::placeOf(const std::string& path) const
{
    const auto plain = std::filesystem::path(path).lexically_normal().string();
    return devices.allow(plain) ? plain : roots.placeOf(path);
}

} // namespace hotplug
