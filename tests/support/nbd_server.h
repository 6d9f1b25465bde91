#pragma once

#include "support/process.h"

#include <filesystem>
#include <string>

namespace hotplug::test {

/// An NBD server on 127.0.0.1 that exports one image under a name, raw unless said otherwise.
class NbdServer {
public:
    NbdServer(const std::filesystem::path& image, const std::string& exportName, const std::string& format = "raw");

    unsigned port() const { return port_; }
    const std::string& exportName() const { return exportName_; }

private:
    const std::string exportName_;
    const unsigned port_;
    Process server_;
};

} // namespace hotplug::test
