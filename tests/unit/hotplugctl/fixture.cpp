#include "unit/hotplugctl/fixture.h"

#include "hotplugctl/format/json_text.h"

#include <algorithm>
#include <sstream>

namespace hotplug::ctl::test {

namespace {

class FakeDaemon final : public Daemon {
public:
    FakeDaemon(const Answer& answer, std::vector<Call>& calls) : answer_(answer), calls_(calls) {}

    Json::Value call(const std::string& verb, const Json::Value& params, milliseconds wait) override
    {
        calls_.push_back({verb, params, wait});
        return answer_(verb, params);
    }

private:
    const Answer& answer_;
    std::vector<Call>& calls_;
};

} // namespace

Json::Value json(std::string text)
{
    std::ranges::replace(text, '\'', '"');
    std::string problem;
    const auto value = parseJson(text, problem);
    if (!value)
        throw std::invalid_argument(problem);
    return *value;
}

Json::Value doneAnswer(const std::string& verb, const Json::Value&)
{
    Json::Value result = json("{'status': {'code': 0, 'message': 'Done'}}");
    if (verb == "listVms")
        result["vms"] = json("[{'vmId': '5d0b2a1e-0c7b-4b56-9c1e-3f1f6a0b9d11', 'name': 'web1', 'status': 'Up', 'persistent': true}]");
    return result;
}

Answer answering(const std::string& result)
{
    return [=](const std::string& verb, const Json::Value& params) {
        return verb == "listVms" && result.find("'vms'") == result.npos ? doneAnswer(verb, params) : json(result);
    };
}

Answer refusing(int code, const std::string& message, const std::string& data)
{
    return [=](const std::string& verb, const Json::Value& params) -> Json::Value {
        if (verb == "listVms")
            return doneAnswer(verb, params);
        throw RpcError(code, message, data.empty() ? Json::Value() : json(data));
    };
}

Ran runWords(const std::vector<std::string>& words, const Answer& answer, const Terminal& terminal)
{
    Ran ran{};
    std::istringstream in(terminal.input);
    std::ostringstream out, err;
    World world{
        .in = in,
        .out = out,
        .err = err,
        .outStyle = terminal.style,
        .errStyle = terminal.style,
        .socket = "/default.sock",
        .connect = [&](const std::string& socket) {
            ran.socket = socket;
            return std::make_unique<FakeDaemon>(answer, ran.calls);
        },
        .sleep = [](milliseconds) {},
    };
    ran.code = runHotplugctl(words, world);
    ran.out = out.str();
    ran.err = err.str();
    return ran;
}

Ran run(const std::string& line, const Answer& answer, const Terminal& terminal)
{
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;)
        words.push_back(word);
    return runWords(words, answer, terminal);
}

} // namespace hotplug::ctl::test
