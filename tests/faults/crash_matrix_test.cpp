#include "faults/crash_run.h"

#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"

#include <deque>
#include <memory>

// hotplugd is killed at every step that it takes, and started again.

using namespace hotplug::test;
using hotplug::Act;
using hotplug::Goal;

namespace {

using Situation = Story::Situation;
using Moment = CrashPoint::Moment;

/// Crashes of one subject after the other on one guest; a new one after a failure, so that each failure is one.
class Matrix {
public:
    explicit Matrix(LibvirtKind libvirt) : libvirt_(libvirt) {}

    template<typename MakeSubject> void survive(const std::vector<Crash>& crashes, MakeSubject&& makeSubject)
    {
        constexpr int enoughFailures = 3;
        std::optional<CrashRun> run;
        for (const auto& crash : crashes) {
            if (!ground_)
                renew();
            if (!run)
                run.emplace(*ground_, makeSubject(ground_->host));
            if (survived(*run, crash))
                continue;
            run.reset();
            ground_.reset();
            if (failures_ == enoughFailures)
                FAIL("and so on");
        }
        if (run)
            run->leave();
    }

    /// Of any device, in QEMU.
    void requireNothingLeft()
    {
        if (!ground_)
            return;
        for (const auto& change : before_.changesTo(ground_->census()))
            FAIL_CHECK(name(libvirt_) << ": after all these crashes QEMU's " << change);
    }

private:
    void renew()
    {
        ground_ = std::make_unique<CrashGround>(libvirt_, false);
        before_ = ground_->census();
    }

    /// False: there is no VM to go on with.
    bool survived(CrashRun& run, const Crash& crash)
    {
        INFO(name(libvirt_) << ", " << textOf(crash) << ", " << crash.point.milliseconds << " ms");
        try {
            const bool vmRuns = run.survive(crash);
            SUCCEED();
            return vmRuns;
        } catch (const std::exception& error) {
            ++failures_;
            FAIL_CHECK(error.what());
            return false;
        }
    }

    const LibvirtKind libvirt_;
    std::unique_ptr<CrashGround> ground_;
    Snapshot before_;
    int failures_ = 0;
};

Crash inside(Act act, Goal goal, unsigned ms)
{
    return {{Moment::Inside, std::string(name(act)), ms}, {goal}};
}

/// At each of so many milliseconds, from `first` on, after the step began.
void addSweep(std::vector<Crash>& crashes, Act act, Goal goal, unsigned first, unsigned last, unsigned step)
{
    for (auto ms = first; ms <= last; ms += step)
        crashes.push_back(inside(act, goal, ms));
}

void surviveInside(LibvirtKind libvirt, const std::vector<Crash>& crashes)
{
    const Bridge bridge;
    Matrix matrix(libvirt);
    matrix.survive(crashes, [](const TestHost& host) { return diskSubject(host, "crash-disk"); });
    matrix.survive(crashes,
        [&](const TestHost&) { return nicSubject(bridge.name(), "crash-nic", "52:54:00:00:c4:a5"); });
    matrix.requireNothingLeft();
}

void survivePlain(LibvirtKind libvirt)
{
    const Bridge bridge;
    Matrix matrix(libvirt);
    const auto disk = [](const TestHost& host) { return diskSubject(host, "crash-disk"); };
    const auto card = [&](const TestHost&) { return nicSubject(bridge.name(), "crash-nic", "52:54:00:00:c4:a5"); };
    const auto list = [](const TestHost& host) {
        return listSubject(host, "crash-list", makeRaw(host.imageRoot() / "held.img"));
    };
    const auto crashes = allCrashes(
        {Situation::Plain, Situation::DefinitionLost, Situation::AddressTaken, Situation::LeftInQemu});
    matrix.survive(crashes, disk);
    matrix.survive(crashes, card);
    matrix.survive(allCrashes({Situation::HalfGoodList}), list);
    matrix.requireNothingLeft();
}

/// A device for each of the crashes, as the guest gives none back before it is reset.
std::deque<CrashRun> devicesOf(CrashGround& ground, const std::vector<const Bridge*>& bridges)
{
    std::deque<CrashRun> runs;
    for (const auto* bridge : bridges) {
        const auto number = std::to_string(runs.size());
        runs.emplace_back(ground, diskSubject(ground.host, "deaf-disk-" + number));
        runs.emplace_back(ground, nicSubject(bridge->name(), "deaf-nic-" + number, "52:54:00:00:c4:a" + number));
    }
    return runs;
}

/// A reset answers what the guest has left unanswered; nobody hears it. (libvirt 9.0 may die when it is asked to unplug
/// at that very moment, and with it a hotplugd that it is inside of.)
void resetUnseen(CrashGround& ground)
{
    ground.daemon.kill();
    const auto mark = ground.vm.console().mark();
    ground.vm.monitor().execute("system_reset");
    ground.vm.console().waitFor(mark, "ready");
    ground.daemon.start();
}

void surviveWaiting(LibvirtKind libvirt)
{
    const auto crashes = allCrashes({Situation::DeafGuest});
    const Bridge first, second;
    CrashGround ground(libvirt, true);
    auto runs = devicesOf(ground, {&first, &second});
    REQUIRE(runs.size() == 2 * crashes.size());
    for (auto& run : runs)
        run.enter();
    resetUnseen(ground);                            // it sees what is there at its start
    for (std::size_t i = 0; i < runs.size(); ++i) {
        INFO(name(libvirt) << ", " << textOf(crashes[i / 2]));
        runs[i].requireEverywhere(true);
        const auto verdict = runs[i].dieAndReturn(crashes[i / 2]);
        CHECK(verdict.outcome == "pending");
        runs[i].requireSameAnswer(Goal::Unplug, verdict);
    }
    resetUnseen(ground);
    for (auto& run : runs) {
        const auto end = run.settled();
        CHECK(end.outcome == "done");
        run.requireEverywhere(false);
        run.requireSameAnswer(Goal::Unplug, end);
    }
}

} // namespace

