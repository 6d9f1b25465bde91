#include "contract/contract.h"

#include <algorithm>

using namespace hotplug;
using namespace hotplug::test;

namespace {

const std::string recordsXml = "<vm version=\"1\" counter=\"3\"><device id=\"d1\" kind=\"disk\"/></vm>";

/// Ours in a domain document: libvirt adds the prefix, and may lay it out as it likes.
bool hasRecords(const std::string& domainXml)
{
    return domainXml.find("<hotplugd:vm xmlns:hotplugd=\"urn:hotplugd:vm:1\" version=\"1\" counter=\"3\">")
        != std::string::npos && domainXml.find("<hotplugd:device id=\"d1\" kind=\"disk\"") != std::string::npos;
}

bool mentionsRecords(const std::string& domainXml)
{
    return domainXml.find("hotplugd:") != std::string::npos;
}

} // namespace

TEST_CASE("R5: an unknown VM is NoDomain, whatever is asked of it")
{
    const auto nobody = Uuid::random();
    const Alias alias("ua-one");
    const std::function<void()> asks[] = {
        [&] { port().read(nobody); },
        [&] { port().readRequests(nobody, "vda"); },
        [&] { port().find("no-such-name"); },
        [&] { port().attach(nobody, Scope::Live, "<disk/>"); },
        [&] { port().detach(nobody, Scope::Live, alias); },
        [&] { port().detachTwin(nobody, "<disk/>"); },
        [&] { port().update(nobody, Scope::Live, "<disk/>"); },
        [&] { port().writeRecords(nobody, Scope::Config, recordsXml); },
        [&] { port().start(nobody); },
        [&] { port().shutdown(nobody); },
        [&] { port().destroy(nobody); },
        [&] { port().undefine(nobody); },
    };
    for (const auto& ask : asks)
        CHECK(kindOf(ask) == ErrorKind::NoDomain);
}

TEST_CASE("A2: what needs a running VM is NotRunning on a stopped one")
{
    const ContractVm vm(ContractVm::State::Stopped);
    const auto before = vm.config();
    const auto disk = DiskXml{contractHost().newImage(), "vdb", "ua-one", pciAddress(5)}.str();
    const std::function<void()> asks[] = {
        [&] { port().attach(vm.uuid(), Scope::Live, disk); },
        [&] { port().attach(vm.uuid(), Scope::Both, disk); },
        [&] { port().detach(vm.uuid(), Scope::Live, Alias("ua-one")); },
        [&] { port().writeRecords(vm.uuid(), Scope::Live, recordsXml); },
        [&] { port().writeRecords(vm.uuid(), Scope::Both, recordsXml); },
        [&] { port().readRequests(vm.uuid(), "vdb"); },
        [&] { port().shutdown(vm.uuid()); },
        [&] { port().destroy(vm.uuid()); },
    };
    for (const auto& ask : asks)
        CHECK(kindOf(ask) == ErrorKind::NotRunning);
    CHECK(vm.config() == before);
}

TEST_CASE("K1: a stopped VM reads as one without a live document, a running one with both")
{
    const ContractVm vm(ContractVm::State::Stopped);
    auto seen = port().read(vm.uuid());
    CHECK_FALSE(seen.live);
    CHECK(seen.config);
    CHECK(seen.status == VmStatus::Down);

    port().start(vm.uuid());
    seen = port().read(vm.uuid());
    CHECK(seen.live);
    CHECK(seen.config);
    CHECK(seen.status == VmStatus::Running);

    port().destroy(vm.uuid());
    CHECK_FALSE(port().read(vm.uuid()).live);
}

TEST_CASE("A8: a running VM that is undefined has no definition, and is gone when it stops")
{
    const ContractVm vm;
    port().undefine(vm.uuid());
    const auto seen = port().read(vm.uuid());
    CHECK(seen.live);
    CHECK_FALSE(seen.config);
    CHECK(kindOf([&] { port().writeRecords(vm.uuid(), Scope::Both, recordsXml); }) == ErrorKind::Invalid);

    port().destroy(vm.uuid());
    CHECK(kindOf([&] { port().read(vm.uuid()); }) == ErrorKind::NoDomain);
}

TEST_CASE("C11: the records survive a stop and a start")
{
    const ContractVm vm;
    port().writeRecords(vm.uuid(), Scope::Both, recordsXml);
    CHECK(hasRecords(vm.live()));
    CHECK(hasRecords(vm.config()));

    port().destroy(vm.uuid());
    CHECK(hasRecords(vm.config()));
    port().start(vm.uuid());
    CHECK(hasRecords(vm.live()));
}

