#include "storage/link_trail.h"
#include "support/catch.h"
#include "unit/storage/temp_directory.h"

#include <cerrno>
#include <unistd.h>

using namespace hotplug;
using test::TempDirectory;
namespace fs = std::filesystem;

namespace {

/// A small tree of files, directories and links.
struct Tree {
    TempDirectory directory;

    Tree()
    {
        fs::create_directories(at("a/b"));
        test::write(at("a/b/file"), "x");
        fs::create_symlink("b/file", at("a/relative"));
        fs::create_symlink(at("a/relative"), at("absolute"));
        fs::create_symlink("a", at("directory"));
        fs::create_symlink("../../directory/./b//file", at("a/b/up"));
        fs::create_symlink("directory/../a/b/file", at("twisted"));
        fs::create_symlink("loop", at("loop"));
        fs::create_symlink("none", at("dangling"));
    }

    std::string at(const std::string& name) const { return directory / name; }
    std::vector<std::string> at(const std::vector<std::string>& names) const
    {
        std::vector<std::string> paths;
        for (const auto& name : names)
            paths.push_back(at(name));
        return paths;
    }
};

} // namespace

TEST_CASE("A4: a path is followed link by link, and each name on the way is kept")
{
    const Tree tree;
    struct Case {
        std::string path;
        std::vector<std::string> names;
    };
    const Case cases[] = {
        {"a/b/file", {"a/b/file"}},
        {".//a/./b/file", {"a/b/file"}},
        {"a/relative", {"a/relative", "a/b/file"}},
        {"absolute", {"absolute", "a/relative", "a/b/file"}},
        {"directory/relative", {"directory/relative", "a/relative", "a/b/file"}},
        {"a/b/up", {"a/b/up", "directory/b/file", "a/b/file"}},
        {"twisted", {"twisted", "a/b/file"}},
        {"directory/", {"directory", "a"}},
    };
    for (const auto& one : cases) {
        CAPTURE(one.path);
        const auto trail = follow(tree.at(one.path));
        CHECK(trail.error == 0);
        CHECK(trail.names == tree.at(one.names));
        CHECK(trail.resolved == tree.at(one.names).back());
        CHECK(trail.resolved == fs::canonical(tree.at(one.path)));
    }
    CHECK(follow("/").resolved == "/");
    CHECK(follow("/..").resolved == "/");
    CHECK(follow("//dev/.").names == std::vector<std::string>{"/dev"});
}

TEST_CASE("A4: where a path ends early is told with the reason")
{
    const Tree tree;
    struct Case {
        std::string path;
        int error;
        std::string end;
    };
    const Case cases[] = {
        {"none/x", ENOENT, "none"},
        {"a/none", ENOENT, "a/none"},
        {"dangling", ENOENT, "none"},
        {"directory/none/../b", ENOENT, "a/none"},
        {"a/b/file/x", ENOTDIR, "a/b/file/x"},
        {"a/b/file/", ENOTDIR, "a/b/file"},
        {"a/b/file/..", ENOTDIR, "a/b/file"},
        {"absolute/.", ENOTDIR, "a/b/file"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.path);
        const auto trail = follow(tree.at(one.path));
        CHECK(trail.error == one.error);
        CHECK(trail.resolved == tree.at(one.end));
    }
    CHECK(follow(tree.at("loop")).error == ELOOP);
}

TEST_CASE("A4: nothing outside the given directory is looked at")
{
    const Tree tree;
    CHECK(follow(tree.at("a/b/file"), tree.at("a")).error == 0);
    for (const auto* path : {"absolute", "a/b/up", "a/../none", "other/file"})
        CHECK(follow(tree.at(path), tree.at("a")).error == EXDEV);
}

TEST_CASE("A4: a way that others than root can bend is told")
{
    if (::geteuid() != 0)
        return;                                 // needs to give files away
    const auto ownedByRoot = [](const std::string& given) {
        const Tree tree;
        CHECK(::lchown(tree.at(given).c_str(), 12345, 0) == 0);
        return follow(tree.at("absolute")).ownedByRoot;
    };
    CHECK(ownedByRoot("a/b/file"));             // what lies at the end is no part of the way
    CHECK(ownedByRoot("directory"));
    for (const auto* given : {"absolute", "a/relative", "a", "a/b"})
        CHECK(!ownedByRoot(given));
}
