#pragma once

#include "hypervisor/hypervisor.h"
#include "support/catch.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hotplug::test {

/// What the contract is tried on. The fake and real libvirt each come with one; the suite is linked with either.
class ContractHost {
public:
    virtual ~ContractHost() = default;
    virtual Hypervisor& hypervisor() = 0;
    virtual std::string newImage() = 0;             ///< The path of an empty raw image that nobody uses.
};

/// One for the whole process, because libvirt has one embed root per process.
ContractHost& contractHost();

inline Hypervisor& port()
{
    return contractHost().hypervisor();
}

/// A VM without a guest OS: q35 with eight root ports, of which the last takes no hot plug, and a virtio-scsi
/// controller. Stopped and undefined when it goes out of scope.
class ContractVm {
public:
    enum class State { Stopped, Running };

    explicit ContractVm(State state = State::Running);
    ~ContractVm();
    ContractVm(const ContractVm&) = delete;
    ContractVm& operator=(const ContractVm&) = delete;

    const Uuid& uuid() const { return uuid_; }
    const std::string& name() const { return name_; }
    std::string live() const;                       ///< Fails the test when there is none.
    std::string config() const;

private:
    Uuid uuid_ = Uuid::random();
    std::string name_;
};

std::string domainXml(const std::string& name, const Uuid& uuid, const std::string& devices = "");

/// A disk as our planner writes them: everything explicit.
struct DiskXml {
    std::string image, target, alias, address, bus = "virtio", extra = "";
    std::string str() const;
};
std::string pciAddress(unsigned bus);               ///< As an <address> element.
std::string scsiAddress(unsigned unit);

/// The device with this alias in a domain document, as XML; empty when absent.
std::string deviceIn(const std::string& domainXml, const std::string& alias);
/// An attribute of one of the device's children.
std::string valueIn(const std::string& deviceXml, const char* child, const char* attribute);

/// The kind of the error that the action ends with; empty when it succeeds.
std::optional<ErrorKind> kindOf(const std::function<void()>& action);

/// Collects events while it lives.
class EventLog {
public:
    EventLog();
    /// Whether such an event has come, or comes within ten seconds.
    bool sees(const std::function<bool(const Event&)>& wanted);
    bool sees(Event::Kind kind, const Uuid& vm, const std::string& alias = "");
    std::size_t size() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Event> events_;
    std::unique_ptr<Hypervisor::Subscription> subscription_;        // Last: ends before what its handler uses.
};

} // namespace hotplug::test

namespace Catch {
template<> struct StringMaker<hotplug::ErrorKind> {
    static std::string convert(hotplug::ErrorKind kind) { return "ErrorKind " + std::to_string(static_cast<int>(kind)); }
};
template<> struct StringMaker<std::optional<hotplug::ErrorKind>> {
    static std::string convert(const std::optional<hotplug::ErrorKind>& kind)
    {
        return kind ? StringMaker<hotplug::ErrorKind>::convert(*kind) : "no error";
    }
};
} // namespace Catch
