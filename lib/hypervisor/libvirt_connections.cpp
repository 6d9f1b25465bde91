#include "hypervisor/libvirt_connections.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread_pool.h"
#include "hypervisor/libvirt_error.h"
#include "hypervisor/libvirt_events.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace hotplug {

namespace {

constexpr milliseconds firstPause{200}, longestPause{5000};
constexpr milliseconds patienceAtStop{1000};

using OnClosed = std::function<void()>;

void closed(virConnectPtr, int, void* opaque)
{
    guarded("libvirt close callback", [&] { (*static_cast<OnClosed*>(opaque))(); });
}

void freeHandler(void* opaque)
{
    delete static_cast<OnClosed*>(opaque);
}

/// libvirt's to free, and never unregistered: that asks the server first, and fails when it is the server that has gone.
void registerCloseCallback(virConnectPtr connection, const OnClosed& onClosed)
{
    auto handler = std::make_unique<OnClosed>(onClosed);
    if (virConnectRegisterCloseCallback(connection, closed, handler.get(), freeHandler) == 0)
        static_cast<void>(handler.release());
}

Connection open(const LibvirtOptions& options, const OnClosed& onClosed)
{
    Connection connection(virConnectOpen(options.uri.c_str()), [](virConnectPtr raw) {
        if (raw)
            virConnectClose(raw);
    });
    if (!connection)
        throw HypervisorError(ErrorKind::Unavailable, lastLibvirtError().what());
    // Embed has no keepalive, as nothing can be lost there; it takes a close callback only to forget it.
    const auto interval = static_cast<int>(options.keepaliveSeconds);
    if (virConnectSetKeepAlive(connection.get(), interval, options.keepaliveCount) == 0)
        registerCloseCallback(connection.get(), onClosed);
    return connection;
}

} // namespace

namespace {

/// Connections that are lent to one call at a time. libvirt would take several, but in its 9.0 a call whose connection is
/// lost leaves its event source to the next thread that waits there, which then writes to a stack that is gone
/// (CVE-2024-4418): hotplugd has crashed of it. An embedded libvirt has no events to wait for in a call, and no room for
/// many connections: one is shared there.
class Pool {
public:
    Pool(const LibvirtOptions& options, const OnClosed& lost, unsigned size)
        : shared_(options.uri.find("/embed") != std::string::npos)
    {
        for (unsigned i = 0; i < (shared_ ? 1 : size); ++i)
            all_.push_back(open(options, lost));
        idle_.assign(all_.begin(), all_.end());
    }

    /// Waits for one to come back when all are lent; a lost one comes back by its keepalive.
    Connection borrow()
    {
        std::unique_lock lock(mutex_);
        returned_.wait(lock, [this] { return !idle_.empty(); });
        if (shared_)
            return idle_.back();
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
    }

    void takeBack(Connection connection)
    {
        if (shared_)
            return;
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(connection));
        returned_.notify_one();
    }

    bool has(const virConnect* connection) const
    {
        return std::ranges::any_of(all_, [connection](const auto& one) { return one.get() == connection; });
    }

private:
    const bool shared_;
    std::vector<Connection> all_, idle_;
    std::mutex mutex_;
    std::condition_variable returned_;
};

// As many as call at once, and some for the lanes' reads, and for VMs that are destroyed.
constexpr unsigned readers = 8, changers = 16, askers = 4;

} // namespace

struct Connections::Set : std::enable_shared_from_this<Set> {
    Set(const LibvirtOptions& options, std::uint64_t number, const std::shared_ptr<EventBus>& bus, const OnClosed& lost)
        : generation(number), forEvents(open(options, lost)), events(forEvents.get(), bus), reading(options, lost, readers),
          changing(options, lost, changers), asking(options, lost, askers)
    {
    }

    bool has(const virConnect* connection) const
    {
        return connection == forEvents.get() || reading.has(connection) || changing.has(connection)
            || asking.has(connection);
    }

    /// Its last holder gives it back, and keeps us until then.
    Connection lend(Pool& pool)
    {
        auto borrowed = pool.borrow();
        auto* raw = borrowed.get();
        return {raw, [set = shared_from_this(), &pool, borrowed = std::move(borrowed)](virConnectPtr) mutable {
            pool.takeBack(std::move(borrowed));
        }};
    }

    const std::uint64_t generation;
    Connection forEvents;
    EventRegistration events;
    Pool reading, changing, asking;
};

/// Shared with the keeper thread, which outlives Connections when libvirt does not answer a connection attempt.
class Connections::State : public std::enable_shared_from_this<State> {
public:
    State(const LibvirtOptions& options, std::shared_ptr<EventBus> bus) : options_(options), bus_(std::move(bus)) {}

    void openFirst() { install(openSet()); }

    std::shared_ptr<Set> current() const
    {
        const std::lock_guard lock(mutex_);
        if (!set_ || set_->generation <= lost_)
            throw HypervisorError(ErrorKind::Unavailable, "not connected to libvirt at " + options_.uri);
        return set_;
    }

