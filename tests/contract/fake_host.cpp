#include "contract/contract.h"
#include "support/fake_hypervisor.h"

namespace hotplug::test {

namespace {

class FakeHost final : public ContractHost {
public:
    Hypervisor& hypervisor() override { return fake_; }
    std::string newImage() override { return "/fake/" + std::to_string(++images_) + ".img"; }

private:
    FakeHypervisor fake_;
    unsigned images_ = 0;
};

} // namespace

ContractHost& contractHost()
{
    static FakeHost host;
    return host;
}

} // namespace hotplug::test
