#pragma once

#include "journal/journal.h"
#include "operation/open_changes.h"
#include "operation/operations.h"

#include <memory>

namespace hotplug {

// What an ask that repeats an earlier one is answered by; null: it is new.

/// SPEC R3: the operation that its request id named first, however that went; a refusal has used no id up. Throws
/// Refusal: RequestIdReused when the id named another ask, and when the journal cannot be read.
std::shared_ptr<Operation> findRequest(const Ask& ask, const OpenChanges& open, Journal& journal);

/// SPEC K3: the unplug of the same devices that is under way, with which it waits from now on, and for no turn. Some of
/// the devices may have left already. Throws Refusal: see keepRequest().
std::shared_ptr<Operation> joinUnplug(const Ask& ask, const OpenChanges& open, Journal& journal);

/// SPEC K3: the unplug that was once answered `pending`, has completed since and did what is asked now. It must be the
/// last that happened to each of its devices. Throws JournalError.
std::shared_ptr<Operation> findRepeatedUnplug(const Ask& ask, Journal& journal);

} // namespace hotplug
