#pragma once

#include "hotplugctl/arguments.h"
#include "hotplugctl/format/style.h"

#include <functional>
#include <iosfwd>
#include <optional>

namespace hotplug::ctl {

/// What is asked of the daemon.
struct Request {
    std::string verb;
    Json::Value params;
};

/// What a command's `show` works with.
struct Shown {
    std::ostream& out;
    std::ostream& err;                          ///< For warnings.
    const Style& style;
    const Arguments& arguments;
    const Json::Value& result;
};

/// Which deadline the daemon keeps for the command's verbs.
enum class Pace {
    Quick,                                      ///< Reads: milliseconds.
    Patient,                                    ///< Takes `timeout` (SPEC R3).
};

/// A verb whose answers have a cursor: called again and again, each time from where the last answer ended.
struct Follow {
    std::string items;                          ///< The result's list; with --json each item is a line of its own.
    std::string cursor;                         ///< The result's member that says where it ended,
    std::string after;                          ///< and the parameter that takes it.
};

/// A command as data, from which the parser, the help and the request are made. A positional `VM` is turned into
/// the params' `vmId` by whoever runs the command.
struct Command {
    std::string name;                           ///< `plug-disk`, `vm start`
    std::string summary;
    std::string examples = {};                  ///< Whole lines, for the help.
    std::vector<Option> options = {};           ///< Positionals in their order.
    std::vector<std::string> oneOf = {};        ///< Exactly one of these must be given.
    std::vector<std::string> verbs = {};        ///< All that it may send; the first one if `request` is empty.
    Pace pace = Pace::Quick;
    bool changes = false;                       ///< An answer that stays out may mean a change that happens.
    std::optional<Follow> follow = {};          ///< Goes on until it is interrupted, or --timeout has passed.
    Json::Value fixed = Json::Value(Json::objectValue);     ///< Params that the user has no say in.

    /// Makes the request where the options alone do not. `in` is standard input. May throw UsageError.
    std::function<Request(const Command&, const Arguments&, std::istream& in)> request = {};
    /// Prints the result for people.
    std::function<void(const Shown&)> show = {};
};

/// The command's request as its data says. Throws UsageError.
Request plainRequest(const Command& command, const Arguments& arguments);

} // namespace hotplug::ctl
