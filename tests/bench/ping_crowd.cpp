#include "bench/ping_crowd.h"

#include "support/qmp.h"

#include <fmt/format.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>

namespace hotplug::bench {

namespace {

/// Headers and body; 0: not all of the headers are here.
std::size_t sizeOf(const std::string& answer)
{
    static const std::string lengthKey = "Content-Length: ";
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string::npos)
        return 0;
    const auto length = answer.find(lengthKey);
    if (!answer.starts_with("HTTP/1.1 200") || length > end)
        throw std::runtime_error("ping was answered " + answer);
    return end + 4 + std::stoul(answer.substr(length + lengthKey.size()));
}

} // namespace

PingCrowd::PingCrowd(const std::filesystem::path& socket, unsigned connections)
{
    const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    request_ = fmt::format("POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                           "Content-Length: {}\r\n\r\n{}", body.size(), body);
    for (unsigned i = 0; i < connections; ++i)
        pingers_.push_back({test::connectTo(socket), {}, {}});
}

void PingCrowd::ask(Pinger& pinger) const
{
    pinger.received.clear();
    pinger.asked = Clock::now();
    if (::send(pinger.socket.get(), request_.data(), request_.size(), MSG_NOSIGNAL)
        != static_cast<ssize_t>(request_.size()))
        test::failErrno("ping");
}

bool PingCrowd::hear(Pinger& pinger) const
{
    char bytes[4096];
    const auto size = ::recv(pinger.socket.get(), bytes, sizeof(bytes), MSG_DONTWAIT);
    if (size <= 0)
        test::failErrno("ping's answer");
    pinger.received.append(bytes, static_cast<std::size_t>(size));
    const auto whole = sizeOf(pinger.received);
    return whole > 0 && pinger.received.size() >= whole;
}

PingCrowd::Result PingCrowd::run(Clock::duration howLong)
{
    std::vector<pollfd> polled;
    for (auto& pinger : pingers_) {
        polled.push_back({pinger.socket.get(), POLLIN, 0});
        ask(pinger);
    }
    Result result;
    const auto began = Clock::now(), end = began + howLong;
    auto busy = pingers_.size();
    while (busy > 0) {
        if (::poll(polled.data(), polled.size(), 10'000) <= 0)
            throw std::runtime_error("ping is not answered");
        for (std::size_t i = 0; i < polled.size(); ++i) {
            if (!polled[i].revents || !hear(pingers_[i]))
                continue;
            const auto now = Clock::now();
            result.answers.push_back(now - pingers_[i].asked);
            if (now < end)
                ask(pingers_[i]);
            else
                --busy;
        }
    }
    result.perSecond = static_cast<double>(result.answers.size()) * 1e6 / Duration(Clock::now() - began).count();
    return result;
}

} // namespace hotplug::bench
