#include "server/request_reader.h"

#include "server/reply_text.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

namespace hotplug::server {

namespace http = boost::beast::http;
using boost::beast::error_code;

namespace {

constexpr std::size_t readSize = 4096;          // what one receive asks for at most
constexpr std::size_t smallestChunked = 5;      // "0\r\n\r\n"

} // namespace

// The room above maxHeader lets the parser see that a header is too long before the buffer is full.
RequestReader::RequestReader(const Limits& limits) : limits_(limits), buffer_(limits.maxHeader + readSize)
{
    next();
}

std::span<char> RequestReader::space()
{
    const auto room = buffer_.prepare(std::min(readSize, buffer_.max_size() - buffer_.size()));
    return {static_cast<char*>(room.data()), room.size()};
}

void RequestReader::received(std::size_t count)
{
    buffer_.commit(count);
    advance();
}

void RequestReader::ended()
{
    if (stage_ == Stage::Header || stage_ == Stage::Body)
        refuse(400, "The request ended early.");
}

void RequestReader::next()
{
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.maxHeader));
    parser_->body_limit(limits_.maxBody);
    stage_ = Stage::Nothing;
    headerBytes_ = 0;
    bodyBegun_ = false;
    advance();
}

void RequestReader::advance()
{
    if (stage_ == Stage::Nothing && buffer_.size() > 0)
        stage_ = Stage::Header;
    if (stage_ == Stage::Header)
        advanceHeader();
    if (stage_ == Stage::Body)
        advanceBody();
    const bool unfinished = stage_ == Stage::Header || stage_ == Stage::Body;
    if (unfinished && buffer_.size() == buffer_.max_size())
        refuse(400, "A chunk header or trailer of the request is too long.");
}

void RequestReader::advanceHeader()
{
    error_code error;
    headerBytes_ += put(error);
    // Beast limits what it sees at once, but a client that sends field by field never shows it much.
    if (headerBytes_ + (parser_->is_header_done() ? 0 : buffer_.size()) > limits_.maxHeader)
        return refuse(http::make_error_code(http::error::header_limit));
    if (error && error != http::error::need_more)
        return refuse(error);
    if (parser_->is_header_done())
        checkHeader();
}

/// Beast takes any other transfer coding for "no body", and would read the body as the next request.
void RequestReader::checkHeader()
{
    const auto& header = parser_->get();
    const auto codings = header.count(http::field::transfer_encoding);
    const bool plain = codings == 0;
    const bool chunked = codings == 1 && header.version() >= 11
        && boost::beast::iequals(header[http::field::transfer_encoding], "chunked");
    if (!plain && !chunked)
        return refuse(501, "The only transfer coding understood is HTTP/1.1's chunked.");
    parser_->eager(true);
    stage_ = parser_->is_done() ? Stage::Complete : Stage::Body;
}

void RequestReader::advanceBody()
{
    // Beast 1.81 asserts that it is never shown the end of an empty chunked body in pieces.
    const std::size_t least = parser_->chunked() && !bodyBegun_ ? smallestChunked : 1;
    if (buffer_.size() < least)
        return;
    bodyBegun_ = true;
    error_code error;
    put(error);
    if (error && error != http::error::need_more)
        return refuse(error);
    if (parser_->is_done())
        stage_ = Stage::Complete;
}

std::size_t RequestReader::put(error_code& error)
{
    const auto eaten = parser_->put(buffer_.data(), error);
    buffer_.consume(eaten);
    return eaten;
}

bool RequestReader::wantsContinue() const
{
    const auto& header = parser_->get();
    return stage_ == Stage::Body && !bodyBegun_ && buffer_.size() == 0 && header.version() >= 11
        && boost::beast::iequals(header[http::field::expect], "100-continue");
}

bool RequestReader::keepAlive() const
{
    return parser_->keep_alive();
}

bool RequestReader::isHead() const
{
    return parser_->get().method() == http::verb::head;
}

Request RequestReader::take()
{
    auto& message = parser_->get();
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    request.contentType = std::string(message[http::field::content_type]);
    request.body = std::move(message.body());
    return request;
}

void RequestReader::refuse(const error_code& error)
{
    if (error == http::error::body_limit)
        return refuse(413, fmt::format("The body of a request may have at most {} bytes.", limits_.maxBody));
    if (error == http::error::header_limit)
        return refuse(431, fmt::format("The header of a request may have at most {} bytes.", limits_.maxHeader));
    refuse(400, fmt::format("This is not an HTTP/1.1 request: {}.", error.message()));
}

void RequestReader::refuse(unsigned status, const std::string& sentence)
{
    refusal_ = plainReply(status, sentence);
    stage_ = Stage::Refused;
}

} // namespace hotplug::server
