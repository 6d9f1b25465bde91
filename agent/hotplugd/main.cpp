#include "config.h"
#include "daemon.h"

#include <cstdio>
#include <exception>
#include <sysexits.h>

int main(int argc, char** argv)
{
    try {
        const auto commandLine = hotplug::parseCommandLine(argc, argv);
        if (!commandLine.config)
            return commandLine.exitCode;
        return hotplug::runDaemon(*commandLine.config);
    } catch (const hotplug::ConfigError& error) {
        std::fprintf(stderr, "hotplugd: %s\n", error.what());
        return EX_CONFIG;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "hotplugd: %s\n", error.what());
        return EX_OSERR;
    }
}
