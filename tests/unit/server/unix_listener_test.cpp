#include "server/unix_listener.h"

#include "support/catch.h"
#include "unit/server/fixture.h"

#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace hotplug::server;
using namespace hotplug::server::test;
using Catch::Matchers::Contains;

namespace {

/// A socket file as a killed process leaves it behind.
void leaveStaleSocket(const std::string& path)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    close(fd);
}

struct stat fileAt(const std::string& path)
{
    struct stat file {};
    REQUIRE(lstat(path.c_str(), &file) == 0);
    return file;
}

bool exists(const std::string& path)
{
    return access(path.c_str(), F_OK) == 0;
}

constexpr mode_t permissionBits = 07777;

} // namespace

TEST_CASE("The socket has exactly the mode asked for, whatever the umask, and is gone at the end")
{
    const TempFolder folder;
    const auto path = folder / "s";
    const mode_t mode = GENERATE(mode_t{0660}, mode_t{0600}, mode_t{0666});
    const mode_t before = umask(0077);
    {
        const auto listener = UnixListener::create({path, mode, ""});
        CHECK(S_ISSOCK(fileAt(path).st_mode));
        CHECK((fileAt(path).st_mode & permissionBits) == mode);
    }
    umask(before);
    CHECK_FALSE(exists(path));
}

TEST_CASE("The socket belongs to the group asked for")
{
    const gid_t target = geteuid() == 0 ? 1 : getegid();
    const group* entry = getgrgid(target);
    REQUIRE(entry);
    const TempFolder folder;
    const auto path = folder / "s";
    const auto listener = UnixListener::create({path, 0660, entry->gr_name});
    CHECK(fileAt(path).st_gid == target);
    CHECK((fileAt(path).st_mode & permissionBits) == 0660);
}

TEST_CASE("A group that does not exist is an error and leaves no socket")
{
    const TempFolder folder;
    CHECK_THROWS_WITH(UnixListener::create({folder / "s", 0660, "no-such-group"}), Contains("no-such-group"));
    CHECK_FALSE(exists(folder / "s"));
}

TEST_CASE("A socket that a killed process left behind is replaced")
{
    const TempFolder folder;
    const auto path = folder / "s";
    leaveStaleSocket(path);
    const auto listener = UnixListener::create({path, 0660, ""});
    const Client client(path);
}

TEST_CASE("A socket that somebody listens on is left alone")
{
    const TempFolder folder;
    const auto path = folder / "s";
    const auto first = UnixListener::create({path, 0660, ""});
    CHECK_THROWS_WITH(UnixListener::create({path, 0660, ""}), Contains("another process listens there"));
    const Client client(path);
}

TEST_CASE("What is no socket is never removed")
{
    const TempFolder folder;
    const auto path = folder / "s";
    std::ofstream(folder / "precious") << "data";
    leaveStaleSocket(folder / "stale");
    SECTION("a file")
    {
        std::ofstream(path) << "data";
    }
    SECTION("a symbolic link to a file")
    {
        REQUIRE(symlink((folder / "precious").c_str(), path.c_str()) == 0);
    }
    SECTION("a symbolic link to a stale socket")
    {
        REQUIRE(symlink((folder / "stale").c_str(), path.c_str()) == 0);
    }
    CHECK_THROWS_WITH(UnixListener::create({path, 0660, ""}), Contains("no socket"));
    CHECK(exists(path));
    CHECK(exists(folder / "precious"));
}

TEST_CASE("A folder that is missing and a path that is too long are clear errors")
{
    const TempFolder folder;
    CHECK_THROWS_WITH(UnixListener::create({folder / "missing/s", 0660, ""}), Contains("missing does not exist"));
    CHECK_THROWS_WITH(UnixListener::create({folder / std::string(200, 'x'), 0660, ""}), Contains("107 bytes"));
}

TEST_CASE("At the end a socket that has taken the place of ours stays")
{
    const TempFolder folder;
    const auto path = folder / "s";
    {
        const auto listener = UnixListener::create({path, 0660, ""});
        REQUIRE(rename(path.c_str(), (folder / "aside").c_str()) == 0);
        leaveStaleSocket(path);
    }
    CHECK(exists(path));
}

TEST_CASE("A socket of systemd is used, and its file stays")
{
    const TempFolder folder;
    const auto path = folder / "s";
    auto systemd = UnixListener::create({path, 0660, ""});
    ScriptedEndpoint endpoint(echo);
    {
        HttpServer server(endpoint);
        server.listen(UnixListener::adopt(dup(systemd.fd())));
        server.start();
        CHECK(Client(path).ask(get("/")).status == 200);
        server.stop(hotplug::Clock::now());
    }
    CHECK(exists(path));
    const Client nextInstance(path);
}

TEST_CASE("A descriptor that is no listening unix socket is not adopted")
{
    int fd = -1;
    SECTION("a file")
    {
        fd = open("/dev/null", O_RDONLY);
    }
    SECTION("a socket that does not listen")
    {
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
    }
    SECTION("TCP")
    {
        fd = socket(AF_INET, SOCK_STREAM, 0);
        REQUIRE(listen(fd, 1) == 0);
    }
    CHECK_THROWS_AS(UnixListener::adopt(fd), ListenError);
}
