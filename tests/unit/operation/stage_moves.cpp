// What each kind of move does.
#include "stage.h"

#include "planning/planning.h"
#include "support/sample_vm.h"

#include <algorithm>
#include <array>

namespace hotplug::test {

namespace {

using namespace std::chrono_literals;
using Kind = Move::Kind;

template<typename T, std::size_t size> const T& pick(const std::array<T, size>& choices, unsigned number)
{
    return choices[number % size];
}

std::vector<unsigned> devicesOf(const Move& move)
{
    std::vector<unsigned> numbers;
    for (unsigned number = 0; number < Stage::devices; ++number)
        if (move.devices & (1u << number))
            numbers.push_back(number);
    return numbers;
}

/// The last device's image is the same for all VMs.
std::string pathOf(unsigned vm, unsigned device)
{
    const auto owner = device + 1 == Stage::devices ? std::string("all") : std::to_string(vm);
    return "/images/" + owner + "/" + std::to_string(device);
}

Planner plugOf(const Move& move, unsigned number)
{
    return [path = pathOf(move.vm, number), number, bus = move.number % 5 == 0 ? Bus::Scsi : Bus::Virtio,
               persist = move.flag](const Domain& domain) {
        DiskRequest disk;
        disk.id = Stage::device(number);
        disk.bus = bus;
        disk.source = ImagePath{path};
        return planPlugDisk(domain, disk, {imageAt(path), {}}, persist && domain.persistent());
    };
}

Planner unplugOf(const Move& move, unsigned number)
{
    return [number, persist = move.number % 5 == 0 ? std::optional(false) : std::nullopt](const Domain& domain) {
        DeviceQuery query;
        query.id = Stage::device(number);
        return planUnplug(domain, query, {}, persist);
    };
}

std::function<bool(const Intent&, bool)> repeatsOf(const std::vector<unsigned>& numbers)
{
    return [numbers](const Intent& intent, bool) {
        return intent.goal() == Goal::Unplug && intent.plans.size() == numbers.size()
            && std::ranges::all_of(numbers, [&](unsigned one) { return intent.find(Alias::of(Stage::device(one))); });
    };
}

Ask askOf(const Move& move, const std::string& requestId, Clock::time_point now)
{
    constexpr std::array<milliseconds, 4> timeouts{100ms, 1s, 5s, 30s};
    const bool plug = move.kind == Kind::Plug;
    Ask ask{plug ? "hotplugDisk" : "hotunplugDisk", Stage::uuid(move.vm), {}, now + pick(timeouts, move.number), {}};
    for (const auto number : devicesOf(move))
        ask.planners.push_back(plug ? plugOf(move, number) : unplugOf(move, number));
    ask.requestId = requestId;
    ask.params = std::to_string(move.devices) + "/" + std::to_string(move.number);
    if (!plug)
        ask.repeats = repeatsOf(devicesOf(move));
    return ask;
}

} // namespace

void Stage::perform(const Move& move)
{
    try {
        if (!performOurs(move))
            performTheirs(move);
    } catch (const HypervisorError&) {
        // The VM is gone, or does not run.
    }
}

bool Stage::performOurs(const Move& move)
{
    switch (move.kind) {
    case Kind::OthersRun:
        runOne();
        return true;
    case Kind::Elapse: {
        constexpr std::array<milliseconds, 5> spans{10ms, 200ms, 1s, 6s, 40s};
        elapse(pick(spans, move.number));
        return true;
    }
    case Kind::Plug:
    case Kind::Unplug:
        submit(move, move.number % 3 == 0 ? std::string() : "r-" + std::to_string(clients.size()));
        return true;
    case Kind::Repeat:
        repeat(move);
        return true;
    case Kind::Cancel:
        cancel(move);
        return true;
    case Kind::JournalFull:
        journal.unwritable = journalWasFull = true;
        return true;
    case Kind::JournalFree:
        journal.unwritable = false;
        return true;
    case Kind::Die:
        die(move);
        return true;
    default:
        return false;
    }
}

void Stage::performTheirs(const Move& move)
{
    switch (move.kind) {
    case Kind::Deliver:
        fake.deliverEvents();
        return;
    case Kind::Fail:
        return fail(move);
    case Kind::Hang:
        hung_.insert(uuid(move.vm));
        return;
    case Kind::Release:
        hung_.erase(uuid(move.vm));
        return;
    case Kind::Land:
        return fake.land(uuid(move.vm));
    case Kind::Disconnect:
        ++disconnects_;
        return fake.disconnect();
    case Kind::Reconnect:
        return fake.reconnect();
    default:
        performGuest(move);
    }
}

void Stage::performGuest(const Move& move)
{
    const auto vm = uuid(move.vm);
    const auto number = devicesOf(move).front();
    const auto alias = Alias::of(device(number));
    switch (move.kind) {
    case Kind::Obey:
        fake.scriptUnplug(vm, {.busy = move.number % 4, .asks = 1 + move.number / 4 % 2, .event = move.flag}, alias);
        deaf_[{move.vm, number}] = false;
        if (!move.flag)
            silent_.emplace(move.vm, number);
        return;
    case Kind::Ignore:
        fake.scriptUnplug(vm, {.busy = 0, .asks = 0, .event = true, .repeatsRefused = move.flag}, alias);
        deaf_[{move.vm, number}] = true;
        return;
    case Kind::Eject:
        disturb(move.vm, 1u << number);
        return fake.completeUnplug(vm, alias, move.flag);
    case Kind::Pause:
        return fake.pause(vm);
    case Kind::Resume:
        return fake.resume(vm);
    case Kind::Stop:
        disturb(move.vm);
        hung_.erase(vm);
        return fake.stopByGuest(vm);
    case Kind::Migrate:
        disturb(move.vm);
        hung_.erase(vm);
        return fake.migrateAway(vm, move.flag);
    case Kind::Start:
        return start(move);
    case Kind::Undefine:
        disturb(move.vm);
        if (fake.connected())
            fake.undefine(vm);
        return;
    case Kind::Job:
    case Kind::JobEnds:
        return fake.setJob(vm, move.kind == Kind::Job);
    default:
        return;
    }
}

/// A VM that is gone altogether is made anew.
void Stage::start(const Move& move)
{
    if (!fake.connected())
        return;
    try {
        fake.start(uuid(move.vm));
    } catch (const HypervisorError& error) {
        if (error.kind() != ErrorKind::NoDomain)
            throw;
        fake.addVm(sampleVm(uuid(move.vm), "vm" + std::to_string(move.vm)));
        std::erase_if(deaf_, [&](const auto& entry) { return entry.first.first == move.vm; });
    }
    disturb(move.vm);
}

// ---- Clients.

void Stage::submit(const Move& move, const std::string& requestId)
{
    const auto ask = askOf(move, requestId, now_);
    clients.push_back({move, requestId, lives_.size() - 1, nullptr, std::nullopt, std::nullopt});
    try {
        clients.back().operation = operations().submit(ask);
    } catch (const Refusal& refusal) {
        clients.back().turnedAway = refusal.reason();
        return;
    }
    at(ask.deadline, [this, number = clients.size() - 1] { answer(number); });
}

void Stage::answer(std::size_t number)
{
    auto& client = clients[number];
    if (client.life + 1 != lives_.size())
        return;
    if (openings_ > 0)                          // it would wait for the journal
        return at(now_ + 10ms, [this, number] { answer(number); });
    client.told = client.operation->await(Clock::time_point{});
}

void Stage::repeat(const Move& move)
{
    if (clients.empty())
        return;
    const auto earlier = clients[move.number % clients.size()];
    submit(earlier.move, earlier.requestId);
}

void Stage::cancel(const Move& move)
{
    const auto known = journal.list({});
    if (known.empty())
        return;
    try {
        operations().cancel(known[move.number % known.size()].id, Clock::time_point{});
    } catch (const Refusal&) {
        // It is over, or a plug.
    }
}

// ---- libvirt and we ourselves.

/// An attach whose connection breaks may have any effect; other calls fail before they act, or behind it.
void Stage::fail(const Move& move)
{
    constexpr std::array methods{Method::Read, Method::Attach, Method::Attach, Method::Detach, Method::WriteRecords,
        Method::HasJob, Method::AskQemu, Method::UnplugFromQemu, Method::DropFromQemu};
    constexpr std::array kinds{ErrorKind::Other, ErrorKind::StateLocked, ErrorKind::Unavailable, ErrorKind::Unavailable};
    constexpr std::array attachKinds{ErrorKind::SourceInUse, ErrorKind::AddressInUse, ErrorKind::StateLocked,
        ErrorKind::Unavailable, ErrorKind::Unavailable, ErrorKind::Unavailable};
    constexpr std::array effects{Effect::None, Effect::Done};
    constexpr std::array attachEffects{Effect::None, Effect::Done, Effect::Late, Effect::Orphan, Effect::OrphanBackend};
    const auto method = pick(methods, move.number);
    const bool attach = method == Method::Attach;
    const auto kind = attach ? pick(attachKinds, move.number / 10) : pick(kinds, move.number / 10);
    const auto effect = kind != ErrorKind::Unavailable ? Effect::None
        : attach                                       ? pick(attachEffects, move.number / 100)
                                                       : pick(effects, move.number / 100);
    fake.failNext(method, kind, effect, 1 + move.devices % 4);
}

void Stage::die(const Move& move)
{
    constexpr std::array inAttach{Effect::None, Effect::Done, Effect::Late, Effect::Orphan, Effect::OrphanBackend};
    lives_.back()->life.end(pick(inAttach, move.number));
    fake.deliverEvents();                       // nobody hears them
    lives_.push_back(std::make_unique<Process>(*this));
    operations().recover();
}

} // namespace hotplug::test
