#pragma once

#include <exception>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hotplug {

/// Why a verb did not do what it was asked (SPEC R6): the closed list that engines read instead of prose.
enum class Reason {
    VmNotFound, VmExists, VmNotUp, VmNotPersistent, Migrating, Recovering, LibvirtUnavailable, TooBusy,
    MissingParameter, InvalidParameter, BusNotHotpluggable, AlreadyPlugged, NotPlugged, DeviceNotFound,
    AmbiguousDevice, HasPendingUnplug, AddressInUse, AddressNotUsable, NoFreePciPort, NoFreeScsiUnit,
    NoFreeDriveUnit, NoScsiController, TargetInUse, SourceNotFound, SourceNotAllowed, SourceInUse, SourceNotResponding,
    FormatMismatch, SerialTooLong, SerialDuplicate, MacDuplicate, BootOrderInUse, BootOrderUnsupported,
    NetworkNotFound, GuestNotResponding, GuestBusy, BlockJobActive, RecordUnreadable, Cancelled,
    RequestIdReused, NotCancellable, OperationNotFound, CursorTooOld, NotSupported, JournalUnwritable, LibvirtError, Internal,
};

/// The one place where a reason meets its wire name, VDSM code, HTTP status and meaning.
/// `schema/errors.json` and the documentation are checked against this table.
struct ReasonEntry {
    Reason reason;
    std::string_view name;              ///< On the wire: `VM_NOT_UP`.
    std::optional<int> code;            ///< VDSM's code; empty: the verb's own (45, 46, 49, 50 …), SPEC R5.
    int httpStatus;                     ///< SPEC B7.
    std::string_view meaning;           ///< One sentence for documentation.
};

std::span<const ReasonEntry> reasonTable();
const ReasonEntry& entryOf(Reason reason);
std::string_view nameOf(Reason reason);
std::optional<Reason> reasonByName(std::string_view name);

using Counts = std::map<std::string, unsigned>;

/// "No, and nothing was touched": the only exception that planning, storage and `submit` throw.
/// `what()` is one plain sentence that says what to do.
class Refusal : public std::exception {
public:
    Refusal(Reason reason, std::string sentence) : reason_(reason), sentence_(std::move(sentence)) {}

    /// The parameter at fault as a JSON Pointer into params, e.g. `/drive/path`.
    Refusal& at(std::string field) { field_ = std::move(field); return *this; }
    /// The device, VM or operation that stands in the way, e.g. an alias.
    Refusal& against(std::string holder) { conflictsWith_ = std::move(holder); return *this; }
    /// What still fits, by name, e.g. `scsiUnits` (SPEC R5, `data.capacity`).
    Refusal& counting(Counts counts) { capacity_ = std::move(counts); return *this; }

    Reason reason() const { return reason_; }
    const std::string& field() const { return field_; }                  ///< Empty: none.
    const std::string& conflictsWith() const { return conflictsWith_; }  ///< Empty: none.
    const Counts& capacity() const { return capacity_; }                 ///< Empty: none.
    const char* what() const noexcept override { return sentence_.c_str(); }

private:
    Reason reason_;
    std::string sentence_, field_, conflictsWith_;
    Counts capacity_;
};

} // namespace hotplug
