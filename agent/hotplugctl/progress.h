#pragma once

#include <condition_variable>
#include <iosfwd>
#include <mutex>
#include <string>
#include <thread>

namespace hotplug::ctl {

/// Shows on a terminal that something is being waited for, and for how long; takes its line back when it ends.
/// Says nothing during the first half second, and never anything when `show` is false.
class Progress {
public:
    /// `out` belongs to the progress until it ends.
    Progress(std::ostream& out, bool show, std::string what);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

private:
    void draw();

    std::ostream& out_;
    const std::string what_;
    std::mutex mutex_;
    std::condition_variable end_;
    bool ended_ = false;
    std::thread thread_;
};

} // namespace hotplug::ctl
