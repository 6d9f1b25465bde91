#include "server/acceptor.h"

#include "base/log.h"

#include <utility>

namespace hotplug::server {

Acceptor::Acceptor(boost::asio::io_context& context, UnixListener listener, milliseconds pause,
                   std::function<void(Socket)> onConnection)
    : listener_(std::move(listener)), socket_(context, {}, listener_.fd()), timer_(context), pause_(pause),
      onConnection_(std::move(onConnection))
{
    listener_.releaseFd();
}

void Acceptor::start()
{
    socket_.async_accept([this](const boost::system::error_code& error, Socket socket) {
        guarded("acceptor", [&] { accepted(error, std::move(socket)); });
    });
}

void Acceptor::stop()
{
    boost::system::error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
    listener_.removeFile();
}

void Acceptor::accepted(const boost::system::error_code& error, Socket socket)
{
    if (!socket_.is_open())
        return;
    if (error)
        return rest(error);
    failing_ = false;
    start();        // first, so that nothing the connection does can end accepting
    onConnection_(std::move(socket));
}

/// The connection that could not be accepted is still there: trying again at once would only burn the CPU.
void Acceptor::rest(const boost::system::error_code& error)
{
    if (!std::exchange(failing_, true))
        spdlog::warn("cannot accept connections for now: {}", error.message());
    timer_.expires_after(pause_);
    timer_.async_wait([this](const boost::system::error_code&) {
        if (socket_.is_open())
            guarded("acceptor", [this] { start(); });
    });
}

} // namespace hotplug::server
