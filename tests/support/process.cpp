#include "support/process.h"

#include "support/temp_dir.h"

#include <csignal>
#include <system_error>
#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hotplug::test {

namespace {

std::vector<std::string> environmentWith(const std::map<std::string, std::string>& added)
{
    std::vector<std::string> all;
    for (char** entry = environ; *entry; ++entry) {
        const std::string text = *entry;
        if (!added.contains(text.substr(0, text.find('='))))
            all.push_back(text);
    }
    for (const auto& [name, value] : added)
        all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointersTo(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (auto& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

class FileActions {
public:
    explicit FileActions(const Process::Options& options)
    {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        constexpr int append = O_WRONLY | O_CREAT | O_APPEND;
        ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, options.out.c_str(), append, 0600);
        ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, options.err.c_str(), append, 0600);
        // Connections of other threads: not every library opens its sockets so that they stay ours.
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    }
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_;
};

} // namespace

Process::Process(const std::vector<std::string>& arguments, const Options& options)
{
    auto words = arguments;
    auto environment = environmentWith(options.environment);
    const FileActions actions(options);
    const int error = ::posix_spawnp(&pid_, arguments.front().c_str(), actions.get(), nullptr,
        pointersTo(words).data(), pointersTo(environment).data());
    if (error != 0)
        throw std::system_error(error, std::generic_category(), "cannot start " + arguments.front());
    pidFd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

Process::~Process()
{
    if (!running())
        return;
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

bool Process::running() const
{
    return !code_;
}

void Process::signal(int number) const
{
    if (running())
        ::kill(pid_, number);
}

std::optional<int> Process::wait(milliseconds within)
{
    if (code_ || !readable({pidFd_.get()}, Clock::now() + within))
        return code_;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return code_;
}

Finished runProgram(const std::vector<std::string>& arguments, milliseconds within)
{
    const TempDir dir;
    const std::string out = dir.path() / "out", err = dir.path() / "err";
    Process process(arguments, {.out = out, .err = err, .environment = {}});
    const auto code = process.wait(within);
    if (!code)
        throw std::runtime_error(arguments.front() + " takes too long: " + readFile(err));
    return {*code, readFile(out), readFile(err)};
}

} // namespace hotplug::test
