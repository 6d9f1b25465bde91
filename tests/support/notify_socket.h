#pragma once

#include "support/wait.h"

#include <filesystem>
#include <string>
#include <sys/un.h>

namespace hotplug::test {

/// Our end of sd_notify(3): hears what a daemon tells its service manager.
class NotifySocket {
public:
    explicit NotifySocket(const std::filesystem::path& path);

    /// False when `otherwise` becomes readable first (a process that ended) or the deadline passes.
    bool waitFor(const std::string& message, int otherwise, milliseconds within = patience);

private:
    Fd socket_;
};

/// For sockets of all kinds; throws when the path is too long for one.
sockaddr_un addressOf(const std::filesystem::path& path);

} // namespace hotplug::test
