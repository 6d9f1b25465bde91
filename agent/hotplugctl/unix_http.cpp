#include "hotplugctl/unix_http.h"

#include "hotplugctl/errors.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace hotplug::ctl {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t maxReply = 64 * 1024 * 1024;

/// How to be let in, as far as this user can see the socket.
std::string wayIn(const std::string& path)
{
    struct stat file{};
    if (stat(path.c_str(), &file) != 0)
        return "use sudo, or join the group that owns the socket's folder and log in again";
    const group* owner = getgrgid(file.st_gid);
    if (file.st_gid == 0 || !(file.st_mode & S_IWGRP) || !owner)
        return "use sudo";
    return fmt::format("use sudo, or join the group {} and log in again", owner->gr_name);
}

Sentence cannotConnect(const std::string& path, const error_code& error)
{
    const std::string what = fmt::format("hotplugd cannot be reached at {}", path);
    switch (error.value()) {
    case ENOENT:
        return {what, "there is no such socket", "start it with `systemctl start hotplugd`, or name its socket with --socket"};
    case ECONNREFUSED:
        return {what, "nobody listens on the socket", "start it with `systemctl start hotplugd`"};
    case EACCES:
    case EPERM:
        return {what, "permission denied", wayIn(path)};
    case ETIMEDOUT:
        return {what, "it accepts no connection", "see `systemctl status hotplugd`"};
    default:
        return {what, error.message(), "see `systemctl status hotplugd`"};
    }
}

} // namespace

struct UnixHttp::Connection {
    /// Runs one asynchronous step to its end. Asio has deadlines for asynchronous operations only.
    template<typename Start> error_code finish(Clock::time_point deadline, Start start)
    {
        bool finished = false;
        error_code result;
        start([&](const error_code& error, auto...) {
            finished = true;
            result = error;
        });
        context.restart();
        context.run_until(deadline);
        if (finished)
            return result;
        error_code ignored;
        socket.close(ignored);
        context.run();
        return asio::error::timed_out;
    }

    void open(const std::string& path, Clock::time_point deadline)
    {
        if (path.size() >= sizeof(sockaddr_un::sun_path))
            throw NoDaemon({fmt::format("hotplugd cannot be reached at {}", path),
                            "the path is longer than a socket's path can be", "name another with --socket"});
        const asio::local::stream_protocol::endpoint address(path);
        if (const auto error = finish(deadline, [&](auto done) { socket.async_connect(address, std::move(done)); }))
            throw NoDaemon(cannotConnect(path, error));
    }

    /// The server has hung up, or says what nobody asked for: not to be used again.
    bool stale()
    {
        char byte;
        return recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
    }

    error_code send(const std::string& target, const std::string& body, Clock::time_point deadline)
    {
        http::request<http::string_body> request(http::verb::post, target, 11);
        request.set(http::field::host, "localhost");
        request.set(http::field::content_type, "application/json");
        request.set(http::field::accept, "application/json");
        request.body() = body;
        request.prepare_payload();
        return finish(deadline, [&](auto done) { http::async_write(socket, request, std::move(done)); });
    }

    asio::io_context context;
    asio::local::stream_protocol::socket socket{context};
    boost::beast::flat_buffer buffer;
};

namespace {

[[noreturn]] void giveUp(const error_code& error, bool sent)
{
    const bool late = error == asio::error::timed_out;
    if (!sent)
        throw NoDaemon({"hotplugd did not take the request", late ? "it does not read it" : "it hung up: " + error.message(),
                        "see `systemctl status hotplugd`"});
    if (late)
        throw NoAnswer({"hotplugd has not answered in time", "it may still be working", {}});
    if (error.category() == asio::error::get_system_category() || error == http::error::end_of_stream
        || error == http::error::partial_message)
        throw NoAnswer({"hotplugd hung up without an answer", "it may have been restarted", {}});
    throw BadReply({"hotplugd's answer cannot be understood", error.message(),
                    "check that --socket names hotplugd's socket"});
}

} // namespace

UnixHttp::UnixHttp(std::string socketPath) : path_(std::move(socketPath)) {}
UnixHttp::~UnixHttp() = default;

HttpReply UnixHttp::post(const std::string& target, const std::string& body, Clock::time_point deadline)
{
    // Out of the member while in use: whatever is thrown, a half-read connection is never used again.
    auto connection = std::move(connection_);
    if (!connection || connection->stale()) {
        connection = std::make_unique<Connection>();
        connection->open(path_, deadline);
    }
    const error_code unsent = connection->send(target, body, deadline);

    http::response_parser<http::string_body> parser;
    parser.body_limit(maxReply);
    // Also after a failed send: a server that wants no more of a request says why before it hangs up.
    const error_code error = connection->finish(deadline, [&](auto done) {
        http::async_read(connection->socket, connection->buffer, parser, std::move(done));
    });
    if (error)
        giveUp(unsent ? unsent : error, !unsent);
    HttpReply reply{parser.get().result_int(), std::move(parser.get().body())};
    if (parser.keep_alive())
        connection_ = std::move(connection);
    return reply;
}

} // namespace hotplug::ctl
