#include "config.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <iostream>

namespace hotplug {

namespace {

/// What the command line said; empty members leave the file's word standing.
struct Given {
    std::string configFile = defaultConfigFile;
    std::optional<std::string> connect, listen, listenGroup, stateDir, dataCenterRoot, logLevel;
    std::optional<std::string> journalOperations, journalEvents, journalDays;
    std::vector<std::string> imageRoots, blockDevices;
};

void declare(CLI::App& app, Given& given)
{
    const auto judged = [](CLI::Option* option) {
        const auto name = option->get_name().substr(2);
        option->check([name](const std::string& value) { return problemWith(name, value); });
    };
    app.add_option("--config", given.configFile, "Configuration file (TOML; the same names as these options)")
        ->capture_default_str();
    judged(app.add_option("--connect", given.connect, "libvirt URI [qemu:///system]"));
    judged(app.add_option("--listen", given.listen, "Socket [unix:/run/hotplugd/hotplugd.sock]"));
    app.add_option("--listen-group", given.listenGroup, "Group that may use the socket (mode 0660)");
    judged(app.add_option("--state-dir", given.stateDir, "Directory of the journal [/var/lib/hotplugd]"));
    judged(app.add_option("--image-root", given.imageRoots, "Directory whose images may be plugged; repeatable"));
    judged(app.add_option("--block-device", given.blockDevices, "Pattern of devices that may be plugged; repeatable"));
    judged(app.add_option("--data-center-root", given.dataCenterRoot, "Root of oVirt's storage [/rhev/data-center]"));
    judged(app.add_option("--journal-operations", given.journalOperations, "Settled operations that are kept [10000]"));
    judged(app.add_option("--journal-events", given.journalEvents, "Events that are kept [100000]"));
    judged(app.add_option("--journal-days", given.journalDays, "Days for which both are kept [30]"));
    judged(app.add_option("--log-level", given.logLevel, "trace, debug, info, warning, error, critical, off [info]"));
    app.set_version_flag("--version", "hotplugd " HOTPLUGD_VERSION);
}

template<typename Target> void override(Target& target, const std::optional<std::string>& value)
{
    if (value)
        target = *value;
}

void mergeJournal(JournalLimits& limits, const Given& given)
{
    if (given.journalOperations)
        limits.operations = numberOf(*given.journalOperations);
    if (given.journalEvents)
        limits.events = numberOf(*given.journalEvents);
    if (given.journalDays)
        limits.age = std::chrono::days(numberOf(*given.journalDays));
}

Config merge(const CLI::App& app, const Given& given)
{
    Config config;
    if (app.count("--config") > 0 || std::filesystem::exists(given.configFile))
        readConfigFile(given.configFile, config);
    override(config.connect, given.connect);
    override(config.listen, given.listen);
    override(config.listenGroup, given.listenGroup);
    override(config.stateDir, given.stateDir);
    override(config.dataCenterRoot, given.dataCenterRoot);
    override(config.logLevel, given.logLevel);
    mergeJournal(config.journal, given);
    if (!given.imageRoots.empty())
        config.imageRoots = given.imageRoots;
    if (!given.blockDevices.empty())
        config.blockDevices = given.blockDevices;
    return config;
}

} // namespace

CommandLine parseCommandLine(int argc, const char* const* argv)
{
    CLI::App app{"Plugs and unplugs devices of running virtual machines", "hotplugd"};
    Given given;
    declare(app, given);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& answered) {
        return {std::nullopt, app.exit(answered)};
    } catch (const CLI::ParseError& error) {
        throw ConfigError(error.what());
    }
    return {merge(app, given), 0};
}

} // namespace hotplug
