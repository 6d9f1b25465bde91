#include "faults/crash_point.h"

#include <array>
#include <fmt/format.h>
#include <fstream>
#include <stdexcept>

namespace hotplug::test {

namespace {

constexpr std::array moments{"before", "inside", "after"};
constexpr auto orders = "crash-at", carriedOut = "crashed-at", refusal = "refuse-attach";

CrashPoint::Moment momentOf(const std::string& word)
{
    for (std::size_t i = 0; i < moments.size(); ++i)
        if (word == moments[i])
            return static_cast<CrashPoint::Moment>(i);
    throw std::runtime_error("no moment of a crash: " + word);
}

} // namespace

std::string textOf(const CrashPoint& point)
{
    return fmt::format("{} {} {} {}", moments[static_cast<std::size_t>(point.moment)], point.step, point.milliseconds,
        point.passes);
}

/// Whole or not at all: the daemon may look at any time.
void CrashOrders::write(const std::string& text) const
{
    const auto draft = directory_ / "crash-at.new";
    std::ofstream(draft) << text << '\n';
    std::filesystem::rename(draft, directory_ / orders);
}

void CrashOrders::dieAt(const CrashPoint& point) const
{
    std::filesystem::remove(directory_ / carriedOut);
    write(textOf(point));
}

void CrashOrders::forget() const
{
    std::filesystem::remove(directory_ / orders);
}

bool CrashOrders::obeyed() const
{
    return std::filesystem::exists(directory_ / carriedOut);
}

void CrashOrders::refuseOneAttach() const
{
    std::ofstream(directory_ / refusal).close();
}

std::optional<CrashPoint> CrashOrders::point() const
{
    std::ifstream in(directory_ / orders);
    std::string moment;
    CrashPoint point;
    if (!(in >> moment >> point.step >> point.milliseconds >> point.passes))
        return std::nullopt;
    point.moment = momentOf(moment);
    return point;
}

void CrashOrders::goBy(CrashPoint point) const
{
    --point.passes;
    write(textOf(point));
}

void CrashOrders::obey() const
{
    std::filesystem::rename(directory_ / orders, directory_ / carriedOut);
}

bool CrashOrders::takeRefusal() const
{
    return std::filesystem::remove(directory_ / refusal);
}

} // namespace hotplug::test
