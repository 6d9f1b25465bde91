#pragma once

#include "server/http_server.h"
#include "unit/server/client.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

namespace hotplug::server::test {

using Respond = std::function<void(Reply)>;

/// A folder of its own, gone at the end.
class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

/// Keeps what is logged away from everybody else while it lives: for tests that provoke log lines.
class LogCapture {
public:
    LogCapture();
    ~LogCapture();
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;

    /// Waits until a line has the text.
    void await(const std::string& text);
    std::size_t count(const std::string& text) const;

private:
    struct Sink;
    std::shared_ptr<Sink> sink_;
    std::shared_ptr<void> before_;
};

/// Does what the test says.
struct ScriptedEndpoint : Endpoint {
    using Script = std::function<void(Request, Respond)>;

    explicit ScriptedEndpoint(Script chosen) : script(std::move(chosen)) {}
    void handle(Request request, Respond respond) override { script(std::move(request), std::move(respond)); }

    Script script;
};

/// Holds requests until the test replies.
class HoldingEndpoint : public Endpoint {
public:
    struct Held {
        Request request;
        Respond respond;
    };

    void handle(Request request, Respond respond) override;
    /// Waits for the next request.
    Held next();

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Held> held_;
};

/// "METHOD target\nbody" at once, on the io thread.
void echo(Request request, const Respond& respond);
Reply text(std::string body);

/// The calling thread is another user while this lives. Takes root.
class ActingAs {
public:
    explicit ActingAs(uid_t uid);
    ~ActingAs();
    ActingAs(const ActingAs&) = delete;
    ActingAs& operator=(const ActingAs&) = delete;
};

/// A server on a socket in a folder of its own.
struct RunningServer {
    explicit RunningServer(Endpoint& endpoint, const Limits& limits = {});

    Client client() const { return Client(path); }
    void openToAll() const;                     ///< Also to users other than ours.

    TempFolder folder;
    std::string path = folder / "hotplugd.sock";
    HttpServer server;
};

} // namespace hotplug::server::test
