#pragma once

#include "support/wait.h"

#include <filesystem>
#include <string>

namespace hotplug::test {

/// A second monitor of a QEMU, beside libvirt's own, for what nobody asks of libvirt here: pausing a guest.
class Qmp {
public:
    /// Throws when nobody answers there.
    explicit Qmp(const std::filesystem::path& socket);

    /// `stop`, `cont`, `query-named-block-nodes`: QEMU's answer as JSON text, once it is done; throws when refused.
    std::string execute(const std::string& command) { return execute(command, "{}"); }
    std::string execute(const std::string& command, const std::string& arguments);      ///< A JSON object.

private:
    std::string line();

    Fd socket_;
    std::string buffer_;
};

/// A stream connection to a unix socket.
Fd connectTo(const std::filesystem::path& socket);

} // namespace hotplug::test
