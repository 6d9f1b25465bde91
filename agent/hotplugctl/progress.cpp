#include "hotplugctl/progress.h"

#include "base/clock.h"

#include <fmt/chrono.h>
#include <fmt/ostream.h>
#include <string_view>

namespace hotplug::ctl {

namespace {

constexpr milliseconds patience{500};
constexpr milliseconds frameTime{125};
constexpr std::string_view frames = "|/-\\";
constexpr std::string_view clearLine = "\r\x1b[K";

} // namespace

Progress::Progress(std::ostream& out, bool show, std::string what) : out_(out), what_(std::move(what))
{
    if (show)
        thread_ = std::thread([this] { draw(); });
}

Progress::~Progress()
{
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    end_.notify_all();
    if (thread_.joinable())
        thread_.join();
}

void Progress::draw()
{
    const auto start = Clock::now();
    std::unique_lock lock(mutex_);
    if (end_.wait_for(lock, patience, [this] { return ended_; }))
        return;
    std::size_t frame = 0;
    do {
        const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start);
        fmt::print(out_, "{}{} {}, {}", clearLine, frames[frame++ % frames.size()], what_, elapsed);
        out_.flush();
    } while (!end_.wait_for(lock, frameTime, [this] { return ended_; }));
    out_ << clearLine << std::flush;
}

} // namespace hotplug::ctl
