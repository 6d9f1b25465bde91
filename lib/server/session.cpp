#include "server/session.h"

#include "base/log.h"
#include "server/reply_text.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <string_view>

namespace hotplug::server {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

milliseconds deadlineOf(RequestReader::Stage stage, const Limits& limits)
{
    using enum RequestReader::Stage;
    return stage == Nothing ? limits.idleDeadline : stage == Header ? limits.headerDeadline : limits.bodyDeadline;
}

} // namespace

/// A session whose step threw would have no next step and never end: it is closed.
template<typename Step> void Session::attempt(Step&& step)
{
    if (state_ == State::Closed)
        return;
    try {
        step();
    } catch (...) {
        logInternalError("session", currentExceptionText());
        close();
    }
}

/// A completion handler that keeps the session alive and attempts the step.
template<typename Step> auto Session::onIo(Step step)
{
    return [self = shared_from_this(), step](const error_code& error, auto... count) {
        self->attempt([&] { step(*self, error, count...); });
    };
}

Session::Session(Socket socket, const Peer& peer, const Surroundings& around)
    : socket_(std::move(socket)), peer_(peer), around_(around), reader_(around.limits), timer_(*around.context)
{
}

void Session::serve()
{
    attempt([this] { proceed(); });
}

void Session::turnAway(Reply reply)
{
    attempt([&] { write(std::move(reply), true); });
}

void Session::drain()
{
    draining_ = true;
    if (state_ == State::Receiving || state_ == State::Lingering)
        close();
}

void Session::close()
{
    if (state_ == State::Closed)
        return;
    state_ = State::Closed;
    timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
    around_.onClosed(shared_from_this());
}

/// What comes next depends only on how far the request has been read.
void Session::proceed()
{
    const auto stage = reader_.stage();
    if (stage == Stage::Complete)
        return handOver();
    if (stage == Stage::Refused)
        return write(reader_.refusal(), true);
    const bool entered = stage != timed_;
    if (entered)
        enter(stage);
    if (entered && reader_.wantsContinue())
        return sendContinue();
    receive();
}

void Session::enter(Stage stage)
{
    state_ = State::Receiving;
    timed_ = stage;
    expireIn(deadlineOf(stage, around_.limits));
}

void Session::receive()
{
    const auto space = reader_.space();
    socket_.async_read_some(asio::buffer(space.data(), space.size()),
                            onIo([](Session& self, const error_code& error, std::size_t count) {
                                self.receivedSome(error, count);
                            }));
}

void Session::receivedSome(const error_code& error, std::size_t count)
{
    // A client may shut down its sending side and still wait for replies: only an unfinished request is wrong.
    if (error == asio::error::eof && reader_.stage() != Stage::Nothing)
        reader_.ended();
    else if (error)
        return close();
    else
        reader_.received(count);
    proceed();
}

void Session::sendContinue()
{
    static constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(line), onIo([](Session& self, const error_code& error, std::size_t) {
                          if (error)
                              return self.close();
                          self.receive();
                      }));
}

void Session::handOver()
{
    state_ = State::Working;
    timed_ = Stage::Complete;
    deadline_ = Clock::time_point::max();       // the endpoint keeps its own deadline
    const auto responder = std::make_shared<Responder>(around_.context, weak_from_this());
    auto request = reader_.take();
    request.peer = peer_;
    request.arrival = Clock::now();
    try {
        around_.endpoint.handle(std::move(request), [responder](Reply reply) { responder->reply(std::move(reply)); });
    } catch (...) {
        logInternalError("endpoint", currentExceptionText());
        responder->reply(plainReply(500, "hotplugd failed to handle the request; its log says why."));
    }
}

void Session::takeReply(Reply reply)
{
    if (state_ == State::Working)
        attempt([&] { write(std::move(reply), draining_ || !reader_.keepAlive()); });
}

void Session::takeDropped()
{
    if (state_ != State::Working)
        return;
    logInternalError("endpoint", "a request was dropped without a reply");
    takeReply(plainReply(500, "hotplugd lost the request; its log may say why."));
}

void Session::write(Reply reply, bool last)
{
    state_ = State::Replying;
    timed_ = Stage::Complete;
    expireIn(around_.limits.writeDeadline);
    head_ = headOf(reply, !last);
    body_ = mayHaveBody(reply.status) && !reader_.isHead() ? std::move(reply.body) : std::string();
    const std::array<asio::const_buffer, 2> bytes{asio::buffer(head_), asio::buffer(body_)};
    asio::async_write(socket_, bytes, onIo([last](Session& self, const error_code& error, std::size_t) {
                          if (error)
                              return self.close();
                          self.written(last);
                      }));
}

void Session::written(bool last)
{
    if (draining_)
        return close();
    if (last)
        return linger();
    reader_.next();
    proceed();
}

/// Closing at once would break the client's pipe while it still sends what we do not read, and it might not look
/// for the reply any more.
void Session::linger()
{
    state_ = State::Lingering;
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    expireIn(around_.limits.lingerDeadline);
    constexpr std::size_t scratchSize = 4096;
    body_.assign(scratchSize, '\0');
    discard();
}

void Session::discard()
{
    socket_.async_read_some(asio::buffer(body_), onIo([](Session& self, const error_code& error, std::size_t) {
                                if (error)
                                    return self.close();
                                self.discard();
                            }));
}

void Session::expireIn(milliseconds duration)
{
    const auto now = Clock::now();
    deadline_ = now + duration;
    armBefore(deadline_, now);
}

/// Setting a timer is a system call. A timer that fires early and looks again makes it a rare one: it is set no
/// later than the shortest usual deadline from now, so that the next deadline need not move it.
void Session::armBefore(Clock::time_point deadline, Clock::time_point now)
{
    const auto when = std::min(deadline, now + around_.limits.headerDeadline);
    if (when >= armedFor_)
        return;
    armedFor_ = when;
    timer_.expires_at(when);
    timer_.async_wait(onIo([](Session& self, const error_code& error) {
        if (!error)
            self.timerFired();
    }));
}

void Session::timerFired()
{
    armedFor_ = Clock::time_point::max();
    const auto now = Clock::now();
    if (now >= deadline_)
        return close();
    if (deadline_ != Clock::time_point::max())
        armBefore(deadline_, now);
}

} // namespace hotplug::server
