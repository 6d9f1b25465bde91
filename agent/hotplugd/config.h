#pragma once

#include "journal/journal.h"

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace hotplug {

/// How hotplugd is set up: command line over configuration file over these defaults. Options and keys of the file
/// have the same names.
struct Config {
    std::string connect = "qemu:///system";
    std::string listen = "unix:/run/hotplugd/hotplugd.sock";
    std::string listenGroup;                    ///< Owner group of the socket (0660); empty: the process's own.
    std::filesystem::path stateDir = "/var/lib/hotplugd";
    std::vector<std::string> imageRoots;        ///< Directories whose images may be plugged; none: no path is allowed.
    std::vector<std::string> blockDevices;      ///< Patterns of block device links that may be plugged.
    std::string dataCenterRoot = "/rhev/data-center";
    std::string logLevel = "info";
    JournalLimits journal;                      ///< How much history stays.

    bool embedded() const { return connect.find("/embed") != std::string::npos; }
    std::filesystem::path socketPath() const { return listen.substr(std::string("unix:").size()); }
};

inline constexpr const char* defaultConfigFile = "/etc/hotplugd/hotplugd.toml";

/// One line for the operator: where, what was wrong, what would be right.
class ConfigError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Fills in what the file says. Throws ConfigError with file and line: syntax, unknown keys, wrong types and values.
void readConfigFile(const std::filesystem::path& file, Config& config);

/// What a value must look like, wherever it comes from; empty when it is fine, else what would be right.
std::string problemWith(const std::string& option, const std::string& value);

/// A number as problemWith() has found it fine.
std::uint64_t numberOf(const std::string& value);

struct CommandLine {
    std::optional<Config> config;               ///< Empty: --help or --version has been answered.
    int exitCode = 0;                           ///< For that case.
};

/// Reads the configuration file, then the options. Throws ConfigError.
CommandLine parseCommandLine(int argc, const char* const* argv);

} // namespace hotplug
