#include "turn_world.h"

#include "planning/planning.h"
#include "support/sample_vm.h"

#include <algorithm>

namespace hotplug::test {

namespace {

Planner plugOf(std::size_t number, bool persist)
{
    return [number, persist](const Domain& domain) {
        const auto path = "/images/disk-" + std::to_string(number) + ".qcow2";
        DiskRequest disk;
        disk.id = TurnWorld::device(number);
        disk.source = ImagePath{path};
        disk.format = DiskFormat::Qcow2;
        return planPlugDisk(domain, disk, {imageAt(path), {}}, persist && domain.persistent());
    };
}

Planner unplugOf(std::size_t number, std::optional<bool> persist)
{
    return [number, persist](const Domain& domain) {
        DeviceQuery query;
        query.id = TurnWorld::device(number);
        return planUnplug(domain, query, {}, persist);
    };
}

bool hasDisk(const std::optional<Definition>& document, std::size_t number)
{
    return document
        && std::ranges::find(document->disks, TurnWorld::alias(number), &DomainDisk::alias) != document->disks.end();
}

} // namespace

DeviceId TurnWorld::device(std::size_t disk)
{
    return *DeviceId::parse("disk-" + std::to_string(disk + 1));
}

TurnWorld::TurnWorld(bool persistentVm)
    : tools_{fake, journal, *permits_, [this] { return now; }, [](const Uuid&) { return std::vector<Address>(); },
          [](const Uuid&, Goal, const Alias&) { return nullptr; }}
{
    vm = fake.addVm(sampleVm(Uuid::random(), "world"),
        persistentVm ? FakeHypervisor::Birth::Running : FakeHypervisor::Birth::Transient);
    subscription_ = fake.subscribe([this](const Event& event) {
        if (current_ && event.kind == Event::Kind::DeviceRemoved)
            current_->noteRemoval(event.alias);
        if (current_ && event.away != Away::No)
            current_->noteAway(event.away);
    });
}

std::shared_ptr<Change> TurnWorld::ask(const char* verb, milliseconds timeout, std::vector<Planner> planners)
{
    Ask ask{verb, vm, {}, now + timeout, std::move(planners)};
    ask.repeats = [](const Intent& intent, bool) { return intent.goal() == Goal::Unplug && intent.find(alias()); };
    return std::make_shared<Change>(std::move(ask), permits_);
}

std::shared_ptr<Change> TurnWorld::plug(bool persist, milliseconds timeout)
{
    return ask("hotplugDisk", timeout, {plugOf(0, persist)});
}

std::shared_ptr<Change> TurnWorld::unplug(milliseconds timeout, std::optional<bool> persist)
{
    return ask("hotunplugDisk", timeout, {unplugOf(0, persist)});
}

std::shared_ptr<Change> TurnWorld::plugList(std::size_t count, milliseconds timeout)
{
    std::vector<Planner> planners;
    for (std::size_t i = 0; i < count; ++i)
        planners.push_back(plugOf(i, true));
    return ask("hotplugDisk", timeout, std::move(planners));
}

std::shared_ptr<Change> TurnWorld::unplugList(std::size_t count, milliseconds timeout)
{
    std::vector<Planner> planners;
    for (std::size_t i = 0; i < count; ++i)
        planners.push_back(unplugOf(i, std::nullopt));
    return ask("hotunplugDisk", timeout, std::move(planners));
}

std::shared_ptr<Change> TurnWorld::reborn(const Change& change)
{
    return std::make_shared<Change>(*journal.find(change.id()), now);
}

void TurnWorld::turn(Change& change)
{
    current_ = &change;
    wakeAt = takeTurn(change, tools_);
    fake.deliverEvents();
    if (wakeAt && change.newsNoted())
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

bool TurnWorld::live(std::size_t disk) const
{
    return hasDisk(domain().live, disk);
}

bool TurnWorld::inConfig(std::size_t disk) const
{
    return hasDisk(domain().config, disk);
}

bool TurnWorld::recorded(std::size_t disk) const
{
    return domain().records.find(device(disk)) != nullptr;
}

} // namespace hotplug::test
