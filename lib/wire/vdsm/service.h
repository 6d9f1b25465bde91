#pragma once

#include "verbs/verbs.h"
#include "wire/jsonrpc/catalogue.h"
#include "wire/jsonrpc/method.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hotplug::wire {

/// What `getCapabilities` tells of this daemon.
struct About {
    std::string version;
    std::string connection;                     ///< The libvirt URI.
    std::vector<std::string> imageRoots;
    std::vector<std::string> blockDevices = {}; ///< Patterns, as StoragePolicy has them.
    std::string dataCenterRoot = {};            ///< Empty: none.
};

/// What the methods work with; immutable, shared by all of them.
struct Service {
    Service(verbs::Context& context_, About about_) : context(context_), about(std::move(about_)) {}

    verbs::Context& context;
    const About about;
    const Catalogue catalogue;
};

using SharedService = std::shared_ptr<const Service>;

/// The log line of a change: who, what, how it ended. Never what is secret, never text of the caller's.
class ChangeLog {
public:
    ChangeLog(std::string method, const CallInfo& info) : method_(std::move(method)), info_(info) {}

    void vm(const Uuid& vm) { vm_ = vm; }
    void ended(Outcome outcome, std::optional<Reason> reason, const std::optional<Uuid>& operation) const;

private:
    std::string method_;
    CallInfo info_;
    std::optional<Uuid> vm_;
};

/// Runs a change and logs its refusal, if it is refused by exception; otherwise the action logs the end itself.
template<typename Act> auto logged(const ChangeLog& log, Act&& act)
{
    try {
        return act();
    } catch (const Refusal& refusal) {
        log.ended(Outcome::Refused, refusal.reason(), std::nullopt);
        throw;
    }
}

std::vector<Method> readingMethods(const SharedService& service);
std::vector<Method> lifecycleMethods(const SharedService& service);
std::vector<Method> operationMethods(const SharedService& service);
std::vector<Method> deviceMethods(const SharedService& service);

} // namespace hotplug::wire
