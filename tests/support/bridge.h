#pragma once

#include <string>

namespace hotplug::test {

/// A Linux bridge with a random name, up, with no address of its own: nothing of the host can be reached over it.
class Bridge {
public:
    Bridge();
    ~Bridge();
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;

    const std::string& name() const { return name_; }

private:
    std::string name_;
};

} // namespace hotplug::test
