#include "support/veth_pair.h"

#include "support/ip_command.h"

#include <exception>

namespace hotplug::test {

VethPair::VethPair() : lower_(newLinkName('v')), peer_(newLinkName('w'))
{
    ip({"link", "add", lower_, "type", "veth", "peer", "name", peer_});
    ip({"link", "set", lower_, "up"});
    ip({"link", "set", peer_, "up"});
}

VethPair::~VethPair()
{
    try {
        ip({"link", "delete", lower_});             // takes the other end along
    } catch (const std::exception&) {
        // The leak check finds it.
    }
}

} // namespace hotplug::test
