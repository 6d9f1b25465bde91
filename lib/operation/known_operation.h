#pragma once

#include "journal/journal.h"
#include "operation/operations.h"

namespace hotplug {

/// An operation that is over, as the journal remembers it. One that it has open, and nobody works at, has met a defect.
class KnownOperation : public Operation {
public:
    explicit KnownOperation(const JournalEntry& entry);
    OperationState await(Clock::time_point) override { return state_; }

private:
    OperationState state_;
};

} // namespace hotplug
