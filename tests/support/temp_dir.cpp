#include "support/temp_dir.h"

#include "support/wait.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hotplug::test {

namespace {

namespace fs = std::filesystem;

std::string makeDir(const fs::path& parent, const std::string& name)
{
    std::string pattern = parent / (name + "XXXXXX");
    if (!::mkdtemp(pattern.data()))
        failErrno("mkdtemp " + pattern);
    return pattern;
}

/// Only what has the folder in its command line: a pid may have been given to somebody else meanwhile.
constexpr const char* reaperScript = R"(
trap '' INT TERM HUP
cat > /dev/null
for file in /proc/[0-9]*/cmdline; do
    pid=${file#/proc/}; pid=${pid%/cmdline}
    [ "$pid" != $$ ] && grep -aqsF "$0/" "$file" && kill -9 "$pid"
done
for link in /sys/class/net/"$1"*; do
    [ -e "$link" ] && ip link delete "${link##*/}"
done
cat "$0"/*/made 2> /dev/null | tac | while read -r made; do rm -df "$made" 2> /dev/null; done
while read -r device folder rest; do
    case $folder in "$0"/*) umount "$folder" ;; esac
done < /proc/mounts
rm -rf "$0"
)";

class RunDir {
public:
    RunDir() : path_(makeDir(fs::temp_directory_path(), "hpit-"))
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            failErrno("pipe");
        const Fd heard(ends[0]);
        alive_.reset(ends[1]);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, heard.get(), STDIN_FILENO);
        std::string shell = "sh", option = "-c", script = reaperScript, folder = path_, prefix = prefixOf(path_);
        char* arguments[] = {shell.data(), option.data(), script.data(), folder.data(), prefix.data(), nullptr};
        const int result = ::posix_spawn(&reaper_, "/bin/sh", &actions, nullptr, arguments, environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (result != 0)
            throw std::runtime_error("no shell to clean up after us");
    }

    ~RunDir()
    {
        alive_.reset();
        ::waitpid(reaper_, nullptr, 0);
    }
    RunDir(const RunDir&) = delete;
    RunDir& operator=(const RunDir&) = delete;

    static std::string prefixOf(const fs::path& path)
    {
        const auto name = path.filename().string();
        return "hp" + name.substr(name.size() - 6);
    }

    const fs::path& path() const { return path_; }

private:
    fs::path path_;
    Fd alive_;
    pid_t reaper_ = -1;
};

} // namespace

const fs::path& runDir()
{
    static const RunDir run;
    return run.path();
}

std::string bridgePrefix()
{
    return RunDir::prefixOf(runDir());
}

TempDir::TempDir() : path_(makeDir(runDir(), "t")) {}

TempDir::~TempDir()
{
    try {
        eventually("it is gone, also when a process on its way out writes into it", [this] {
            std::error_code error;
            fs::remove_all(path_, error);
            return !error;
        }, 5s);
    } catch (const std::exception&) {
        return;                     // the leak check finds it
    }
}

} // namespace hotplug::test
