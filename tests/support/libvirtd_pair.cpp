#include "support/libvirtd_pair.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace hotplug::test {

namespace {

/// A VM comes with the console files of the host that it leaves, whose sockets are still in use there.
constexpr auto hook = R"(#!/bin/sh
[ "$2" = migrate ] && exec sed "s|{0}|{1}|g"
exec cat >/dev/null
)";

TestHost& receivingFrom(const TestHost& from, TestHost& host)
{
    const auto folder = host.embedRoot() / "etc/hooks", file = folder / "qemu";
    std::filesystem::create_directories(folder);
    std::ofstream(file) << fmt::format(hook, from.consoleDir().string(), host.consoleDir().string());
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return host;
}

std::vector<std::string> commandLine(const TestVm& vm, const TestHost& from, const TestHost& to,
    const Migration::Options& options)
{
    // The images are shared, which libvirt cannot know.
    std::vector<std::string> words{"virsh", "-c", from.uri(), "migrate", "--live", vm.name(), to.uri(), "--migrateuri",
        "tcp://127.0.0.1", "--unsafe"};
    if (options.persist)
        words.push_back("--persistent");
    if (options.undefine)
        words.push_back("--undefinesource");
    if (options.bandwidth != 0)
        words.insert(words.end(), {"--bandwidth", std::to_string(options.bandwidth)});
    return words;
}

} // namespace

LibvirtdPair::LibvirtdPair()
    : libvirtdHere(receivingFrom(there, here)), libvirtdThere(receivingFrom(here, there)), daemonHere(here),
      daemonThere(there, {"--image-root", here.imageRoot()})
{
}

Migration::Migration(const TestVm& vm, const TestHost& from, const TestHost& to, const Options& options)
    : name_(vm.name()), from_(from.uri()), words_(from.path() / "migration"),
      process_(commandLine(vm, from, to, options), Process::Options{.out = words_, .err = words_, .environment = {}})
{
}

std::string Migration::virsh(std::vector<std::string> words) const
{
    words.insert(words.begin(), {"virsh", "-q", "-c", from_});
    return runProgram(words).out;
}

void Migration::begun()
{
    eventually("the migration runs", [this] {
        const auto text = virsh({"domjobinfo", name_});
        return text.find("Outgoing migration") != std::string::npos;
    });
}

void Migration::hurry()
{
    constexpr auto plenty = "8000";
    virsh({"migrate-setspeed", name_, plenty});
}

void Migration::abort()
{
    virsh({"domjobabort", name_});
}

void Migration::finish()
{
    if (failed())
        throw std::runtime_error("the migration failed: " + readFile(words_));
}

bool Migration::failed()
{
    const auto code = process_.wait(60s);
    return code != 0;
}

} // namespace hotplug::test
