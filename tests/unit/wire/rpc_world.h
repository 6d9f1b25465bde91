#pragma once

#include "hypervisor/timely_reads.h"
#include "support/catch.h"
#include "support/fake_hypervisor.h"
#include "support/memory_journal.h"
#include "support/sample_vm.h"
#include "support/schema_check.h"
#include "wire/jsonrpc/shield.h"
#include "wire/vdsm/methods.h"

#include <future>
#include <memory>
#include <string>

namespace hotplug::test {

using namespace hotplug::wire;

inline constexpr const char* vmText = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";

/// Believes in every image.
class TrustingStorage : public Storage {
public:
    TrustingStorage() : Storage(StoragePolicy{}) {}
    HostSource resolve(const SourceRef& source, DiskFormat) const override
    {
        const auto* volume = std::get_if<NetworkVolume>(&source);
        const auto* image = std::get_if<ImagePath>(&source);
        const auto path = volume ? reference(*volume) : image ? image->path : std::string("/images/other");
        if (path.find("missing") != std::string::npos)
            throw Refusal(Reason::SourceNotFound, "there is no such image");
        HostSource found;
        found.path = path;
        found.names = {path};
        return found;
    }
    std::vector<std::string> namesOf(const SourceRef& source) const override
    {
        return resolve(source, DiskFormat::Raw).names;
    }
};

class TrustingNetwork : public Network {
public:
    void require(const NicRequest&) const override {}
};

inline std::string quoted(std::string text)
{
    for (auto at = text.find('\''); at != std::string::npos; at = text.find('\'', at))
        text[at] = '"';
    return text;
}

/// The endpoint on a fake libvirt with one running VM.
class World {
public:
    World() { hypervisor.addVm(sampleVm(*Uuid::parse(vmText), "one")); }
    ~World()
    {
        journal.wakeWaiters();
        operations.stop(milliseconds(0));
    }

    Json::Value call(const std::string& method, const std::string& params)
    {
        const auto reply = post(requestText(method, params)).get();
        CAPTURE(method, params, reply.body);
        CHECK(problemsOf(method, reply.body) == std::vector<std::string>{});
        return parseShielded(reply.body);
    }
    static std::string requestText(const std::string& method, const std::string& params)
    {
        return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + quoted(params) + "}";
    }
    /// The bytes as they are; the answer comes when it comes.
    std::future<server::Reply> post(const std::string& body)
    {
        server::Request request;
        request.method = "POST";
        request.target = "/rpc";
        request.arrival = Clock::now();
        request.body = body;
        auto promise = std::make_shared<std::promise<server::Reply>>();
        endpoint->handle(request, [promise](server::Reply reply) { promise->set_value(std::move(reply)); });
        return promise->get_future();
    }
    Json::Value onVm(const std::string& method, const std::string& members)
    {
        return call(method, "{'vmId':'" + std::string(vmText) + "'" + members + "}");
    }

    FakeHypervisor hypervisor;
    MemoryJournal journal;
    TrustingStorage storage;
    TrustingNetwork network;
    Operations operations{hypervisor, journal};
    TimelyReads reads{hypervisor};
    verbs::GuestReads guestReads{hypervisor};
    verbs::SourceUsers sourceUsers{reads, storage};
    verbs::SourceClaims sourceClaims;
    BoundedCalls lifecycleCalls{"lifecycle", verbs::lifecycleLimits};
    verbs::Context context{reads, storage, network, operations, journal, guestReads, sourceUsers, sourceClaims,
        lifecycleCalls};
    std::unique_ptr<server::Endpoint> endpoint = makeRpcEndpoint(context, {"0.1.0", "test:///", {"/images"}});
};

} // namespace hotplug::test
