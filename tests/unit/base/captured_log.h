#pragma once

#include <memory>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <string>

namespace hotplug::test {

/// Takes the process's log for as long as it lives; for tests that provoke an INTERNAL line on purpose.
class CapturedLog {
public:
    CapturedLog() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink_)); }
    ~CapturedLog() { spdlog::set_default_logger(before_); }
    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;

    /// Only once the threads that log are gone.
    std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::sinks::ostream_sink_mt> sink_ = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

} // namespace hotplug::test
