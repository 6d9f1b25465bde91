#include "operation/known_operation.h"

namespace hotplug {

KnownOperation::KnownOperation(const JournalEntry& entry)
{
    state_.id = entry.id;
    state_.outcome = entry.outcome;
    state_.reason = entry.reason;
    state_.sentence = entry.sentence;
    state_.plans = entry.intent.plans;
    if (isOpen(entry.outcome)) {
        state_.outcome = Outcome::Failed;
        state_.reason = Reason::Internal;
        state_.sentence = "a defect of hotplugd; its next start settles it";
    }
}

} // namespace hotplug
