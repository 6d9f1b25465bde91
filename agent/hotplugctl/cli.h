#pragma once

#include "hotplugctl/command.h"
#include "hotplugctl/exit_code.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hotplug::ctl {

constexpr auto defaultSocket = "/run/hotplugd/hotplugd.sock";

/// What stands on the command line, understood.
struct Invocation {
    Command command;
    Arguments arguments;
    bool json = false;
    std::optional<std::string> socket, timeout;         ///< As typed.
};

/// There is nothing to run: help, the version, or a command line that makes no sense.
struct Ending {
    ExitCode code = ExitCode::Done;
    std::string text;                                   ///< For standard output; for Usage what is wrong, one line.
    std::string help = {};                              ///< For Usage: the command whose --help helps.
};

/// The only place that knows CLI11. `words` are the arguments without the program's name. Throws nothing of its own.
std::variant<Invocation, Ending> parseCommandLine(const std::vector<std::string>& words);

} // namespace hotplug::ctl
