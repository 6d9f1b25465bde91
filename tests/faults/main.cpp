#define CATCH_CONFIG_RUNNER
#include "support/catch.h"

#include "faults/crash_table.h"
#include "support/leak_check.h"
#include "support/temp_dir.h"

#include <cstdio>
#include <unistd.h>

int main(int argc, char** argv)
{
    using namespace hotplug::test;
    if (::geteuid() != 0) {
        std::fprintf(stderr, "faults_tests: must be run as root: it makes bridges and runs QEMU\n");
        return 77;
    }
    runDir();
    const int failed = Catch::Session().run(argc, argv);
    std::printf("\n%s\n", crashTable().c_str());
    for (const auto& leak : leftBehind())
        std::fprintf(stderr, "LEFT BEHIND by %s\n", leak.c_str());
    return failed != 0 ? failed : !leftBehind().empty();
}
