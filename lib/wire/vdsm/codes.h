#pragma once

#include "base/reason.h"
#include "model/outcome.h"
#include "wire/jsonrpc/catalogue.h"
#include "wire/jsonrpc/error.h"

#include <optional>
#include <string>

namespace hotplug::wire {

/// A verb's way of not having done what it was asked.
struct Failure {
    Reason reason = Reason::Internal;
    Outcome outcome = Outcome::Refused;
    std::string sentence;
    std::optional<Uuid> operationId;
    std::string field, conflictsWith;           ///< Empty: none.
    Counts capacity;                            ///< What still fits, where there was no room; else empty.
};

Failure failureOf(const Refusal& refusal);

/// SPEC R5: the reason's own VDSM code whatever the verb, else the verb's; VDSM's text, a colon, the sentence; and
/// data that engines read instead of prose. `method` is one of the catalogue's names.
RpcError errorOf(const Catalogue& catalogue, const std::string& method, const Failure& failure);

} // namespace hotplug::wire
