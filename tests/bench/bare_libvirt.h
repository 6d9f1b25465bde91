#pragma once

#include <libvirt/libvirt.h>
#include <memory>
#include <string>

namespace hotplug::bench {

struct DomainCloser {
    void operator()(virDomainPtr domain) const { virDomainFree(domain); }
};
using DomainHandle = std::unique_ptr<virDomain, DomainCloser>;

/// One open connection of libvirt's C interface, and what a program without hotplugd has to call on it. All methods
/// throw with libvirt's words. Thread-safe, but for unplugs of equal aliases.
class BareLibvirt {
public:
    explicit BareLibvirt(const std::string& uri);
    ~BareLibvirt();
    BareLibvirt(const BareLibvirt&) = delete;
    BareLibvirt& operator=(const BareLibvirt&) = delete;

    DomainHandle define(const std::string& xml);
    DomainHandle find(const std::string& uuid);
    void start(virDomainPtr domain);
    void startPaused(virDomainPtr domain);
    void remove(virDomainPtr domain);                   ///< Ends and undefines it.

    /// Live and in the definition.
    void plug(virDomainPtr domain, const std::string& deviceXml);
    /// Asks the guest, waits for libvirt's event, then cleans the definition. An event loop must run.
    void unplug(virDomainPtr domain, const std::string& alias);

private:
    struct Removals;

    std::shared_ptr<Removals> removals_;
    virConnectPtr connection_;
    int callback_;
};

} // namespace hotplug::bench
