#include "support/catch.h"

#include "base/reason.h"

#include <algorithm>
#include <map>
#include <set>

using namespace hotplug;

namespace {

const std::set<std::string_view> specified = {"VM_NOT_UP", "GUEST_OS_UNSUPPORTED", "BUS_NOT_HOTPLUGGABLE",
    "ALREADY_PLUGGED", "NOT_PLUGGED", "DEVICE_NOT_FOUND", "ADDRESS_IN_USE", "NO_FREE_PCI_PORT", "NO_FREE_SCSI_UNIT",
    "NO_FREE_DRIVE_UNIT", "SOURCE_NOT_FOUND", "SOURCE_NOT_ALLOWED", "SOURCE_IN_USE", "FORMAT_MISMATCH",
    "SERIAL_TOO_LONG", "SERIAL_DUPLICATE", "MAC_DUPLICATE", "BOOT_ORDER_IN_USE", "NETWORK_NOT_FOUND",
    "GUEST_NOT_RESPONDING", "GUEST_BUSY", "BLOCK_JOB_ACTIVE", "MIGRATING", "TRAY_LOCKED", "CLUSTER_LEVEL_TOO_LOW",
    "LIBVIRT_ERROR", "LIBVIRT_UNAVAILABLE", "REQUEST_ID_REUSED", "TOO_BUSY", "VM_NOT_FOUND", "VM_NOT_PERSISTENT",
    "AMBIGUOUS_DEVICE", "ADDRESS_NOT_USABLE", "NO_SCSI_CONTROLLER", "BOOT_ORDER_UNSUPPORTED", "SOURCE_NOT_RESPONDING",
    "HAS_PENDING_UNPLUG", "RECOVERING", "CANCELLED", "NOT_CANCELLABLE", "OPERATION_NOT_FOUND", "CURSOR_TOO_OLD",
    "RECORD_UNREADABLE", "RESTART_REQUIRED", "FEATURE_GATE_OFF", "INTERNAL"};

/// They come with the verbs and dictionaries that can give them; whoever adds one takes it out here.
const std::set<std::string_view> later = {"GUEST_OS_UNSUPPORTED", "TRAY_LOCKED",
    "CLUSTER_LEVEL_TOO_LOW",
    "RESTART_REQUIRED", "FEATURE_GATE_OFF"};

constexpr auto count = static_cast<std::size_t>(Reason::Internal) + 1;     // the last enumerator

bool isWireName(std::string_view name)
{
    return !name.empty() && std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

} // namespace

TEST_CASE("R6: every reason has exactly one entry and a name of its own")
{
    CHECK(reasonTable().size() == count);
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < count; ++i) {
        const auto reason = static_cast<Reason>(i);
        CAPTURE(i);
        REQUIRE_NOTHROW(entryOf(reason));
        CHECK(entryOf(reason).reason == reason);
        CHECK(isWireName(nameOf(reason)));
        CHECK(names.insert(nameOf(reason)).second);
        CHECK(reasonByName(nameOf(reason)) == reason);
    }
}

TEST_CASE("R6: every reason that the specification names is known, unless it comes with a later verb")
{
    for (const auto name : specified) {
        CAPTURE(name);
        CHECK(reasonByName(name).has_value() != later.contains(name));
    }
    for (const auto name : later)
        CHECK(specified.contains(name));
}

TEST_CASE("R6: what is no reason's name is not found")
{
    for (const auto* name : {"", "vm_not_up", "VM_NOT_UP ", "NO_SUCH_REASON"})
        CHECK_FALSE(reasonByName(name));
    CHECK_THROWS_AS(entryOf(static_cast<Reason>(count)), std::logic_error);
}

TEST_CASE("R5: only reasons about the VM, the host or the parameters carry a code of their own")
{
    const std::map<std::string_view, int> expected = {{"VM_NOT_FOUND", 1}, {"VM_EXISTS", 4}, {"MISSING_PARAMETER", 11},
        {"MIGRATING", 51}, {"INVALID_PARAMETER", 91}, {"RECOVERING", 99}, {"LIBVIRT_UNAVAILABLE", 99},
        {"JOURNAL_UNWRITABLE", 99}};
    for (const auto& entry : reasonTable()) {
        CAPTURE(entry.name);
        const auto own = expected.find(entry.name);
        CHECK(entry.code == (own == expected.end() ? std::nullopt : std::optional(own->second)));
        CHECK(entry.code != 1100);
    }
}

TEST_CASE("B7: every reason has an HTTP status and one sentence of meaning")
{
    const std::set<int> statuses = {400, 404, 409, 500, 503};
    for (const auto& entry : reasonTable()) {
        CAPTURE(entry.name);
        CHECK(statuses.contains(entry.httpStatus));
        CHECK(entry.meaning.ends_with('.'));
        CHECK((entry.httpStatus == 500) == (entry.reason == Reason::Internal));
    }
}

TEST_CASE("R5: a refusal carries reason, sentence, field and holder")
{
    const auto refusal = Refusal(Reason::AddressInUse, "it is taken").at("/address").against("ua-root");
    CHECK(refusal.reason() == Reason::AddressInUse);
    CHECK(std::string(refusal.what()) == "it is taken");
    CHECK(refusal.field() == "/address");
    CHECK(refusal.conflictsWith() == "ua-root");
    CHECK(Refusal(Reason::VmNotUp, "it is down").field().empty());
    CHECK(Refusal(Reason::VmNotUp, "it is down").conflictsWith().empty());
}
