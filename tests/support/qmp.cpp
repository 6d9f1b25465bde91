#include "support/qmp.h"

#include "support/notify_socket.h"

#include <stdexcept>
#include <sys/socket.h>

namespace hotplug::test {

Fd connectTo(const std::filesystem::path& socket)
{
    Fd connected(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = addressOf(socket);
    if (::connect(connected.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        failErrno("connect " + socket.string());
    return connected;
}

Qmp::Qmp(const std::filesystem::path& socket) : socket_(connectTo(socket))
{
    line();                                         // QEMU's greeting
    execute("qmp_capabilities");
}

std::string Qmp::execute(const std::string& command, const std::string& arguments)
{
    const auto text = "{\"execute\": \"" + command + "\", \"arguments\": " + arguments + "}\n";
    if (::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
        failErrno("QMP");
    for (;;) {
        auto answer = line();                       // events come in between
        if (answer.starts_with("{\"return\""))
            return answer;
        if (answer.starts_with("{\"error\""))
            throw std::runtime_error("QMP " + command + ": " + answer);
    }
}

std::string Qmp::line()
{
    const auto deadline = Clock::now() + patience;
    for (;;) {
        if (const auto end = buffer_.find('\n'); end != std::string::npos) {
            const auto found = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return found;
        }
        char bytes[4096];
        const auto size = readable({socket_.get()}, deadline) ? ::recv(socket_.get(), bytes, sizeof(bytes), 0) : 0;
        if (size <= 0)
            throw std::runtime_error("QMP: no answer");
        buffer_.append(bytes, static_cast<std::size_t>(size));
    }
}

} // namespace hotplug::test
