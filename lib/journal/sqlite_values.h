#pragma once

#include "base/reason.h"

#include <SQLiteCpp/Statement.h>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

/// What the tables of the journal share: values to columns and back.
namespace hotplug {

inline std::int64_t toMs(std::chrono::system_clock::time_point time)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

inline std::chrono::system_clock::time_point fromMs(std::int64_t ms)
{
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(ms));
}

inline std::int64_t nowMs()
{
    return toMs(std::chrono::system_clock::now());
}

inline void bindOrNull(SQLite::Statement& statement, int index, const std::optional<std::string>& text)
{
    if (text)
        statement.bind(index, *text);
    else
        statement.bind(index);
}

inline std::optional<std::string> nameOrNull(std::optional<Reason> reason)
{
    return reason ? std::optional(std::string(nameOf(*reason))) : std::nullopt;
}

/// Statements are compiled once; whoever uses one leaves it reset, whatever happened.
class Reset {
public:
    explicit Reset(SQLite::Statement& statement) : statement_(statement) {}
    ~Reset() { statement_.tryReset(); }
    Reset(const Reset&) = delete;
    Reset& operator=(const Reset&) = delete;

private:
    SQLite::Statement& statement_;
};

} // namespace hotplug
