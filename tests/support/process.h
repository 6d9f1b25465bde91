#pragma once

#include "support/wait.h"

#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace hotplug::test {

/// A child process, killed and reaped at the latest by the destructor.
class Process {
public:
    struct Options {
        std::string out = "/dev/null", err = "/dev/null";       ///< Files, appended to.
        std::map<std::string, std::string> environment;         ///< On top of ours.
    };

    /// Throws when it cannot be started.
    Process(const std::vector<std::string>& arguments, const Options& options);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    int pidFd() const { return pidFd_.get(); }                  ///< Readable once it has ended.
    bool running() const;
    void signal(int number) const;
    /// The exit code, or 128 plus the signal that ended it; empty when it still runs at the deadline.
    std::optional<int> wait(milliseconds within = patience);

private:
    pid_t pid_ = -1;
    Fd pidFd_;
    std::optional<int> code_;
};

struct Finished {
    int code = 0;
    std::string out, err;
};

/// Runs a program to its end; throws when it takes longer.
Finished runProgram(const std::vector<std::string>& arguments, milliseconds within = patience);

} // namespace hotplug::test
