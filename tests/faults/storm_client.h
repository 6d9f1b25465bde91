#pragma once

#include "faults/storm_ledger.h"

#include "hotplugctl/unix_http.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

namespace hotplug::test {

/// One that asks and asks, on a connection of its own. A call that got no answer because hotplugd died is made once
/// more when it has a request id, as an engine would.
class StormClient {
public:
    StormClient(const StormGround& ground, StormLedger& ledger, unsigned seed, unsigned number);

    /// Until it is told to stop; the last answer is waited for.
    void run(std::stop_token stop);

private:
    void ask(const StormAsk& ask);
    void hear(const StormAsk& ask, const ctl::HttpReply& reply, std::chrono::microseconds took);
    void missAnswer(const StormAsk& ask, unsigned lifeBefore, const std::string& why);
    void rest(const std::stop_token& stop);

    const StormGround& ground_;
    StormLedger& ledger_;
    StormAsks asks_;
    ctl::UnixHttp http_;
    std::optional<StormAsk> again_;
    std::mutex mutex_;
    std::condition_variable_any stopped_;
};

/// All of them at once, as long as it lives.
class StormCrowd {
public:
    StormCrowd(const StormGround& ground, StormLedger& ledger, unsigned seed);
    ~StormCrowd();
    StormCrowd(const StormCrowd&) = delete;
    StormCrowd& operator=(const StormCrowd&) = delete;

private:
    std::list<StormClient> clients_;
    std::vector<std::jthread> threads_;             ///< End before the clients do.
};

} // namespace hotplug::test
