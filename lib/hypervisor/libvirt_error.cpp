#include "hypervisor/libvirt_error.h"

#include "hypervisor/classify.h"

#include <libvirt/virterror.h>

namespace hotplug {

HypervisorError lastLibvirtError()
{
    const virError* error = virGetLastError();
    const std::string text = error && error->message ? error->message : "libvirt gave no reason";
    const auto kind = classify(error ? error->code : VIR_ERR_OK, text);
    virResetLastError();
    return {kind, text};
}

} // namespace hotplug
