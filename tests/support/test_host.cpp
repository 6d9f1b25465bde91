#include "support/test_host.h"

#include "support/images.h"
#include "support/leak_check.h"
#include "support/wait.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <unistd.h>

namespace hotplug::test {

namespace {

namespace fs = std::filesystem;
using Facts = std::map<std::string, std::string>;

/// What QEMU can do takes libvirt four seconds to find out: hosts share the answer.
fs::path sharedCapabilities() { return fs::path(QEMU_CACHE_DIR) / "capabilities"; }
fs::path capabilitiesOf(const TestHost& host) { return host.embedRoot() / "cache/qemu/capabilities"; }

/// Moved into place whole, so that another run at the same time reads all or nothing.
void copyMissing(const fs::path& from, const fs::path& to)
{
    if (!fs::exists(from))
        return;
    fs::create_directories(to);
    for (const auto& file : fs::directory_iterator(from)) {
        const auto target = to / file.path().filename();
        if (file.path().extension() != ".xml" || fs::exists(target))
            continue;
        const auto draft = to / (file.path().filename().string() + ".new" + std::to_string(::getpid()));
        fs::copy_file(file, draft, fs::copy_options::overwrite_existing);
        fs::rename(draft, target);
    }
}

/// libvirt's status file has the live document inside, beside what changes all the time.
std::string domainIn(const std::string& statusFile)
{
    const auto start = statusFile.find("<domain ");
    constexpr std::string_view closing = "</domain>";
    const auto end = statusFile.rfind(closing);
    if (start == std::string::npos || end == std::string::npos)
        return {};
    return statusFile.substr(start, end + closing.size() - start);
}

void addDocuments(const fs::path& folder, const std::string& kind, Facts& facts)
{
    std::error_code none;
    for (const auto& file : fs::directory_iterator(folder, none))
        if (file.path().extension() == ".xml")
            facts[kind + " of " + file.path().stem().string()] = domainIn(readFile(file.path()));
}

void addImages(const fs::path& folder, Facts& facts)
{
    for (const auto& file : fs::recursive_directory_iterator(folder))
        facts["image " + file.path().string()] = file.is_regular_file() ? checksum(file.path()) : "no regular file";
}

/// The kernel names the tap behind each open descriptor of /dev/net/tun.
void addTaps(pid_t process, Facts& facts)
{
    std::error_code gone;
    for (const auto& file : fs::directory_iterator(fmt::format("/proc/{}/fdinfo", process), gone)) {
        const auto info = readFile(file.path());
        if (const auto at = info.find("iff:\t"); at != std::string::npos)
            facts["tap " + info.substr(at + 5, info.find('\n', at) - at - 5)] = fmt::format("held by {}", process);
    }
}

void addOperations(const fs::path& journal, Facts& facts)
{
    if (!fs::exists(journal))
        return;
    SQLite::Database database(journal, SQLite::OPEN_READONLY, 5000);
    SQLite::Statement row(database, "SELECT id, intent FROM operation WHERE settled_ms IS NULL");
    while (row.executeStep())
        facts["open operation " + row.getColumn(0).getString()] = row.getColumn(1).getString();
}

/// A journal that cannot be read must stay as it is, too.
void addOpenOperations(const fs::path& journal, Snapshot& now)
{
    try {
        addOperations(journal, now.passing);
    } catch (const SQLite::Exception& error) {
        now.facts["journal, " + std::string(error.what())] = checksum(journal);
    }
}

} // namespace

TestHost::TestHost()
{
    for (const auto& folder : {embedRoot() / "etc", imageRoot(), outside(), stateDir(), consoleDir()})
        fs::create_directories(folder);
    std::ofstream(embedRoot() / "etc/qemu.conf") << "stdio_handler = \"file\"\nsecurity_driver = \"none\"\n"
                                                    "user = \"root\"\ngroup = \"root\"\n";
    copyMissing(sharedCapabilities(), capabilitiesOf(*this));
}

TestHost::~TestHost()
{
    for (const auto pid : qemus()) {
        failFromDestructor(fmt::format("a QEMU is left: {}", pid));
        ::kill(pid, SIGKILL);
    }
    try {
        copyMissing(capabilitiesOf(*this), sharedCapabilities());
    } catch (const std::exception& error) {
        failFromDestructor(error.what());
    }
}

std::string TestHost::liveXml(const std::string& vmName) const
{
    return domainIn(readFile(embedRoot() / "run/qemu" / (vmName + ".xml")));
}

std::string TestHost::configXml(const std::string& vmName) const
{
    return domainIn(readFile(embedRoot() / "etc/qemu" / (vmName + ".xml")));
}

std::vector<pid_t> TestHost::qemus() const
{
    std::vector<pid_t> found;
    for (const auto pid : processesOf(path().string() + "/"))
        if (readFile(fmt::format("/proc/{}/comm", pid)).starts_with("qemu-system"))
            found.push_back(pid);
    return found;
}

Snapshot TestHost::snapshot(pid_t daemon) const
{
    Snapshot now;
    addDocuments(embedRoot() / "run/qemu", "live XML", now.facts);
    addDocuments(embedRoot() / "etc/qemu", "definition", now.facts);
    addImages(path() / "storage", now.facts);
    addOpenOperations(stateDir() / "journal.sqlite", now);
    addTaps(daemon, now.facts);
    for (const auto pid : qemus()) {
        now.facts[fmt::format("QEMU {}", pid)] = "runs";
        addTaps(pid, now.facts);
    }
    return now;
}

} // namespace hotplug::test
