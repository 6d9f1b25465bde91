#include "support/catch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

/// What each folder may use, besides itself: arrows point down only.
const std::map<std::string, Names> mayUse = {
    {"lib/base", {}},
    {"lib/model", {"base"}},
    {"lib/server", {"base"}},
    {"lib/storage", {"base", "model"}},
    {"lib/network", {"base", "model"}},
    {"lib/journal", {"base", "model"}},
    {"lib/hypervisor", {"base", "model"}},
    {"lib/libvirtxml", {"base", "model"}},
    {"lib/planning", {"base", "model", "libvirtxml"}},
    {"lib/operation", {"base", "model", "libvirtxml", "planning", "storage", "network", "journal", "hypervisor"}},
    {"lib/verbs", {"base", "model", "libvirtxml", "planning", "storage", "network", "hypervisor", "operation"}},
    {"lib/wire", {"base", "model", "libvirtxml", "verbs", "server"}},   // of server only the Endpoint that it implements
    {"agent/hotplugctl", {"base", "model"}},
    {"agent/hotplugd", {"base", "model", "server", "storage", "network", "journal", "hypervisor", "libvirtxml",
        "planning", "operation", "verbs", "wire"}},
};

/// Where a library's headers may be named: by the beginning of the header, then of the file.
const std::map<std::string, std::vector<std::string>> libraryHomes = {
    {"libvirt/", {"lib/hypervisor/"}},
    {"jsonrpccpp/", {"lib/wire/jsonrpc/"}},
    {"valijson/", {"lib/wire/jsonrpc/schema.cpp"}},
    {"boost/", {"lib/server/", "agent/hotplugctl/unix_http"}},
    {"pugixml", {"lib/libvirtxml/", "lib/wire/vdsm/"}},
    {"SQLiteCpp/", {"lib/journal/"}},
    {"sqlite3", {"lib/journal/"}},
    {"uuid/", {"lib/base/"}},
    {"toml++/", {"agent/hotplugd/"}},
    {"CLI/", {"agent/"}},
};

struct Include {
    std::string header;
    bool quoted = false;
};

struct Source {
    std::string path;                           ///< From the source folder: `lib/base/uuid.cpp`.
    std::vector<Include> includes;
};

std::string folderOf(const std::string& path)
{
    return path.substr(0, path.find('/', path.find('/') + 1));
}

/// Empty when the include is allowed, else what is wrong with it.
std::string problemOf(const std::string& path, const Include& include)
{
    const auto what = path + " includes " + include.header;
    for (const auto& [library, homes] : libraryHomes)
        if (include.header.starts_with(library)
            && std::ranges::none_of(homes, [&path](const auto& home) { return path.starts_with(home); }))
            return what + ": the library has another home";
    if (!include.quoted)
        return {};
    const auto folder = folderOf(path);
    const auto used = include.header.substr(0, include.header.find('/'));
    const bool ofLib = mayUse.contains("lib/" + used);
    if (folder.starts_with("agent/") && !ofLib)
        return include.header.starts_with("..") ? what + ": name it from the include root" : std::string();
    if (!ofLib)
        return what + ": name it from the include root";
    const bool own = folder == "lib/" + used;
    return own || mayUse.at(folder).contains(used) ? std::string() : what + ": an arrow that points the wrong way";
}

Source read(const fs::path& root, const fs::path& file)
{
    Source source{fs::relative(file, root).generic_string(), {}};
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const auto start = line.find_first_not_of(" \t");
        if (start == std::string::npos || !line.substr(start).starts_with("#include"))
            continue;
        const auto open = line.find_first_of("<\""), close = line.find_first_of(">\"", open + 1);
        REQUIRE(close != std::string::npos);
        source.includes.push_back({line.substr(open + 1, close - open - 1), line[open] == '"'});
    }
    return source;
}

std::vector<Source> allSources()
{
    const fs::path root(HOTPLUGD_SOURCE_DIR);
    std::vector<Source> sources;
    for (const auto* folder : {"lib", "agent"})
        for (const auto& entry : fs::recursive_directory_iterator(root / folder))
            if (entry.path().extension() == ".h" || entry.path().extension() == ".cpp")
                sources.push_back(read(root, entry.path()));
    return sources;
}

} // namespace

TEST_CASE("Folders use only what lies below them, and libraries stay in their homes")
{
    const auto sources = allSources();
    CHECK(sources.size() > 100);
    for (const auto& source : sources) {
        CAPTURE(source.path);
        REQUIRE(mayUse.contains(folderOf(source.path)));
        for (const auto& include : source.includes)
            CHECK(problemOf(source.path, include) == "");
    }
}

TEST_CASE("Of the server the wire knows the endpoint only")
{
    for (const auto& source : allSources())
        if (source.path.starts_with("lib/wire/"))
            for (const auto& include : source.includes)
                if (include.header.starts_with("server/")) {
                    CAPTURE(source.path);
                    CHECK(include.header == "server/endpoint.h");
                }
}

TEST_CASE("The folders' table has no circle, so there is an order to build them in")
{
    auto left = mayUse;
    for (bool progress = true; progress;) {
        const auto before = left.size();
        std::erase_if(left, [&left](const auto& entry) {
            return std::ranges::none_of(entry.second, [&](const auto& used) { return left.contains("lib/" + used); });
        });
        progress = left.size() < before;
    }
    CHECK(left.empty());
}

TEST_CASE("The check of includes would tell a wrong one from a right one")
{
    struct Case {
        const char* path;
        Include include;
        bool allowed;
    };
    const auto [path, include, allowed] = GENERATE(Case{"lib/planning/plug.cpp", {"libvirtxml/domain.h", true}, true},
        Case{"lib/planning/plug.cpp", {"planning/planning.h", true}, true},
        Case{"lib/planning/plug.cpp", {"vector", false}, true},
        Case{"lib/planning/plug.cpp", {"operation/next.h", true}, false},
        Case{"lib/planning/plug.cpp", {"planning.h", true}, false},
        Case{"lib/planning/plug.cpp", {"pugixml.hpp", false}, false},
        Case{"lib/base/uuid.h", {"model/identity.h", true}, false},
        Case{"lib/verbs/verbs.h", {"libvirt/libvirt.h", false}, false},
        Case{"lib/hypervisor/classify.cpp", {"libvirt/virterror.h", false}, true},
        Case{"lib/wire/jsonrpc/endpoint.cpp", {"valijson/validator.hpp", false}, false},
        Case{"lib/wire/jsonrpc/endpoint.cpp", {"boost/asio.hpp", false}, false},
        Case{"agent/hotplugctl/cli.cpp", {"hotplugctl/cli.h", true}, true},
        Case{"agent/hotplugctl/cli.cpp", {"verbs/verbs.h", true}, false},
        Case{"agent/hotplugctl/cli.cpp", {"boost/asio.hpp", false}, false},
        Case{"agent/hotplugd/daemon.cpp", {"wire/endpoint.h", true}, true},
        Case{"agent/hotplugd/daemon.cpp", {"SQLiteCpp/Database.h", false}, false});
    CAPTURE(path, include.header);
    CHECK(problemOf(path, include).empty() == allowed);
}
