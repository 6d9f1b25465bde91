#include "support/leak_check.h"

#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/wait.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <filesystem>
#include <unistd.h>

namespace hotplug::test {

namespace {

namespace fs = std::filesystem;

std::string commandLine(const fs::path& process)
{
    auto text = readFile(process / "cmdline");
    std::ranges::replace(text, '\0', ' ');
    return text;
}

pid_t parentOf(const fs::path& process)
{
    const auto stat = readFile(process / "stat");
    const auto name = stat.rfind(')');              // the name may have spaces and brackets of its own
    pid_t parent = 0;
    if (name != std::string::npos && name + 4 < stat.size())
        std::from_chars(stat.data() + name + 4, stat.data() + stat.size(), parent);
    return parent;
}

pid_t pidOf(const fs::path& process)
{
    const auto name = process.filename().string();
    pid_t pid = 0;
    std::from_chars(name.data(), name.data() + name.size(), pid);
    return pid;
}

class LeakListener final : public Catch::TestEventListenerBase {
public:
    using TestEventListenerBase::TestEventListenerBase;

    /// What is on its way out takes a moment: processes that a killed one had begun, for example.
    void testCaseEnded(const Catch::TestCaseStats& test) override
    {
        try {
            eventually("nothing is left", [] { return leftovers().empty(); }, 5s);
        } catch (const std::exception&) {
            for (const auto& what : leftovers())
                leftBehind().push_back(test.testInfo.name + ": " + what);
        }
    }
};

CATCH_REGISTER_LISTENER(LeakListener)

} // namespace

void failFromDestructor(const std::string& what) noexcept
{
    try {
        FAIL_CHECK(what);
    } catch (...) {
        // Catch stops the run at once: it knows already.
    }
}

std::vector<pid_t> processesOf(const std::string& text)
{
    std::vector<pid_t> found;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator("/proc", gone)) {
        const auto pid = pidOf(entry.path());
        if (pid == 0 || pid == ::getpid())
            continue;
        const auto command = commandLine(entry.path());
        const bool reaper = command.starts_with("sh -c") && parentOf(entry.path()) == ::getpid();
        if (!reaper && command.find(text) != std::string::npos)
            found.push_back(pid);
    }
    return found;
}

std::vector<std::string>& leftBehind()
{
    static std::vector<std::string> all;
    return all;
}

std::vector<std::string> leftovers()
{
    std::vector<std::string> found;
    for (const auto pid : processesOf(runDir().string() + "/"))
        found.push_back("a process is left: " + commandLine("/proc/" + std::to_string(pid)));
    for (const auto& entry : fs::directory_iterator("/sys/class/net"))
        if (entry.path().filename().string().starts_with(bridgePrefix()))
            found.push_back("a bridge is left: " + entry.path().filename().string());
    for (const auto& entry : fs::directory_iterator("/sys/block")) {
        const auto file = readFile(entry.path() / "loop/backing_file");
        if (file.starts_with(runDir().string() + "/"))
            found.push_back("a loop device is left: " + entry.path().filename().string());
    }
    for (const auto& entry : fs::directory_iterator(runDir()))
        found.push_back("a temporary file is left: " + entry.path().string());
    return found;
}

} // namespace hotplug::test
