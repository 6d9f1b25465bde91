#pragma once

#include "hotplugctl/errors.h"
#include "hotplugctl/run.h"

#include <functional>
#include <string>
#include <vector>

namespace hotplug::ctl::test {

constexpr auto vmId = "5d0b2a1e-0c7b-4b56-9c1e-3f1f6a0b9d11";

/// Single quotes for double ones, so that cases stay readable.
Json::Value json(std::string text);

struct Call {
    std::string verb;
    Json::Value params;
    milliseconds wait;
};

/// What one command line did.
struct Ran {
    ExitCode code;
    std::string out, err;
    std::vector<Call> calls;
    std::string socket;                         ///< Where it connected to.
};

using Answer = std::function<Json::Value(const std::string& verb, const Json::Value& params)>;

/// The verb's result is done and otherwise empty; listVms knows the VM `web1` with vmId.
Json::Value doneAnswer(const std::string& verb, const Json::Value& params);

/// Answers the command's own verb with a result, or refuses it; listVms as doneAnswer.
Answer answering(const std::string& result);
Answer refusing(int code, const std::string& message, const std::string& data);

struct Terminal {
    Style style = {.colour = false, .unicode = true};
    std::string input = {};
};

/// Runs a command line, words separated by blanks, against a daemon that answers as told.
Ran run(const std::string& line, const Answer& answer = doneAnswer, const Terminal& terminal = {});
Ran runWords(const std::vector<std::string>& words, const Answer& answer = doneAnswer, const Terminal& terminal = {});

} // namespace hotplug::ctl::test
