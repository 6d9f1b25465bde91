#include "bench/here.h"

#include <memory>

namespace hotplug::bench {

namespace {

std::unique_ptr<Here>& only()
{
    static std::unique_ptr<Here> one;
    return one;
}

} // namespace

Here& here()
{
    if (!only())
        only() = std::make_unique<Here>();
    return *only();
}

void leaveHere()
{
    only().reset();
}

} // namespace hotplug::bench
