#include "hotplugctl/format/error.h"

#include "base/reason.h"
#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/printable.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug::ctl {

namespace {

constexpr int unknownMethod = -32601;

/// SPEC R5: `VDSM's text: one plain sentence`.
Sentence asSentence(const std::string& message)
{
    const auto colon = message.find(": ");
    if (colon == message.npos)
        return {message, {}, {}};
    return {message.substr(0, colon), message.substr(colon + 2), {}};
}

std::string pendingHint(const std::string& verb, const std::string& vm)
{
    if (verb == "cancelOperation")
        return "see `hotplugctl operations --open`";
    if (verb.ends_with("Vm"))
        return "see `hotplugctl list`";
    const bool unplug = verb.find("unplug") != verb.npos;
    return fmt::format("{}; hotplugd keeps watching; see `hotplugctl list {}`",
                       unplug ? "the guest has not let go yet" : "it is not done yet", vm);
}

/// Where another command helps; elsewhere the daemon's own sentence says what to do. {} is the VM.
struct Hint {
    Reason reason;
    const char* text;
};

constexpr Hint hints[] = {
    {Reason::VmNotFound, "see `hotplugctl list`"},
    {Reason::DeviceNotFound, "see `hotplugctl list {}`"},
    {Reason::AmbiguousDevice, "see `hotplugctl list {}`"},
    {Reason::AlreadyPlugged, "see `hotplugctl list {}`"},
    {Reason::NotPlugged, "see `hotplugctl list {}`"},
    {Reason::HasPendingUnplug, "see `hotplugctl list {}`"},
    {Reason::NoFreePciPort, "see `hotplugctl capacity {}`"},
    {Reason::NoFreeScsiUnit, "see `hotplugctl capacity {}`"},
    {Reason::NoFreeDriveUnit, "see `hotplugctl capacity {}`"},
    {Reason::NoScsiController, "see `hotplugctl capacity {}`"},
    {Reason::VmNotUp, "see `hotplugctl vm show {}`"},
    {Reason::OperationNotFound, "see `hotplugctl operations`"},
    {Reason::NotCancellable, "see `hotplugctl operations`"},
    {Reason::CursorTooOld, "see `hotplugctl operations`, and watch on without --after"},
    {Reason::Internal, "see `journalctl -u hotplugd`"},
};

std::string hintFor(const std::string& reasonName, const std::string& vm)
{
    const auto reason = reasonByName(reasonName);
    const auto found = std::ranges::find_if(hints, [&](const Hint& hint) { return reason == hint.reason; });
    return found == std::end(hints) ? "" : fmt::format(fmt::runtime(found->text), vm);
}

std::string nextStep(const RpcError& error, const std::string& verb, const std::string& vm)
{
    if (exitCodeOf(error) == ExitCode::Pending)
        return pendingHint(verb, vm);
    if (error.code() == unknownMethod)
        return "see `hotplugctl capabilities` for what this hotplugd can do";
    return hintFor(textOf(error.data(), "reason"), vm);
}

/// What is at fault, for those who grep and for bug reports.
std::string details(const Json::Value& data, const Style& style)
{
    std::string line;
    for (const char* key : {"reason", "field", "conflictsWith", "operationId"}) {
        if (const std::string text = textOf(data, key); !text.empty())
            line += fmt::format("{}{} {}", line.empty() ? "  " : ", ", key, printable(text));
    }
    return line.empty() ? "" : style.paint(line, Colour::Dim) + '\n';
}

/// What still fits, where there was no room.
std::string capacity(const Json::Value& data, const Style& style)
{
    const Json::Value& counts = memberOf(data, "capacity");
    std::string line;
    for (const std::string& key : counts.isObject() ? counts.getMemberNames() : Json::Value::Members())
        line += printable(fmt::format("{}{} {}", line.empty() ? "  still fit: " : ", ", key, textOf(counts, key.c_str())));
    return line.empty() ? "" : style.paint(line, Colour::Dim) + '\n';
}

std::string problems(const Json::Value& data)
{
    std::string lines;
    for (const Json::Value& error : elementsOf(memberOf(data, "errors")))
        lines += printable(fmt::format("  {}: {}", textOf(error, "at"), textOf(error, "problem"))) + '\n';
    return lines;
}

} // namespace

std::string errorLine(const Sentence& sentence, const Style& style)
{
    std::string line = style.paint("hotplugctl:", Colour::Red) + ' ' + printable(sentence.what);
    for (const std::string& part : {sentence.why, sentence.next}) {
        if (!part.empty())
            line.append(style.separator()).append(printable(part));
    }
    return line + '\n';
}

std::string errorText(const RpcError& error, const std::string& verb, const std::string& vm, const Style& style)
{
    Sentence sentence = asSentence(error.what());
    sentence.next = nextStep(error, verb, vm);
    return errorLine(sentence, style) + problems(error.data()) + details(error.data(), style)
        + capacity(error.data(), style);
}

} // namespace hotplug::ctl
