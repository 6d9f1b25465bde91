#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace hotplug::ctl::test {

/// One end of an accepted connection, in the server's thread. Blocking.
class Peer {
public:
    explicit Peer(int socket) : socket_(socket) {}
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// One whole request with its header; empty when the client has gone.
    std::string request();
    /// As it is.
    void send(const std::string& bytes);
    /// With status line and length.
    void reply(const std::string& body, const std::string& status = "200 OK");
    /// Until the client goes.
    void awaitEnd();

private:
    int socket_;
};

/// A unix socket in a folder of its own; each connection is served by the script, one after another.
class FakeServer {
public:
    /// Without a script it listens and never accepts.
    explicit FakeServer(std::function<void(Peer&)> script = {});
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    const std::string& path() const { return path_; }
    int connections() const { return connections_; }
    int hungUp() const { return hungUp_; }      ///< How many of them the script has left.

    /// No longer listens; the socket file stays.
    void stop();

private:
    void serve();

    std::string folder_, path_;
    std::function<void(Peer&)> script_;
    int listener_ = -1;
    std::atomic<int> connections_ = 0, hungUp_ = 0;
    std::thread thread_;
};

/// `{"jsonrpc":"2.0","id":…,"result":…}` with the request's id.
std::string resultFor(const std::string& request, const std::string& result);

} // namespace hotplug::ctl::test
