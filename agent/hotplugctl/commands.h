#pragma once

#include "hotplugctl/command.h"

#include <set>

namespace hotplug::ctl {

/// Every command, in the order of the help. One function per file of commands/.
std::vector<Command> allCommands();

/// Every verb that some command of its own reaches; `call` reaches all others.
std::set<std::string> commandVerbs();

Command plugDisk();
Command unplugDisk();
Command plugNic();
Command unplugNic();
Command list();
Command operations();
Command operation();
Command cancel();
Command watch();
Command capacity();
Command vmDefine();
Command vmStart();
Command vmShutdown();
Command vmDestroy();
Command vmUndefine();
Command vmList();
Command vmShow();
Command call();
Command capabilities();
Command ping();

/// The positional that names a VM by UUID or name.
Option vmOption();
/// `--dry-run`, `--no-persist` and `--request-id`, which every change of a device takes.
std::vector<Option> withChangeOptions(std::vector<Option> options);

} // namespace hotplug::ctl
