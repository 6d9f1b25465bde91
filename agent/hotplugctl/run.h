#pragma once

#include "hotplugctl/daemon.h"
#include "hotplugctl/exit_code.h"
#include "hotplugctl/format/style.h"

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hotplug::ctl {

/// All that hotplugctl touches outside itself.
struct World {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    Style outStyle, errStyle;
    bool showProgress = false;                  ///< `err` is a terminal.
    std::string socket;                         ///< Where hotplugd listens unless --socket says otherwise.
    std::function<std::unique_ptr<Daemon>(const std::string& socket)> connect;
    std::function<void(milliseconds)> sleep = [](milliseconds time) { std::this_thread::sleep_for(time); };
};

/// Runs one command line (without the program's name) from parsing to printing. Throws nothing.
ExitCode runHotplugctl(const std::vector<std::string>& words, World& world);

} // namespace hotplug::ctl
