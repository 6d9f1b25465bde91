#include "faults/storm_verdict.h"

#include "integration/requests.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace hotplug::test {

namespace {

using Word = StormJournal::Word;
using Problems = std::vector<std::string>;

unsigned numberIn(const std::string& status, const std::string& key)
{
    unsigned number = 0;
    if (const auto at = status.find(key + ":"); at != std::string::npos) {
        const auto start = status.find_first_of("0123456789", at);
        std::from_chars(status.data() + start, status.data() + status.size(), number);
    }
    return number;
}

/// A refusal names no operation of its own, a pending one may have ended in any way since.
bool agrees(const StormAnswer& answer, const StormJournal::Operation& operation)
{
    const bool final = answer.outcome == "done" || answer.outcome == "failed" || answer.outcome == "cancelled";
    return !final || answer.outcome == operation.outcome;
}

Problems problemsOfAnswers(const StormLedger& ledger, const StormJournal& journal)
{
    Problems found;
    for (const auto& answer : ledger.answers()) {
        const auto operation = journal.operations().find(answer.operation);
        if (operation == journal.operations().end())
            found.push_back(fmt::format("the journal does not know {}, of which {} was told", answer.operation, answer.verb));
        else if (!agrees(answer, operation->second))
            found.push_back(fmt::format("{} {} was answered {}, and is {}", answer.verb, answer.operation, answer.outcome,
                operation->second.outcome));
        else if (!answer.requestId.empty() && !operation->second.requests.contains(answer.requestId))
            found.push_back(fmt::format("{} does not know {}, which was told of it", answer.operation, answer.requestId));
    }
    return found;
}

/// A device drifts only when it leaves after its unplug was cancelled, or when somebody else has done something, which
/// nobody does to steady VMs.
bool isExcused(const StormVm& vm, const StormJournal::Device& said)
{
    return said.word == Word::Unsure && (!vm.steady || said.leftAfterCancel);
}

Problems problemsOf(const StormVm& vm, const StormViews& views, const StormDevice& device, const StormJournal& journal)
{
    const auto& id = device.part.id;
    if (views.isForgottenByLibvirt(id))
        return {};
    const auto said = journal.deviceOf(vm.vm.id(), "ua-" + id);
    const bool sure = said.word != Word::Unsure;
    auto found = views.disagreements(id, sure ? std::optional(said.word == Word::There) : std::nullopt);
    if (views.isDrifted(id) && !isExcused(vm, said))
        found.push_back(fmt::format("{} has drifted, and nobody has touched it: {}", id, views.problemOf(id)));
    for (auto& problem : found)
        problem += fmt::format("; its story: {}", fmt::join(said.story, ", "));
    return found;
}

Problems problemsOf(StormVm& vm, const StormJournal& journal)
{
    const StormViews views(vm);
    auto found = views.orphans();
    for (const auto& device : vm.devices)
        std::ranges::copy(problemsOf(vm, views, device, journal), std::back_inserter(found));
    for (auto& problem : found)
        problem = fmt::format("{} VM {}: {}", vm.steady ? "steady" : "unsteady", vm.vm.id(), problem);
    return found;
}

} // namespace

Footprint::Footprint(pid_t process)
{
    const auto folder = "/proc/" + std::to_string(process);
    const auto status = readFile(folder + "/status");
    threads = numberIn(status, "Threads");
    anonymousKiB = numberIn(status, "RssAnon");
    descriptors = static_cast<unsigned>(std::distance(std::filesystem::directory_iterator(folder + "/fd"), {}));
}

bool Footprint::isNoMoreThan(const Footprint& before) const
{
    constexpr unsigned spareThreads = 4, spareKiB = 4096;
    return threads <= before.threads + spareThreads && descriptors <= before.descriptors
        && anonymousKiB <= before.anonymousKiB + spareKiB;
}

std::string Footprint::text() const
{
    return fmt::format("{} threads, {} descriptors, {} KiB of RssAnon", threads, descriptors, anonymousKiB);
}

void awaitEndOfAll(StormGround& ground)
{
    constexpr auto longest = 180s;                  // guests are asked again every five seconds
    eventually("nothing is open", [&] {
        return ground.daemon.must("listOperations", object({{"open", true}}))["operations"].empty();
    }, longest);
}

unsigned forgottenByLibvirt(StormGround& ground)
{
    unsigned count = 0;
    for (auto& vm : ground.vms) {
        const StormViews views(vm);
        count += static_cast<unsigned>(std::ranges::count_if(
            vm.devices, [&](const StormDevice& device) { return views.isForgottenByLibvirt(device.part.id); }));
    }
    return count;
}

std::vector<std::string> disagreementsOf(StormGround& ground, const StormLedger& ledger)
{
    const StormJournal journal(ground.host);
    auto found = journal.problems();
    std::ranges::copy(problemsOfAnswers(ledger, journal), std::back_inserter(found));
    for (auto& vm : ground.vms) {
        Problems last;
        try {
            eventually("all views agree", [&] { return (last = problemsOf(vm, journal)).empty(); });
        } catch (const std::exception& error) {
            last.push_back(vm.vm.name() + ": " + error.what());
        }
        std::ranges::copy(last, std::back_inserter(found));
    }
    return found;
}

} // namespace hotplug::test
