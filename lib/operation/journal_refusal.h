#pragma once

#include "base/log.h"
#include "base/reason.h"
#include "journal/journal.h"

namespace hotplug {

/// Runs a call of the journal for a caller, who is told why when it cannot be answered. Throws Refusal{JournalUnwritable}.
template<typename Call> auto askJournal(Call&& call) -> decltype(call())
{
    try {
        return call();
    } catch (const JournalError& error) {
        spdlog::error("journal: {}", error.what());
        throw Refusal(Reason::JournalUnwritable, error.what());
    }
}

} // namespace hotplug
