#pragma once

#include "bench/bare_libvirt.h"
#include "support/console.h"
#include "support/test_host.h"

#include <filesystem>
#include <string>

namespace hotplug::bench {

/// A VM with the test guest, made by bare libvirt; ended and undefined by its destructor.
class GuestVm {
public:
    /// `libvirt` must outlive it.
    GuestVm(BareLibvirt& libvirt, const test::TestHost& host);
    ~GuestVm();
    GuestVm(const GuestVm&) = delete;
    GuestVm& operator=(const GuestVm&) = delete;

    void boot();                                        ///< Returns when the guest is ready.
    void startPaused();                                 ///< QEMU runs, the guest does not.
    /// Returns when QEMU and its guest have nothing to do any more: what they still do for the last change would be
    /// counted as the next one's.
    void rest() const;

    const std::string& id() const { return id_; }
    const test::Console& console() const { return console_; }
    virDomainPtr domain() const { return domain_.get(); }
    pid_t qemu() const;

private:
    std::string definition() const;
    std::string initramfs() const;

    BareLibvirt& libvirt_;
    const std::filesystem::path folder_;
    const std::string id_, name_;
    test::Console console_;
    DomainHandle domain_;
};

} // namespace hotplug::bench
