#include "hotplugctl/follow.h"

#include "base/reason.h"
#include "hotplugctl/errors.h"
#include "hotplugctl/format/error.h"
#include "hotplugctl/format/json_text.h"

#include <algorithm>
#include <ostream>

namespace hotplug::ctl {

namespace {

constexpr milliseconds longestPoll{30'000};     // SPEC K9
constexpr milliseconds grace{10'000};
constexpr milliseconds pause{1'000};            // between attempts, while nobody answers

bool isTooBusy(const RpcError& error)
{
    return textOf(error.data(), "reason") == nameOf(Reason::TooBusy);
}

} // namespace

void Follower::run(Request request, std::optional<milliseconds> total)
{
    const auto end = total ? Clock::now() + *total : Clock::time_point::max();
    // Without waiting: from now on there is a cursor to come back with.
    request.params["timeout"] = 0;
    std::optional result = means_.daemon.call(request.verb, request.params, grace);
    while (result) {
        means_.show(*result);
        const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
        if (left <= milliseconds{0} && elementsOf(memberOf(*result, follow_.items.c_str())).empty())
            return;
        request.params[follow_.after] = memberOf(*result, follow_.cursor.c_str());
        request.params["timeout"] = Json::Int64(std::clamp(left, milliseconds{0}, longestPoll).count());
        result = callUntil(end, request);
    }
}

/// Empty: nobody has answered until then.
std::optional<Json::Value> Follower::callUntil(Clock::time_point end, const Request& request)
{
    for (told_ = false;; means_.sleep(pause)) {
        try {
            return means_.daemon.call(request.verb, request.params, longestPoll + grace);
        } catch (const NoDaemon& error) {
            tellOnce(error);
        } catch (const NoAnswer& error) {
            tellOnce(error);
        } catch (const RpcError& error) {
            if (!isTooBusy(error))
                throw;
        }
        if (Clock::now() >= end)
            return std::nullopt;
    }
}

void Follower::tellOnce(const ClientError& error)
{
    if (!told_)
        means_.err << errorLine({error.sentence().what, error.sentence().why, "waiting until it is back"}, means_.errStyle)
                   << std::flush;
    told_ = true;
}

} // namespace hotplug::ctl
