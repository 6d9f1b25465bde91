#include "operation/next.h"
#include "verbs/verbs.h"

#include <fmt/format.h>

namespace hotplug::verbs {

namespace {

std::string sentenceFor(const HypervisorError& error)
{
    switch (error.kind()) {
    case ErrorKind::NoDomain:
        return "no VM with this UUID is known to libvirt; list the VMs to see what there is";
    case ErrorKind::Unavailable:
        return fmt::format("libvirt does not answer; hotplugd reconnects by itself, ask again ({})", error.what());
    case ErrorKind::NotRunning:
        return fmt::format("the VM is not running ({})", error.what());
    default:
        return error.what();
    }
}

} // namespace

Refusal asRefusal(const HypervisorError& error)
{
    return {reasonFor(error.kind()), sentenceFor(error)};
}

} // namespace hotplug::verbs
