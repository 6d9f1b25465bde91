#pragma once

#include "hotplugctl/unix_http.h"
#include "support/process.h"
#include "support/test_host.h"

#include <json/value.h>
#include <memory>
#include <string>
#include <vector>

namespace hotplug::test {

/// A JSON-RPC reply: a result or an error.
struct Reply {
    Json::Value result, error;

    bool ok() const { return error.isNull(); }
    int code() const { return ok() ? 0 : error["code"].asInt(); }
    std::string reason() const { return ok() ? "" : error["data"]["reason"].asString(); }
    std::string outcome() const { return ok() ? "done" : error["data"]["outcome"].asString(); }
    std::string text() const;                       ///< For failure messages.
};

/// A running hotplugd, the real program. Started ready; stopped by its destructor, which fails the test when it does
/// not end well or its log has an INTERNAL. One thread, but for post().
class Hotplugd {
public:
    explicit Hotplugd(TestHost& host, std::vector<std::string> moreArguments = {});
    Hotplugd(TestHost& host, std::vector<std::string> moreArguments, std::string program);
    ~Hotplugd();
    Hotplugd(const Hotplugd&) = delete;
    Hotplugd& operator=(const Hotplugd&) = delete;

    /// Fails the test when the reply is not what schema/ says, or when a refusal or a dry run has changed anything
    /// (SPEC R8): that is not to be opted out of. Throws when no reply comes.
    Reply call(const std::string& verb, const Json::Value& params, milliseconds within = 60s);
    /// The same; also fails the test and throws when the answer is no.
    Json::Value must(const std::string& verb, const Json::Value& params, milliseconds within = 60s);

    /// Bytes as they are, on a connection of their own. Any thread.
    ctl::HttpReply post(const std::string& body, milliseconds within = 60s) const;
    /// The same, of which the answer is JSON.
    Json::Value postJson(const std::string& body) const;

    /// SIGTERM; the exit code. Checks the log.
    int stop();
    void start();                                   ///< Again, on the same host.
    void kill();                                    ///< SIGKILL: as a crash.
    void launch();                                  ///< As start(), for one that may end before it is ready.
    /// It ends by itself: the exit code, or 128 plus the signal that ended it. Throws when it does not.
    int awaitEnd();

    TestHost& host() { return host_; }
    bool running() const { return process_ != nullptr; }
    pid_t pid() const { return process_ ? process_->pid() : 0; }
    std::string log() const { return readFile(logFile_); }

private:
    Reply ask(const std::string& verb, const Json::Value& params, milliseconds within);
    void checkLog();

    TestHost& host_;
    const std::vector<std::string> moreArguments_;
    const std::string program_, logFile_;
    std::unique_ptr<Process> process_;
    std::unique_ptr<ctl::UnixHttp> http_;
    int lastId_ = 0;
};

/// `{"vmId": …}` and the like in one line.
using Members = std::initializer_list<std::pair<const char*, Json::Value>>;
Json::Value object(Members members);

} // namespace hotplug::test
