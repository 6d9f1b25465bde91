#include "turn_world.h"

#include "planning/planning.h"
#include "support/sample_vm.h"

#include <algorithm>

namespace hotplug::test {

namespace {

Plan planOf(const Domain& domain, bool persist)
{
    DiskRequest disk;
    disk.id = TurnWorld::device();
    disk.path = "/images/disk.qcow2";
    disk.format = DiskFormat::Qcow2;
    return planPlugDisk(domain, disk, {"/images/disk.qcow2", DiskFormat::Qcow2, {"/images/disk.qcow2"}, 1 << 20},
        persist);
}

bool hasDisk(const std::optional<Definition>& document)
{
    return document
        && std::ranges::find(document->disks, TurnWorld::alias(), &DomainDisk::alias) != document->disks.end();
}

} // namespace

const DeviceId& TurnWorld::device()
{
    static const auto id = *DeviceId::parse("disk-1");
    return id;
}

TurnWorld::TurnWorld(bool persistentVm)
    : tools_{fake, journal, permits_, [this] { return now; }, [](const Uuid&) { return std::vector<Address>(); },
          [](const Uuid&, Goal, const Alias&) { return nullptr; }}
{
    vm = fake.addVm(sampleVm(Uuid::random(), "world"),
        persistentVm ? FakeHypervisor::Birth::Running : FakeHypervisor::Birth::Transient);
    subscription_ = fake.subscribe([this](const Event& event) {
        if (current_ && event.kind == Event::Kind::DeviceRemoved && event.alias == alias())
            current_->noteRemoval();
    });
}

std::shared_ptr<Change> TurnWorld::ask(const char* verb, milliseconds timeout, std::function<Plan(const Domain&)> plan)
{
    return std::make_shared<Change>(Ask{verb, vm, {}, now + timeout, std::move(plan)});
}

std::shared_ptr<Change> TurnWorld::plug(bool persist, milliseconds timeout)
{
    return ask("hotplugDisk", timeout, [persist](const Domain& domain) {
        return planOf(domain, persist && domain.persistent());
    });
}

std::shared_ptr<Change> TurnWorld::unplug(milliseconds timeout, std::optional<bool> persist)
{
    return ask("hotunplugDisk", timeout, [persist](const Domain& domain) {
        DeviceQuery query;
        query.id = device();
        return planUnplug(domain, query, persist);
    });
}

std::shared_ptr<Change> TurnWorld::reborn(const Change& change)
{
    return std::make_shared<Change>(*journal.find(change.id()));
}

void TurnWorld::turn(Change& change)
{
    current_ = &change;
    wakeAt = takeTurn(change, tools_);
    fake.deliverEvents();
    if (wakeAt && change.removalNoted())
        wakeAt = now;
}

void TurnWorld::run(Change& change, Clock::duration span)
{
    const auto end = now + span;
    for (turn(change); wakeAt && *wakeAt <= end; turn(change))
        now = std::max(now, *wakeAt);
    now = wakeAt ? end : now;
}

Domain TurnWorld::domain() const
{
    for (;;) {
        try {
            const auto xml = fake.read(vm);
            return parseDomain(xml.status, xml.live, xml.config);
        } catch (const HypervisorError& error) {
            if (error.kind() == ErrorKind::NoDomain)
                throw;                          // all others are scripted failures that nobody has run into yet
        }
    }
}

bool TurnWorld::live() const
{
    return hasDisk(domain().live);
}

bool TurnWorld::inConfig() const
{
    return hasDisk(domain().config);
}

bool TurnWorld::recorded() const
{
    return domain().records.find(device()) != nullptr;
}

} // namespace hotplug::test
