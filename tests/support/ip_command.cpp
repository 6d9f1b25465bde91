#include "support/ip_command.h"

#include "base/uuid.h"
#include "support/process.h"
#include "support/temp_dir.h"

#include <stdexcept>

namespace hotplug::test {

void ip(std::vector<std::string> words)
{
    words.insert(words.begin(), "ip");
    const auto done = runProgram(words);
    if (done.code != 0)
        throw std::runtime_error("ip: " + done.err);
}

std::string newLinkName(char kind)
{
    return bridgePrefix() + kind + Uuid::random().str().substr(0, 4);
}

} // namespace hotplug::test
