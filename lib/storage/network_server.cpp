#include "storage/network_server.h"

#include "storage/file_descriptor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace hotplug {

namespace {

struct AddressListCloser {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListCloser>;

AddressList addressesOf(const std::string& host, std::uint16_t port)
{
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list) != 0)
        return nullptr;
    return AddressList(list);
}

/// Whether the socket is ready for `what` before the deadline.
bool becomes(const FileDescriptor& socket, short what, Clock::time_point deadline)
{
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now()).count();
    pollfd one{socket.get(), what, 0};
    return ::poll(&one, 1, static_cast<int>(std::max<decltype(left)>(left, 0))) == 1;
}

/// One of several that stays silent leaves the others their time.
Clock::time_point shareOf(Clock::time_point deadline, std::ptrdiff_t those)
{
    const auto now = Clock::now();
    return now + (deadline - now) / those;
}

FileDescriptor connectTo(const addrinfo& address, Clock::time_point deadline)
{
    FileDescriptor socket(
        ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol));
    if (!socket || (::connect(socket.get(), address.ai_addr, address.ai_addrlen) != 0 && errno != EINPROGRESS))
        return FileDescriptor();
    int error = 0;
    socklen_t size = sizeof error;
    if (!becomes(socket, POLLOUT, deadline) || ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0
        || error != 0)
        return FileDescriptor();
    return socket;
}

/// An nbd server speaks first.
bool greets(const FileDescriptor& socket, Clock::time_point deadline)
{
    constexpr std::string_view greeting = "NBDMAGIC";
    std::array<char, greeting.size()> heard{};
    return becomes(socket, POLLIN, deadline)
        && ::recv(socket.get(), heard.data(), heard.size(), 0) == static_cast<ssize_t>(greeting.size())
        && std::string_view(heard.data(), heard.size()) == greeting;
}

bool answersAt(const addrinfo& address, NetworkProtocol protocol, Clock::time_point deadline)
{
    const auto socket = connectTo(address, deadline);
    return socket && (protocol != NetworkProtocol::Nbd || greets(socket, deadline));
}

std::ptrdiff_t countFrom(const addrinfo* address)
{
    std::ptrdiff_t count = 0;
    for (; address; address = address->ai_next)
        ++count;
    return count;
}

bool hostAnswers(const NetworkVolume& volume, const NetworkHost& host, Clock::time_point deadline)
{
    const auto addresses = addressesOf(host.name, portOf(volume.protocol, host));
    for (const auto* one = addresses.get(); one; one = one->ai_next)
        if (answersAt(*one, volume.protocol, shareOf(deadline, countFrom(one))))
            return true;
    return false;
}

} // namespace

bool serverAnswers(const NetworkVolume& volume, Clock::time_point deadline)
{
    auto left = std::ssize(volume.hosts);
    return std::ranges::any_of(volume.hosts,
        [&](const NetworkHost& host) { return hostAnswers(volume, host, shareOf(deadline, left--)); });
}

} // namespace hotplug
