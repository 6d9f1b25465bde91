#pragma once

#include "support/process.h"
#include "support/temp_dir.h"

#include <filesystem>
#include <memory>
#include <string>

namespace hotplug::test {

/// An iSCSI target on 127.0.0.1 with one LUN, number 1, whose content is a raw image. Everybody may log in who has the
/// login, if there is one.
class IscsiTarget {
public:
    struct Login {
        std::string user, password;                 ///< iSCSI wants 12 characters or more.
    };

    explicit IscsiTarget(const std::filesystem::path& image) : IscsiTarget(image, {}) {}
    IscsiTarget(const std::filesystem::path& image, const Login& login);

    unsigned port() const { return port_; }
    const std::string& iqn() const { return iqn_; }
    std::string name() const { return iqn_ + "/1"; }        ///< As libvirt and VDSM write target and LUN.
    const std::string& serial() const { return serial_; }   ///< What the LUN itself says.
    /// Whether somebody is logged in. Asks the target.
    bool inUse() const;

private:
    std::string administer(const std::string& words) const;

    const TempDir dir_;
    const std::string serial_, iqn_;
    const unsigned port_;
    std::unique_ptr<Process> server_;
};

} // namespace hotplug::test
