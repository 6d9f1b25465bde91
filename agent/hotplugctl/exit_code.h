#pragma once

namespace hotplug::ctl {

/// What a script learns from hotplugctl without reading. The first four are a change's outcome; a reading command
/// is Done, Refused or Failed. The others are sysexits.h's.
enum class ExitCode {
    Done = 0,
    Refused = 2,            ///< Nothing was touched.
    Failed = 3,             ///< Tried and undone, cancelled, or a defect of hotplugd.
    Pending = 4,            ///< Asked, outcome not known yet; hotplugd keeps watching. Also: it gave no answer in time.
    Usage = 64,             ///< The command line (or the file it names) makes no sense; hotplugd was not asked.
    NoDaemon = 69,          ///< Nobody took the request.
    Internal = 70,          ///< A defect of hotplugctl.
    Protocol = 76,          ///< Something answered that does not speak hotplugd's protocol.
};

} // namespace hotplug::ctl
