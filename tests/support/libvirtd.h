#pragma once

#include "support/process.h"
#include "support/test_host.h"

#include <memory>

namespace hotplug::test {

/// A libvirtd for a host, in place of the libvirt that hotplugd embeds: macvtap, packet filters and secrets need one.
/// It sees the host's folders where it expects its own, and the machine's libvirt sees nothing of it. Made before the
/// daemon, gone after it.
class Libvirtd {
public:
    explicit Libvirtd(TestHost& host);
    ~Libvirtd();
    Libvirtd(const Libvirtd&) = delete;
    Libvirtd& operator=(const Libvirtd&) = delete;

    void kill();                                    ///< As a crash: its VMs run on.
    void start();                                   ///< Again, for the same host and VMs.
    /// How it has ended by itself: the exit code, or 128 plus the signal; empty while it runs.
    std::optional<int> ended() { return process_ ? process_->wait(0ms) : std::nullopt; }
    pid_t pid() const { return process_->pid(); }

private:
    TestHost& host_;
    std::unique_ptr<Process> process_;
};

} // namespace hotplug::test
