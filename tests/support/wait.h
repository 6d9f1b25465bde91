#pragma once

#include "base/clock.h"

#include <chrono>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

namespace hotplug::test {

using namespace std::chrono_literals;

/// How long a machine under load may take for what normally takes a fraction of it.
inline constexpr milliseconds patience = 30s;

/// A file descriptor that closes itself.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    ~Fd() { reset(); }
    Fd(Fd&& other) noexcept : fd_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept
    {
        reset(other.release());
        return *this;
    }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void reset(int fd = -1);

private:
    int fd_ = -1;
};

/// Whether one of the descriptors (negative ones are left out) becomes readable before the deadline.
bool readable(std::initializer_list<int> fds, Clock::time_point deadline);

/// Asks again until the answer is yes. For states that tell nobody when they change; throws when it stays no.
void eventually(const std::string& what, const std::function<bool()>& holds, milliseconds within = patience);

/// The call that failed and why, as an exception.
[[noreturn]] void failErrno(const std::string& what);

std::string readFile(const std::string& path);          ///< Empty when there is none.

} // namespace hotplug::test
