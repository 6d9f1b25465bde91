#include "support/notify_socket.h"

#include <cstring>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace hotplug::test {

sockaddr_un addressOf(const std::filesystem::path& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof(address.sun_path))
        throw std::runtime_error("too long for a socket: " + path.string());
    std::strcpy(address.sun_path, path.c_str());
    return address;
}

NotifySocket::NotifySocket(const std::filesystem::path& path)
    : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
{
    ::unlink(path.c_str());
    const auto address = addressOf(path);
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        failErrno("bind " + path.string());
}

bool NotifySocket::waitFor(const std::string& message, int otherwise, milliseconds within)
{
    const auto deadline = Clock::now() + within;
    while (readable({socket_.get(), otherwise}, deadline)) {
        char buffer[4096];
        const auto size = ::recv(socket_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
        if (size < 0)
            return false;
        if (std::string(buffer, static_cast<std::size_t>(size)).find(message) != std::string::npos)
            return true;
    }
    return false;
}

} // namespace hotplug::test
