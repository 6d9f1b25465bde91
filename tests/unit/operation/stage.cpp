#include "stage.h"

#include "libvirtxml/domain.h"
#include "support/sample_vm.h"

#include <algorithm>
#include <stdexcept>

namespace hotplug::test {

namespace {

constexpr unsigned deepest = 6;

template<typename Devices> bool holds(const Devices& devices, const Alias& alias)
{
    return std::ranges::any_of(devices, [&](const auto& device) { return device.alias == alias; });
}

} // namespace

Stage::Process::Process(Stage& stage)
    : life(stage), operations(std::make_unique<Operations>(life.hypervisor(), life.journal(), Operations::Limits{},
          life.machinery()))
{
}

Stage::Stage(const Story& story) : story_(story), moves_(story.moves.begin(), story.moves.end())
{
    for (unsigned vm = 0; vm < vms; ++vm)
        fake.addVm(sampleVm(uuid(vm), "vm" + std::to_string(vm)),
            story.persistentVms[vm] ? FakeHypervisor::Birth::Running : FakeHypervisor::Birth::Transient);
    lives_.push_back(std::make_unique<Process>(*this));
    operations().recover();
}

Stage::~Stage()
{
    for (auto& process : lives_)
        process->life.end(Effect::None);
    while (runOne()) {                          // their threads find that they are dead
    }
}

Uuid Stage::uuid(unsigned vm)
{
    return *Uuid::parse("1b4e28ba-2fa1-11d2-883f-0016d3cca42" + std::to_string(vm));
}

DeviceId Stage::device(unsigned number)
{
    return *DeviceId::parse("disk-" + std::to_string(number));
}

// ---- How the story goes on.

void Stage::play()
{
    while (step()) {
    }
    settle();
}

/// One thing at a time; false: nothing is left to happen. Time does not pass by itself.
bool Stage::step()
{
    if (moves_.empty() || moves_.front().after > 0) {
        if (runOne())
            return true;
        if (moves_.empty())
            return false;
    }
    const auto move = moves_.front();
    moves_.pop_front();
    perform(move);
    return true;
}

void Stage::somethingHappens()
{
    if (moves_.empty() || depth_ >= deepest)
        return;
    if (moves_.front().after > 0) {
        --moves_.front().after;
        return;
    }
    ++depth_;
    const auto move = moves_.front();
    moves_.pop_front();
    perform(move);
    --depth_;
}

void Stage::waitWhileHung(const Uuid& vm)
{
    const auto before = disconnects_;
    const auto* life = lives_.back().get();
    ++depth_;
    while (hung_.contains(vm) && disconnects_ == before && lives_.back().get() == life && depth_ < deepest && step()) {
    }
    --depth_;
    if (lives_.back().get() == life && disconnects_ != before)
        throw HypervisorError(ErrorKind::Unavailable, "client socket is closed");
}

bool Stage::runOne()
{
    if (ready_.empty())
        return false;
    const auto work = std::move(ready_.front());
    ready_.pop_front();
    work();
    return true;
}

void Stage::runAll()
{
    constexpr unsigned enough = 10'000;
    for (unsigned runs = 0; runOne(); ++runs)
        if (runs == enough)
            throw std::runtime_error("turns follow each other without end");
}

/// In the middle of a turn the others stand still meanwhile, as on a busy machine.
void Stage::elapse(Clock::duration span)
{
    const auto end = now_ + span;
    if (depth_ == 0)
        runAll();
    while (!calls_.empty() && calls_.begin()->first <= end) {
        now_ = std::max(now_, calls_.begin()->first);
        const auto call = std::move(calls_.begin()->second);
        calls_.erase(calls_.begin());
        call();
        if (depth_ == 0)
            runAll();
    }
    now_ = std::max(now_, end);
}

/// Everything goes on that hung; only guests stay as deaf as they were.
void Stage::settle()
{
    hung_.clear();
    fake.reconnect();
    journal.unwritable = false;
    for (unsigned vm = 0; vm < vms; ++vm)
        for (const auto kind : {Move::Kind::JobEnds, Move::Kind::Resume, Move::Kind::Land})
            perform({kind, 0, vm, 1, 0, false});
    constexpr std::chrono::minutes longEnough{20};
    for (const auto end = now_ + longEnough; now_ < end;) {
        runAll();
        if (fake.deliverEvents() > 0)
            continue;
        if (calls_.empty() || isQuiet())
            return;
        elapse(std::max<Clock::duration>(calls_.begin()->first - now_, Clock::duration::zero()));
    }
}

bool Stage::isQuiet()
{
    const bool allTold = std::ranges::all_of(clients, [&](const Client& client) {
        return client.told || client.turnedAway || client.life + 1 < lives_.size();
    });
    if (!allTold || !journal.unsettled().empty())
        return false;
    for (unsigned vm = 0; vm < vms; ++vm)
        if (!operations().open(uuid(vm)).empty())
            return false;
    return true;
}

// ---- What can be seen at the end.

Stage::Where Stage::look(unsigned vm, unsigned number) const
{
    Where where;
    for (;;) {
        try {
            const auto xml = fake.read(uuid(vm));
            const auto domain = parseDomain(xml.status, xml.live, xml.config);
            const auto alias = Alias::of(device(number));
            where.exists = true;
            where.active = domain.live.has_value();
            where.persistent = domain.persistent();
            where.live = domain.live && holds(domain.live->disks, alias);
            where.config = domain.config && holds(domain.config->disks, alias);
            const auto* record = domain.records.find(device(number));
            where.recorded = record && record->plugged;
            return where;
        } catch (const HypervisorError& error) {
            if (error.kind() == ErrorKind::NoDomain)
                return where;                   // all others are scripted failures that nobody has run into
        }
    }
}

void Stage::disturb(unsigned vm, unsigned mask)
{
    for (unsigned number = 0; number < devices; ++number)
        if (mask & (1u << number))
            disturbed_[{vm, number}] = journal.cursor();
}

bool Stage::disturbedSince(unsigned vm, unsigned number, std::uint64_t cursor) const
{
    const auto found = disturbed_.find({vm, number});
    return found != disturbed_.end() && found->second >= cursor;
}

bool Stage::isDeaf(unsigned vm, unsigned number) const
{
    const auto found = deaf_.find({vm, number});
    return found != deaf_.end() && found->second;
}

} // namespace hotplug::test
