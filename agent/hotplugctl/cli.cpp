#include "hotplugctl/cli.h"

#include "hotplugctl/commands.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <list>
#include <map>
#include <sstream>

namespace hotplug::ctl {

namespace {

constexpr auto overview =
    "VM is a UUID or a name. See `hotplugctl COMMAND --help` for a command's options and examples.\n"
    "Socket: --socket, else the environment's HOTPLUGD_SOCKET, else /run/hotplugd/hotplugd.sock.\n\n"
    "Exit codes: 0 done, 2 refused (nothing was touched), 3 failed, 4 pending or no answer in time,\n"
    "64 usage, 69 hotplugd cannot be reached, 76 what answers is not hotplugd.";

/// One option of one command, as CLI11 fills it in.
struct Slot {
    const Option* option;
    CLI::Option* parsed;
    std::string text;
};

/// CLI11's view of all commands. Stays where it is: CLI11 keeps pointers into it.
class Parser {
public:
    Parser();
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    std::variant<Invocation, Ending> parse(const std::vector<std::string>& words);

private:
    struct Entry {
        const Command* command;
        CLI::App* app;
        std::list<Slot> slots;
    };

    void addGlobals();
    void addCommand(const Command& command);
    CLI::App* appFor(const Command& command);
    static void addOption(Entry& entry, const Option& option);
    const Entry& chosen() const;
    Invocation invocation() const;
    std::string helpCommand() const;
    std::string problem(const CLI::Error& error) const;

    const std::vector<Command> commands_ = allCommands();
    CLI::App app_{"hotplugctl plugs and unplugs disks and network cards of running VMs, through hotplugd.", "hotplugctl"};
    std::map<std::string, CLI::App*> groups_;
    std::list<Entry> entries_;
    bool json_ = false;
    std::string socket_, timeout_;
    CLI::Option* socketOption_ = nullptr;
    CLI::Option* timeoutOption_ = nullptr;
};

Parser::Parser()
{
    addGlobals();
    for (const Command& command : commands_)
        addCommand(command);
}

void Parser::addGlobals()
{
    app_.add_flag("--json", json_, "Print the daemon's result, or its error object, as JSON");
    socketOption_ = app_.add_option("--socket", socket_, "hotplugd's socket")->type_name("PATH");
    timeoutOption_ = app_.add_option("--timeout", timeout_, "How long to wait; hotplugd goes on working after it");
    timeoutOption_->type_name("SECONDS");
    app_.set_version_flag("--version", "hotplugctl " HOTPLUGCTL_VERSION);
    app_.require_subcommand(1);
    app_.fallthrough();                         // --json and the like also behind the command
    app_.footer(overview);
}

/// `vm start` stands below `vm`, which is made when it is first needed.
CLI::App* Parser::appFor(const Command& command)
{
    const auto space = command.name.find(' ');
    if (space == std::string::npos)
        return app_.add_subcommand(command.name, command.summary);
    const std::string group = command.name.substr(0, space);
    CLI::App*& parent = groups_[group];
    if (!parent) {
        parent = app_.add_subcommand(group, "Look at VMs, define, start and stop them")->require_subcommand(1);
        parent->footer(fmt::format("See `hotplugctl {} COMMAND --help` for a command's options.", group));
    }
    return parent->add_subcommand(command.name.substr(space + 1), command.summary);
}

void Parser::addCommand(const Command& command)
{
    Entry& entry = entries_.emplace_back(Entry{&command, appFor(command), {}});
    for (const Option& option : command.options)
        addOption(entry, option);
    const std::string examples = command.examples.empty() ? "" : fmt::format("Examples:\n{}\n\n", command.examples);
    entry.app->footer(examples + "Also --json, --socket PATH and --timeout SECONDS: see `hotplugctl --help`.");
}

void Parser::addOption(Entry& entry, const Option& option)
{
    Slot& slot = entry.slots.emplace_back(Slot{&option, nullptr, {}});
    if (option.value == Option::Value::Flag) {
        slot.parsed = entry.app->add_flag(option.name, option.help);
        return;
    }
    slot.parsed = entry.app->add_option(option.name, slot.text, option.help);
    slot.parsed->required(option.required)->type_name(option.valueName);
}

const Parser::Entry& Parser::chosen() const
{
    for (const Entry& entry : entries_) {
        if (entry.app->parsed())
            return entry;
    }
    throw CLI::RequiredError("A command");
}

Invocation Parser::invocation() const
{
    const Entry& entry = chosen();
    Invocation found{*entry.command, {}, json_, {}, {}};
    for (const Slot& slot : entry.slots) {
        if (slot.parsed->count() > 0)
            found.arguments.put(slot.option->name, slot.text);
    }
    if (socketOption_->count() > 0)
        found.socket = socket_;
    if (timeoutOption_->count() > 0)
        found.timeout = timeout_;
    return found;
}

/// The command whose help fits an error, as far as the words named one.
std::string Parser::helpCommand() const
{
    for (const Entry& entry : entries_) {
        if (entry.app->parsed())
            return "hotplugctl " + entry.command->name;
    }
    return "hotplugctl";
}

/// CLI11 says of a command that does not exist only that one is missing.
std::string Parser::problem(const CLI::Error& error) const
{
    const auto unknown = app_.remaining(true);
    if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError) || helpCommand() != "hotplugctl"
        || unknown.empty())
        return error.what();
    return fmt::format("there is no command '{}'", unknown.front());
}

std::variant<Invocation, Ending> Parser::parse(const std::vector<std::string>& words)
{
    try {
        app_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
        return invocation();
    } catch (const CLI::Success& wanted) {      // help or version
        std::ostringstream out;
        app_.exit(wanted, out, out);
        return Ending{ExitCode::Done, out.str()};
    } catch (const CLI::Error& error) {
        return Ending{ExitCode::Usage, problem(error), helpCommand()};
    }
}

} // namespace

std::variant<Invocation, Ending> parseCommandLine(const std::vector<std::string>& words)
{
    return Parser().parse(words);
}

} // namespace hotplug::ctl
