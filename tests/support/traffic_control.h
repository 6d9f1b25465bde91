#pragma once

#include "support/temp_dir.h"

#include <map>
#include <string>

namespace hotplug::test {

/// How the kernel shapes what leaves by a link (for a tap: what goes to the guest), in the words of `tc`: `rate`,
/// `ceil`, `burst` → `8Mbit`, `16Mbit`, `512Kb`. Empty when it does not.
std::map<std::string, std::string> shapingOf(const std::string& link);

/// A `tc` before the host's own in PATH, for daemons started afterwards. It notes each command and carries it out, but
/// takes it for done when this kernel was built without the scheduler, classifier or action (sfq, fw, police): of a
/// small kernel's bandwidth limits the classes at least are real.
class ForgivingTc {
public:
    ForgivingTc();
    ~ForgivingTc();
    ForgivingTc(const ForgivingTc&) = delete;
    ForgivingTc& operator=(const ForgivingTc&) = delete;

    /// Whether a command with all of these words was given.
    bool wasTold(std::initializer_list<std::string> words) const;

private:
    const TempDir dir_;
    const std::string path_;                        ///< As it was.
};

} // namespace hotplug::test
