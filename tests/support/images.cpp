#include "support/images.h"

#include "support/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace hotplug::test {

namespace fs = std::filesystem;

std::string makeRaw(const fs::path& path, unsigned mib)
{
    std::ofstream(path).close();
    fs::resize_file(path, std::uintmax_t(mib) << 20);
    return path;
}

std::string makeQcow2(const fs::path& path, unsigned mib, const std::string& backing)
{
    std::vector<std::string> command{"qemu-img", "create", "-q", "-f", "qcow2"};
    if (!backing.empty())
        command.insert(command.end(), {"-u", "-F", "raw", "-b", backing});
    command.insert(command.end(), {path, fmt::format("{}M", mib)});
    const auto made = runProgram(command);
    if (made.code != 0)
        throw std::runtime_error("qemu-img: " + made.err);
    return path;
}

std::string checksum(const fs::path& path)
{
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file)
        return "unreadable";
    std::size_t sum = 0;
    std::vector<char> block(1 << 16);
    for (off_t at = ::lseek(file.get(), 0, SEEK_DATA); at >= 0;) {
        const auto size = ::pread(file.get(), block.data(), block.size(), at);
        if (size <= 0)
            break;
        const std::hash<std::string_view> hash;
        sum = sum * 31 + hash({block.data(), static_cast<std::size_t>(size)}) + static_cast<std::size_t>(at);
        at = ::lseek(file.get(), at + size, SEEK_DATA);
    }
    return fmt::format("{} bytes, {:016x}", fs::file_size(path), sum);
}

} // namespace hotplug::test
