#pragma once

#include "hypervisor/hypervisor.h"

#include <optional>
#include <pugixml.hpp>
#include <set>
#include <string>

namespace hotplug::test {

/// One domain of the fake: its live and persistent documents, and libvirt's rules for changing them. Knows no threads,
/// no guest and no events. Throws HypervisorError and then has changed nothing.
///
/// Left out: libvirt chooses no addresses, adds no controllers and checks no schema here; what is attached stays as it
/// was given, except for aliases that libvirt would replace.
class FakeDomain {
public:
    explicit FakeDomain(const std::string& xml);    ///< Defined, stopped. Invalid when libvirt would refuse it.

    const Uuid& uuid() const { return uuid_; }
    const std::string& name() const { return name_; }
    bool active() const { return live_.has_value(); }
    bool persistent() const { return config_.has_value(); }
    DomainXml read() const;
    VmStatus status = VmStatus::Down;

    void start();
    void stop();
    void save();                                    ///< Stopped; the next start() has its live document again.
    void undefine();                                ///< An active domain becomes transient.
    void redefine(const std::string& xml);          ///< Another definition takes the place of the one there is, if any.
    bool gone() const { return !live_ && !config_; }

    void attach(Scope scope, const std::string& deviceXml);
    void update(Scope scope, const std::string& deviceXml);
    void writeRecords(Scope scope, const std::string& xml);
    void removeLive(const Alias& alias);            ///< What happens when the guest lets go. Nothing when absent.
    void removeConfig(const Alias& alias);          ///< DeviceMissing.
    void removeTwin(const std::string& deviceXml);  ///< DeviceMissing. Disks by target, NICs by MAC, as libvirt.

    void requireActive() const;                     ///< NotRunning.
    bool hasLive(const Alias& alias) const;
    bool hasLiveTarget(const std::string& target) const;
    /// The image files that QEMU holds for writing and does not share.
    std::multiset<std::string> lockedSources() const;

private:
    /// A document that can be copied, so that a change is tried on a copy and kept when it holds.
    class Document {
    public:
        Document() = default;
        Document(const Document& other) { xml.reset(other.xml); }
        Document& operator=(const Document& other)
        {
            xml.reset(other.xml);
            return *this;
        }
        pugi::xml_document xml;
        pugi::xml_node devices() const { return xml.child("domain").child("devices"); }
    };

    template<typename Change> void change(Scope scope, Change&& apply);
    std::string freshAlias();

    Uuid uuid_;
    std::string name_;
    std::optional<Document> live_, config_, saved_;
    unsigned starts_ = 0, aliases_ = 0;
};

/// Device and domain XML, well-formed and with the expected root, or Invalid.
pugi::xml_document parseXml(const std::string& xml);

} // namespace hotplug::test
