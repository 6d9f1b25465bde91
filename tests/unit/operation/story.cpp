#include "story.h"

#include <array>
#include <ostream>
#include <rapidcheck.h>

namespace hotplug::test {

namespace {

constexpr std::size_t vms = 3;
constexpr std::array<const char*, Move::kinds> names{"OthersRun", "Elapse", "Deliver", "Plug", "Unplug", "Repeat",
    "Cancel", "Obey", "Ignore", "Eject", "Pause", "Resume", "Stop", "Start", "Migrate", "Undefine", "Job", "JobEnds", "Fail", "Hang",
    "Release", "Land", "Disconnect", "Reconnect", "JournalFull", "JournalFree", "Die"};

/// What makes a story comes often, what ends everything seldom.
std::size_t weightOf(Move::Kind kind)
{
    using Kind = Move::Kind;
    switch (kind) {
    case Kind::Plug:
    case Kind::Unplug:
        return 16;
    case Kind::Elapse:
        return 10;
    case Kind::Fail:
    case Kind::Die:
        return 6;
    case Kind::Deliver:
    case Kind::OthersRun:
    case Kind::Repeat:
    case Kind::Cancel:
    case Kind::Obey:
    case Kind::Ignore:
    case Kind::Resume:
    case Kind::Disconnect:
    case Kind::Reconnect:
        return 4;
    case Kind::Migrate:
    case Kind::Undefine:
        return 1;
    default:
        return 2;
    }
}

rc::Gen<Move::Kind> anyKind()
{
    std::vector<Move::Kind> weighted;
    for (unsigned kind = 0; kind < Move::kinds; ++kind)
        weighted.insert(weighted.end(), weightOf(Move::Kind{static_cast<int>(kind)}), Move::Kind{static_cast<int>(kind)});
    return rc::gen::elementOf(weighted);
}

rc::Gen<Move> anyMove()
{
    return rc::gen::build<Move>(rc::gen::set(&Move::kind, anyKind()), rc::gen::set(&Move::after, rc::gen::inRange(0u, 14u)),
        rc::gen::set(&Move::vm, rc::gen::inRange(0u, static_cast<unsigned>(vms))),
        rc::gen::set(&Move::devices, rc::gen::inRange(1u, 8u)), rc::gen::set(&Move::number, rc::gen::inRange(0u, 1000u)),
        rc::gen::set(&Move::flag, rc::gen::arbitrary<bool>()));
}

} // namespace

Story drawStory()
{
    Story story;
    story.persistentVms = *rc::gen::container<std::vector<bool>>(vms, rc::gen::arbitrary<bool>());
    story.moves = *rc::gen::container<std::vector<Move>>(anyMove());
    return story;
}

std::ostream& operator<<(std::ostream& out, const Story& story)
{
    for (const bool persistent : story.persistentVms)
        out << (persistent ? "persistent " : "transient ");
    for (const auto& move : story.moves)
        out << "\n  {Kind::" << names[static_cast<std::size_t>(move.kind)] << ", " << move.after << ", " << move.vm << ", "
            << move.devices << ", " << move.number << ", " << (move.flag ? "true" : "false") << "},";
    return out << '\n';
}

} // namespace hotplug::test
