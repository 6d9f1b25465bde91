#include "storage/mount_point.h"

#include "support/catch.h"

using namespace hotplug;

TEST_CASE("K6: what hangs together with a path is the mount that it lies on")
{
    CHECK(mountPointOf("/proc/self/status") == "/proc");
    CHECK(mountPointOf("/proc") == "/proc");
    CHECK(mountPointOf("/processes/x") == "/");
    CHECK(mountPointOf("/dev/null") == "/dev");
    CHECK(mountPointOf("/") == "/");
    CHECK(mountPointOf("") == "/");
}
