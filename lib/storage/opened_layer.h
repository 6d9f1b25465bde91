#pragma once

#include "model/device.h"
#include "storage/fence.h"
#include "storage/file_descriptor.h"

#include <cstdint>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace hotplug {

/// One layer of a disk, open for reading: a regular file inside the roots, or an allowed block device that this host
/// does not use otherwise.
class OpenedLayer {
public:
    /// `path` is absolute. `subject` begins the sentences: `the source /images/a.img`. Opens nothing else, so that no
    /// FIFO blocks and no tape or watchdog takes notice. Throws Refusal.
    OpenedLayer(const Fence& fence, const std::string& path, const std::string& subject);

    /// Up to `size` bytes from the beginning; fewer when the layer is shorter. Throws Refusal.
    std::vector<std::uint8_t> start(std::size_t size) const;

    SourceKind kind() const { return isDevice() ? SourceKind::Block : SourceKind::File; }
    /// What QEMU is to open: the file, symlinks resolved, or the device's allowed name.
    const std::string& path() const { return path_; }
    const std::string& resolved() const { return trail_.resolved; }
    /// Every name that was found on the way, stable ones first.
    const std::vector<std::string>& names() const { return names_; }
    bool isSameAs(const OpenedLayer& other) const;

private:
    bool isDevice() const { return S_ISBLK(status_.st_mode); }
    void judgeFile(const Fence& fence);
    void judgeDevice(const Fence& fence, const FileDescriptor& node);

    std::string subject_, asked_, path_;
    Trail trail_;
    std::vector<std::string> names_;
    struct stat status_{};
    FileDescriptor bytes_;
};

} // namespace hotplug
