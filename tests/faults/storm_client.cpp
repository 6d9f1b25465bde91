#include "faults/storm_client.h"

#include "hotplugctl/errors.h"
#include "hotplugctl/format/json_text.h"

namespace hotplug::test {

using std::chrono::microseconds;

namespace {

constexpr unsigned crowd = 64;
constexpr auto answerPatience = 180s;               // a machine that is busy beyond measure; no call takes longer than 30 s

} // namespace

StormClient::StormClient(const StormGround& ground, StormLedger& ledger, unsigned seed, unsigned number)
    : ground_(ground), ledger_(ledger), asks_(ground, seed, number), http_(ground.host.socket())
{
}

void StormClient::run(std::stop_token stop)
{
    try {
        for (rest(stop); !stop.stop_requested(); rest(stop)) {
            const auto next = asks_.next();
            ask(again_ ? *std::exchange(again_, std::nullopt) : next);
        }
    } catch (const std::exception& error) {
        ledger_.noteProblem(std::string("a client has ended: ") + error.what());
    }
}

void StormClient::ask(const StormAsk& ask)
{
    const auto life = ground_.life();
    const auto start = Clock::now();
    try {
        const auto reply = http_.post("/rpc", ask.body, start + answerPatience);
        hear(ask, reply, std::chrono::duration_cast<microseconds>(Clock::now() - start));
    } catch (const ctl::NoDaemon&) {
        ledger_.noteUnanswered("no daemon");
    } catch (const ctl::ClientError& error) {
        missAnswer(ask, life, error.what());
    }
}

void StormClient::hear(const StormAsk& ask, const ctl::HttpReply& reply, microseconds took)
{
    if (reply.status == 204 && ask.verb.empty())
        return ledger_.noteUnanswered("notification");
    std::string problem;
    const auto answer = ctl::parseJson(reply.body, problem);
    if (!answer)
        return ledger_.noteProblem(ask.body + " was answered with no JSON: " + reply.body);
    if (const auto noted = ledger_.note(ask, *answer, took); !noted.operation.empty())
        asks_.hear(noted.operation, noted.outcome == "pending");
}

void StormClient::missAnswer(const StormAsk& ask, unsigned lifeBefore, const std::string& why)
{
    ledger_.noteUnanswered("no answer");
    const bool somebodyDied = lifeBefore % 2 == 1 || ground_.life() != lifeBefore;
    if (!somebodyDied)
        ledger_.noteProblem("the answer was lost though nobody died: " + ask.body + ": " + why);
    if (!ask.requestId().empty())
        again_ = ask;
}

void StormClient::rest(const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, stop, asks_.nextPause(), [] { return false; });
}

StormCrowd::StormCrowd(const StormGround& ground, StormLedger& ledger, unsigned seed)
{
    for (unsigned number = 0; number < crowd; ++number) {
        auto& client = clients_.emplace_back(ground, ledger, seed, number);
        threads_.emplace_back([&client](std::stop_token stop) { client.run(std::move(stop)); });
    }
}

/// All at once, before the first is waited for.
StormCrowd::~StormCrowd()
{
    for (auto& thread : threads_)
        thread.request_stop();
}

} // namespace hotplug::test
