#include "hotplugctl/commands.h"

namespace hotplug::ctl {

std::vector<Command> allCommands()
{
    return {plugDisk(), unplugDisk(), plugNic(), unplugNic(), list(), capacity(), operations(), operation(), cancel(),
            watch(), vmList(), vmShow(), vmDefine(), vmStart(), vmShutdown(), vmDestroy(), vmUndefine(), call(), capabilities(), ping()};
}

std::set<std::string> commandVerbs()
{
    std::set<std::string> verbs;
    for (const Command& command : allCommands())
        verbs.insert(command.verbs.begin(), command.verbs.end());
    return verbs;
}

Option vmOption()
{
    return {.name = "VM", .help = "UUID or name of the VM", .required = true};
}

std::vector<Option> withChangeOptions(std::vector<Option> options)
{
    options.push_back({.name = "--dry-run", .help = "Show what would be done; touch nothing",
                       .value = Option::Value::Flag, .to = "dryRun"});
    options.push_back({.name = "--no-persist", .help = "Change the running VM only, not its definition",
                       .value = Option::Value::Flag, .to = "persist", .flagValue = false});
    options.push_back({.name = "--request-id", .valueName = "TEXT",
                       .help = "A name for this request: repeated with it, it is done once and answered the same",
                       .to = "requestId"});
    return options;
}

Request plainRequest(const Command& command, const Arguments& arguments)
{
    Request request{command.verbs.front(), command.fixed};
    putOptions(request.params, command.options, arguments);
    return request;
}

} // namespace hotplug::ctl
