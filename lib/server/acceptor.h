#pragma once

#include "base/clock.h"
#include "server/unix_listener.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <functional>

namespace hotplug::server {

/// Accepts connections from one listening socket. On the io thread; must outlive the run of its context.
class Acceptor {
public:
    using Socket = boost::asio::local::stream_protocol::socket;

    /// `pause`: how long accepting rests after it failed.
    Acceptor(boost::asio::io_context& context, UnixListener listener, milliseconds pause,
             std::function<void(Socket)> onConnection);

    void start();
    /// Nothing is accepted from now on, and the socket file is gone if it was ours.
    void stop();

private:
    void accepted(const boost::system::error_code& error, Socket socket);
    void rest(const boost::system::error_code& error);

    UnixListener listener_;
    boost::asio::local::stream_protocol::acceptor socket_;
    boost::asio::steady_timer timer_;
    const milliseconds pause_;
    const std::function<void(Socket)> onConnection_;
    bool failing_ = false;
};

} // namespace hotplug::server
