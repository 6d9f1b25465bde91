#include "server/reply_text.h"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>
#include <string_view>

namespace hotplug::server {

namespace {

std::string_view reasonPhrase(unsigned status)
{
    namespace http = boost::beast::http;
    const auto phrase = http::obsolete_reason(http::int_to_status(status));
    return {phrase.data(), phrase.size()};
}

std::string field(std::string_view name, std::string_view value)
{
    return value.empty() ? std::string() : fmt::format("{}: {}\r\n", name, value);
}

} // namespace

Reply plainReply(unsigned status, const std::string& sentence)
{
    Reply reply;
    reply.status = status;
    reply.contentType = "text/plain; charset=utf-8";
    reply.body = sentence + "\n";
    return reply;
}

bool mayHaveBody(unsigned status)
{
    constexpr unsigned noContent = 204, notModified = 304;
    return status >= 200 && status != noContent && status != notModified;
}

std::string headOf(const Reply& reply, bool keepAlive)
{
    const bool body = mayHaveBody(reply.status);
    return fmt::format("HTTP/1.1 {} {}\r\n{}{}{}Connection: {}\r\n\r\n", reply.status, reasonPhrase(reply.status),
                       field("Allow", reply.allow), body ? field("Content-Type", reply.contentType) : "",
                       body ? field("Content-Length", std::to_string(reply.body.size())) : "",
                       keepAlive ? "keep-alive" : "close");
}

} // namespace hotplug::server
