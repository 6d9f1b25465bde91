#include "unit/hotplugctl/fixture.h"

#include "support/catch.h"

using namespace hotplug;
using namespace hotplug::ctl;
using namespace hotplug::ctl::test;
using Catch::Matchers::Contains;

namespace {

const Sentence gone{"hotplugd cannot be reached", "nobody listens", "start it"};

Json::Value page(const std::string& events, const std::string& cursor)
{
    return json("{'events': [" + events + "], 'cursor': '" + cursor + "'}");
}

constexpr auto started = "{'cursor': '8', 'time': '2026-03-01T12:00:00.250Z', 'vmId': 'u1', 'operationId': 'op-1', 'alias': 'ua-d1', 'kind': 'started'}";
constexpr auto drift = "{'cursor': '9', 'time': 't2', 'vmId': 'u1', 'kind': 'drift', 'sentence': 'the guest\\u001b has taken it out'}";

/// One answer after the other; then CURSOR_TOO_OLD, which ends a watch.
class Story {
public:
    using Step = std::function<Json::Value()>;
    Story(std::initializer_list<Step> steps) : steps_(steps) {}

    Answer answer()
    {
        return [this](const std::string& verb, const Json::Value& params) {
            if (verb == "listVms")
                return doneAnswer(verb, params);
            if (next_ == steps_.size())
                throw RpcError(100, "General Exception: it is too old", json("{'outcome': 'refused', 'reason': 'CURSOR_TOO_OLD'}"));
            return steps_[next_++]();
        };
    }

private:
    const std::vector<Step> steps_;
    std::size_t next_ = 0;
};

template<typename Error> Story::Step failing(Error error)
{
    return [=]() -> Json::Value { throw error; };
}

} // namespace

TEST_CASE("K9: watch goes on from the cursor of each answer and prints a line per event")
{
    Story story{[] { return page("", "7"); }, [] { return page(std::string(started) + "," + drift, "9"); }, [] { return page("", "12"); }};
    const Ran ran = run("watch web1", story.answer());
    CHECK(ran.code == ExitCode::Refused);       // the story's end
    REQUIRE(ran.calls.size() == 5);
    const auto params = [&](std::size_t i) {
        auto own = ran.calls.at(i).params;
        CHECK(own["vmId"] == vmId);
        own.removeMember("vmId");
        return own;
    };
    CHECK(params(1) == json("{'timeout': 0}"));
    CHECK(params(2) == json("{'timeout': 30000, 'after': '7'}"));
    CHECK(params(3)["after"] == "9");
    CHECK(params(4)["after"] == "12");
    CHECK(ran.calls.at(2).wait.count() == 40'000);
    CHECK_THAT(ran.out, Contains("2026-03-01T12:00:00.250Z  started             u1") && Contains("op-1") && Contains("ua-d1\n")
                            && Contains("t2  drift") && Contains("the guest? has taken it out\n"));
    CHECK_THAT(ran.err, Contains("watch on without --after"));
}

TEST_CASE("K9: watch --json prints an object per line")
{
    Story story{[] { return page(std::string(started) + "," + drift, "9"); }};
    const Ran ran = run("watch --json --after 5", story.answer());
    CHECK(ran.calls.at(0).params == json("{'timeout': 0, 'after': '5'}"));
    const auto end = ran.out.find('\n');
    CHECK(json(ran.out.substr(0, end)) == json(started));
    CHECK(json(ran.out.substr(end + 1, ran.out.find('\n', end + 1) - end - 1)) == json(drift));
}

TEST_CASE("K9: watch waits for a hotplugd that was there, says so once, and goes on from its cursor")
{
    Story story{[] { return page("", "7"); }, failing(NoAnswer(gone)), failing(NoDaemon(gone)), failing(NoDaemon(gone)),
        failing(RpcError(100, "busy", json("{'outcome': 'refused', 'reason': 'TOO_BUSY'}"))), [] { return page(started, "8"); }};
    const Ran ran = run("watch", story.answer());
    REQUIRE(ran.calls.size() == 7);
    for (std::size_t i = 1; i < 6; ++i)
        CHECK(ran.calls.at(i).params["after"] == "7");
    CHECK(ran.calls.at(6).params["after"] == "8");
    CHECK_THAT(ran.out, Contains("started"));
    const std::string said = "hotplugctl: hotplugd cannot be reached · nobody listens · waiting until it is back\n";
    CHECK(ran.err.substr(0, said.size()) == said);
    CHECK(ran.err.find("cannot be reached", said.size()) == std::string::npos);
}

TEST_CASE("K9: watch ends at once when nobody was there in the first place")
{
    Story story{failing(NoDaemon(gone))};
    CHECK(run("watch", story.answer()).code == ExitCode::NoDaemon);
    Story silent{failing(NoAnswer(gone))};
    CHECK(run("watch", silent.answer()).code == ExitCode::NoDaemon);
}

TEST_CASE("K9: watch --timeout ends when the time is over and everything is shown, also while nobody answers")
{
    Story story{[] { return page(started, "8"); }, [] { return page(drift, "9"); }, [] { return page("", "9"); }};
    const Ran ran = run("watch --timeout 0", story.answer());
    CHECK(ran.code == ExitCode::Done);
    CHECK(ran.calls.size() == 3);
    CHECK_THAT(ran.out, Contains("started") && Contains("drift"));
    Story outage{[] { return page(started, "8"); }, failing(NoDaemon(gone))};
    CHECK(run("watch --timeout 0", outage.answer()).code == ExitCode::Done);
}
