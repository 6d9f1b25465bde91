#pragma once

#include "operation/change.h"

namespace hotplug {

/// The request, if it has an id, is answered by this operation from now on. Throws Refusal{JournalUnwritable}: then it may
/// not be, or it would be a new request when it is repeated.
void keepRequest(const Ask& ask, const Uuid& operation, Journal& journal);

/// What one change tells the journal. The lane's own.
class TurnJournal {
public:
    TurnJournal(const Change& change, Journal& journal) : change_(change), journal_(journal) {}

    void open(const Intent& intent);                    ///< Throws JournalError: then nothing may be touched.
    void rewrite(const Intent& intent);                 ///< Throws JournalError.
    /// For people and watchers: nothing depends on it.
    void note(EventKind kind, std::size_t entry, const std::string& sentence);
    /// A caller was told `pending` while the end was being written.
    void noteTold();
    /// False: it could not be written, and the operation is still open in the journal.
    bool settle(const Next& next);
    /// Throws Refusal: see keepRequest().
    void join(const Uuid& operation) { keepRequest(change_.ask(), operation, journal_); }
    /// Whether an unplug of the device was cancelled that its guest may still have in mind. Throws JournalError.
    bool wasAskedBefore(const Plan& plan);
    /// What findRepeatedUnplug() finds; null also when the journal cannot be read.
    std::shared_ptr<Operation> findRepeated();
    /// A later operation of the same device has closed the row that could not be written.
    bool isSuperseded();

private:
    const Change& change_;
    Journal& journal_;
};

} // namespace hotplug
