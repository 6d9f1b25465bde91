#pragma once

#include "base/clock.h"
#include "base/reason.h"
#include "model/device.h"

#include <memory>
#include <string>
#include <vector>

namespace hotplug {

class BoundedLooks;

/// What the administrator allows (`--image-root`, DESIGN). Empty: no path is allowed.
struct StoragePolicy {
    std::vector<std::string> imageRoots;        ///< Absolute directories; a file must lie inside one of them.
    milliseconds patience{5000};                ///< How long storage may take to answer before it counts as hung.
};

/// The only reader of image paths. Looks at a source, follows symlinks and every layer, compares formats with the
/// headers, and says what QEMU would open, or refuses. Changes nothing. Thread-safe.
///
/// Roots are best named without symlinks: those need no look at any other root, which may be on hung storage.
class Storage {
public:
    explicit Storage(StoragePolicy policy);
    virtual ~Storage();

    /// Takes at most the policy's patience, whatever the storage does. Throws Refusal; the field is left to the caller:
    /// - InvalidParameter: not an absolute, printable path without `..`
    /// - SourceNotAllowed: a layer lies outside the roots (existing or not), is no regular file, may not be read, or
    ///   is named in a way that only QEMU could follow
    /// - SourceNotFound: a layer inside the roots does not exist
    /// - FormatMismatch: a header shows another format than declared or is damaged, or a backing format is not named
    /// - NotSupported: an encrypted image
    /// - SourceNotResponding: I/O errors, patience at an end, or too many earlier looks still hang there
    /// - TooBusy: no thread to look with
    virtual HostSource resolve(const std::string& path, DiskFormat declared) const;

private:
    StoragePolicy policy_;
    std::unique_ptr<BoundedLooks> looks_;
};

} // namespace hotplug
