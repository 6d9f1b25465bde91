#pragma once

#include "model/device.h"

#include <json/value.h>
#include <string>
#include <vector>

/// VDSM's dictionaries of a disk (SPEC A3) and a NIC (B9): JSON that has passed its schema in, typed requests out.
///
/// All of them throw InvalidParams for what is -32602, and Refusal for what no schema can say: MISSING_PARAMETER (no
/// source), INVALID_PARAMETER (several sources, an address of the wrong kind), NOT_SUPPORTED (a key that this version
/// cannot honour). Pointers and fields are relative to the dictionary: `/path`.
namespace hotplug::wire {

/// Sentences about keys that had no effect.
using Warnings = std::vector<std::string>;

/// Takes out members that are null or the empty string: with VDSM both mean absent.
void dropEmpty(Json::Value& dictionary);
/// Takes out what VDSM had and we ignore, whatever it holds.
void dropIgnoredOfDrive(Json::Value& drive);
void dropIgnoredOfNic(Json::Value& nic);

DiskRequest readDrive(const Json::Value& drive, Warnings& warnings);
NicRequest readNic(const Json::Value& nic, Warnings& warnings);

/// What of a dictionary names the device to unplug.
DeviceQuery readDriveQuery(const Json::Value& drive);
DeviceQuery readNicQuery(const Json::Value& nic);

} // namespace hotplug::wire
