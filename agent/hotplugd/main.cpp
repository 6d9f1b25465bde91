#include "config.h"
#include "daemon.h"

#include <cstdio>
#include <exception>
#include <malloc.h>
#include <sysexits.h>

int main(int argc, char** argv)
{
    // Dozens of threads that mostly wait would each keep what they have freed in an arena of their own.
    mallopt(M_ARENA_MAX, 2);
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
