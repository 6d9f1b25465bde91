#include "support/wait.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace hotplug::test {

namespace {

int millisecondsUntil(Clock::time_point deadline)
{
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000));
}

} // namespace

void Fd::reset(int fd)
{
    if (fd_ >= 0)
        ::close(fd_);
    fd_ = fd;
}

bool readable(std::initializer_list<int> fds, Clock::time_point deadline)
{
    std::vector<pollfd> polled;
    for (const int fd : fds)
        polled.push_back({fd, POLLIN, 0});
    for (;;) {
        const int ready = ::poll(polled.data(), polled.size(), millisecondsUntil(deadline));
        if (ready > 0)
            return true;
        if (ready == 0 && Clock::now() >= deadline)
            return false;
        if (ready < 0 && errno != EINTR)
            failErrno("poll");
    }
}

void eventually(const std::string& what, const std::function<bool()>& holds, milliseconds within)
{
    const auto deadline = Clock::now() + within;
    while (!holds()) {
        if (Clock::now() >= deadline)
            throw std::runtime_error("not within " + std::to_string(within.count()) + " ms: " + what);
        ::poll(nullptr, 0, 10);
    }
}

void failErrno(const std::string& what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

std::string readFile(const std::string& path)
{
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    char block[1 << 14];
    for (;;) {
        const auto size = file ? ::read(file.get(), block, sizeof(block)) : 0;
        if (size <= 0)
            return text;                            // also when a process has gone while its file is read
        text.append(block, static_cast<std::size_t>(size));
    }
}

} // namespace hotplug::test
