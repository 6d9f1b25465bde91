#include "faults/crash_run.h"

#include "faults/crash_table.h"

#include "hotplugctl/format/json_text.h"

#include <csignal>
#include <fmt/format.h>

namespace hotplug::test {

namespace {

constexpr auto notBegun = "not begun";

void require(bool holds, const std::string& what)
{
    if (!holds)
        throw std::runtime_error(what);
}

std::string idOf(const Reply& reply)
{
    return (reply.ok() ? reply.result : reply.error["data"])["operationId"].asString();
}

Goal opposite(Goal goal)
{
    return goal == Goal::Plug ? Goal::Unplug : Goal::Plug;
}

/// Unplugs never fail for our death: they end where they were going. What the journal has taken has begun.
bool isHonest(const Crash& crash, const std::string& outcome)
{
    if (crash.point == CrashPoint{CrashPoint::Moment::Before, openingStep})
        return outcome == notBegun;
    return outcome == "done" || (crash.story.goal == Goal::Plug && outcome == "failed");
}

} // namespace

bool CrashRun::survive(const Crash& crash)
{
    const auto goal = crash.story.goal;
    dieAndReturn(crash);
    const auto end = settled();
    require(isHonest(crash, end.outcome), "it ended as " + end.outcome);
    const bool reached = end.outcome == "done";
    requireEverywhere(reached == (goal == Goal::Plug));
    writer_.reset();
    requireSameAnswer(goal, end);
    if (isVmEnded(crash)) {
        noteVmEnded(textOf(crash), column());
        return false;
    }
    if (end.outcome == "failed")
        ground_.vm.must(verbOf(goal), subject_.params);
    requireEverywhere(goal == Goal::Plug);
    return true;
}

bool CrashRun::isVmEnded(const Crash& crash) const
{
    return ground_.libvirt == LibvirtKind::Embedded && crash.story.goal == Goal::Unplug && ground_.endedByLibvirt();
}

void CrashRun::leave()
{
    bring(Goal::Unplug);
}

Verdict CrashRun::dieAndReturn(const Crash& crash)
{
    bring(opposite(crash.story.goal));
    requestId_ = fmt::format("{}-{}-{}", subject_.name, subject_.parts.front().id, ++requests_);
    prepare(crash.story.situation);
    if (crash.story.firstDeath.empty()) {
        ground_.orders.dieAt(crash.point);
        ask(crash.story.goal);
    } else {
        dieFirst(crash.story);
        ground_.orders.dieAt(crash.point);
        ground_.daemon.launch();
    }
    awaitDeath(textOf(crash));
    return firstVerdict(crash);
}

void CrashRun::prepare(Story::Situation situation)
{
    if (situation == Story::Situation::AddressTaken)
        ground_.orders.refuseOneAttach();
    if (situation == Story::Situation::HalfGoodList)
        writer_.emplace(subject_.parts.back().backend, "held");
    if (situation == Story::Situation::DeafGuest)
        timeout_ = 500;                             // its turn must come, also behind those of others
}

void CrashRun::dieFirst(const Story& story)
{
    ground_.orders.dieAt({CrashPoint::Moment::After, story.firstDeath});
    ask(story.goal);
    awaitDeath("first after " + story.firstDeath);
    for (const auto& part : subject_.parts) {
        if (story.situation == Story::Situation::DefinitionLost)
            ground_.forgetInDefinition("ua-" + part.id);
        if (story.situation == Story::Situation::LeftInQemu)
            leaveInQemu(ground_.vm.monitor(), part);
    }
}

void CrashRun::awaitDeath(const std::string& where)
{
    require(ground_.daemon.awaitEnd() == 128 + SIGKILL, "hotplugd ended by itself: " + where);
    require(ground_.orders.obeyed(), "hotplugd died elsewhere: " + where);
}

Json::Value CrashRun::request() const
{
    auto params = subject_.params;
    params["vmId"] = ground_.vm.id();
    params["requestId"] = requestId_;
    if (timeout_)
        params["timeout"] = *timeout_;
    return params;
}

/// Whoever asks hears nothing more; or the answer, when death comes later than that.
void CrashRun::ask(Goal goal)
{
    try {
        ground_.daemon.post(ctl::compactJson(
            object({{"jsonrpc", "2.0"}, {"id", 1}, {"method", verbOf(goal)}, {"params", request()}})));
    } catch (const std::exception&) {
        return;
    }
}

Verdict CrashRun::verdict()
{
    const auto operations = ground_.vm.must("listOperations", object({{"limit", 10}}))["operations"];
    for (const auto& operation : operations)
        if (operation["requestId"] == requestId_)
            return {operation["outcome"].asString(), operation["operationId"].asString()};
    return {notBegun, {}};
}

Verdict CrashRun::firstVerdict(const Crash& crash)
{
    ground_.daemon.start();
    eventually("the VM can be read", [this] { return ground_.vm.call("getVm", {}).ok(); });
    const auto ready = Clock::now();
    Verdict first;
    eventually("there is an outcome", [&] { return (first = verdict()).outcome != "running"; });
    const auto waited = std::chrono::duration_cast<milliseconds>(Clock::now() - ready);
    noteCrash(textOf(crash), column(), first.outcome, waited);
    require(waited <= 1s || isVmEnded(crash), fmt::format("an outcome came only after {} ms: {}", waited.count(), first.outcome));
    return first;
}

Verdict CrashRun::settled()
{
    eventually("nothing is open", [this] {
        return ground_.vm.must("listOperations", object({{"open", true}}))["operations"].empty();
    });
    return verdict();
}

void CrashRun::requireEverywhere(bool there)
{
    const auto all = allOf(subject_);
    const auto wanted = there ? all : Views();
    Views seen;
    std::string unseen;
    const auto agree = [&] {
        try {
            return (seen = seenIn(ground_.vm, subject_)) == wanted;
        } catch (const std::exception& error) {     // the VM ends just now
            unseen = error.what();
            return false;
        }
    };
    try {
        eventually("all views agree", agree, 5s);
    } catch (const std::exception&) {
        require(false, fmt::format("it should be {}, and is {} {}", textOf(wanted, all), textOf(seen, all), unseen));
    }
}

void CrashRun::requireSameAnswer(Goal goal, const Verdict& verdict)
{
    const auto reply = ground_.vm.call(verbOf(goal), request());
    const bool same = verdict.operation.empty() ? reply.ok()
                                                : idOf(reply) == verdict.operation && reply.outcome() == verdict.outcome;
    require(same, fmt::format("it is {} {}, and the same request again is answered {}", verdict.outcome,
        verdict.operation, reply.text()));
}

void CrashRun::bring(Goal goal)
{
    const bool there = !seenIn(ground_.vm, subject_).empty();
    if (there == (goal == Goal::Plug))
        return;
    ground_.vm.must(verbOf(goal), subject_.params);
    requireEverywhere(goal == Goal::Plug);
}

} // namespace hotplug::test
