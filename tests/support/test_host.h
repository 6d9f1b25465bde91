#pragma once

#include "support/snapshot.h"
#include "support/temp_dir.h"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace hotplug::test {

/// A host of its own: libvirt's embed root, folders for images, journal and consoles. Outlives the daemons that run on
/// it one after the other. Its destructor fails the test when a QEMU is left, and ends it.
class TestHost {
public:
    TestHost();
    ~TestHost();
    TestHost(const TestHost&) = delete;
    TestHost& operator=(const TestHost&) = delete;

    const std::filesystem::path& path() const { return dir_.path(); }
    std::filesystem::path embedRoot() const { return path() / "v"; }
    const std::string& uri() const { return uri_; }
    void connectTo(const std::string& uri) { uri_ = uri; }                              ///< A daemon's libvirt instead.
    std::filesystem::path imageRoot() const { return path() / "storage/images"; }       ///< What --image-root allows.
    std::filesystem::path outside() const { return path() / "storage/outside"; }        ///< What it does not.
    std::filesystem::path stateDir() const { return path() / "state"; }
    std::filesystem::path socket() const { return path() / "sock"; }
    std::filesystem::path consoleDir() const { return path() / "c"; }

    /// What libvirt itself keeps in its files: a view that does not pass through the daemon. Empty: not running, not
    /// defined.
    std::string liveXml(const std::string& vmName) const;
    std::string configXml(const std::string& vmName) const;
    std::vector<pid_t> qemus() const;

    /// All that a refusal or a dry run must leave alone (SPEC R8). `daemon` may hold taps too.
    Snapshot snapshot(pid_t daemon) const;

private:
    TempDir dir_;
    std::string uri_ = "qemu:///embed?root=" + embedRoot().string();
};

} // namespace hotplug::test
