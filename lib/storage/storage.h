#pragma once

#include "base/clock.h"
#include "base/reason.h"
#include "model/device.h"

#include <memory>
#include <string>
#include <vector>

namespace hotplug {

class BoundedCalls;
struct Fence;
struct SourceLocation;

/// What the administrator allows (`--image-root`, `--block-device`, `--data-center-root`). Empty: nothing on this host
/// is allowed.
struct StoragePolicy {
    /// Absolute directories; a file must lie inside one of them.
    std::vector<std::string> imageRoots;
    /// fnmatch patterns of names in /dev by which devices may be plugged; `*` does not match a slash.
    std::vector<std::string> blockDevices;
    /// Where oVirt's quartets lie: a root for these and what they name, for nothing else. Empty: none are allowed.
    std::string dataCenterRoot;
    /// How long storage may take to answer before it counts as hung.
    milliseconds patience{5000};
};

/// The only reader of image paths. Looks at a source, follows symlinks and every layer, compares formats with the
/// headers, and says what QEMU would open, or refuses. Changes nothing. Thread-safe.
///
/// - ImagePath: a file inside the image roots, or a block device by the rule below, whatever links lead there.
/// - ImageQuartet: the same, and the data centre's root is an image root for it and the layers behind it.
/// - MultipathGuid, FileSystemUuid: block devices; of a UUID a file system's counts before a partition's.
/// - Block devices, as tops and behind them: a pattern must match the name asked for, a link on the way,
///   device-mapper's name or the node's; a link counts when only root can bend it. Never one that is mounted or has a
///   holder on this host. A node outside /dev is none.
/// - NetworkVolume: judged by its words, raw only; requireServer() alone connects.
///
/// Roots are best named without symlinks: those need no look at any other root, which may be on hung storage.
class Storage {
public:
    explicit Storage(StoragePolicy policy);
    virtual ~Storage();

    /// Takes at most the policy's patience, whatever the storage does. Throws Refusal; the field is left to the caller,
    /// but for the words of a network volume and its format:
    /// - InvalidParameter: not an absolute, printable path without `..`; no GUID, UUID, host, volume or user name
    /// - SourceNotAllowed: a layer lies outside the roots (existing or not), is no regular file and no allowed device,
    ///   may not be read, or is named in a way that only QEMU could follow
    /// - SourceNotFound: a layer inside the roots, or by an allowed device's name, does not exist
    /// - SourceInUse: a device is mounted or has a holder on this host
    /// - FormatMismatch: a header shows another format than declared or is damaged, or a backing format is not named
    /// - NotSupported: an encrypted image; a network volume that is not raw
    /// - SourceNotResponding: I/O errors, patience at an end, or too many earlier looks still hang there
    /// - TooBusy: no thread to look with
    virtual HostSource resolve(const SourceRef& source, DiskFormat declared) const;

    /// Throws Refusal{SourceNotResponding} when no server of a network volume answers within the policy's patience: QEMU
    /// would wait for it with its guest standing still. Other sources need none.
    virtual void requireServer(const HostSource& source) const;

    /// Every name by which a source may stand in a document or a record, the caller's first. Judges nothing and never
    /// fails: what cannot be looked at has only the names that its words give it (a UUID has two). Takes at most the
    /// policy's patience.
    virtual std::vector<std::string> namesOf(const SourceRef& source) const;

    /// For comparing names that others wrote: a name in /dev becomes the node it leads to, an iscsi volume loses its
    /// portal, all others, dead ones and those that lead out of /dev stay. Never blocks on storage, never throws.
    virtual std::string canonical(const std::string& name) const;

private:
    std::shared_ptr<const Fence> fenceOf(const SourceLocation& location) const;

    StoragePolicy policy_;
    std::shared_ptr<const Fence> fence_, dataCenterFence_;      // shared with looks that are left behind
    std::unique_ptr<BoundedCalls> looks_;
};

} // namespace hotplug
