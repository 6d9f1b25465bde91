#include "support/nbd_server.h"

#include "support/free_port.h"

namespace hotplug::test {

NbdServer::NbdServer(const std::filesystem::path& image, const std::string& exportName, const std::string& format)
    : exportName_(exportName), port_(freePort()),
      server_({"qemu-nbd", "--persistent", "--shared", "4", "--bind", "127.0.0.1", "--port", std::to_string(port_),
                  "--export-name", exportName, "--format", format, image},
          {})
{
    eventually("qemu-nbd listens", [this] { return answersOn(port_); });
}

} // namespace hotplug::test
