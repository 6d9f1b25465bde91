#pragma once

#include "server/endpoint.h"
#include "server/limits.h"
#include "server/request_reader.h"
#include "server/responder.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <string>

namespace hotplug::server {

/// One connection: reads requests one after another, has the endpoint answer each, writes the replies.
/// Everything happens on the io thread. Whoever owns it drops it when `onClosed` says so.
class Session final : public ReplyTaker, public std::enable_shared_from_this<Session> {
public:
    using Socket = boost::asio::local::stream_protocol::socket;

    /// What a session shares with all others; must outlive it.
    struct Surroundings {
        Endpoint& endpoint;
        const Limits& limits;
        std::shared_ptr<boost::asio::io_context> context;
        std::function<void(const std::shared_ptr<Session>&)> onClosed;
    };

    Session(Socket socket, const Peer& peer, const Surroundings& around);

    const Peer& peer() const { return peer_; }

    /// Serves until the client leaves, errs or idles.
    void serve();
    /// Gives the reply before any request came, then closes.
    void turnAway(Reply reply);
    /// The server stops: a request that the endpoint has is still answered, anything else ends now.
    void drain();
    void close();

    void takeReply(Reply reply) override;
    void takeDropped() override;

private:
    enum class State { Receiving, Working, Replying, Lingering, Closed };
    using Stage = RequestReader::Stage;

    void proceed();
    void enter(Stage stage);
    void receive();
    void receivedSome(const boost::system::error_code& error, std::size_t count);
    void sendContinue();
    void handOver();
    void write(Reply reply, bool last);
    void written(bool last);
    void linger();
    void discard();

    void expireIn(milliseconds duration);
    void armBefore(Clock::time_point deadline, Clock::time_point now);
    void timerFired();

    template<typename Step> void attempt(Step&& step);
    template<typename Step> auto onIo(Step step);

    Socket socket_;
    const Peer peer_;
    const Surroundings& around_;
    RequestReader reader_;
    State state_ = State::Receiving;
    Stage timed_ = Stage::Complete;         ///< The stage that the deadline was set for.
    bool draining_ = false;
    std::string head_, body_;               ///< The reply being written; body_ also takes what is discarded.

    boost::asio::steady_timer timer_;
    Clock::time_point deadline_ = Clock::time_point::max();     ///< When the connection is closed; max: never.
    Clock::time_point armedFor_ = Clock::time_point::max();     ///< When the timer fires next; max: it does not.
};

} // namespace hotplug::server
