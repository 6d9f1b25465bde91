#include "support/bridge.h"

#include "support/ip_command.h"

#include <exception>

namespace hotplug::test {

Bridge::Bridge() : name_(newLinkName('b'))
{
    ip({"link", "add", name_, "type", "bridge"});
    ip({"link", "set", name_, "up"});
}

Bridge::~Bridge()
{
    try {
        ip({"link", "delete", name_});
    } catch (const std::exception&) {
        // The leak check finds it.
    }
}

} // namespace hotplug::test
