#pragma once

#include "faults/crash_ground.h"
#include "faults/crash_story.h"
#include "faults/subject.h"
#include "support/nbd_server.h"

#include <functional>
#include <optional>
#include <string>

namespace hotplug::test {

/// What became of an operation: its journal's word, or that it was never begun.
struct Verdict {
    std::string outcome;                            ///< `done` …, or `not begun`.
    std::string operation;                          ///< Empty: not begun.
};

/// One subject on one ground: hotplugds die over it one after the other, and after each death everything must fit.
/// Throws when it does not, or when a death does not come.
class CrashRun {
public:
    CrashRun(CrashGround& ground, Subject subject) : ground_(ground), subject_(std::move(subject)) {}

    /// Dies there, is started again, tells the truth about the subject, and does what is asked again. False: libvirt, which
    /// had died with us in an unplug, has ended the VM.
    bool survive(const Crash& crash);

    /// Plugs it, by the plain verb, and does not ask what the guest sees.
    void enter() { ground_.vm.must(subject_.plugVerb, subject_.params); }
    void leave();                                   ///< Unplugs it, and it is nowhere then.

    /// The subject is brought to where the crash begins, hotplugd dies there and is started again: the outcome that the
    /// operation has within a second.
    Verdict dieAndReturn(const Crash& crash);
    Verdict settled();                              ///< Once nothing is open any more.
    /// Guest, libvirt, QEMU, host, records and answers agree that it is there, or that it is not.
    void requireEverywhere(bool there);
    /// The same request again: what is answered for an operation that was begun must be how it went.
    void requireSameAnswer(Goal goal, const Verdict& verdict);

private:
    void bring(Goal goal);
    void prepare(Story::Situation situation);
    void dieFirst(const Story& story);
    void awaitDeath(const std::string& where);
    void ask(Goal goal);
    Verdict verdict();
    Verdict firstVerdict(const Crash& crash);
    bool isVmEnded(const Crash& crash) const;
    std::string column() const { return subject_.name + ", " + name(ground_.libvirt); }
    const std::string& verbOf(Goal goal) const { return goal == Goal::Plug ? subject_.plugVerb : subject_.unplugVerb; }
    Json::Value request() const;

    CrashGround& ground_;
    const Subject subject_;
    std::optional<NbdServer> writer_;
    std::optional<unsigned> timeout_;               ///< Milliseconds; for guests that are known not to answer.
    std::string requestId_;
    int requests_ = 0;
};

} // namespace hotplug::test
