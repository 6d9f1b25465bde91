#pragma once

#include "server/endpoint.h"
#include "server/limits.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <span>

namespace hotplug::server {

/// Turns received bytes into requests, one after another, within the limits. Knows no socket. Not thread-safe.
/// Bytes that follow a request (pipelining) are kept for the next.
class RequestReader {
public:
    enum class Stage {
        Nothing,        ///< No byte of the next request yet.
        Header,         ///< Inside the request line or the header fields.
        Body,           ///< The header is whole, the body is not.
        Complete,       ///< take() it.
        Refused,        ///< Malformed or too long: answer refusal(), then read no further.
    };

    /// The limits must outlive the reader.
    explicit RequestReader(const Limits& limits);

    Stage stage() const { return stage_; }

    /// Where the next bytes belong. Never empty before Complete or Refused.
    std::span<char> space();
    /// `count` bytes were put into space().
    void received(std::size_t count);
    /// The client sends no more: an unfinished request becomes Refused.
    void ended();

    /// At stage Body: the client waits for "100 Continue" before it sends its body.
    bool wantsContinue() const;
    /// At stage Complete: whether the client wants to send another request after this one.
    bool keepAlive() const;
    /// At stage Complete: the reply must come without its body.
    bool isHead() const;
    /// At stage Complete: the request, without its peer and arrival.
    Request take();
    /// After take(): goes on to the next request, of which there may be bytes already.
    void next();

    const Reply& refusal() const { return refusal_; }

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    void advance();
    void advanceHeader();
    void advanceBody();
    void checkHeader();
    std::size_t put(boost::beast::error_code& error);
    void refuse(unsigned status, const std::string& sentence);
    void refuse(const boost::beast::error_code& error);

    const Limits& limits_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;          ///< Beast's parsers serve one request each.
    Stage stage_ = Stage::Nothing;
    std::size_t headerBytes_ = 0;           ///< Of this request, eaten by the parser.
    bool bodyBegun_ = false;
    Reply refusal_;
};

} // namespace hotplug::server
