#include "support/arp.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace hotplug::test {

namespace {

using MacBytes = std::array<unsigned char, ETH_ALEN>;
constexpr auto senderIp = "169.254.0.1";

struct Packet {
    ether_header ethernet;
    ether_arp arp;
};
static_assert(sizeof(Packet) == 14 + 28);

Fd packetSocket(const std::string& link)
{
    Fd opened(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ARP)));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ARP);
    address.sll_ifindex = static_cast<int>(::if_nametoindex(link.c_str()));
    if (::bind(opened.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        failErrno("listen on " + link);
    return opened;
}

MacBytes macOf(int fd, const std::string& interface)
{
    ifreq request{};
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    if (::ioctl(fd, SIOCGIFHWADDR, &request) != 0)
        failErrno("MAC address of " + interface);
    MacBytes mac;
    std::memcpy(mac.data(), request.ifr_hwaddr.sa_data, mac.size());
    return mac;
}

Packet question(const MacBytes& from, const std::string& ip)
{
    Packet packet{};
    std::memset(packet.ethernet.ether_dhost, 0xff, ETH_ALEN);
    std::ranges::copy(from, packet.ethernet.ether_shost);
    packet.ethernet.ether_type = htons(ETH_P_ARP);
    packet.arp.arp_hrd = htons(ARPHRD_ETHER);
    packet.arp.arp_pro = htons(ETH_P_IP);
    packet.arp.arp_hln = ETH_ALEN;
    packet.arp.arp_pln = 4;
    packet.arp.arp_op = htons(ARPOP_REQUEST);
    std::ranges::copy(from, packet.arp.arp_sha);
    ::inet_pton(AF_INET, senderIp, packet.arp.arp_spa);
    ::inet_pton(AF_INET, ip.c_str(), packet.arp.arp_tpa);
    return packet;
}

bool answers(const Packet& reply, const Packet& asked)
{
    return reply.arp.arp_op == htons(ARPOP_REPLY) && std::ranges::equal(reply.arp.arp_spa, asked.arp.arp_tpa);
}

} // namespace

std::string askArp(const std::string& link, const std::string& ip, milliseconds within)
{
    const Fd socket = packetSocket(link);
    const auto deadline = Clock::now() + within;
    while (Clock::now() < deadline) {
        const auto asked = question(macOf(socket.get(), link), ip);
        ::send(socket.get(), &asked, sizeof(asked), 0);
        const auto again = std::min(deadline, Clock::now() + 300ms);
        while (readable({socket.get()}, again)) {
            Packet reply{};
            if (::recv(socket.get(), &reply, sizeof(reply), MSG_DONTWAIT) > 0 && answers(reply, asked))
                return fmt::format("{:02x}", fmt::join(reply.arp.arp_sha, ":"));
        }
    }
    return {};
}

} // namespace hotplug::test
