#pragma once

#include "support/catch.h"
#include "support/process.h"
#include "support/test_host.h"

#include <string>
#include <vector>

namespace hotplug::test {

/// What somebody else does to the same libvirtd (support/libvirtd.h).
inline std::vector<std::string> virsh(const TestHost& host, std::vector<std::string> words)
{
    words.insert(words.begin(), {"virsh", "-q", "-c", host.uri()});
    return words;
}

inline void mustVirsh(const TestHost& host, const std::vector<std::string>& words)
{
    const auto ended = runProgram(virsh(host, words));
    INFO(words.front() << ": " << ended.out << ended.err);
    REQUIRE(ended.code == 0);
}

} // namespace hotplug::test
