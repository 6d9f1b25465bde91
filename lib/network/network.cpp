#include "network/network.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace hotplug {

namespace {

bool canNameAnInterface(const std::string& name)
{
    constexpr std::size_t kernelLimit = 15;     // IFNAMSIZ less its terminator
    const auto allowed = [](char c) { return c > ' ' && c != '/' && c != ':' && c != '\x7f'; };
    return !name.empty() && name.size() <= kernelLimit && name != "." && name != ".."
        && std::ranges::all_of(name, allowed);
}

} // namespace

void Network::requireBridge(const std::string& name) const
{
    if (!canNameAnInterface(name))
        throw Refusal(Reason::InvalidParameter,
            "a bridge name has 1 to 15 characters without white space, slash or colon");
    std::error_code ignored;
    if (!std::filesystem::is_directory("/sys/class/net/" + name + "/bridge", ignored))
        throw Refusal(Reason::NetworkNotFound,
            fmt::format("the host has no bridge {}; create it or name another", name));
}

} // namespace hotplug
