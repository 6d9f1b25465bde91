#include "unit/server/client.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace hotplug::server::test {

namespace {

constexpr int patienceSeconds = 20;

[[noreturn]] void failed(const char* what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

std::string fieldOf(const std::string& head, const std::string& name)
{
    const auto start = head.find("\r\n" + name + ": ");
    if (start == std::string::npos)
        return {};
    const auto value = start + name.size() + 4;
    return head.substr(value, head.find("\r\n", value) - value);
}

} // namespace

Client::Client(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const timeval patience{patienceSeconds, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        failed("connect");
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_))
{
}

Client::~Client()
{
    close();
}

void Client::send(std::string_view bytes)
{
    if (!trySend(bytes))
        failed("send");
}

bool Client::trySend(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
            return false;
        if (sent < 0)
            failed("send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void Client::shutDownSending()
{
    shutdown(fd_, SHUT_WR);
}

void Client::close()
{
    if (fd_ >= 0)
        ::close(std::exchange(fd_, -1));
}

bool Client::fill()
{
    std::array<char, 65536> bytes{};
    const auto count = recv(fd_, bytes.data(), bytes.size(), 0);
    if (count < 0 && errno != ECONNRESET)
        failed("recv");
    if (count > 0)
        received_.append(bytes.data(), static_cast<std::size_t>(count));
    return count > 0;
}

Answer Client::answer(bool toHead)
{
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
        if (!fill())
            return {};
    Answer answer;
    answer.head = received_.substr(0, end + 4);
    answer.status = std::stoi(answer.head.substr(std::strlen("HTTP/1.1 ")));
    received_.erase(0, end + 4);
    const auto length = fieldOf(answer.head, "Content-Length");
    const std::size_t size = length.empty() || toHead ? 0 : std::stoul(length);
    while (received_.size() < size)
        if (!fill())
            throw std::runtime_error("the connection ended inside a body");
    answer.body = received_.substr(0, size);
    received_.erase(0, size);
    return answer;
}

Answer Client::ask(std::string_view bytes)
{
    send(bytes);
    return answer();
}

bool Client::ended()
{
    return received_.empty() && !fill();
}

std::string Client::rest()
{
    while (fill()) {
    }
    return std::exchange(received_, {});
}

void Client::awaitHangUp()
{
    pollfd waiting{fd_, 0, 0};
    if (poll(&waiting, 1, patienceSeconds * 1000) != 1)
        throw std::runtime_error("the server did not hang up");
}

std::string get(const std::string& target, const std::string& fields)
{
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

std::string post(const std::string& target, const std::string& body, const std::string& fields)
{
    return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"
        + fields + "\r\n" + body;
}

} // namespace hotplug::server::test
