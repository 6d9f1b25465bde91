#include "operation/device_drift.h"
#include "operation/record_keeper.h"

#include "support/catch.h"
#include "support/sample_vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

constexpr const char* id = "a";
const Alias alias("ua-a");

DomainDisk disk(const Address& address)
{
    DomainDisk one;
    one.alias = alias;
    one.address = address;
    return one;
}

/// Where a device is, and what is remembered of it.
struct Where {
    bool active = true, persistent = true, live = false, config = false;
    std::optional<bool> plugged = {};           ///< Empty: no record.
    bool persist = true;
};

Domain domainOf(const Where& where)
{
    const Address place = PciAddress{0, 1, 0, 0};
    const auto definition = parseDefinition(sampleVm(Uuid::random(), "vm", 4));
    Domain domain;
    if (where.active)
        domain.live = definition;
    if (where.persistent)
        domain.config = definition;
    if (where.live)
        domain.live->disks.push_back(disk(place));
    if (where.config)
        domain.config->disks.push_back(disk(place));
    if (where.plugged)
        domain.records.devices.push_back({.id = *DeviceId::parse(id), .kind = DeviceKind::Disk, .plugged = *where.plugged,
            .persist = where.persist, .source = {}, .serial = {}, .mac = {}, .address = str(place)});
    return domain;
}

VmRecord records(std::uint64_t counter, const char* device)
{
    VmRecord one{.counter = counter, .devices = {}};
    one.devices.push_back({.id = *DeviceId::parse(device), .source = {}, .serial = {}, .mac = {}, .address = {}});
    return one;
}

} // namespace

TEST_CASE("K8: what drift is, by where a device is and what its record says")
{
    struct Case {
        const char* what;
        Where where;
        Drift expected;
    };
    const auto one = GENERATE(
        Case{"all is well", {.live = true, .config = true, .plugged = true}, Drift::None},
        Case{"well while down", {.active = false, .config = true, .plugged = true}, Drift::None},
        Case{"nobody knows it", {}, Drift::None},
        Case{"ejected by the guest", {.config = true, .plugged = true}, Drift::LiveLost},
        Case{"taken out everywhere", {.plugged = true}, Drift::LiveLost},
        Case{"taken out of the definition", {.live = true, .plugged = true}, Drift::ConfigLost},
        Case{"the same while down", {.active = false, .plugged = true}, Drift::ConfigLost},
        Case{"not meant for the definition", {.live = true, .plugged = true, .persist = false}, Drift::None},
        Case{"gone with a stop, as was meant", {.plugged = true, .persist = false}, Drift::None},
        Case{"of a transient VM", {.persistent = false, .live = true, .plugged = true, .persist = false}, Drift::None},
        Case{"ejected from a transient VM", {.persistent = false, .plugged = true, .persist = false}, Drift::LiveLost},
        Case{"its definition is gone", {.persistent = false, .live = true, .plugged = true}, Drift::None},
        Case{"plugged by others", {.live = true}, Drift::NoRecord},
        Case{"defined by others", {.config = true}, Drift::ConfigOnly},
        Case{"defined by others while down", {.active = false, .config = true}, Drift::NoRecord},
        Case{"unplugged, but for the definition", {.config = true, .plugged = false}, Drift::None},
        Case{"unplugged and plugged by others", {.live = true, .config = true, .plugged = false}, Drift::PluggedByOthers});
    CAPTURE(one.what);
    const auto domain = domainOf(one.where);
    CHECK(driftOf(domain, alias) == one.expected);
    CHECK(sentenceFor(one.expected, recordOf(domain, alias)).empty() == (one.expected == Drift::None));
}

TEST_CASE("K8: a device at another address has moved")
{
    auto domain = domainOf({.live = true, .config = true, .plugged = true});
    domain.live->disks.back().address = PciAddress{0, 2, 0, 0};
    CHECK(driftOf(domain, alias) == Drift::Moved);
    CHECK_THAT(sentenceFor(Drift::Moved, recordOf(domain, alias)), Catch::Contains("0000:01:00.0"));
}

TEST_CASE("K8: while records cannot be read no drift is claimed, nor for devices that are not ours")
{
    auto domain = domainOf({.live = true});
    domain.recordsProblem = "damaged";
    CHECK(driftOf(domain, alias) == Drift::None);
    CHECK(driftOf(domainOf({.live = true}), Alias("virtio-disk0")) == Drift::None);
}

TEST_CASE("A9: the copy of the records with the lower counter is restored, at a draw the persistent one")
{
    struct Case {
        const char* what;
        std::optional<VmRecord> live, config;
        std::optional<Scope> expected;
    };
    const auto one = GENERATE(Case{"the same", records(5, "a"), records(5, "a"), std::nullopt},
        Case{"none", std::nullopt, std::nullopt, std::nullopt},
        Case{"definition wiped", records(5, "a"), std::nullopt, Scope::Config},
        Case{"an old definition", records(5, "a"), records(4, "b"), Scope::Config},
        Case{"a draw", records(5, "a"), records(5, "b"), Scope::Config},
        Case{"live wiped", std::nullopt, records(5, "a"), Scope::Live},
        Case{"an old state restored", records(4, "a"), records(5, "a"), Scope::Live});
    CAPTURE(one.what);
    auto domain = domainOf({});
    domain.liveRecords = one.live;
    domain.configRecords = one.config;
    CHECK(scopeToRestore(domain) == one.expected);

    auto unreadable = domain;
    unreadable.recordsProblem = "newer";
    CHECK_FALSE(scopeToRestore(unreadable));
    for (auto* missing : {&domain.live, &domain.config}) {
        auto half = domain;
        (missing == &domain.live ? half.live : half.config).reset();
        CHECK_FALSE(scopeToRestore(half));
    }
}
