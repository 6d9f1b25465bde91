#include "faults/crash_table.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <vector>

namespace hotplug::test {

namespace {

using Counts = std::map<std::string, unsigned>;

struct Table {
    std::vector<std::string> points, devices;       // in the order in which they came
    std::map<std::pair<std::string, std::string>, Counts> outcomes;
    unsigned crashes = 0;
    milliseconds longest{0};
    std::string slowest;                            ///< Where it took longest.
};

Table& table()
{
    static Table all;
    return all;
}

void addOnce(std::vector<std::string>& names, const std::string& name)
{
    if (std::ranges::find(names, name) == names.end())
        names.push_back(name);
}

std::string textOf(const Counts& counts)
{
    std::string text;
    for (const auto& [outcome, count] : counts)
        text += (text.empty() ? "" : ", ") + outcome + (count > 1 ? fmt::format(" {}", count) : "");
    return text;
}

} // namespace

void noteCrash(const std::string& point, const std::string& device, const std::string& outcome, milliseconds until)
{
    auto& all = table();
    addOnce(all.points, point);
    addOnce(all.devices, device);
    ++all.outcomes[{point, device}][outcome];
    ++all.crashes;
    if (until <= all.longest)
        return;
    all.longest = until;
    all.slowest = point + ", " + device;
}

void noteVmEnded(const std::string& point, const std::string& device)
{
    ++table().outcomes[{point, device}]["VM ended"];
}

std::string crashTable()
{
    const auto& all = table();
    if (all.crashes == 0)
        return {};
    std::string text = fmt::format("{:<64}", "hotplugd killed");
    for (const auto& device : all.devices)
        text += fmt::format("{:<24}", device);
    for (const auto& point : all.points) {
        text += fmt::format("\n{:<64}", point);
        for (const auto& device : all.devices) {
            const auto found = all.outcomes.find({point, device});
            text += fmt::format("{:<24}", found == all.outcomes.end() ? "-" : textOf(found->second));
        }
    }
    return text + fmt::format("\n{} crashes; an outcome at the latest {} ms after the VM could be read again ({})\n",
        all.crashes, all.longest.count(), all.slowest);
}

} // namespace hotplug::test
