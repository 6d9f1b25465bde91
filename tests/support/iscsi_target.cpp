#include "support/iscsi_target.h"

#include "base/uuid.h"
#include "support/free_port.h"

#include <fmt/format.h>
#include <sstream>

namespace hotplug::test {

namespace {

/// Instances with different numbers or sockets do not know each other.
constexpr auto instance = "1";

std::vector<std::string> wordsOf(const std::string& text)
{
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

} // namespace

IscsiTarget::IscsiTarget(const std::filesystem::path& image, const Login& login)
    : serial_(Uuid::random().str().substr(0, 8)), iqn_("iqn.2012-06.test.hotplug:" + serial_), port_(freePort())
{
    const auto log = dir_.path() / "log";
    const auto portal = fmt::format("portal=127.0.0.1:{}", port_);
    // The pid file is not written, but its path lets whoever cleans up after us find the process.
    server_ = std::make_unique<Process>(
        std::vector<std::string>{"tgtd", "-f", "-C", instance, "--iscsi", portal, "-p", dir_.path() / "pid"},
        Process::Options{.out = log, .err = log, .environment = {{"TGT_IPC_SOCKET", dir_.path() / "ipc"}}});
    eventually("tgtd listens", [this] { return answersOn(port_) && std::filesystem::exists(dir_.path() / "ipc.1"); });
    administer("--mode target --op new --tid 1 --targetname " + iqn_);
    administer("--mode logicalunit --op new --tid 1 --lun 1 --backing-store " + image.string());
    administer("--mode logicalunit --op update --tid 1 --lun 1 --params scsi_sn=" + serial_);
    if (!login.user.empty()) {
        administer("--mode account --op new --user " + login.user + " --password " + login.password);
        administer("--mode account --op bind --tid 1 --user " + login.user);
    }
    administer("--mode target --op bind --tid 1 --initiator-address ALL");
}

bool IscsiTarget::inUse() const
{
    return administer("--mode conn --op show --tid 1").find("Session") != std::string::npos;
}

std::string IscsiTarget::administer(const std::string& words) const
{
    std::vector<std::string> command{
        "env", "TGT_IPC_SOCKET=" + (dir_.path() / "ipc").string(), "tgtadm", "-C", instance, "--lld", "iscsi"};
    for (const auto& word : wordsOf(words))
        command.push_back(word);
    const auto done = runProgram(command);
    if (done.code != 0)
        throw std::runtime_error("tgtadm " + words + ": " + done.err + readFile(dir_.path() / "log"));
    return done.out;
}

} // namespace hotplug::test
