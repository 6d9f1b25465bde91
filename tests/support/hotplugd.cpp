#include "support/hotplugd.h"

#include "support/catch.h"
#include "support/leak_check.h"
#include "support/notify_socket.h"
#include "support/reasons_seen.h"
#include "support/schema_check.h"

#include "hotplugctl/format/json_text.h"

#include <csignal>
#include <fstream>

namespace hotplug::test {

namespace {

constexpr milliseconds startPatience = 20s, stopPatience = 20s;

std::string notifyPath(const TestHost& host)
{
    return host.path() / "notify";
}

Json::Value parsed(const ctl::HttpReply& reply)
{
    std::string problem;
    if (auto value = ctl::parseJson(reply.body, problem))
        return *value;
    throw std::runtime_error("HTTP " + std::to_string(reply.status) + ", no JSON: " + reply.body.substr(0, 500));
}

bool mustHaveChangedNothing(const Reply& reply)
{
    if (reply.ok())
        return reply.result.isMember("dryRun");
    return reply.code() < 0 || reply.outcome() == "refused";
}

} // namespace

std::string Reply::text() const
{
    return ctl::compactJson(ok() ? result : error);
}

Json::Value object(Members members)
{
    Json::Value value(Json::objectValue);
    for (const auto& [name, member] : members)
        value[name] = member;
    return value;
}

Hotplugd::Hotplugd(TestHost& host, std::vector<std::string> moreArguments)
    : Hotplugd(host, std::move(moreArguments), HOTPLUGD_BINARY)
{
}

Hotplugd::Hotplugd(TestHost& host, std::vector<std::string> moreArguments, std::string program)
    : host_(host), moreArguments_(std::move(moreArguments)), program_(std::move(program)),
      logFile_(host.path() / "log")
{
    start();
}

Hotplugd::~Hotplugd()
{
    if (!running())
        return;
    try {
        if (const int code = stop(); code != 0)
            failFromDestructor("hotplugd ended with " + std::to_string(code) + ", its log:\n" + log());
    } catch (const std::exception& error) {
        failFromDestructor(error.what());
    }
}

void Hotplugd::start()
{
    NotifySocket notify(notifyPath(host_));
    launch();
    if (!notify.waitFor("READY=1", process_->pidFd(), startPatience)) {
        process_.reset();
        throw std::runtime_error("hotplugd has not become ready:\n" + log());
    }
}

void Hotplugd::launch()
{
    const auto config = host_.path() / "hotplugd.toml";     // the machine's own configuration is not asked
    std::ofstream(config).close();
    std::vector<std::string> arguments{program_, "--config", config, "--connect", host_.uri(), "--listen",
        "unix:" + host_.socket().string(), "--state-dir", host_.stateDir(), "--image-root", host_.imageRoot(),
        "--log-level", "debug"};
    arguments.insert(arguments.end(), moreArguments_.begin(), moreArguments_.end());
    process_ = std::make_unique<Process>(arguments,
        Process::Options{.out = logFile_, .err = logFile_, .environment = {{"NOTIFY_SOCKET", notifyPath(host_)}}});
    http_ = std::make_unique<ctl::UnixHttp>(host_.socket());
}

int Hotplugd::stop()
{
    const auto process = std::move(process_);
    http_.reset();
    process->signal(SIGTERM);
    const auto code = process->wait(stopPatience);
    checkLog();
    if (!code)
        throw std::runtime_error("hotplugd does not stop:\n" + log());
    return *code;
}

void Hotplugd::kill()
{
    http_.reset();
    process_->signal(SIGKILL);
    process_->wait();
    process_.reset();
    checkLog();
}

int Hotplugd::awaitEnd()
{
    const auto code = process_->wait();
    if (!code)
        throw std::runtime_error("hotplugd does not end:\n" + log());
    http_.reset();
    process_.reset();
    checkLog();
    return *code;
}

void Hotplugd::checkLog()
{
    const auto text = log();
    if (const auto at = text.find("INTERNAL"); at != std::string::npos)
        failFromDestructor("hotplugd's log has a defect: " + text.substr(at, text.find('\n', at) - at));
}

Reply Hotplugd::ask(const std::string& verb, const Json::Value& params, milliseconds within)
{
    auto request = object({{"jsonrpc", "2.0"}, {"id", ++lastId_}, {"method", verb}});
    request["params"] = params;
    const auto envelope = parsed(http_->post("/rpc", ctl::compactJson(request), Clock::now() + within));
    for (const auto& problem : problemsOf(verb, envelope))
        FAIL_CHECK(verb << " was answered against the schema: " << problem << "\n" << ctl::compactJson(envelope));
    if (envelope["id"] != request["id"])
        FAIL_CHECK("the answer belongs to another call: " << ctl::compactJson(envelope));
    return {envelope["result"], envelope["error"]};
}

Reply Hotplugd::call(const std::string& verb, const Json::Value& params, milliseconds within)
{
    if (verb == "ping")                             // can touch nothing, and its speed is measured
        return ask(verb, params, within);
    const auto before = host_.snapshot(pid());
    const auto reply = ask(verb, params, within);
    if (!reply.ok())
        noteReason(verb, reply.error);
    if (mustHaveChangedNothing(reply))
        for (const auto& change : before.changesTo(host_.snapshot(pid())))
            FAIL_CHECK("R8: " << verb << " should have changed nothing, but " << change << "\n" << reply.text());
    return reply;
}

Json::Value Hotplugd::must(const std::string& verb, const Json::Value& params, milliseconds within)
{
    const auto reply = call(verb, params, within);
    if (!reply.ok())
        throw std::runtime_error(
            verb + " " + ctl::compactJson(params).substr(0, 400) + " was answered " + reply.text());
    return reply.result;
}

ctl::HttpReply Hotplugd::post(const std::string& body, milliseconds within) const
{
    ctl::UnixHttp http(host_.socket());
    return http.post("/rpc", body, Clock::now() + within);
}

Json::Value Hotplugd::postJson(const std::string& body) const
{
    return parsed(post(body));
}

} // namespace hotplug::test
