#include "model/address.h"

#include <fmt/format.h>

namespace hotplug {

std::string PciAddress::str() const
{
    return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain, bus, slot, function);
}

std::string DriveAddress::str() const
{
    return fmt::format("{}:{}:{}:{}", controller, bus, target, unit);
}

std::string str(const Address& address)
{
    return std::visit([](const auto& one) { return one.str(); }, address);
}

} // namespace hotplug