TEST_CASE("C11: live records leave the definition alone, and empty ones remove them")
{
    const ContractVm vm;
    port().writeRecords(vm.uuid(), Scope::Live, recordsXml);
    CHECK(hasRecords(vm.live()));
    CHECK_FALSE(mentionsRecords(vm.config()));

    port().writeRecords(vm.uuid(), Scope::Config, recordsXml);
    CHECK(hasRecords(vm.config()));

    port().writeRecords(vm.uuid(), Scope::Both, "");
    CHECK_FALSE(mentionsRecords(vm.live()));
    CHECK_FALSE(mentionsRecords(vm.config()));
}

TEST_CASE("C11: records are replaced as a whole")
{
    const ContractVm vm(ContractVm::State::Stopped);
    port().writeRecords(vm.uuid(), Scope::Config, "<vm version=\"1\" counter=\"2\"><device id=\"old\"/></vm>");
    port().writeRecords(vm.uuid(), Scope::Config, recordsXml);
    CHECK(hasRecords(vm.config()));
    CHECK(vm.config().find("old") == std::string::npos);
}

TEST_CASE("R7: records that are no XML are Invalid and change nothing")
{
    const ContractVm vm(ContractVm::State::Stopped);
    const auto before = vm.config();
    CHECK(kindOf([&] { port().writeRecords(vm.uuid(), Scope::Config, "<vm version="); }) == ErrorKind::Invalid);
    CHECK(vm.config() == before);
}

TEST_CASE("W1: defining what is defined already is Exists and changes nothing")
{
    const ContractVm vm(ContractVm::State::Stopped);
    const auto before = vm.config();
    const auto same = domainXml(vm.name(), vm.uuid());
    const auto otherUuid = domainXml(vm.name(), Uuid::random()), otherName = domainXml(vm.name() + "-2", vm.uuid());
    for (const auto& xml : {same, otherUuid, otherName})
        CHECK(kindOf([&] { port().define(xml); }) == ErrorKind::Exists);
    CHECK(vm.config() == before);
}

TEST_CASE("W1: domain XML that libvirt's schema refuses is Invalid")
{
    for (const auto* xml : {"", "<domain", "<domain type='qemu'><name>contract-bad</name><foo/></domain>"}) {
        INFO(xml);
        CHECK(kindOf([&] { port().define(xml); }) == ErrorKind::Invalid);
    }
    CHECK(kindOf([&] { port().find("contract-bad"); }) == ErrorKind::NoDomain);
}

TEST_CASE("W1: starting what runs is Exists")
{
    const ContractVm vm;
    CHECK(kindOf([&] { port().start(vm.uuid()); }) == ErrorKind::Exists);
}

TEST_CASE("W1: VMs are listed and found by name")
{
    const ContractVm vm;
    CHECK(port().find(vm.name()) == vm.uuid());
    const auto all = port().vms();
    const auto found = std::ranges::find(all, vm.uuid(), &VmSummary::uuid);
    REQUIRE(found != all.end());
    CHECK(found->name == vm.name());
    CHECK(found->status == VmStatus::Running);
    CHECK(found->persistent);
}

TEST_CASE("K8: every change of a VM's life is an event")
{
    const auto seesChange = [](EventLog& log, const Uuid& vm) { return log.sees(Event::Kind::DomainChanged, vm); };
    std::optional<EventLog> log(std::in_place);
    const ContractVm vm(ContractVm::State::Stopped);
    CHECK(seesChange(*log, vm.uuid()));

    for (const auto step : {&Hypervisor::start, &Hypervisor::destroy, &Hypervisor::undefine}) {
        log.emplace();
        (port().*step)(vm.uuid());
        CHECK(seesChange(*log, vm.uuid()));
    }
}

TEST_CASE("K8: a change of a VM's records is an event, also when it is ours")
{
    const ContractVm vm;
    for (const auto scope : {Scope::Live, Scope::Config, Scope::Both}) {
        EventLog log;
        port().writeRecords(vm.uuid(), scope, recordsXml);
        CHECK(log.sees(Event::Kind::RecordsChanged, vm.uuid()));
    }
    EventLog log;
    port().writeRecords(vm.uuid(), Scope::Both, "");
    CHECK(log.sees(Event::Kind::RecordsChanged, vm.uuid()));
}

TEST_CASE("K8: a subscription that has ended gets no more events")
{
    std::atomic<unsigned> after{0};
    std::atomic<bool> ended{false};
    auto subscription = port().subscribe([&](const Event&) { after += ended ? 1U : 0U; });
    EventLog witness;
    subscription.reset();
    ended = true;

    const ContractVm vm(ContractVm::State::Stopped);
    REQUIRE(witness.sees(Event::Kind::DomainChanged, vm.uuid()));
    CHECK(after == 0);
}

TEST_CASE("K7: the port says that it is connected")
{
    CHECK(port().connected());
}
