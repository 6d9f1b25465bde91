#include "faults/crash_story.h"

#include <algorithm>
#include <stdexcept>

namespace hotplug::test {

namespace {

using Situation = Story::Situation;

std::string after(Act act)
{
    return std::string(name(act));
}

void addCrashes(std::vector<Crash>& crashes, const std::string& step, const std::vector<Story>& stories,
    const std::vector<Situation>& situations)
{
    for (const auto& story : stories)
        if (std::ranges::find(situations, story.situation) != situations.end())
            for (const auto moment : {CrashPoint::Moment::Before, CrashPoint::Moment::After})
                crashes.push_back({{moment, step}, story});
}

} // namespace

std::vector<Story> storiesOfOpening()
{
    return {{Goal::Plug}, {Goal::Unplug}};
}

// No default: an act that is new does not compile until somebody says how to come to it.
std::vector<Story> storiesOf(Act act)
{
    switch (act) {
    case Act::Attach: return {{Goal::Plug}};
    case Act::Replan: return {{Goal::Plug, {}, Situation::AddressTaken}};
    case Act::AttachConfig: return {{Goal::Plug, after(Act::Attach), Situation::DefinitionLost}};
    case Act::WriteRecord: return {{Goal::Plug}, {Goal::Plug, after(Act::Attach)}};
    case Act::Barrier: return {{Goal::Plug, openingStep}, {Goal::Unplug, after(Act::EraseRecord)}};
    case Act::AskQemu: return {{Goal::Plug, openingStep}};
    case Act::UnplugFromQemu: return {{Goal::Plug, openingStep, Situation::LeftInQemu}, {Goal::Unplug, openingStep}};
    case Act::DropFromQemu: return {{Goal::Plug, openingStep, Situation::LeftInQemu}};
    case Act::DetachLive: return {{Goal::Unplug}};
    case Act::DetachConfig: return {{Goal::Unplug}, {Goal::Unplug, after(Act::DetachLive)}};
    case Act::EraseRecord: return {{Goal::Unplug}, {Goal::Unplug, after(Act::DetachConfig)}};
    case Act::GiveUp: return {{Goal::Plug, {}, Situation::HalfGoodList}};
    case Act::Wait: return {{Goal::Unplug, {}, Situation::DeafGuest}};
    case Act::Settle:
        return {{Goal::Plug}, {Goal::Plug, openingStep}, {Goal::Unplug}, {Goal::Plug, {}, Situation::HalfGoodList}};
    }
    throw std::logic_error("no such act");
}

std::vector<Act> allActs()
{
    std::vector<Act> acts;
    try {
        for (int number = 0;; ++number) {
            const auto act = static_cast<Act>(number);
            name(act);
            acts.push_back(act);
        }
    } catch (const std::logic_error&) {
        return acts;                                // name() knows no more of them
    }
}

std::vector<Crash> allCrashes(const std::vector<Situation>& situations)
{
    std::vector<Crash> crashes;
    addCrashes(crashes, openingStep, storiesOfOpening(), situations);
    for (const auto act : allActs())
        addCrashes(crashes, std::string(name(act)), storiesOf(act), situations);
    return crashes;
}

std::string textOf(const Crash& crash)
{
    const auto& story = crash.story;
    auto text = std::string(name(story.goal)) + ": ";
    text += crash.point.moment == CrashPoint::Moment::Before ? "before "
        : crash.point.moment == CrashPoint::Moment::After    ? "after "
                                                             : "inside ";
    text += crash.point.step;
    if (!story.firstDeath.empty())
        text += ", once another had died after " + story.firstDeath;
    return story.situation == Situation::HalfGoodList ? text + " of a bad list" : text;
}

} // namespace hotplug::test
