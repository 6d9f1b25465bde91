#include "daemon.h"

#include "base/log.h"
#include "hypervisor/libvirt_hypervisor.h"
#include "hypervisor/timely_reads.h"
#include "network/network.h"
#include "operation/operations.h"
#include "server/http_server.h"
#include "storage/storage.h"
#include "supervisor.h"
#include "verbs/verbs.h"
#include "wire/vdsm/methods.h"

#include <sysexits.h>
#include <unistd.h>

namespace hotplug {

namespace {

using std::chrono::seconds;

/// Together below systemd's TimeoutStopSec: turns that are inside libvirt, the replies, other calls of libvirt.
constexpr seconds drainTurns{5}, drainReplies{3}, drainCalls{1};

/// Everything that lives as long as the daemon, in the order of construction.
class Daemon {
public:
    Daemon(const Config& config, const Foundations& foundations, const Supervisor& supervisor)
        : journal_(foundations.openJournal(config)),
          hypervisor_(foundations.connect(config)),
          storage_({.imageRoots = config.imageRoots, .blockDevices = config.blockDevices,
              .dataCenterRoot = config.dataCenterRoot}),
          network_({.sysfs = "/sys", .macvtap = !config.embedded()}),
          operations_(*hypervisor_, *journal_),
          timelyReads_(*hypervisor_),
          guestReads_(*hypervisor_),
          sourceUsers_(timelyReads_, storage_),
          context_{timelyReads_, storage_, network_, operations_, *journal_, guestReads_, sourceUsers_, sourceClaims_,
              lifecycleCalls_},
          endpoint_(wire::makeRpcEndpoint(context_, {HOTPLUGD_VERSION, config.connect, config.imageRoots,
              config.blockDevices, config.dataCenterRoot})),
          server_(*endpoint_)
    {
        tellOfJournal();
        listen(config, supervisor);
        operations_.recover();
        server_.start();
    }

    bool responsive() { return server_.responsive(seconds{5}); }

    /// False: something is stuck inside libvirt, and what it uses may not be destroyed.
    bool stop()
    {
        // Operations first: whoever waits for a guest is told `pending` before the connections close.
        journal_->wakeWaiters();
        bool idle = operations_.stop(drainTurns);
        idle = lifecycleCalls_.stop(drainCalls) && idle;
        server_.stop(Clock::now() + drainReplies);
        idle = endpoint_->drain(drainCalls) && idle;
        idle = timelyReads_.stop(drainCalls) && idle;
        return guestReads_.stop(drainCalls) && idle;
    }

private:
    void tellOfJournal()
    {
        try {
            journal_->requireUsable();
        } catch (const JournalError& error) {
            spdlog::error("nothing can be changed, only read: {}", error.what());
        }
    }

    void listen(const Config& config, const Supervisor& supervisor)
    {
        const auto inherited = supervisor.sockets();
        for (const int fd : inherited)
            server_.listen(server::UnixListener::adopt(fd));
        if (inherited.empty())
            server_.listen(server::UnixListener::create({config.socketPath(), 0660, config.listenGroup}));
        spdlog::info("listening on {}, libvirt at {}", inherited.empty() ? config.listen : "systemd's socket",
            config.connect);
    }

    std::unique_ptr<Journal> journal_;
    std::unique_ptr<Hypervisor> hypervisor_;
    Storage storage_;
    Network network_;
    Operations operations_;
    TimelyReads timelyReads_;
    verbs::GuestReads guestReads_;
    verbs::SourceUsers sourceUsers_;
    verbs::SourceClaims sourceClaims_;
    BoundedCalls lifecycleCalls_{"lifecycle", verbs::lifecycleLimits};
    verbs::Context context_;
    std::unique_ptr<wire::RpcEndpoint> endpoint_;
    server::HttpServer server_;
};

/// Something that we need is not there; systemd tries again later.
int unavailable(const std::exception& error)
{
    spdlog::error("cannot start: {}", error.what());
    return EX_UNAVAILABLE;
}

void serve(Daemon& daemon, Supervisor& supervisor)
{
    supervisor.ready();
    supervisor.waitForStop([&daemon] { return daemon.responsive(); });
    supervisor.stopping();
    if (!daemon.stop()) {
        spdlog::warn("a call is stuck inside libvirt; what it changes stays open in the journal and is settled at the next start");
        spdlog::shutdown();
        _exit(EX_OK);
    }
}

} // namespace

Foundations realFoundations()
{
    return {.openJournal = [](const Config& config) { return openJournalOrRefuse(config.stateDir, config.journal); },
        .connect = [](const Config& config) { return connectLibvirt({.uri = config.connect}); }};
}

int runDaemon(const Config& config, const Foundations& foundations)
{
    startLogging(config.logLevel);
    Supervisor supervisor;
    try {
        Daemon daemon(config, foundations, supervisor);
        serve(daemon, supervisor);
        spdlog::info("stopped");
        return EX_OK;
    } catch (const HypervisorError& error) {
        return unavailable(error);
    } catch (const JournalError& error) {
        return unavailable(error);
    } catch (const server::ListenError& error) {
        return unavailable(error);
    }
}

} // namespace hotplug
