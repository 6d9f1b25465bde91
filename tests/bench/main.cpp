#define CATCH_CONFIG_RUNNER
#include "support/catch.h"

#include "base/log.h"
#include "bench/here.h"
#include "bench/table.h"
#include "support/leak_check.h"
#include "support/temp_dir.h"

#include <cstdio>
#include <cstdlib>
#include <libvirt/libvirt.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <unistd.h>

namespace {

using namespace hotplug;

constexpr const char* explanation = R"(
Medians. Up to the SCSI disks hotplugd is composed inside this process, from the socket down to an embedded libvirt, so
that bare libvirt can be called beside it: by turns, on an open connection of its own, with the same XML. Our own time
is what passes outside the calls of the port to libvirt. Ping, times of start and memory are those of the program
hotplugd on a libvirtd.
)";

/// Before the first connection, whichever that is: libvirt's log keeps to what is worse than a warning.
void prepareLibvirt()
{
    ::setenv("LIBVIRT_DEBUG", "4", 0);
    virEventRegisterDefaultImpl();
}

/// Each line is written at once, as hotplugd does it, but to a file.
void logTo(const std::filesystem::path& file)
{
    auto logger = std::make_shared<spdlog::logger>("hotplugd",
        std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string()));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

int measure(Catch::Session& session)
{
    const test::TempDir folder;
    logTo(folder.path() / "log");
    prepareLibvirt();
    const int failed = session.run();
    bench::leaveHere();
    if (!bench::table().empty())
        std::printf("%s\n%s", explanation, bench::table().text().c_str());
    return failed;
}

} // namespace

int main(int argc, char** argv)
{
    if (::geteuid() != 0) {
        std::fprintf(stderr, "bench_tests: must be run as root: it makes bridges and runs QEMU\n");
        return 77;
    }
    test::runDir();
    Catch::Session session;
    if (const int wrong = session.applyCommandLine(argc, argv); wrong != 0)
        return wrong;
    const int failed = measure(session);
    const auto left = test::leftovers();
    for (const auto& leak : left)
        std::fprintf(stderr, "LEFT BEHIND: %s\n", leak.c_str());
    return failed != 0 ? failed : !left.empty();
}
