#pragma once

#include "verbs/verbs.h"
#include "wire/vdsm/dictionary.h"

#include <json/value.h>

/// Typed answers in, results as schema/ describes them out.
namespace hotplug::wire {

/// `{"status":{"code":0,"message":"Done"}}`
Json::Value done();

/// As VDSM writes it: PCI in hexadecimal, drives in decimal, all of it strings.
Json::Value toJson(const Address& address);

Json::Value toJson(const VmSummary& vm);
Json::Value toJson(const verbs::VmView& vm);
Json::Value toJson(const Capacity& capacity);

/// A device of `listDevices`.
Json::Value listedDevice(const verbs::DeviceView& device);

/// The result of a change that is done: `devices`, and `device` when there is one; of a plugged NIC what engines read.
/// `guestSeen`: the caller asked to wait for the guest.
Json::Value changeResult(const verbs::ChangeAnswer& answer, bool guestSeen);

/// The result of a dry run.
Json::Value planResult(const std::vector<Plan>& plans);

/// Adds `warnings` when there are any.
void addWarnings(Json::Value& result, const Warnings& warnings);

} // namespace hotplug::wire
