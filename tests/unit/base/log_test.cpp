#include "support/catch.h"

#include "base/log.h"
#include "base/scope_guard.h"
#include "captured_log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <unistd.h>

using namespace hotplug;
using hotplug::test::CapturedLog;

TEST_CASE("Log levels are known by their names")
{
    for (const auto* name : {"trace", "debug", "info", "warning", "error", "critical", "off"}) {
        CAPTURE(name);
        CHECK(isLogLevel(name));
    }
    for (const auto* name : {"", "loud", "INFO", "info "}) {
        CAPTURE(name);
        CHECK_FALSE(isLogLevel(name));
    }
}

TEST_CASE("A catch-all turns whatever was thrown into one INTERNAL line that names its place")
{
    CapturedLog log;
    guarded("a lane", [] { throw std::runtime_error("no such thing"); });
    guarded("a timer", [] { throw 42; });
    guarded("quiet", [] {});
    CHECK_THAT(log.text(), Catch::Contains("INTERNAL: a lane: no such thing"));
    CHECK_THAT(log.text(), Catch::Contains("INTERNAL: a timer: unknown exception"));
    CHECK_THAT(log.text(), !Catch::Contains("quiet"));
}

TEST_CASE("What others say cannot make log lines of its own")
{
    const auto before = spdlog::default_logger();
    const ScopeGuard restore([&before] { spdlog::set_default_logger(before); });
    std::FILE* const file = std::tmpfile();
    REQUIRE(file);
    const ScopeGuard close([file] { std::fclose(file); });
    const int realStderr = ::dup(STDERR_FILENO);
    ::dup2(::fileno(file), STDERR_FILENO);
    startLogging("info");
    spdlog::info("image {}", "a\n2026-01-01T00:00:00.000 error forged\x1b[2J\x7f");
    ::dup2(realStderr, STDERR_FILENO);
    ::close(realStderr);

    std::rewind(file);
    std::array<char, 400> text{};
    const auto length = std::fread(text.data(), 1, text.size(), file);
    const std::string line(text.data(), length);
    CHECK(std::ranges::count(line, '\n') == 1);
    CHECK_THAT(line, Catch::Contains("info image a\\x0a2026-01-01T00:00:00.000 error forged\\x1b[2J\\x7f\n"));
}

TEST_CASE("A scope guard acts when the scope is left, also by an exception, unless it was dismissed")
{
    int acted = 0;
    {
        const ScopeGuard guard([&acted] { ++acted; });
        CHECK(acted == 0);
    }
    CHECK(acted == 1);
    try {
        const ScopeGuard guard([&acted] { ++acted; });
        throw std::runtime_error("out");
    } catch (const std::runtime_error&) {
    }
    CHECK(acted == 2);
    {
        ScopeGuard guard([&acted] { ++acted; });
        guard.dismiss();
    }
    CHECK(acted == 2);
}