    bool connected() const
    {
        const std::lock_guard lock(mutex_);
        return set_ && set_->generation > lost_;
    }

    void reportLost(std::uint64_t generation)
    {
        const std::lock_guard lock(mutex_);
        lost_ = std::max(lost_, generation);
        wake_.notify_all();
    }

    void reportBroken(const virConnect* connection)
    {
        const std::lock_guard lock(mutex_);
        if (!set_ || !set_->has(connection))
            return;
        lost_ = std::max(lost_, set_->generation);
        wake_.notify_all();
    }

    /// The keeper's life.
    void keep()
    {
        nameThisThread("libvirt-connect");
        while (waitForLoss()) {
            post(Event::Kind::Disconnected);
            if (!reconnect())
                break;
            post(Event::Kind::Connected);
        }
        const std::lock_guard lock(mutex_);
        finished_ = true;
        wake_.notify_all();
    }

    /// True: the keeper has ended or is about to, and can be joined.
    bool stop()
    {
        std::unique_lock lock(mutex_);
        stopping_ = true;
        wake_.notify_all();
        const bool ended = wake_.wait_for(lock, patienceAtStop, [&] { return finished_; });
        const auto last = std::move(set_);
        lock.unlock();                      // Closing talks to libvirt.
        return ended;
    }

private:
    std::shared_ptr<Set> openSet()
    {
        const auto number = ++opened_;
        return std::make_shared<Set>(options_, number, bus_, [weak = weak_from_this(), number] {
            if (const auto state = weak.lock())
                state->reportLost(number);
        });
    }

    /// False: stopping. Says what happened only while somebody still owns us: a keeper that was left behind may be
    /// running while the process, and its logger, end.
    bool install(std::shared_ptr<Set> set)
    {
        const std::lock_guard lock(mutex_);
        if (stopping_)
            return false;
        set_.swap(set);
        spdlog::info("connected to libvirt at {}", options_.uri);
        return true;
    }

    /// The keeper's: whatever goes wrong, it lives on.
    void post(Event::Kind kind)
    {
        guarded("libvirt connection keeper", [&] { bus_->post({.kind = kind, .vm = {}, .alias = {}}); });
    }

    void noteFailure(const HypervisorError& error)
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_)
            spdlog::debug("libvirt at {}: {}", options_.uri, error.what());
    }

    void noteDefect(const std::string& text)
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_)
            logInternalError("libvirt connection keeper", text);
    }

    /// False: stopping. Drops the lost set; calls under way keep what they hold until they return.
    bool waitForLoss()
    {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stopping_ || (set_ && set_->generation <= lost_); });
        if (stopping_)
            return false;
        const auto lost = std::move(set_);
        lock.unlock();
        spdlog::warn("the connection to libvirt at {} is lost", options_.uri);
        return true;
    }

    /// False: stopping.
    bool reconnect()
    {
        for (auto pause = firstPause; !pausedUntilStop(pause); pause = std::min(2 * pause, longestPause)) {
            try {
                return install(openSet());
            } catch (const HypervisorError& error) {
                noteFailure(error);
            } catch (...) {                 // out of memory, for one: without the keeper libvirt would be lost for good
                noteDefect(currentExceptionText());
            }
        }
        return false;
    }

    bool pausedUntilStop(milliseconds pause)
    {
        std::unique_lock lock(mutex_);
        return wake_.wait_for(lock, pause, [&] { return stopping_; });
    }

    const LibvirtOptions options_;
    const std::shared_ptr<EventBus> bus_;
    std::uint64_t opened_ = 0;              ///< The opener's own: first the constructor, then the keeper.
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::shared_ptr<Set> set_;              ///< Empty: lost, being replaced.
    std::uint64_t lost_ = 0;                ///< Sets up to this generation are broken.
    bool stopping_ = false, finished_ = false;
};

Connections::Connections(const LibvirtOptions& options, std::shared_ptr<EventBus> bus)
    : state_(std::make_shared<State>(options, std::move(bus)))
{
    state_->openFirst();
    keeper_ = std::thread([state = state_] { guarded("libvirt connection keeper", [&] { state->keep(); }); });
}

Connections::~Connections()
{
    if (state_->stop())
        keeper_.join();
    else
        keeper_.detach();
}

Connection Connections::forReading() const
{
    const auto set = state_->current();
    return set->lend(set->reading);
}

Connection Connections::forChanging() const
{
    const auto set = state_->current();
    return set->lend(set->changing);
}

Connection Connections::forAskingQemu() const
{
    const auto set = state_->current();
    return set->lend(set->asking);
}

bool Connections::connected() const
{
    return state_->connected();
}

void Connections::reportBroken(const Connection& connection)
{
    state_->reportBroken(connection.get());
}

} // namespace hotplug
