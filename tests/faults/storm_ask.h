#pragma once

#include "faults/storm_ground.h"

#include <deque>
#include <random>

namespace hotplug::test {

/// One call of a client.
struct StormAsk {
    std::string verb;                               ///< Empty: the body is no request.
    Json::Value params;
    std::string body;                               ///< As it is sent.
    bool refusable = false;                         ///< Whatever its VM has, it must be answered with an error.

    std::string requestId() const { return params.isObject() ? params["requestId"].asString() : ""; }
    bool isDryRun() const { return params.isObject() && params["dryRun"] == true; }
    bool isChange() const { return verb.starts_with("hotplug") || verb.starts_with("hotunplug"); }
};

/// What one client asks, one call after the other: the same for the same seed, but for the operations that it has come
/// to know. Three calls in five are good ones that change something, or would if the device were elsewhere.
class StormAsks {
public:
    StormAsks(const StormGround& ground, unsigned seed, unsigned client);

    StormAsk next();
    /// An operation that it was told of, which it may ask about, and will probably cancel when it is pending.
    void hear(const std::string& operationId, bool pending);

    /// So that its pace is of the same seed.
    std::chrono::milliseconds nextPause();

private:
    using Make = StormAsk (StormAsks::*)();

    StormAsk change();
    StormAsk changeList();
    StormAsk repeat();
    StormAsk repeatWithOthers();
    StormAsk cancel();
    StormAsk look();
    StormAsk watch();
    StormAsk ping();
    StormAsk refusable();
    StormAsk malformed();

    Json::Value changeOf(const StormDevice& device, bool plug);
    StormAsk finish(const std::string& verb, Json::Value params, const StormVm& vm);
    unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
    bool oneIn(unsigned chances) { return below(chances) == 0; }
    const StormVm& anyVm() { return ground_.vms[below(static_cast<unsigned>(ground_.vms.size()))]; }
    const StormDevice& anyDevice(const StormVm& vm) { return vm.devices[below(static_cast<unsigned>(vm.devices.size()))]; }

    const StormGround& ground_;
    std::mt19937 random_;
    const std::string name_;                        ///< No other client's, nor of another seed.
    unsigned requests_ = 0;
    std::deque<StormAsk> named_;                    ///< Its latest calls with a request id.
    std::string heard_;
    std::string pending_;                           ///< Until it has cancelled it; empty: none.
};

} // namespace hotplug::test
