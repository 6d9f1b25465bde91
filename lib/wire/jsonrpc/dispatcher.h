#pragma once

#include "base/reason.h"
#include "wire/jsonrpc/error.h"
#include "wire/jsonrpc/method.h"

#include <functional>
#include <json/value.h>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hotplug::wire {

class ProtocolSession;

/// JSON-RPC 2.0, exactly (SPEC R7): requests, notifications and batches, on top of libjson-rpc-cpp. Thread-safe.
class Dispatcher {
public:
    /// How a refusal of a method is told to its caller.
    using Translate = std::function<RpcError(const std::string& method, const Refusal& refusal)>;

    static constexpr std::size_t maxBatch = 100;
    static constexpr std::size_t maxChangesInBatch = 16;

    Dispatcher(std::vector<Method> methods, Translate translate);
    ~Dispatcher();

    /// How long answering may take.
    enum class Pace {
        Quick,                          ///< It waits for nobody.
        Reading,                        ///< libvirt is asked.
        Patient,                        ///< A method that changes something is asked for, or one that waits and is awaited.
    };
    Pace paceOf(const Json::Value& request) const;

    enum class Slow { Run, TurnAway };
    /// Executes a request, a notification or a batch in its order. TurnAway: methods that are not quick are not executed
    /// but answered with TOO_BUSY. Returns the reply; empty when there is none to give (notifications). Never throws.
    std::string answer(const Json::Value& request, const CallInfo& info, Slow slow) const noexcept;

private:
    std::string answerAll(const Json::Value& batch, const CallInfo& info, Slow slow) const;
    std::string answerOne(const Json::Value& request, const CallInfo& info, Slow slow) const;
    Json::Value run(const Method& method, const Json::Value& params, const CallInfo& info, Slow slow) const;
    const Method* methodOf(const Json::Value& request) const;
    std::size_t changesIn(const Json::Value& batch) const;
    Pace paceOfOne(const Json::Value& request, bool awaited) const;

    class Loan;
    const std::vector<Method> methods_;
    const Translate translate_;
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<ProtocolSession>> idle_;    ///< Sessions that no call uses now.
};

} // namespace hotplug::wire
