#include "wire/vdsm/answer.h"
#include "wire/vdsm/codes.h"
#include "wire/vdsm/request.h"
#include "wire/vdsm/service.h"
#include "wire/vdsm/values.h"

#include <fmt/format.h>

namespace hotplug::wire {

namespace {

using verbs::ChangeAnswer;
using verbs::ChangeOptions;

ChangeOptions optionsOf(const std::string& verb, const CheckedParams& checked, const CallInfo& info)
{
    const auto& params = checked.params;
    ChangeOptions options;
    options.verb = verb;
    options.caller = {info.peer.uid, info.peer.pid};
    options.deadline = checked.deadline(info.arrival);
    options.dryRun = params["dryRun"].asBool();
    options.waitForGuest = params["waitForGuest"].asBool();
    if (params.isMember("persist"))
        options.persist = params["persist"].asBool();
    const auto requestId = checked.requestId();
    if (!options.dryRun) {
        options.requestId = requestId;
        options.params = checked.canonicalText();
    }
    return options;
}

// Every warning begins with its key; in a list the key says whose it is.
void addWarningsOf(std::size_t entry, const Warnings& warnings, CheckedParams& checked)
{
    for (const auto& warning : warnings)
        checked.warnings.push_back(checked.isList() ? nameInList(entry, warning) : warning);
}

// Reads every device, and tells of everything that is -32602 at once; a refusal's field begins with its entry.
template<typename Request, typename Read>
std::vector<Request> readEntries(CheckedParams& checked, Read read)
{
    std::vector<Request> requests;
    std::vector<Problem> problems;
    for (std::size_t i = 0; i < checked.entries(); ++i) {
        try {
            Warnings warnings;
            requests.push_back(read(checked.entry(i), warnings));
            addWarningsOf(i, warnings, checked);
        } catch (const InvalidParams& invalid) {
            const auto moved = invalid.under(checked.pointerToEntry(i));
            problems.insert(problems.end(), moved.problems().begin(), moved.problems().end());
        } catch (Refusal& refusal) {
            throw refusal.at(fmt::format("/{}{}", i, refusal.field()));
        }
    }
    if (!problems.empty())
        throw InvalidParams(std::move(problems));
    return requests;
}

DeviceQuery readHandle(const Json::Value& params)
{
    DictionaryReader reader(params);
    DeviceQuery query;
    query.id = reader.deviceId();
    query.alias = reader.alias();
    reader.finish();
    return query;
}

template<DeviceKind kind> DeviceQuery readQuery(const CheckedParams& checked, const Json::Value& entry)
{
    if (checked.hasDictionaries())
        return kind == DeviceKind::Disk ? readDriveQuery(entry) : readNicQuery(entry);
    auto query = readHandle(entry);
    query.kind = kind;
    return query;
}

/// The part that differs: reads the request and runs the verb.
using Run = ChangeAnswer (*)(const Service&, CheckedParams&, const Uuid&, const ChangeOptions&);

ChangeAnswer plugDisk(const Service& service, CheckedParams& checked, const Uuid& vm, const ChangeOptions& options)
{
    return verbs::hotplugDisk(service.context, vm, readEntries<DiskRequest>(checked, readDrive), options);
}

ChangeAnswer plugNic(const Service& service, CheckedParams& checked, const Uuid& vm, const ChangeOptions& options)
{
    return verbs::hotplugNic(service.context, vm, readEntries<NicRequest>(checked, readNic).front(), options);
}

template<DeviceKind kind>
ChangeAnswer unplug(const Service& service, CheckedParams& checked, const Uuid& vm, const ChangeOptions& options)
{
    const auto read = [&checked](const Json::Value& entry, Warnings&) { return readQuery<kind>(checked, entry); };
    return verbs::hotunplug(service.context, vm, readEntries<DeviceQuery>(checked, read), options);
}

// Every outcome but done has a reason; should one be missing, this is what it most likely was.
Reason reasonOf(const ChangeAnswer& answer)
{
    if (answer.reason)
        return *answer.reason;
    switch (answer.outcome) {
    case Outcome::Pending: return Reason::GuestNotResponding;
    case Outcome::Cancelled: return Reason::Cancelled;
    case Outcome::Moved: return Reason::Migrating;
    default: return Reason::LibvirtError;
    }
}

Failure failureOf(const ChangeAnswer& answer, const CheckedParams& checked)
{
    return {reasonOf(answer), answer.outcome, answer.sentence, answer.operationId, checked.pointerTo(answer.field),
        answer.conflictsWith, answer.capacity};
}

Json::Value resultOf(const ChangeAnswer& answer, const ChangeOptions& options, const Warnings& warnings)
{
    auto result = options.dryRun ? planResult(answer.plans) : changeResult(answer, options.waitForGuest);
    addWarnings(result, warnings);
    return result;
}

// Fields leave as the caller sent them, `/params/drive/path`.
ChangeAnswer runAt(const Service& service, CheckedParams& checked, const Uuid& vm, const ChangeOptions& options,
                   Run run)
{
    try {
        return run(service, checked, vm, options);
    } catch (Refusal& refusal) {
        throw refusal.at(checked.pointerTo(refusal.field()));
    }
}

Json::Value change(const Service& service, const std::string& method, Run run, const Json::Value& params,
                   const CallInfo& info)
{
    auto checked = checkParams(service.catalogue, method, params);
    const auto vm = checked.vm();
    const auto options = optionsOf(service.catalogue.verb(method).name(), checked, info);
    ChangeLog log(method, info);
    log.vm(vm);
    const auto answer = logged(log, [&] { return runAt(service, checked, vm, options, run); });
    if (!options.dryRun)
        log.ended(answer.outcome, answer.reason, answer.operationId);
    if (answer.outcome != Outcome::Done)
        throw errorOf(service.catalogue, method, failureOf(answer, checked));
    return resultOf(answer, options, checked.warnings);
}

// Under both of its names.
void add(std::vector<Method>& methods, const SharedService& service, const char* verb, Run run)
{
    for (const auto& name : {service->catalogue.verb(verb).name(), service->catalogue.verb(verb).engineName()})
        methods.push_back({name, true, [service, name, run](const Json::Value& params, const CallInfo& info) {
            return change(*service, name, run, params, info);
        }});
}

} // namespace

std::vector<Method> deviceMethods(const SharedService& service)
{
    std::vector<Method> methods;
    add(methods, service, "hotplugDisk", plugDisk);
    add(methods, service, "hotunplugDisk", unplug<DeviceKind::Disk>);
    add(methods, service, "hotplugNic", plugNic);
    add(methods, service, "hotunplugNic", unplug<DeviceKind::Nic>);
    return methods;
}

} // namespace hotplug::wire
