#include "contract/contract.h"

#include <chrono>
#include <thread>

using namespace hotplug;
using namespace hotplug::test;

namespace {

std::string virtioDisk(const std::string& target, const std::string& alias, unsigned bus)
{
    return DiskXml{contractHost().newImage(), target, alias, pciAddress(bus)}.str();
}

std::string scsiDisk(const std::string& target, const std::string& alias, unsigned unit)
{
    return DiskXml{contractHost().newImage(), target, alias, scsiAddress(unit), "scsi"}.str();
}

bool eventually(const std::function<bool()>& holds)
{
    for (int attempt = 0; attempt < 500; ++attempt) {
        if (holds())
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

} // namespace

TEST_CASE("P5: what is attached to both is live and in the definition with the same address and alias")
{
    const ContractVm vm;
    port().attach(vm.uuid(), Scope::Both, virtioDisk("vdb", "ua-one", 5));

    const auto live = deviceIn(vm.live(), "ua-one"), config = deviceIn(vm.config(), "ua-one");
    REQUIRE_FALSE(live.empty());
    REQUIRE_FALSE(config.empty());
    CHECK(valueIn(live, "address", "bus") == "0x05");
    CHECK(valueIn(config, "address", "bus") == "0x05");
    CHECK(valueIn(live, "target", "dev") == "vdb");
    CHECK(valueIn(config, "target", "dev") == "vdb");
}

TEST_CASE("R3: what is attached live only stays out of the definition")
{
    const ContractVm vm;
    const auto before = vm.config();
    port().attach(vm.uuid(), Scope::Live, virtioDisk("vdb", "ua-one", 5));
    CHECK_FALSE(deviceIn(vm.live(), "ua-one").empty());
    CHECK(vm.config() == before);
}

TEST_CASE("K5: a plug that conflicts is refused with its kind and leaves nothing behind")
{
    const ContractVm vm;
    const auto image = contractHost().newImage();
    port().attach(vm.uuid(), Scope::Both, DiskXml{image, "vdb", "ua-one", pciAddress(5)}.str());
    port().attach(vm.uuid(), Scope::Both, scsiDisk("sdb", "ua-two", 1));
    const auto before = port().read(vm.uuid());

    struct Case {
        const char* what;
        std::string xml;
        ErrorKind kind;
    };
    const Case cases[] = {
        {"target", virtioDisk("vdb", "ua-new", 6), ErrorKind::TargetInUse},
        {"alias", virtioDisk("vdc", "ua-one", 6), ErrorKind::AliasInUse},
        {"PCI address", virtioDisk("vdc", "ua-new", 5), ErrorKind::AddressInUse},
        {"SCSI address", scsiDisk("sdc", "ua-new", 1), ErrorKind::AddressInUse},
        {"image", DiskXml{image, "vdc", "ua-new", pciAddress(6)}.str(), ErrorKind::SourceInUse},
        {"boot order beside os/boot", DiskXml{contractHost().newImage(), "vdc", "ua-new", pciAddress(6), "virtio",
            "<boot order='1'/>"}.str(), ErrorKind::BootOrderUnsupported},
    };
    for (const auto scope : {Scope::Live, Scope::Both}) {
        for (const auto& one : cases) {
            INFO(one.what << ", scope " << static_cast<int>(scope));
            CHECK(kindOf([&] { port().attach(vm.uuid(), scope, one.xml); }) == one.kind);
        }
    }
    const auto after = port().read(vm.uuid());
    CHECK(after.live == before.live);
    CHECK(after.config == before.config);
}

TEST_CASE("C2: a boot order that another device has is refused")
{
    const auto uuid = Uuid::random();
    const auto bootDisk = DiskXml{contractHost().newImage(), "vda", "ua-boot", pciAddress(1), "virtio",
        "<boot order='1'/>"}.str();
    port().define(domainXml("contract-boot", uuid, bootDisk));
    port().start(uuid);
    const auto second = DiskXml{contractHost().newImage(), "vdb", "ua-one", pciAddress(5), "virtio",
        "<boot order='1'/>"}.str();
    CHECK(kindOf([&] { port().attach(uuid, Scope::Both, second); }) == ErrorKind::BootOrderInUse);
    port().destroy(uuid);
    port().undefine(uuid);
}

TEST_CASE("C1: SATA takes no hot plug")
{
    const ContractVm vm;
    const auto disk = DiskXml{contractHost().newImage(), "sdb", "ua-one", scsiAddress(1), "sata"};
    CHECK(kindOf([&] { port().attach(vm.uuid(), Scope::Live, disk.str()); }) == ErrorKind::NotHotpluggable);
    CHECK(deviceIn(vm.live(), "ua-one").empty());
}

TEST_CASE("K1: detaching an alias that nobody has is DeviceMissing")
{
    const ContractVm vm;
    for (const auto scope : {Scope::Live, Scope::Config})
        CHECK(kindOf([&] { port().detach(vm.uuid(), scope, Alias("ua-nobody")); }) == ErrorKind::DeviceMissing);
}

TEST_CASE("K1: a live detach is followed by DeviceRemoved and absence, and leaves the definition alone")
{
    const ContractVm vm;
    EventLog events;
    port().attach(vm.uuid(), Scope::Both, scsiDisk("sdb", "ua-one", 1));
    CHECK(events.sees(Event::Kind::DeviceAdded, vm.uuid(), "ua-one"));

    port().detach(vm.uuid(), Scope::Live, Alias("ua-one"));

    REQUIRE(events.sees(Event::Kind::DeviceRemoved, vm.uuid(), "ua-one"));
    CHECK(eventually([&] { return deviceIn(vm.live(), "ua-one").empty(); }));
    CHECK_FALSE(deviceIn(vm.config(), "ua-one").empty());
    CHECK(kindOf([&] { port().detach(vm.uuid(), Scope::Live, Alias("ua-one")); }) == ErrorKind::DeviceMissing);
}

TEST_CASE("K3: detaching from the definition leaves the live device alone")
{
    const ContractVm vm;
    port().attach(vm.uuid(), Scope::Both, virtioDisk("vdb", "ua-one", 5));
    port().detach(vm.uuid(), Scope::Config, Alias("ua-one"));
    CHECK(deviceIn(vm.config(), "ua-one").empty());
    CHECK_FALSE(deviceIn(vm.live(), "ua-one").empty());
}

TEST_CASE("K1: a detach from both at once is Invalid, because libvirt would edit the definition first")
{
    const ContractVm vm;
    port().attach(vm.uuid(), Scope::Both, virtioDisk("vdb", "ua-one", 5));
    CHECK(kindOf([&] { port().detach(vm.uuid(), Scope::Both, Alias("ua-one")); }) == ErrorKind::Invalid);
    CHECK_FALSE(deviceIn(vm.config(), "ua-one").empty());
}

TEST_CASE("B12: the twin of a foreign device is removed from the definition without an alias")
{
    const ContractVm vm(ContractVm::State::Stopped);
    const auto before = vm.config();
    const auto disk = DiskXml{contractHost().newImage(), "vdb", "", pciAddress(5)}.str();
    port().attach(vm.uuid(), Scope::Config, disk);
    CHECK(vm.config() != before);
    port().detachTwin(vm.uuid(), disk);
    CHECK(vm.config() == before);
    CHECK(kindOf([&] { port().detachTwin(vm.uuid(), disk); }) == ErrorKind::DeviceMissing);
}

TEST_CASE("B3: the link of a NIC is changed by update")
{
    const ContractVm vm(ContractVm::State::Stopped);
    const std::string nic = "<interface type='bridge'><mac address='52:54:00:01:02:03'/><source bridge='hp-any'/>"
        "<model type='virtio'/>";
    const auto rest = "<alias name='ua-nic'/>" + pciAddress(5) + "</interface>";
    port().attach(vm.uuid(), Scope::Config, nic + rest);
    port().update(vm.uuid(), Scope::Config, nic + "<link state='down'/>" + rest);
    CHECK(valueIn(deviceIn(vm.config(), "ua-nic"), "link", "state") == "down");
}

TEST_CASE("R4: the read requests of a live disk are counted, an unknown target is DeviceMissing")
{
    const ContractVm vm;
    port().attach(vm.uuid(), Scope::Live, virtioDisk("vdb", "ua-one", 5));
    CHECK_FALSE(kindOf([&] { port().readRequests(vm.uuid(), "vdb"); }));
    CHECK(kindOf([&] { port().readRequests(vm.uuid(), "vdz"); }) == ErrorKind::DeviceMissing);
}

TEST_CASE("R7: device XML that libvirt cannot read is Invalid")
{
    const ContractVm vm;
    const auto before = vm.live();
    for (const auto* xml : {"", "<disk", "<foo/>", "<disk type='file'/>"}) {
        INFO(xml);
        CHECK(kindOf([&] { port().attach(vm.uuid(), Scope::Live, xml); }) == ErrorKind::Invalid);
    }
    CHECK(vm.live() == before);
}

TEST_CASE("K6: reads go on while devices come and go")
{
    const ContractVm vm;
    std::atomic<bool> stop{false};
    std::atomic<unsigned> failures{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            while (!stop)
                failures += kindOf([&] { static_cast<void>(port().read(vm.uuid()).live.value().size()); }) ? 1U : 0U;
        });
    for (int round = 0; round < 5; ++round) {
        port().attach(vm.uuid(), Scope::Both, scsiDisk("sdb", "ua-one", 1));
        port().detach(vm.uuid(), Scope::Live, Alias("ua-one"));
        CHECK(eventually([&] { return deviceIn(vm.live(), "ua-one").empty(); }));
        port().detach(vm.uuid(), Scope::Config, Alias("ua-one"));
    }
    stop = true;
    for (auto& reader : readers)
        reader.join();
    CHECK(failures == 0);
}
