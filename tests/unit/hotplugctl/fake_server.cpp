#include "unit/hotplugctl/fake_server.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace hotplug::ctl::test {

namespace {

std::string ownFolder()
{
    std::string path = std::filesystem::temp_directory_path() / "hotplugctl-XXXXXX";
    if (!mkdtemp(path.data()))
        throw std::runtime_error("mkdtemp");
    return path;
}

int listenAt(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || listen(listener, 8) != 0)
        throw std::runtime_error("bind");
    return listener;
}

} // namespace

Peer::~Peer()
{
    close(socket_);
}

std::string Peer::request()
{
    std::string text;
    for (;;) {
        const auto end = text.find("\r\n\r\n");
        const auto length = text.find("Content-Length: ");
        if (end != text.npos && text.size() >= end + 4 + std::stoul(text.substr(length + 16)))
            return text;
        char some[4096];
        const auto count = recv(socket_, some, sizeof(some), 0);
        if (count <= 0)
            return "";
        text.append(some, static_cast<std::size_t>(count));
    }
}

void Peer::send(const std::string& bytes)
{
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const auto count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0)
            return;
        sent += static_cast<std::size_t>(count);
    }
}

void Peer::reply(const std::string& body, const std::string& status)
{
    send("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

void Peer::awaitEnd()
{
    char some[4096];
    while (recv(socket_, some, sizeof(some), 0) > 0) {
    }
}

FakeServer::FakeServer(std::function<void(Peer&)> script)
    : folder_(ownFolder()), path_(folder_ + "/sock"), script_(std::move(script)), listener_(listenAt(path_))
{
    if (script_)
        thread_ = std::thread([this] { serve(); });
}

FakeServer::~FakeServer()
{
    stop();
    std::filesystem::remove_all(folder_);
}

void FakeServer::stop()
{
    if (listener_ < 0)
        return;
    shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable())
        thread_.join();
    close(listener_);
    listener_ = -1;
}

void FakeServer::serve()
{
    for (int socket = 0; (socket = accept(listener_, nullptr, nullptr)) >= 0;) {
        ++connections_;
        {
            Peer peer(socket);
            script_(peer);
        }
        ++hungUp_;
    }
}

std::string resultFor(const std::string& request, const std::string& result)
{
    const auto at = request.find("\"id\":") + 5;
    const std::string id = request.substr(at, request.find_first_of(",}", at) - at);
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + result + "}";
}

} // namespace hotplug::ctl::test
