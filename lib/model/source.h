#pragma once

#include "base/uuid.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hotplug {

/// An image or device by its path on this host.
struct ImagePath {
    std::string path;

    bool operator==(const ImagePath&) const = default;
};

/// An image of an oVirt storage domain: `<data centre root>/<pool>/<domain>/images/<image>/<volume>`.
struct ImageQuartet {
    Uuid pool, domain, image, volume;

    bool operator==(const ImageQuartet&) const = default;
};

/// A multipath device, `/dev/mapper/<guid>`.
struct MultipathGuid {
    std::string guid;                           ///< `[A-Za-z0-9._-]+`

    bool operator==(const MultipathGuid&) const = default;
};

/// A block device by the UUID of its file system or partition, as udev links it.
struct FileSystemUuid {
    std::string uuid;                           ///< `[A-Za-z0-9-]+`: FAT and NTFS have shorter ones.

    bool operator==(const FileSystemUuid&) const = default;
};

enum class NetworkProtocol { Iscsi, Nbd, Rbd };

struct NetworkHost {
    std::string name;                           ///< Host name or IP address.
    std::optional<std::uint16_t> port;          ///< Absent: the protocol's own.

    bool operator==(const NetworkHost&) const = default;
};

/// Who logs in; the password is a libvirt secret and never passes through here.
struct NetworkAuth {
    std::string username;
    Uuid secret;

    bool operator==(const NetworkAuth&) const = default;
};

/// A volume that QEMU itself opens over the network; always raw, for nobody could look at what another format names.
struct NetworkVolume {
    NetworkProtocol protocol = NetworkProtocol::Iscsi;
    std::string name;                           ///< iscsi `iqn…/lun`, rbd `pool/image`, nbd the export, may be empty.
    std::vector<NetworkHost> hosts;             ///< iscsi and nbd have exactly one.
    std::optional<NetworkAuth> auth;

    bool operator==(const NetworkVolume&) const = default;
};

/// How a caller names a disk's storage: in exactly one way (SPEC A4).
using SourceRef = std::variant<ImagePath, ImageQuartet, MultipathGuid, FileSystemUuid, NetworkVolume>;

/// libvirt's names: iscsi, nbd, rbd.
std::string_view name(NetworkProtocol protocol);

/// The host's port, or the protocol's own.
std::uint16_t portOf(NetworkProtocol protocol, const NetworkHost& host);

/// One text per volume, by which records, lists and comparisons know it: `iscsi://host:3260/iqn…/1`. Hosts in their
/// order, missing ports filled in with the protocol's own.
std::string reference(const NetworkVolume& volume);

/// One text per volume whichever way leads there: an iscsi target is the same through each of its portals. Of a
/// reference; all other texts stay as they are.
std::string canonicalReference(const std::string& reference);

} // namespace hotplug
