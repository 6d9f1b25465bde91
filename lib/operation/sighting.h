#pragma once

#include "operation/turn.h"

namespace hotplug {

/// What a change knows of its devices, in Change::Memory: read when it must be, kept while an act's success tells as
/// much as another read. The lane's own.
class Sighting {
public:
    Sighting(Change& change, TurnTools& tools) : change_(change), tools_(tools), memory_(change.memory) {}

    void begin();                                       ///< A turn begins: what was seen before is old.
    void readDomain();                                  ///< Throws HypervisorError, XmlError.
    const Domain& domain() const { return *memory_.domain; }
    void forgetAll(const Intent& intent);               ///< Nothing is known of the intent's devices yet.
    void observe();
    void look();                                        ///< The next observe() reads.
    void succeeded(Act act, std::size_t entry);
    void failed(Act act, std::size_t entry, ErrorKind kind, const std::string& text);
    /// SPEC K10: asked once a turn, before the first libvirt call that changes. Throws HypervisorError.
    bool jobRuns();
    /// False: something of it may still be under way in libvirt, or it could not be read.
    bool isCertain() const;

private:
    void see(const Plan& plan, Observed& seen);
    void cannotSee(ErrorKind kind, const std::string& text);
    void remember(Act act, Observed& seen);
    void fail(Observed& seen, Act act, ErrorKind kind, const std::string& text);

    Change& change_;
    TurnTools& tools_;
    Change::Memory& memory_;
    bool noJob_ = false;
};

} // namespace hotplug
