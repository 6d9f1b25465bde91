#pragma once

#include "journal/journal.h"
#include "operation/operations.h"

namespace hotplug {

/// SPEC K3: the unplug that was once answered `pending`, has completed since and did what is asked now; null: none. It
/// must be the last that happened to each of its devices. Throws JournalError.
std::shared_ptr<Operation> findRepeatedUnplug(const Ask& ask, Journal& journal);

} // namespace hotplug