TEST_CASE("K4: there is a crash point for each act, and a way to get there")
{
    for (const auto act : allActs()) {
        INFO(name(act));
        CHECK_FALSE(storiesOf(act).empty());
    }
    CHECK(allActs().size() > 10);
}

TEST_CASE("K4 K3 K5 R3: killed at every step beside a libvirtd, hotplugd knows what became of it", "[integration]")
{
    survivePlain(LibvirtKind::Private);
}

TEST_CASE("K4 K3 K5 R3: killed at every step with libvirt inside, hotplugd knows what became of it", "[integration]")
{
    survivePlain(LibvirtKind::Embedded);
}

TEST_CASE("K4 K5: killed inside an attach or a detach beside a libvirtd, hotplugd leaves nothing behind", "[integration]")
{
    std::vector<Crash> crashes;
    addSweep(crashes, Act::Attach, Goal::Plug, 0, 24, 3);
    addSweep(crashes, Act::DetachLive, Goal::Unplug, 0, 6, 2);
    surviveInside(LibvirtKind::Private, crashes);
}

TEST_CASE("K4 K5: killed inside an attach with libvirt inside, hotplugd clears what QEMU was given", "[integration]")
{
    std::vector<Crash> crashes;
    addSweep(crashes, Act::Attach, Goal::Plug, 0, 25, 1);
    surviveInside(LibvirtKind::Embedded, crashes);
}

TEST_CASE("K4 K5: killed while a device leaves, with libvirt inside, hotplugd finishes what libvirt began", "[integration]")
{
    std::vector<Crash> crashes;
    addSweep(crashes, Act::DetachLive, Goal::Unplug, 0, 8, 2);
    surviveInside(LibvirtKind::Embedded, crashes);
}

/// Many of these VMs end with libvirt 9.0, as the table says, and the unplug is done then, too.
TEST_CASE("K4 K5: killed while libvirt clears up behind a device, hotplugd knows what became of it", "[.long]")
{
    std::vector<Crash> crashes;
    addSweep(crashes, Act::DetachLive, Goal::Unplug, 75, 125, 5);
    surviveInside(LibvirtKind::Embedded, crashes);
}

TEST_CASE("K4 K3: killed while it waits for a guest that does not answer, hotplugd waits on", "[integration]")
{
    surviveWaiting(LibvirtKind::Private);
    surviveWaiting(LibvirtKind::Embedded);
}
