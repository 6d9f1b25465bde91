#pragma once

#include "faults/storm_ask.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace hotplug::test {

struct StormAnswer {
    std::string verb, requestId;
    std::string operation;                          ///< That it speaks of; empty: none.
    std::string outcome;
};

/// What the clients of a storm were answered. Thread-safe.
class StormLedger {
public:
    /// Checks the answer against the schema, and remembers it.
    StormAnswer note(const StormAsk& ask, const Json::Value& answer, std::chrono::microseconds took);
    void noteUnanswered(const std::string& how);
    void noteProblem(const std::string& problem);
    void noteDisturbance(const std::string& what);

    /// Until so many more calls have ended, whatever the answer: time as a storm counts it.
    void awaitCalls(unsigned more, Clock::time_point atTheLatest);

    // Once it is over.
    /// Those that say what has become of an operation.
    const std::vector<StormAnswer>& answers() const { return answers_; }
    const std::vector<std::string>& problems() const { return problems_; }
    std::string table() const;

private:
    void countCall(const std::string& outcome);

    mutable std::mutex mutex_;
    std::condition_variable called_;
    unsigned calls_ = 0;
    std::map<std::string, unsigned> outcomes_, changes_, reasons_, disturbances_;
    std::vector<StormAnswer> answers_;
    std::vector<std::string> problems_;
    std::vector<std::chrono::microseconds> pings_;
};

} // namespace hotplug::test
