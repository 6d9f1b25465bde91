#include "contract/contract.h"
#include "hypervisor/libvirt_hypervisor.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace hotplug::test {

namespace {

namespace fs = std::filesystem;

/// A temporary embed root. A shell of its own waits for our end, also a violent one, kills the QEMUs that were started
/// under the root and removes it.
class EmbedRoot {
public:
    EmbedRoot()
    {
        std::string pattern = fs::temp_directory_path() / "hotplugd-contract-XXXXXX";
        if (!::mkdtemp(pattern.data()))
            throw std::runtime_error("no temporary folder");
        path_ = pattern;
        startReaper();
        fs::create_directories(path_ / "etc");
        std::ofstream(path_ / "etc/qemu.conf") << "stdio_handler = \"file\"\nsecurity_driver = \"none\"\n"
                                                  "user = \"root\"\ngroup = \"root\"\n";
    }

    ~EmbedRoot()
    {
        ::close(aliveFd_);
        ::waitpid(reaper_, nullptr, 0);
    }
    EmbedRoot(const EmbedRoot&) = delete;
    EmbedRoot& operator=(const EmbedRoot&) = delete;

    const fs::path& path() const { return path_; }

private:
    void startReaper()
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            throw std::runtime_error("no pipe");
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
        std::string shell = "sh", option = "-c", root = path_;
        // Only what has the root in its command line: a pid may have been given to somebody else meanwhile.
        std::string script = "trap '' INT TERM HUP; cat >/dev/null; "
            "for pid in $(find \"$0\"/run -name '*.pid' -exec cat {} + 2>/dev/null); do "
            "grep -aqs \"$0\" /proc/$pid/cmdline && kill -9 $pid; done; rm -rf \"$0\"";
        char* arguments[] = {shell.data(), option.data(), script.data(), root.data(), nullptr};
        const int result = ::posix_spawn(&reaper_, "/bin/sh", &actions, nullptr, arguments, environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[0]);
        aliveFd_ = ends[1];
        if (result != 0)
            throw std::runtime_error("no reaper");
    }

    fs::path path_;
    int aliveFd_ = -1;
    pid_t reaper_ = -1;
};

class LibvirtHost final : public ContractHost {
public:
    Hypervisor& hypervisor() override { return *hypervisor_; }

    std::string newImage() override
    {
        const auto path = root_.path() / (std::to_string(++images_) + ".img");
        std::ofstream(path).close();
        fs::resize_file(path, 1 << 20);
        return path;
    }

private:
    EmbedRoot root_;
    std::unique_ptr<Hypervisor> hypervisor_ = connectLibvirt({.uri = "qemu:///embed?root=" + root_.path().string()});
    unsigned images_ = 0;
};

} // namespace

ContractHost& contractHost()
{
    static LibvirtHost host;
    return host;
}

} // namespace hotplug::test
