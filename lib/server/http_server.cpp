#include "server/http_server.h"

#include "base/log.h"
#include "base/thread_pool.h"
#include "server/acceptor.h"
#include "server/reply_text.h"
#include "server/session.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <optional>
#include <set>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

namespace hotplug::server {

namespace asio = boost::asio;

namespace {

/// Who connected; empty if the kernel does not say, for nobody may pass as uid 0 by mistake.
std::optional<Peer> peerOf(Session::Socket& socket)
{
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return std::nullopt;
    return Peer{credentials.uid, credentials.gid, credentials.pid};
}

} // namespace

/// Everything but the public functions runs on the io thread.
struct HttpServer::Impl {
    using Sessions = std::set<std::shared_ptr<Session>>;

    Impl(Endpoint& endpoint, const Limits& chosen)
        : limits(chosen), context(std::make_shared<asio::io_context>(1)), work(context->get_executor()),
          drainTimer(*context), around{endpoint, limits, context, [this](const auto& session) { forget(session); }}
    {
    }

    void run();
    void connected(Session::Socket socket);
    bool isFullFor(uid_t uid) const;
    void turnAway(Session::Socket socket, const Peer& peer);
    void forget(const std::shared_ptr<Session>& session);
    void beginStop(Clock::time_point deadline);
    void forEachSession(void (Session::*step)());
    void endWhenEmpty();

    const Limits limits;
    std::shared_ptr<asio::io_context> context;
    asio::executor_work_guard<asio::io_context::executor_type> work;
    asio::steady_timer drainTimer;
    const Session::Surroundings around;
    std::vector<std::unique_ptr<Acceptor>> acceptors;
    Sessions served, turnedAway;
    bool saidFull = false;              ///< In the log; again only after half of a user's share have left.
    bool stopping = false;
    std::thread thread;
};

HttpServer::HttpServer(Endpoint& endpoint, const Limits& limits) : impl_(std::make_unique<Impl>(endpoint, limits)) {}

HttpServer::~HttpServer()
{
    stop(Clock::now());
}

void HttpServer::listen(UnixListener listener)
{
    impl_->acceptors.push_back(std::make_unique<Acceptor>(
        *impl_->context, std::move(listener), impl_->limits.acceptPause,
        [impl = impl_.get()](Session::Socket socket) { impl->connected(std::move(socket)); }));
}

void HttpServer::start()
{
    for (const auto& acceptor : impl_->acceptors)
        acceptor->start();
    impl_->thread = std::thread([this] { impl_->run(); });
}

bool HttpServer::responsive(milliseconds patience)
{
    const auto answer = std::make_shared<std::promise<void>>();
    asio::post(*impl_->context, [answer] { answer->set_value(); });
    return answer->get_future().wait_for(patience) == std::future_status::ready;
}

void HttpServer::stop(Clock::time_point deadline)
{
    if (impl_->thread.joinable()) {
        asio::post(*impl_->context, [this, deadline] { impl_->beginStop(deadline); });
        impl_->thread.join();
    }
    impl_->acceptors.clear();
}

/// Handlers do not throw; should one, the loop goes on with the next.
void HttpServer::Impl::run()
{
    nameThisThread("io");
    for (bool ended = false; !ended;)
        guarded("io", [&] {
            context->run();
            ended = true;
        });
}

void HttpServer::Impl::connected(Session::Socket socket)
{
    const auto peer = peerOf(socket);
    if (!peer)
        return;
    if (isFullFor(peer->uid))
        return turnAway(std::move(socket), *peer);
    const auto session = std::make_shared<Session>(std::move(socket), *peer, around);
    served.insert(session);
    session->serve();
}

/// Nobody may hold more connections than are left for all others.
bool HttpServer::Impl::isFullFor(uid_t uid) const
{
    const auto ofUser = [uid](const auto& session) { return session->peer().uid == uid; };
    const auto held = static_cast<std::size_t>(std::ranges::count_if(served, ofUser));
    return held >= limits.maxConnections - served.size();
}

/// With a reply rather than left waiting in the backlog: who has too many connections learns so at once, and the
/// operator reads it in the log.
void HttpServer::Impl::turnAway(Session::Socket socket, const Peer& peer)
{
    if (!std::exchange(saidFull, true))
        spdlog::warn("uid {} is turned away: {} connections are open, {} may be, and nobody may hold more of them than are free",
                     peer.uid, served.size(), limits.maxConnections);
    if (turnedAway.size() >= limits.maxTurnedAway)
        return;
    const auto session = std::make_shared<Session>(std::move(socket), peer, around);
    turnedAway.insert(session);
    session->turnAway(plainReply(503, "hotplugd serves as many of your connections as it may; close some and try again."));
}

void HttpServer::Impl::forget(const std::shared_ptr<Session>& session)
{
    served.erase(session);
    turnedAway.erase(session);
    if (served.size() <= limits.maxConnections / 4)
        saidFull = false;
    endWhenEmpty();
}

void HttpServer::Impl::beginStop(Clock::time_point deadline)
{
    stopping = true;
    for (const auto& acceptor : acceptors)
        acceptor->stop();
    drainTimer.expires_at(deadline);
    drainTimer.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            forEachSession(&Session::close);
    });
    forEachSession(&Session::drain);
    endWhenEmpty();
}

/// Over copies: the step may end the session.
void HttpServer::Impl::forEachSession(void (Session::*step)())
{
    for (const auto& sessions : {Sessions(served), Sessions(turnedAway)})
        for (const auto& session : sessions)
            (*session.*step)();
}

/// The loop ends by itself once nothing is pending.
void HttpServer::Impl::endWhenEmpty()
{
    if (!stopping || !served.empty() || !turnedAway.empty())
        return;
    drainTimer.cancel();
    work.reset();
}

} // namespace hotplug::server
