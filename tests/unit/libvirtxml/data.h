#pragma once

#include "model/device.h"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace hotplug::test {

/// A document that libvirt 9.0 printed of a VM made for this, paths and bridges renamed: `q35-live.xml`.
inline std::string readDocument(const std::string& file)
{
    std::ifstream in(std::string(HOTPLUGD_SOURCE_DIR "/tests/unit/libvirtxml/data/") + file);
    if (!in)
        throw std::runtime_error("no test document " + file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// A document with nothing but what is given.
inline std::string domainAround(const std::string& devices, const std::string& metadata = {})
{
    return "<domain type='qemu'><name>small</name><uuid>3b6c1a5e-0f0e-4c58-9a35-6a7a0c7a4c33</uuid><metadata>" + metadata
        + "</metadata><memory unit='KiB'>65536</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"
          "<devices>" + devices + "</devices></domain>";
}

/// An image that was looked at, known by its path only.
inline HostSource fileSource(const std::string& path)
{
    HostSource source;
    source.path = path;
    source.names = {path};
    return source;
}

inline HostSource blockSource()
{
    auto source = fileSource("/dev/mapper/lun");
    source.kind = SourceKind::Block;
    return source;
}

inline HostSource networkSource(const NetworkVolume& volume)
{
    HostSource source;
    source.kind = SourceKind::Network;
    source.network = volume;
    return source;
}

} // namespace hotplug::test
