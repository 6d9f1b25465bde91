#pragma once

#include <filesystem>
#include <string>

namespace hotplug::test {

/// Sparse images: their checksums cost nothing while they are empty.
std::string makeRaw(const std::filesystem::path& path, unsigned mib = 4);
/// `backing` is written as it is given, with its format (raw).
std::string makeQcow2(const std::filesystem::path& path, unsigned mib = 4, const std::string& backing = "");

/// Over what has been written; holes cost nothing.
std::string checksum(const std::filesystem::path& path);

} // namespace hotplug::test
