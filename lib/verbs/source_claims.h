#pragma once

#include "model/device.h"

#include <memory>
#include <string>
#include <vector>

namespace hotplug::verbs {

/// What is about to be plugged into which VM: no document shows it yet, and network volumes have no lock that would tell
/// the second of two VMs about the first. Thread-safe.
class SourceClaims {
    struct State;

public:
    /// One disk's, from its first plan until it is plugged or not; may outlive the SourceClaims.
    class Claim {
    public:
        explicit Claim(std::shared_ptr<State> state) : state_(std::move(state)) {}
        ~Claim();
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;

        /// Claims the source for the disk of a VM, instead of what was claimed before, and returns whose claims it meets:
        /// of two at the same moment the second meets the first. Before the users in documents are asked for, lest what
        /// is plugged in between be seen by neither.
        std::vector<SourceUser> lay(const Uuid& vm, const std::string& vmName, const DiskRequest& disk,
            const HostSource& source);

    private:
        const std::shared_ptr<State> state_;
    };

    SourceClaims();
    std::shared_ptr<Claim> make() const { return std::make_shared<Claim>(state_); }

private:
    std::shared_ptr<State> state_;
};

/// Whether a layer by this name is one of the source's.
bool hasLayer(const HostSource& source, const std::string& layer);

} // namespace hotplug::verbs
