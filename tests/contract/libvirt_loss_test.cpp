// What the adapter does when libvirtd dies, hangs and comes back. A libvirtd of our own, invisible to the host's.
#include "contract/contract.h"
#include "hypervisor/libvirt_hypervisor.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// libvirtd with its own mount namespace over its state, and its socket in a temporary folder.
class PrivateLibvirtd {
public:
    PrivateLibvirtd()
    {
        std::string pattern = fs::temp_directory_path() / "hotplugd-loss-XXXXXX";
        if (!::mkdtemp(pattern.data()))
            throw std::runtime_error("no temporary folder");
        folder_ = pattern;
        std::ofstream(folder_ / "libvirtd.conf") << fmt::format("unix_sock_dir = \"{}\"\nauth_unix_rw = \"none\"\n"
            "log_outputs = \"4:file:{}/log\"\n", folder_.string(), folder_.string());
        start();
    }

    ~PrivateLibvirtd()
    {
        stop();
        fs::remove_all(folder_);
    }
    PrivateLibvirtd(const PrivateLibvirtd&) = delete;
    PrivateLibvirtd& operator=(const PrivateLibvirtd&) = delete;

    std::string uri() const { return "qemu+unix:///system?socket=" + socket().string(); }
    void signal(int number) const { ::kill(pid_, number); }

    void start()
    {
        fs::remove(socket());
        // Ends with this test, also when that ends violently: the death signal outlives the execs.
        std::string script = fmt::format("for d in /run/libvirt /var/lib/libvirt /etc/libvirt /var/cache/libvirt; do "
            "mkdir -p $d; mount -t tmpfs none $d; done; exec libvirtd -f {0}/libvirtd.conf -p {0}/pid", folder_.string());
        std::string program = "setpriv", death = "--pdeathsig", kill = "KILL", unshare = "unshare", mounts = "-m",
                    shell = "sh", option = "-c";
        char* arguments[] = {program.data(), death.data(), kill.data(), unshare.data(), mounts.data(), shell.data(),
            option.data(), script.data(), nullptr};
        if (::posix_spawnp(&pid_, "setpriv", nullptr, nullptr, arguments, environ) != 0)
            throw std::runtime_error("libvirtd cannot be started");
        for (int i = 0; i < 1000 && !fs::exists(socket()); ++i)
            std::this_thread::sleep_for(10ms);
    }

    void stop()
    {
        signal(SIGCONT);
        signal(SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

private:
    fs::path socket() const { return folder_ / "libvirt-sock"; }

    fs::path folder_;
    pid_t pid_ = -1;
};

std::unique_ptr<Hypervisor> connectTo(const PrivateLibvirtd& libvirtd)
{
    return connectLibvirt({.uri = libvirtd.uri(), .keepaliveSeconds = 1, .keepaliveCount = 2});
}

/// Collects what the adapter says of its connection.
class LinkLog {
public:
    explicit LinkLog(Hypervisor& hypervisor)
        : subscription_(hypervisor.subscribe([this](const Event& event) {
              const std::lock_guard lock(mutex_);
              seen_.push_back(event.kind);
              arrived_.notify_all();
          }))
    {
    }

    bool endsWith(Event::Kind kind)
    {
        std::unique_lock lock(mutex_);
        return arrived_.wait_for(lock, 20s, [&] { return !seen_.empty() && seen_.back() == kind; });
    }

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Event::Kind> seen_;
    std::unique_ptr<Hypervisor::Subscription> subscription_;
};

std::optional<ErrorKind> ask(Hypervisor& hypervisor)
{
    return kindOf([&] { hypervisor.find("nobody"); });
}

} // namespace

TEST_CASE("K7: a libvirt that is not there is Unavailable")
{
    CHECK(kindOf([] { connectLibvirt({.uri = "qemu+unix:///system?socket=/nonexistent/libvirt-sock"}); })
        == ErrorKind::Unavailable);
}

TEST_CASE("K7: libvirtd dies and comes back, and the adapter says both and reconnects by itself")
{
    PrivateLibvirtd libvirtd;
    const auto hypervisor = connectTo(libvirtd);
    LinkLog log(*hypervisor);
    REQUIRE(ask(*hypervisor) == ErrorKind::NoDomain);

    for (int round = 0; round < 2; ++round) {
        libvirtd.stop();
        CHECK(ask(*hypervisor) == ErrorKind::Unavailable);
        REQUIRE(log.endsWith(Event::Kind::Disconnected));
        CHECK_FALSE(hypervisor->connected());
        CHECK(ask(*hypervisor) == ErrorKind::Unavailable);

        libvirtd.start();
        REQUIRE(log.endsWith(Event::Kind::Connected));
        CHECK(hypervisor->connected());
        CHECK(ask(*hypervisor) == ErrorKind::NoDomain);
    }
}

TEST_CASE("K7: a call to a libvirtd that hangs ends as Unavailable when the keepalive gives up")
{
    PrivateLibvirtd libvirtd;
    const auto hypervisor = connectTo(libvirtd);
    LinkLog log(*hypervisor);

    libvirtd.signal(SIGSTOP);
    const auto start = std::chrono::steady_clock::now();
    CHECK(ask(*hypervisor) == ErrorKind::Unavailable);
    CHECK(std::chrono::steady_clock::now() - start < 6s);
    REQUIRE(log.endsWith(Event::Kind::Disconnected));

    libvirtd.signal(SIGCONT);
    REQUIRE(log.endsWith(Event::Kind::Connected));
    CHECK(ask(*hypervisor) == ErrorKind::NoDomain);
}

TEST_CASE("K7: stopping does not wait for a libvirtd that is dead or hangs")
{
    PrivateLibvirtd libvirtd;
    auto hypervisor = connectTo(libvirtd);
    LinkLog log(*hypervisor);
    SECTION("dead, in the middle of the back-off")
    {
        libvirtd.stop();
    }
    SECTION("hanging, in the middle of a connection attempt")
    {
        libvirtd.signal(SIGSTOP);
    }
    REQUIRE(log.endsWith(Event::Kind::Disconnected));
    std::this_thread::sleep_for(1s);

    const auto start = std::chrono::steady_clock::now();
    hypervisor.reset();
    CHECK(std::chrono::steady_clock::now() - start < 3s);
}
