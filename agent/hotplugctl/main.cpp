#include "hotplugctl/cli.h"
#include "hotplugctl/client.h"
#include "hotplugctl/run.h"

#include <cstdlib>
#include <iostream>
#include <unistd.h>

int main(int argc, char** argv)
{
    using namespace hotplug::ctl;
    const char* socket = std::getenv("HOTPLUGD_SOCKET");
    const bool errIsTerminal = isatty(STDERR_FILENO) != 0;
    World world{
        .in = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .outStyle = styleFor(isatty(STDOUT_FILENO) != 0),
        .errStyle = styleFor(errIsTerminal),
        .showProgress = errIsTerminal,
        .socket = socket && *socket ? socket : defaultSocket,
        .connect = [](const std::string& path) { return std::make_unique<Client>(path); },
    };
    return static_cast<int>(runHotplugctl({argv + 1, argv + argc}, world));
}
