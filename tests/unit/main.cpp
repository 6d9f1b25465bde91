#define CATCH_CONFIG_RUNNER
#include "support/catch.h"

#include <cstdlib>
#include <spdlog/spdlog.h>

int main(int argc, char** argv)
{
    // Scripted failures are logged by the product as it should; only defects matter here.
    spdlog::set_level(spdlog::level::err);
    // Thousands of runs of every property; a caller's own RC_PARAMS wins.
    setenv("RC_PARAMS", "max_success=2000", 0);
    return Catch::Session().run(argc, argv);
}
