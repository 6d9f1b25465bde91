#include "support/libvirtd.h"

#include "base/uuid.h"
#include "support/leak_check.h"

#include <csignal>
#include <fmt/format.h>
#include <fstream>

namespace hotplug::test {

namespace {

/// In a mount namespace of its own. An embedded libvirt has the same folders below its root.
constexpr auto script = R"(
for folder in run/libvirt etc/libvirt var/cache/libvirt var/lib/libvirt var/log/libvirt; do
    name=${folder%/libvirt}
    mkdir -p "/$folder" "$0/${name#var/}" && mount --bind "$0/${name#var/}" "/$folder" || exit
done
exec libvirtd -f "$0/etc/libvirtd.conf" -p "$0/libvirtd.pid"
)";

std::filesystem::path socketOf(const TestHost& host) { return host.path() / "libvirt-sock"; }

/// The command line, once what it needs is in place.
std::vector<std::string> prepare(const TestHost& host)
{
    const auto config = host.embedRoot() / "etc/libvirtd.conf";
    if (!std::filesystem::exists(config))           // it is the same host after a restart
        std::ofstream(config) << fmt::format("unix_sock_dir = \"{0}\"\nauth_unix_rw = \"none\"\n"
            "log_outputs = \"3:file:{0}/libvirtd.log\"\nhost_uuid = \"{1}\"\n", host.path().string(), Uuid::random().str());
    return {"unshare", "--mount", "sh", "-c", script, host.embedRoot()};
}

} // namespace

Libvirtd::Libvirtd(TestHost& host) : host_(host)
{
    start();
    host.connectTo("qemu+unix:///system?socket=" + socketOf(host).string());
}

Libvirtd::~Libvirtd()
{
    if (!process_)
        return;
    process_->signal(SIGTERM);
    if (!process_->wait())
        failFromDestructor("libvirtd does not end");
}

void Libvirtd::kill()
{
    process_.reset();
}

void Libvirtd::start()
{
    const auto words = host_.path() / "libvirtd.out";
    std::filesystem::remove(socketOf(host_));
    process_ = std::make_unique<Process>(
        prepare(host_), Process::Options{.out = words, .err = words, .environment = {}});
    eventually("libvirtd listens", [&] {
        if (process_->wait(0ms))
            throw std::runtime_error("libvirtd has ended: " + readFile(words));
        return std::filesystem::exists(socketOf(host_));
    });
}

} // namespace hotplug::test
