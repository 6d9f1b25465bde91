#pragma once

#include "base/clock.h"

#include <chrono>
#include <functional>
#include <vector>

namespace hotplug::bench {

using Duration = std::chrono::duration<double, std::micro>;
using Durations = std::vector<Duration>;

/// How often a change is measured on each side: 30 times, or as HOTPLUGD_BENCH_ROUNDS says. Longer measurements take
/// their share of it, at least one.
unsigned rounds(unsigned share = 1);

/// The value below which that part of them lies (0.5: the median). Throws when there are none.
Duration percentile(Durations all, double part);
Duration median(Durations all);

Duration timeOf(const std::function<void()>& step);

} // namespace hotplug::bench
