#pragma once

#include "hotplugctl/command.h"
#include "hotplugctl/errors.h"

#include <string>

namespace hotplug::ctl {

/// `hotplugctl: what happened · why · what to do`, printable, with a newline.
std::string errorLine(const Sentence& sentence, const Style& style);

/// The daemon's error for people: the line above, below it what a program would read, or what is wrong with each
/// parameter. `vm` is how hints name the VM.
std::string errorText(const RpcError& error, const std::string& verb, const std::string& vm, const Style& style);

} // namespace hotplug::ctl
