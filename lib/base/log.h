#pragma once

#include <spdlog/spdlog.h>
#include <string>

namespace hotplug {

/// Sets up the process-wide logger: stderr, or the journal when systemd listens on it (JOURNAL_STREAM).
/// `level` must be a name that isLogLevel() knows.
void startLogging(const std::string& level);

/// spdlog's names: trace, debug, info, warning, error, critical, off.
bool isLogLevel(const std::string& name);

/// Logs an error that must never happen, with the reason INTERNAL that the test harness looks for.
/// `where` names the thread or handler whose catch-all caught it.
void logInternalError(const std::string& where, const std::string& what);

/// The text of the exception being handled; for catch-alls.
std::string currentExceptionText();

/// Runs an action and turns whatever it throws into an INTERNAL log line: the catch-all of every thread.
template<typename Action> void guarded(const char* where, Action&& action)
{
    try {
        action();
    } catch (...) {
        logInternalError(where, currentExceptionText());
    }
}

} // namespace hotplug
