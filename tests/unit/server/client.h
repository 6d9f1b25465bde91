#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hotplug::server::test {

struct Answer {
    int status = 0;                         ///< 0: the connection ended instead.
    std::string head;                       ///< Status line and fields, as received.
    std::string body;
};

/// A client that sends exactly the bytes it is told to. Every wait ends after 20 s with an exception.
class Client {
public:
    explicit Client(const std::string& path);
    Client(Client&& other) noexcept;
    Client& operator=(Client&&) = delete;
    ~Client();

    void send(std::string_view bytes);
    /// False: the server has closed before all was sent.
    bool trySend(std::string_view bytes);
    void shutDownSending();
    void close();

    Answer answer(bool toHead = false);
    Answer ask(std::string_view bytes);
    /// True when the server closed the connection and nothing was left to read.
    bool ended();
    /// Reads what comes until the connection ends.
    std::string rest();
    /// Returns once the server has closed the connection, without reading.
    void awaitHangUp();

private:
    bool fill();

    int fd_ = -1;
    std::string received_;
};

std::string get(const std::string& target, const std::string& fields = "");
std::string post(const std::string& target, const std::string& body, const std::string& fields = "");

} // namespace hotplug::server::test
