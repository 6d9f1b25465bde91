#define CATCH_CONFIG_RUNNER
#include "support/catch.h"

#include "support/leak_check.h"
#include "support/reasons_seen.h"
#include "support/temp_dir.h"

#include <cstdio>
#include <unistd.h>

int main(int argc, char** argv)
{
    using namespace hotplug::test;
    if (::geteuid() != 0) {
        std::fprintf(stderr, "integration_tests: must be run as root: it makes bridges and runs QEMU\n");
        return 77;
    }
    runDir();
    Catch::Session session;
    if (const int wrong = session.applyCommandLine(argc, argv); wrong != 0)
        return wrong;
    const int failed = session.run();
    const auto& config = session.configData();
    const bool ran = !config.listTests && !config.listTestNamesOnly && !config.listTags && !config.showHelp;
    if (ran)
        std::printf("\nReasons that real calls were answered with:\n%s\n", reasonsSeen().c_str());
    const auto wanting = ran && config.testsOrTags.empty() ? reasonsWanting() : std::vector<std::string>();
    for (const auto& reason : wanting)
        std::fprintf(stderr, "R6: %s\n", reason.c_str());
    for (const auto& leak : leftBehind())
        std::fprintf(stderr, "LEFT BEHIND by %s\n", leak.c_str());
    return failed != 0 ? failed : !leftBehind().empty() || !wanting.empty();
}
