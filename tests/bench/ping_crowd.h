#pragma once

#include "bench/figures.h"
#include "support/wait.h"

#include <filesystem>
#include <string>
#include <vector>

namespace hotplug::bench {

/// Connections that all ping without a pause, each as soon as it has its answer, from one thread: the clients should
/// cost the daemon as little of the machine as may be.
class PingCrowd {
public:
    PingCrowd(const std::filesystem::path& socket, unsigned connections);

    struct Result {
        double perSecond = 0;
        Durations answers;
    };
    Result run(Clock::duration howLong);

private:
    struct Pinger {
        test::Fd socket;
        std::string received;
        Clock::time_point asked;
    };

    void ask(Pinger& pinger) const;
    /// Whether the whole answer is here.
    bool hear(Pinger& pinger) const;

    std::string request_;
    std::vector<Pinger> pingers_;
};

} // namespace hotplug::bench
