#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace hotplug {

/// The directories that the administrator allows, symlinks in their own names resolved.
class ImageRoots {
public:
    explicit ImageRoots(std::vector<std::string> roots);

    /// Whether a path without symlinks lies below a root. Looks at the host only when no root says so as written.
    bool hold(const std::string& resolvedPath) const;
    /// The root that holds the path as written; empty: none.
    std::string placeOf(const std::string& path) const;

private:
    std::vector<std::string> roots_;            ///< Without trailing slashes.
};

/// A regular file inside the roots, open for reading.
class ImageFile {
public:
    /// `path` is absolute. `subject` begins the sentences: `the source /images/a.img`. Opens nothing but regular files,
    /// so that no FIFO blocks and no device takes notice. Throws Refusal.
    ImageFile(const ImageRoots& roots, const std::string& path, const std::string& subject);
    ~ImageFile();
    ImageFile(const ImageFile&) = delete;
    ImageFile& operator=(const ImageFile&) = delete;

    /// Up to `size` bytes from the beginning; fewer when the file is shorter. Throws Refusal.
    std::vector<std::uint8_t> start(std::size_t size) const;

    const std::string& path() const { return path_; }       ///< Symlinks resolved.
    std::uint64_t bytes() const { return bytes_; }
    bool isSameFileAs(const ImageFile& other) const { return device_ == other.device_ && inode_ == other.inode_; }

private:
    std::string subject_, path_;
    int fd_ = -1;
    std::uint64_t bytes_ = 0;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

} // namespace hotplug
