#pragma once

#include <string>
#include <string_view>

namespace hotplug {

/// Valid UTF-8 without control characters and U+FFFE, U+FFFF, which no XML has: fit for domain XML, replies and logs.
bool isPrintable(std::string_view text);

/// `..` after anything but `..`, as in `/a/../b`. It makes one name lead through directories that need not matter, and
/// whether they exist would show in the answer.
bool hasInnerDotDot(std::string_view path);

/// A part between slashes that no file system would take (more than 255 bytes).
bool hasOverlongPart(std::string_view path);

/// What QEMU takes for a protocol rather than a file: a colon before any slash, as in `nbd:…` and `json:…`.
bool hasProtocol(std::string_view name);

/// One part of a path that names something: printable, not too long, without slashes, neither `.` nor `..`.
bool isFileName(std::string_view name);

/// Not empty, and nothing but ASCII letters, digits and these.
bool consistsOf(std::string_view text, std::string_view punctuation);

/// Below a directory as both are written; `root` has no slash at its end unless it is `/`.
bool isBelow(std::string_view path, std::string_view root);

/// Everything before the last slash of an absolute path, as QEMU and libvirt find it: symlinks do not matter.
std::string lexicalDirectory(const std::string& path);

/// A name from a header, for a sentence: quoted, or what is wrong with it when it cannot be shown.
std::string shown(std::string_view name);

} // namespace hotplug
