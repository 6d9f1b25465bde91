#include "faults/storm_ledger.h"

#include "support/schema_check.h"

#include "hotplugctl/format/json_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug::test {

using std::chrono::microseconds;

namespace {

std::string line(const char* title, const std::map<std::string, unsigned>& counts)
{
    std::string text = fmt::format("{:<13}", title);
    for (const auto& [name, count] : counts)
        text += fmt::format(" {} {} ", name, count);
    return text + "\n";
}

std::string percentiles(std::vector<microseconds> times)
{
    if (times.empty())
        return "none";
    std::ranges::sort(times);
    const auto at = [&](std::size_t percent) {
        return std::chrono::duration<double, std::milli>(times[(times.size() - 1) * percent / 100]).count();
    };
    return fmt::format("{} of them, p50 {:.1f} ms, p99 {:.1f} ms", times.size(), at(50), at(99));
}

/// A verb that does not exist, or bytes that are none, have no schema.
std::vector<std::string> problemsOfAnswer(const StormAsk& ask, const Json::Value& answer)
{
    const bool known = !ask.verb.empty() && ask.verb != "fly";
    auto found = known ? problemsOf(ask.verb, answer) : std::vector<std::string>();
    if (ask.refusable && !answer.isMember("error"))
        found.push_back("should be an error");
    return found;
}

std::string outcomeOf(const Json::Value& answer)
{
    if (answer.isMember("result"))
        return answer["result"]["outcome"].isString() ? answer["result"]["outcome"].asString() : "done";
    return answer["error"]["data"]["outcome"].isString() ? answer["error"]["data"]["outcome"].asString() : "no request";
}

} // namespace

StormAnswer StormLedger::note(const StormAsk& ask, const Json::Value& answer, microseconds took)
{
    for (const auto& problem : problemsOfAnswer(ask, answer))
        noteProblem(fmt::format("{} was answered wrongly: {}\n{}", ask.body, problem, ctl::compactJson(answer)));
    const auto& said = answer.isMember("result") ? answer["result"] : answer["error"]["data"];
    const StormAnswer noted{
        ask.verb, ask.isDryRun() ? "" : ask.requestId(), said["operationId"].asString(), outcomeOf(answer)};
    if (said["reason"] == "INTERNAL" || answer["error"]["code"] == -32603)
        noteProblem(ask.verb + " met a defect: " + ctl::compactJson(answer));
    const std::lock_guard lock(mutex_);
    if (answer.isMember("error"))
        ++reasons_[said["reason"].isString() ? said["reason"].asString() : answer["error"]["code"].asString()];
    if (ask.verb == "ping")
        pings_.push_back(took);
    if (!noted.operation.empty() && noted.outcome != "refused" && ask.verb != "getOperation")
        answers_.push_back(noted);
    if (ask.isChange() && !ask.isDryRun())
        ++changes_[noted.outcome];
    countCall(noted.outcome);
    return noted;
}

void StormLedger::noteUnanswered(const std::string& how)
{
    const std::lock_guard lock(mutex_);
    countCall(how);
}

void StormLedger::noteProblem(const std::string& problem)
{
    const std::lock_guard lock(mutex_);
    problems_.push_back(problem);
}

void StormLedger::noteDisturbance(const std::string& what)
{
    const std::lock_guard lock(mutex_);
    ++disturbances_[what];
}

void StormLedger::countCall(const std::string& outcome)
{
    ++calls_;
    ++outcomes_[outcome];
    called_.notify_all();
}

void StormLedger::awaitCalls(unsigned more, Clock::time_point atTheLatest)
{
    std::unique_lock lock(mutex_);
    called_.wait_until(lock, atTheLatest, [&, until = calls_ + more] { return calls_ >= until; });
}

std::string StormLedger::table() const
{
    const std::lock_guard lock(mutex_);
    return fmt::format("{:<13} {}\n", "calls", calls_) + line("answers", outcomes_)
        + line("of changes", changes_) + line("reasons", reasons_)
        + line("disturbances", disturbances_) + fmt::format("{:<13} {}\n", "pings", percentiles(pings_));
}

} // namespace hotplug::test
