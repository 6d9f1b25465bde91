#pragma once

#include <iosfwd>
#include <vector>

namespace hotplug::test {

/// One thing that happens. What the numbers mean is up to the kind; whatever they are, they mean something.
struct Move {
    enum class Kind {
        OthersRun,          ///< Other VMs' turns go on here, in the middle of this one's.
        Elapse,             ///< Time passes, and what is due then happens.
        Deliver,            ///< libvirt's events arrive.
        // Clients.
        Plug, Unplug,       ///< `devices` of one VM, one operation.
        Repeat,             ///< An earlier call again, with its request id.
        Cancel,
        // The guest and its VM.
        Obey, Ignore,       ///< How the guest answers unplugs of one device from now on.
        Eject, Pause, Resume, Stop, Start, Migrate, Undefine, Job, JobEnds,
        // libvirt and QEMU.
        Fail, Hang, Release, Land, Disconnect, Reconnect,
        // We.
        JournalFull, JournalFree, Die,
    };
    static constexpr unsigned kinds = static_cast<unsigned>(Kind::Die) + 1;

    Kind kind = Kind::OthersRun;
    unsigned after = 0;     ///< So many calls of libvirt or the journal begin or end first, unless nothing else goes on.
    unsigned vm = 0, devices = 1, number = 0;
    bool flag = false;
};

struct Story {
    std::vector<bool> persistentVms;
    std::vector<Move> moves;
};

Story drawStory();          ///< From rapidcheck, within a property.
std::ostream& operator<<(std::ostream& out, const Story& story);

} // namespace hotplug::test
