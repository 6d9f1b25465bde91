#include "base/log.h"

#include <cstdlib>
#include <exception>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>

namespace hotplug {

bool isLogLevel(const std::string& name)
{
    return spdlog::level::from_str(name) != spdlog::level::off || name == "off";
}

void startLogging(const std::string& level)
{
    // systemd sets JOURNAL_STREAM for services whose stderr is the journal: speak to it natively then.
    const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
    auto sink = journal
        ? spdlog::sink_ptr(std::make_shared<spdlog::sinks::systemd_sink_mt>("hotplugd"))
        : spdlog::sink_ptr(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    auto logger = std::make_shared<spdlog::logger>("hotplugd", std::move(sink));
    logger->set_level(spdlog::level::from_str(level));
    logger->flush_on(spdlog::level::info);
    if (!journal)
        logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    spdlog::set_default_logger(std::move(logger));
}

void logInternalError(const std::string& where, const std::string& what)
{
    spdlog::error("INTERNAL: {}: {}", where, what);
}

std::string currentExceptionText()
{
    try {
        throw;
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "unknown exception";
    }
}

} // namespace hotplug
