#include "unit/wire/vector.h"
#include "unit/wire/vector_deviations.h"

#include "support/catch.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

using namespace hotplug::test;

namespace {

const Deviation& deviationOf(const std::string& id)
{
    static const Deviation none{{}, "none"};
    const auto table = allDeviations();
    const auto found = std::ranges::find_if(table, [&](const Deviation& one) { return std::ranges::find(one.ids, id) != one.ids.end(); });
    return found == table.end() ? none : *found;
}

/// Compares a vector with what the table expects of it, and says in which class that puts it.
std::string judge(const Vector& vector, const Deviation& expected)
{
    auto ours = translate(vector);
    CHECK((vector.xml ? ours.refused : std::string()) == expected.refused);
    if (!vector.xml) {
        CHECK(ours.refused.empty() == expected.taken);
        return expected.taken ? "refused by VDSM alone" : "refused by both";
    }
    if (!expected.dropped.empty())
        ours = translate(vector, expected.dropped);
    if (ours.lines.empty())
        return "refused by us alone";
    CHECK(differences(xmlLines(*vector.xml), ours.lines) == expected.differing);
    if (!ours.refused.empty())
        return "the same or as listed, but planning refuses the plug";
    if (!expected.dropped.empty())
        return "the same or as listed, without a key that we refuse";
    return expected.differing.empty() ? "the same" : "different as listed";
}

} // namespace

TEST_CASE("A3, B9: every dictionary becomes what VDSM made of it, or the table says why not")
{
    std::map<std::string, unsigned> verdicts;
    const auto vectors = allVectors();
    for (const auto& vector : vectors) {
        CAPTURE(vector.id, vector.name, vector.profile);
        ++verdicts[judge(vector, deviationOf(vector.id))];
    }
    for (const auto& [verdict, count] : verdicts)
        fmt::print("{:>4} dictionaries of VDSM: {}\n", count, verdict);
    CHECK(vectors.size() == 150);
}

TEST_CASE("A3, B9: every deviation from VDSM names dictionaries that there are, once")
{
    const auto vectors = allVectors();
    std::map<std::string, unsigned> named;
    for (const auto& deviation : allDeviations())
        for (const auto& id : deviation.ids)
            ++named[id];
    for (const auto& [id, times] : named) {
        CAPTURE(id);
        CHECK(times == 1);
        CHECK(std::ranges::count(vectors, id, &Vector::id) == 1);
    }
}
