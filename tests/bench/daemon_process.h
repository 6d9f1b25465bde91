#pragma once

#include "bench/figures.h"
#include "support/process.h"
#include "support/test_host.h"

#include <memory>
#include <string>

namespace hotplug::bench {

/// The program hotplugd on the host's libvirt. Ended by its destructor.
class DaemonProcess {
public:
    explicit DaemonProcess(const test::TestHost& host);             ///< Returns when it is ready.
    ~DaemonProcess();
    DaemonProcess(const DaemonProcess&) = delete;
    DaemonProcess& operator=(const DaemonProcess&) = delete;

    /// From its start until it said that it is ready.
    Duration timeToReady() const { return timeToReady_; }
    /// From its start until it has settled that many operations which another had left open.
    Duration timeToSettle(unsigned operations) const;
    double rssAnonMiB() const;

private:
    const std::string log_;
    Clock::time_point began_;
    std::unique_ptr<test::Process> process_;
    Duration timeToReady_{0};
};

} // namespace hotplug::bench
