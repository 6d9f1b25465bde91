#include "server/responder.h"

#include "base/log.h"

#include <boost/asio/post.hpp>

namespace hotplug::server {

Responder::Responder(std::shared_ptr<boost::asio::io_context> context, std::weak_ptr<ReplyTaker> taker)
    : context_(std::move(context)), taker_(std::move(taker))
{
}

Responder::~Responder()
{
    if (replied_.exchange(true))
        return;
    guarded("responder", [this] {
        boost::asio::post(*context_, [taker = taker_] {
            if (const auto alive = taker.lock())
                alive->takeDropped();
        });
    });
}

bool Responder::reply(Reply reply)
{
    if (replied_.exchange(true))
        return false;
    boost::asio::post(*context_, [taker = taker_, reply = std::move(reply)]() mutable {
        if (const auto alive = taker.lock())
            alive->takeReply(std::move(reply));
    });
    return true;
}

} // namespace hotplug::server
