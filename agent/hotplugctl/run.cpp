#include "hotplugctl/run.h"

#include "hotplugctl/cli.h"
#include "hotplugctl/errors.h"
#include "hotplugctl/follow.h"
#include "hotplugctl/format/error.h"
#include "hotplugctl/format/json_text.h"
#include "hotplugctl/progress.h"
#include "hotplugctl/vm_name.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <ostream>

namespace hotplug::ctl {

namespace {

constexpr milliseconds readingWait{30'000};
constexpr milliseconds daemonDeadline{30'000};          // SPEC R3: the default of `timeout`
constexpr milliseconds grace{10'000};                   // for the daemon to say that its deadline has passed
constexpr double maxSeconds = 1e6;

milliseconds parseSeconds(const std::string& text)
{
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || !(seconds >= 0 && seconds <= maxSeconds))
        throw UsageError("--timeout must be a number of seconds", fmt::format("it is '{}'", text));
    return milliseconds(static_cast<milliseconds::rep>(seconds * 1000));
}

std::optional<milliseconds> timeoutOf(const Invocation& invocation)
{
    return invocation.timeout ? std::optional(parseSeconds(*invocation.timeout)) : std::nullopt;
}

/// How long we wait ourselves: where the daemon keeps a deadline, until it must have told us that it has passed.
milliseconds waitFor(const Command& command, std::optional<milliseconds> timeout)
{
    return command.pace == Pace::Patient ? timeout.value_or(daemonDeadline) + grace : timeout.value_or(readingWait);
}

/// `call` may carry a deadline of its own, also inside the engines' wrapper.
milliseconds waitForRaw(const Json::Value& params, std::optional<milliseconds> timeout)
{
    if (timeout)
        return *timeout;
    const Json::Value& inner = memberOf(params, "params");
    const Json::Value& own = memberOf(inner.isObject() ? inner : params, "timeout");
    const auto deadline = own.isInt() ? milliseconds(own.asInt()) : daemonDeadline;
    return std::max(deadline, daemonDeadline) + grace;
}

/// One command on its way: what was typed, and the daemon it talks to.
class Run {
public:
    Run(const Invocation& invocation, World& world) : typed_(invocation), world_(world) {}

    ExitCode perform();

private:
    Request request(std::optional<milliseconds> timeout);
    Json::Value ask(const Request& request, milliseconds wait);
    std::unique_ptr<Daemon> connect();
    Request addressed(Request request, Daemon& daemon, milliseconds wait);
    Json::Value converse();
    void follow();
    void show(const Json::Value& result);
    ExitCode tell(const RpcError& error);
    ExitCode tell(const ClientError& error, ExitCode code);
    ExitCode tell(const NoAnswer& error);

    /// As the user named it; in hints that name none, the word stands for it.
    std::string vm() const { return typed_.arguments.get("VM").value_or("VM"); }
    const Command& command() const { return typed_.command; }

    const Invocation& typed_;
    World& world_;
    std::string verb_;
    bool asked_ = false;                        ///< The command's own verb has been called.
};

Request Run::request(std::optional<milliseconds> timeout)
{
    requireOneOf(command().oneOf, typed_.arguments);
    Request made = command().request ? command().request(command(), typed_.arguments, world_.in)
                                     : plainRequest(command(), typed_.arguments);
    if (timeout && command().pace == Pace::Patient)
        made.params["timeout"] = Json::Int64(timeout->count());
    verb_ = made.verb;
    return made;
}

std::unique_ptr<Daemon> Run::connect()
{
    return world_.connect(typed_.socket.value_or(world_.socket));
}

/// What the user typed as VM becomes the params' vmId.
Request Run::addressed(Request request, Daemon& daemon, milliseconds wait)
{
    if (typed_.arguments.has("VM"))
        request.params["vmId"] = vmIdOf(vm(), daemon, std::min(wait, readingWait));
    return request;
}

Json::Value Run::ask(const Request& request, milliseconds wait)
{
    const auto daemon = connect();
    const Progress progress(world_.err, world_.showProgress, "waiting for hotplugd");
    const auto whole = addressed(request, *daemon, wait);
    asked_ = true;
    return daemon->call(whole.verb, whole.params, wait);
}

void Run::follow()
{
    const auto timeout = timeoutOf(typed_);
    const auto daemon = connect();
    const auto whole = addressed(request({}), *daemon, readingWait);
    Follower({*daemon, world_.err, world_.errStyle, world_.sleep, [this](const auto& result) { show(result); }},
        *command().follow).run(whole, timeout);
}

Json::Value Run::converse()
{
    const auto timeout = timeoutOf(typed_);
    const Request made = request(timeout);
    const bool raw = command().verbs.empty();
    return ask(made, raw ? waitForRaw(made.params, timeout) : waitFor(command(), timeout));
}

void Run::show(const Json::Value& result)
{
    if (!typed_.json)
        command().show({world_.out, world_.err, world_.outStyle, typed_.arguments, result});
    else if (!command().follow)
        world_.out << prettyJson(result) << '\n';
    else
        for (const Json::Value& item : elementsOf(memberOf(result, command().follow->items.c_str())))
            world_.out << compactJson(item) << '\n';
    world_.out.flush();
}

ExitCode Run::tell(const RpcError& error)
{
    if (typed_.json)
        world_.out << prettyJson(error.asJson()) << '\n';
    world_.err << errorText(error, verb_, vm(), world_.errStyle);
    return exitCodeOf(error);
}

ExitCode Run::tell(const ClientError& error, ExitCode code)
{
    world_.err << errorLine(error.sentence(), world_.errStyle);
    return code;
}

/// Nobody knows whether a change that was asked for happens: that is pending, not absent.
ExitCode Run::tell(const NoAnswer& error)
{
    Sentence sentence = error.sentence();
    if (!command().changes || !asked_ || typed_.arguments.has("--dry-run")) {
        sentence.next = "see `systemctl status hotplugd`";
        return tell(ClientError(sentence), ExitCode::NoDaemon);
    }
    sentence.next = "a change once asked for goes on without us; see `hotplugctl operations --open`";
    return tell(ClientError(sentence), ExitCode::Pending);
}

ExitCode Run::perform()
{
    try {
        if (command().follow)
            follow();
        else
            show(converse());
        return ExitCode::Done;
    } catch (const RpcError& error) {
        return tell(error);
    } catch (const NoAnswer& error) {
        return tell(error);
    } catch (const NoDaemon& error) {
        return tell(error, ExitCode::NoDaemon);
    } catch (const BadReply& error) {
        return tell(error, ExitCode::Protocol);
    } catch (const UsageError& error) {
        Sentence sentence = error.sentence();
        sentence.next = fmt::format("see `hotplugctl {} --help`", command().name);
        return tell(ClientError(sentence), ExitCode::Usage);
    }
}

ExitCode finish(const Ending& ending, World& world)
{
    if (ending.code == ExitCode::Done)
        world.out << ending.text;
    else
        world.err << errorLine({ending.text, {}, fmt::format("see `{} --help`", ending.help)}, world.errStyle);
    return ending.code;
}

} // namespace

ExitCode runHotplugctl(const std::vector<std::string>& words, World& world)
{
    try {
        const auto parsed = parseCommandLine(words);
        if (const auto* ending = std::get_if<Ending>(&parsed))
            return finish(*ending, world);
        return Run(std::get<Invocation>(parsed), world).perform();
    } catch (const std::exception& error) {
        world.err << errorLine({"this is a defect of hotplugctl", error.what(), "please report it"}, world.errStyle);
        return ExitCode::Internal;
    }
}

} // namespace hotplug::ctl
