#pragma once

#include "support/hotplugd.h"

#include "hotplugctl/format/json_text.h"

#include <algorithm>
#include <fmt/core.h>
#include <string>
#include <vector>

namespace hotplug::test {

/// One call on a connection of its own, without the checks of Hotplugd::call, which take longer than most answers.
inline Json::Value askOnce(const Hotplugd& daemon, const std::string& verb, const Json::Value& params)
{
    return daemon.postJson(
        ctl::compactJson(object({{"jsonrpc", "2.0"}, {"id", 1}, {"method", verb}, {"params", params}})));
}

/// How long calls of one kind took.
class Latencies {
public:
    template<typename Call> auto time(Call&& call)
    {
        const auto start = Clock::now();
        auto answer = call();
        taken_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
        return answer;
    }

    double percentile(unsigned percent) const
    {
        auto sorted = taken_;
        std::ranges::sort(sorted);
        return sorted.at((sorted.size() - 1) * percent / 100);
    }
    double longest() const { return percentile(100); }

    void print(const std::string& what) const
    {
        fmt::print("{:<44} {:>5} calls  p50 {:>8.2f} ms  p99 {:>8.2f} ms\n", what, taken_.size(), percentile(50),
            percentile(99));
    }

private:
    std::vector<double> taken_;
};

} // namespace hotplug::test
