#include "storage/network_server.h"

#include "storage/file_descriptor.h"
#include "storage/storage.h"
#include "support/catch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <thread>

using namespace hotplug;
using namespace std::chrono_literals;

namespace {

/// Takes one connection on a port of its own, says what it has to say after a while, and keeps the connection until its
/// end.
class Server {
public:
    explicit Server(std::string_view greeting, milliseconds after = {}) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener_.get(), 1) == 0);
        REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, greeting, after] {
            connection_ = FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            std::this_thread::sleep_for(after);
            if (connection_)
                static_cast<void>(::send(connection_.get(), greeting.data(), greeting.size(), MSG_NOSIGNAL));
        });
    }

    ~Server()
    {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }

    NetworkVolume volume(NetworkProtocol protocol) const { return {protocol, "x", {{"127.0.0.1", port_}}, {}}; }

private:
    FileDescriptor listener_, connection_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

bool answers(const NetworkVolume& volume, Clock::duration patience = 10s)
{
    return serverAnswers(volume, Clock::now() + patience);
}

} // namespace

TEST_CASE("A4 R6: a server that takes a connection answers; nbd's has to greet, too")
{
    CHECK(answers(Server("").volume(NetworkProtocol::Iscsi)));
    CHECK(answers(Server("NBDMAGIC and more").volume(NetworkProtocol::Nbd)));
    CHECK_FALSE(answers(Server("HTTP/1.1 400").volume(NetworkProtocol::Nbd)));
    CHECK_FALSE(answers(Server("").volume(NetworkProtocol::Nbd), 50ms));
}

TEST_CASE("A4 R6: where nobody listens nobody answers, and one monitor of several is enough")
{
    auto volume = NetworkVolume{NetworkProtocol::Rbd, "pool/image", {{"127.0.0.1", std::uint16_t{1}}}, {}};
    CHECK_FALSE(answers(volume));
    const Server server("");
    volume.hosts.push_back(server.volume(NetworkProtocol::Rbd).hosts.front());
    CHECK(answers(volume));
    CHECK_FALSE(answers({NetworkProtocol::Iscsi, "x", {{"no-such-host.invalid", {}}}, {}}));
}

TEST_CASE("A4 R6: a host that stays silent leaves the others their time")
{
    const Server silent(""), good("NBDMAGIC", 50ms);
    auto volume = silent.volume(NetworkProtocol::Nbd);
    volume.hosts.push_back(good.volume(NetworkProtocol::Nbd).hosts.front());
    CHECK(answers(volume, 1s));
}

TEST_CASE("A4 R6: a volume without a server is refused within the policy's patience, other sources need none")
{
    const Storage storage({.imageRoots = {}, .blockDevices = {}, .dataCenterRoot = {}, .patience = 50ms});
    HostSource source;
    storage.requireServer(source);
    const Server silent("");
    source.kind = SourceKind::Network;
    source.network = silent.volume(NetworkProtocol::Nbd);
    source.path = reference(*source.network);
    try {
        storage.requireServer(source);
        FAIL("it was accepted");
    } catch (const Refusal& refusal) {
        CHECK(refusal.reason() == Reason::SourceNotResponding);
    }
}
