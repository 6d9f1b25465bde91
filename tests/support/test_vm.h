#pragma once

#include "support/console.h"
#include "support/hotplugd.h"
#include "support/qmp.h"

#include <functional>
#include <optional>
#include <pugixml.hpp>
#include <string>

namespace hotplug::test {

/// A VM with the test guest, defined through the daemon; stopped and undefined by its destructor.
class TestVm {
public:
    enum class Machine { Q35, Pc };
    struct Options {
        Machine machine = Machine::Q35;
        bool deaf = false;                                          ///< Never answers PCI hot plug or unplug.
        std::function<void(pugi::xml_node& domain)> edit = {};      ///< Changes the definition before it is used.
    };

    explicit TestVm(Hotplugd& daemon) : TestVm(daemon, Options{}) {}
    TestVm(Hotplugd& daemon, const Options& options);
    /// One that migrates to this daemon's host (support/libvirtd_pair.h); made beforehand or afterwards.
    TestVm(Hotplugd& daemon, const TestVm& migrated);
    ~TestVm();
    TestVm(const TestVm&) = delete;
    TestVm& operator=(const TestVm&) = delete;

    const std::string& id() const { return id_; }
    const std::string& name() const { return name_; }
    Console& console() { return console_; }

    void boot();                                    ///< Starts it and waits until the guest is ready.
    void start();                                   ///< Without waiting for the guest.
    void destroy();
    void hasCome();                                 ///< It has migrated here: what was connected before is not any more.
    std::string status();                           ///< Up, Down, …

    /// Sends a command and waits for nothing.
    void tell(const std::string& command);
    /// `does("read", "vda")`: whether the guest says ok.
    bool does(const std::string& command, const std::string& device);
    /// What the guest has now, by its own list.
    std::vector<GuestLine> guestDevices(const std::string& kind, const Console::Values& values = {});

    Qmp& monitor();                                 ///< QEMU's second one; the VM must run.
    void pause();                                   ///< Returns when libvirt knows.
    void resume();

    /// Calls a verb with this VM's id and these params.
    Reply call(const std::string& verb, Json::Value params);
    Json::Value must(const std::string& verb, Json::Value params);
    /// As listDevices has it; null when there is no such device.
    Json::Value device(const std::string& deviceId);

    std::string liveXml() const { return daemon_.host().liveXml(name_); }
    std::string configXml() const { return daemon_.host().configXml(name_); }

private:
    std::string definition(const Options& options) const;

    Hotplugd& daemon_;
    const std::string id_, name_;
    Console console_;
    Fd commands_;
    std::optional<Qmp> monitor_;
};

/// A device of a domain document by its user alias; empty when there is none.
pugi::xml_node deviceByAlias(const pugi::xml_document& domain, const std::string& alias);
pugi::xml_document parseDomain(const std::string& xml);
/// A PCI address element or wire object as the guest writes it: `0000:05:00.0`; a drive's as `0:0:0:3`.
std::string addressText(const Json::Value& wire);
std::string addressText(const pugi::xml_node& device);

} // namespace hotplug::test
