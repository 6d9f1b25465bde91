#pragma once

#include "operation/change.h"

namespace hotplug {

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
    /// The request of a change that another operation answers. One that is lost is a new request when it is repeated.
    void join(const Uuid& operation);
    /// What findRepeatedUnplug() finds; null also when the journal cannot be read.
    std::shared_ptr<Operation> findRepeated();
    /// A later operation of the same device has closed the row that could not be written.
    bool isSuperseded();

private:
    const Change& change_;
    Journal& journal_;
};

} // namespace hotplug
