#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace hotplug::test {

/// The steps at which a hotplugd can be made to die: every Act, by name(Act), and the gap before the first of them.
inline constexpr const char* openingStep = "open";         ///< The journal takes the intent.

/// Where a hotplugd dies by SIGKILL. One text in a file of its state directory tells it, and tells when it has.
struct CrashPoint {
    enum class Moment { Before, Inside, After };

    Moment moment = Moment::Before;
    std::string step;
    unsigned milliseconds = 0;                      ///< Inside: so long after the step began, come what may.
    unsigned passes = 0;                            ///< Goes by so often before.

    bool operator==(const CrashPoint&) const = default;
};

/// `inside attach 7 0`
std::string textOf(const CrashPoint& point);

/// What a test and the hotplugd that it kills say to each other.
class CrashOrders {
public:
    explicit CrashOrders(std::filesystem::path stateDir) : directory_(std::move(stateDir)) {}

    // The test's side; the daemon may run or not.
    void dieAt(const CrashPoint& point) const;
    void forget() const;                            ///< No more deaths.
    bool obeyed() const;                            ///< The point was reached; it is not forgotten by a restart.
    void refuseOneAttach() const;                   ///< The next live attach is answered with a double use of its address.

    // The daemon's side.
    std::optional<CrashPoint> point() const;
    void goBy(CrashPoint point) const;              ///< Once less.
    void obey() const;
    bool takeRefusal() const;                       ///< Whether there is one; not again.

private:
    void write(const std::string& text) const;

    std::filesystem::path directory_;
};

} // namespace hotplug::test
