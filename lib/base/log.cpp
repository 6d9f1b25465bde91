#include "base/log.h"

#include <cstdlib>
#include <exception>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hotplug {

namespace {

/// The message with its control characters written out: what guests, images and others say cannot make a line of its own.
class OneLine final : public spdlog::custom_flag_formatter {
public:
    static constexpr char flag = '*';

    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& line) override
    {
        for (const char c : message.payload)
            if (const auto byte = static_cast<unsigned char>(c); byte < ' ' || byte == 0x7f)
                fmt::format_to(std::back_inserter(line), "\\x{:02x}", byte);
            else
                line.push_back(c);
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<OneLine>(); }
};

/// systemd says in JOURNAL_STREAM which stream it is: a child's stderr may be another one (systemd.exec).
bool stderrIsJournal()
{
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat found{};
    return stream && ::fstat(STDERR_FILENO, &found) == 0
        && fmt::format("{}:{}", found.st_dev, found.st_ino) == stream;
}

std::unique_ptr<spdlog::formatter> lineFormatter()
{
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<OneLine>(OneLine::flag).set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %*");
    return formatter;
}

} // namespace

bool isLogLevel(const std::string& name)
{
    return spdlog::level::from_str(name) != spdlog::level::off || name == "off";
}

void startLogging(const std::string& level)
{
    const bool journal = stderrIsJournal();     // speak to it natively then
    auto sink = journal
        ? spdlog::sink_ptr(std::make_shared<spdlog::sinks::systemd_sink_mt>("hotplugd"))
        : spdlog::sink_ptr(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    auto logger = std::make_shared<spdlog::logger>("hotplugd", std::move(sink));
    logger->set_level(spdlog::level::from_str(level));
    logger->flush_on(spdlog::level::info);
    if (!journal)
        logger->set_formatter(lineFormatter());
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
