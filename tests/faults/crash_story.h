#pragma once

#include "faults/crash_point.h"

#include "operation/next.h"

#include <string>
#include <vector>

namespace hotplug::test {

/// How a hotplugd comes to a step at which it may die.
struct Story {
    enum class Situation {
        Plain,
        DefinitionLost,                             ///< libvirt died too: the device is live and not in the definition.
        LeftInQemu,                                 ///< libvirt died too: QEMU has the device, and no XML shows it.
        AddressTaken,                               ///< libvirt knows of a use of the address that no XML shows.
        HalfGoodList,                               ///< Another process writes to the second image of two.
        DeafGuest,                                  ///< It does not answer, until it is reset.
    };

    Goal goal = Goal::Plug;
    /// The step after which a first hotplugd dies; it is the second that comes to ours. Empty: the first one does.
    std::string firstDeath = {};
    Situation situation = Situation::Plain;
};

/// All ways that we know to the gap before the first act, and to each act. Never empty.
std::vector<Story> storiesOfOpening();
std::vector<Story> storiesOf(Act act);

/// As the enumeration has them, new ones too.
std::vector<Act> allActs();

/// One death to try, in one story.
struct Crash {
    CrashPoint point;
    Story story;
};

/// Before and after each step, in each of its stories but those of a situation that is not asked for.
std::vector<Crash> allCrashes(const std::vector<Story::Situation>& situations);

/// `after attach, taken up after open`
std::string textOf(const Crash& crash);

} // namespace hotplug::test
