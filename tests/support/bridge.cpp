#include "support/bridge.h"

#include "base/uuid.h"
#include "support/process.h"
#include "support/temp_dir.h"

#include <stdexcept>

namespace hotplug::test {

namespace {

void ip(std::vector<std::string> words)
{
    words.insert(words.begin(), "ip");
    const auto done = runProgram(words);
    if (done.code != 0)
        throw std::runtime_error("ip: " + done.err);
}

} // namespace

Bridge::Bridge() : name_(bridgePrefix() + "b" + Uuid::random().str().substr(0, 4))
{
    ip({"link", "add", name_, "type", "bridge"});
    ip({"link", "set", name_, "up"});
}

Bridge::~Bridge()
{
    try {
        ip({"link", "delete", name_});
    } catch (const std::exception&) {
        // The leak check finds it.
    }
}

} // namespace hotplug::test
