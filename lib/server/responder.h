#pragma once

#include "server/endpoint.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

namespace hotplug::server {

/// Takes the reply to one request on the io thread.
class ReplyTaker {
public:
    virtual ~ReplyTaker() = default;
    virtual void takeReply(Reply reply) = 0;
    /// Nobody is left who could reply.
    virtual void takeDropped() = 0;
};

/// Brings the reply of an endpoint from any thread to the io thread, once. If the last owner goes without having
/// replied, the taker learns that instead. May outlive the taker and the server: then nothing happens.
class Responder {
public:
    Responder(std::shared_ptr<boost::asio::io_context> context, std::weak_ptr<ReplyTaker> taker);
    ~Responder();
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;

    /// False: there was a reply before, this one is ignored.
    bool reply(Reply reply);

private:
    // Handlers left in the context hold no context, so the two cannot keep each other alive.
    std::shared_ptr<boost::asio::io_context> context_;
    std::weak_ptr<ReplyTaker> taker_;
    std::atomic<bool> replied_ = false;
};

} // namespace hotplug::server
