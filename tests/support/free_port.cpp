#include "support/free_port.h"

#include "support/wait.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace hotplug::test {

namespace {

sockaddr_in local(unsigned port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

Fd newSocket() { return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

} // namespace

unsigned freePort()
{
    const Fd socket = newSocket();
    auto address = local(0);
    socklen_t size = sizeof(address);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0
        || ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        failErrno("a free port");
    return ntohs(address.sin_port);
}

bool answersOn(unsigned port)
{
    const Fd socket = newSocket();
    const auto address = local(port);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

} // namespace hotplug::test
