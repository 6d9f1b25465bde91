#include "storage/mount_point.h"

#include "storage/image_name.h"

#include <fstream>
#include <sstream>

namespace hotplug {

namespace {

/// Of a line such as `36 35 98:0 /mnt1 /mnt2 rw,noatime - ext3 /dev/root rw`.
std::string mountPointIn(const std::string& line)
{
    std::istringstream fields(line);
    std::string id, parent, device, root, mountPoint;
    fields >> id >> parent >> device >> root >> mountPoint;
    return mountPoint;
}

/// The kernel writes white space and backslashes as `\040`.
std::string unescaped(const std::string& text)
{
    constexpr std::size_t digits = 3;
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octal = text.substr(i + 1, digits);
        if (text[i] == '\\' && octal.size() == digits && octal.find_first_not_of("01234567") == std::string::npos) {
            plain += static_cast<char>(std::stoi(octal, nullptr, 8));
            i += digits;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

} // namespace

std::string mountPointOf(const std::string& path)
{
    std::ifstream mounts("/proc/self/mountinfo");
    std::string closest = "/", line;
    while (std::getline(mounts, line)) {
        auto mountPoint = unescaped(mountPointIn(line));
        if (mountPoint.size() >= closest.size() && (path == mountPoint || isBelow(path, mountPoint)))
            closest = std::move(mountPoint);
    }
    return closest;
}

} // namespace hotplug
