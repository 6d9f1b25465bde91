#include "faults/crashing_foundations.h"

#include "hotplugd/daemon.h"

// The same daemon, on foundations that kill it where a test wants it dead.

int main(int argc, char** argv)
{
    using namespace hotplug;
    const auto config = parseCommandLine(argc, argv).config.value();
    const auto steps = std::make_shared<test::CrashingSteps>(config.stateDir);
    const auto real = realFoundations();
    return runDaemon(config,
        {.openJournal = [&](const Config& set) { return test::crashing(real.openJournal(set), steps); },
            .connect = [&](const Config& set) { return test::crashing(real.connect(set), steps); }});
}
