#include "bench/guest_vm.h"

#include "base/uuid.h"
#include "bench/figures.h"
#include "support/leak_check.h"
#include "support/process.h"

#include <chrono>
#include <fmt/format.h>
#include <map>
#include <stdexcept>

namespace hotplug::bench {

namespace {

using test::readFile;

void replaceAll(std::string& text, const std::string& from, const std::string& to)
{
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

/// Kernel and initramfs are made once per checkout.
void buildGuest()
{
    static const auto built = test::runProgram({GUEST_SOURCE_DIR "/build", GUEST_DIR}, std::chrono::seconds(300));
    if (built.code != 0)
        throw std::runtime_error(built.err);
}

/// Processor time of all of a process's threads so far.
std::chrono::nanoseconds cpuTimeOf(pid_t process)
{
    std::chrono::nanoseconds all{0};
    for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process)))
        all += std::chrono::nanoseconds(std::stoll("0" + readFile(thread.path() / "schedstat")));
    return all;
}

} // namespace

GuestVm::GuestVm(BareLibvirt& libvirt, const test::TestHost& host)
    : libvirt_(libvirt), folder_(host.consoleDir()), id_(Uuid::random().str()), name_("b" + id_.substr(0, 8)),
      console_(folder_ / name_)
{
    buildGuest();
    domain_ = libvirt_.define(definition());
}

GuestVm::~GuestVm()
{
    try {
        libvirt_.remove(domain_.get());
    } catch (const std::exception& error) {
        test::failFromDestructor(error.what());
    }
}

/// By a name of the host's, so that QEMU's command line tells whose it is: who cleans up after us looks for that.
std::string GuestVm::initramfs() const
{
    const auto name = folder_ / (name_ + ".initramfs");
    std::filesystem::create_symlink(GUEST_DIR "/initramfs", name);
    return name;
}

std::string GuestVm::definition() const
{
    auto xml = readFile(GUEST_SOURCE_DIR "/q35.xml");
    const auto cmdline = readFile(GUEST_SOURCE_DIR "/cmdline");
    const std::map<std::string, std::string> values{{"@NAME@", name_}, {"@UUID@", id_}, {"@MEMORY@", "256"},
        {"@KERNEL@", GUEST_DIR "/vmlinuz"}, {"@INITRD@", initramfs()}, {"@CONSOLE@", console_.file()},
        {"@CMDLINE@", cmdline.substr(0, cmdline.find('\n'))}};
    for (const auto& [placeholder, value] : values)
        replaceAll(xml, placeholder, value);
    return xml;
}

void GuestVm::boot()
{
    const auto mark = console_.mark();
    libvirt_.start(domain_.get());
    console_.waitFor(mark, "ready");
}

void GuestVm::startPaused()
{
    libvirt_.startPaused(domain_.get());
}

void GuestVm::rest() const
{
    constexpr double almostNothing = 0.1;               // of a processor
    constexpr int longEnough = 3;                       // looks, 10 ms apart
    const auto process = qemu();
    auto before = cpuTimeOf(process);
    auto when = Clock::now();
    int quiet = 0;
    test::eventually(name_ + " rests", [&] {
        const auto used = cpuTimeOf(process) - before;
        const auto passed = Clock::now() - when;
        quiet = Duration(used) < almostNothing * Duration(passed) ? quiet + 1 : 0;
        before += used;
        when += passed;
        return quiet > longEnough;
    });
}

pid_t GuestVm::qemu() const
{
    for (const auto pid : test::processesOf("guest=" + name_ + ","))
        if (readFile(fmt::format("/proc/{}/comm", pid)).starts_with("qemu-system"))
            return pid;
    throw std::runtime_error("no QEMU runs for " + name_);
}

} // namespace hotplug::bench
