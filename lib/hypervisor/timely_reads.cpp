#include "hypervisor/timely_reads.h"

#include "base/reason.h"

#include <fmt/format.h>
#include <utility>

namespace hotplug {

namespace {

/// Of the connections for reads, which the lanes use, too, four at most may hang with what did not answer.
constexpr BoundedCalls::Limits limits{1, 4};

/// What a read gave or threw, as a value: it passes from thread to thread.
template<typename Result> struct Answer {
    std::optional<Result> result;
    std::optional<HypervisorError> error;
};

template<typename Read> Answer<std::invoke_result_t<Read>> answerOf(const Read& read)
{
    try {
        return {read(), std::nullopt};
    } catch (const HypervisorError& error) {
        return {std::nullopt, error};
    }
}

} // namespace

TimelyReads::TimelyReads(Hypervisor& inner, milliseconds limit)
    : inner_(inner), limit_(limit), reads_("libvirt-reads", limits)
{
}

TimelyReads::~TimelyReads()
{
    constexpr std::chrono::hours forever{24 * 365};
    stop(forever);
}

template<typename Read> auto TimelyReads::inTime(BoundedCalls::Place place, Read read)
{
    try {
        if (auto answer = reads_.take(std::move(place), limit_, [read = std::move(read)] { return answerOf(read); })) {
            if (answer->error)
                throw *std::move(answer->error);
            return *std::move(answer->result);
        }
    } catch (const Refusal& refusal) {
        throw HypervisorError(ErrorKind::Unavailable, refusal.what());
    }
    throw HypervisorError(ErrorKind::Unavailable,
        fmt::format("a read was not answered within {} ms, or an earlier one is not answered yet", limit_.count()));
}

std::vector<VmSummary> TimelyReads::vms()
{
    return inTime([] { return "the list of VMs"; }, [&inner = inner_] { return inner.vms(); });
}

Uuid TimelyReads::find(const std::string& name)
{
    return inTime([name] { return "the VM named " + name; }, [&inner = inner_, name] { return inner.find(name); });
}

DomainXml TimelyReads::read(const Uuid& vm)
{
    return inTime([vm] { return "VM " + vm.str(); }, [&inner = inner_, vm] { return inner.read(vm); });
}

} // namespace hotplug
