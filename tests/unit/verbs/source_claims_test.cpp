#include "verbs/source_claims.h"

#include "support/catch.h"
#include "support/sample_vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

const Uuid one = Uuid::random(), two = Uuid::random();

DiskRequest disk(bool shared = false)
{
    DiskRequest request;
    request.shared = shared;
    return request;
}

} // namespace

TEST_CASE("R6: of two plugs of one source at the same moment the second meets the first, until it is over")
{
    const verbs::SourceClaims claims;
    auto first = claims.make();
    const auto second = claims.make();
    CHECK(first->lay(one, "one", disk(true), imageAt("nbd://host:10809/x")).empty());
    const auto met = second->lay(two, "two", disk(), imageAt("nbd://host:10809/x"));
    REQUIRE(met.size() == 1);
    CHECK(met.front().vm == one);
    CHECK(met.front().writes);
    CHECK(met.front().shareable);
    first.reset();
    CHECK(second->lay(two, "two", disk(), imageAt("nbd://host:10809/x")).empty());
}

TEST_CASE("R6: a VM does not meet its own claims, nor another VM those for other sources")
{
    const verbs::SourceClaims claims;
    const auto first = claims.make(), again = claims.make(), other = claims.make();
    first->lay(one, "one", disk(), imageAt("/images/a"));
    CHECK(again->lay(one, "one", disk(), imageAt("/images/a")).empty());
    CHECK(other->lay(two, "two", disk(), imageAt("/images/b")).empty());
    first->lay(one, "one", disk(), imageAt("/images/c"));
    CHECK(again->lay(one, "one", disk(), imageAt("/images/c")).empty());
}

TEST_CASE("R6: a claim covers what the image stands on, which its disk only reads")
{
    auto overlay = imageAt("/images/top");
    overlay.backing = {"/images/base"};
    auto claims = std::make_unique<verbs::SourceClaims>();
    const auto first = claims->make(), second = claims->make();
    claims.reset();                             // claims may live longer
    first->lay(one, "one", disk(), overlay);
    const auto met = second->lay(two, "two", disk(), imageAt("/images/base"));
    REQUIRE(met.size() == 1);
    CHECK_FALSE(met.front().writes);
}
