#include "bench/figures.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace hotplug::bench {

unsigned rounds(unsigned share)
{
    constexpr unsigned standard = 30;
    const char* wanted = std::getenv("HOTPLUGD_BENCH_ROUNDS");
    const auto all = wanted ? static_cast<unsigned>(std::stoul(wanted)) : standard;
    return std::max(1u, all / share);
}

Duration percentile(Durations all, double part)
{
    if (all.empty())
        throw std::logic_error("nothing was measured");
    const auto index = static_cast<std::size_t>(part * static_cast<double>(all.size() - 1) + 0.5);
    const auto chosen = all.begin() + static_cast<std::ptrdiff_t>(index);
    std::ranges::nth_element(all, chosen);
    return *chosen;
}

Duration median(Durations all)
{
    return percentile(std::move(all), 0.5);
}

Duration timeOf(const std::function<void()>& step)
{
    const auto began = Clock::now();
    step();
    return Clock::now() - began;
}

} // namespace hotplug::bench
