#include "bench/table.h"

#include <fmt/format.h>

namespace hotplug::bench {

namespace {

constexpr const char* none = "-";

std::string text(Duration time)
{
    const auto microseconds = time.count();
    if (microseconds < 1000)
        return fmt::format("{:.1f} us", microseconds);
    if (microseconds < 1e6)
        return fmt::format("{:.2f} ms", microseconds / 1000);
    return fmt::format("{:.3f} s", microseconds / 1e6);
}

std::string rateText(double perSecond)
{
    return fmt::format("{:.{}f} /s", perSecond, perSecond < 1000 ? 1 : 0);
}

std::string verdict(bool kept)
{
    return kept ? "kept" : "MISSED";
}

} // namespace

void Table::compare(const std::string& what, Duration ours, Duration bare, std::optional<double> atMost)
{
    const auto ratio = ours / bare;
    rows_.push_back({what, bench::text(ours), bench::text(bare), fmt::format("{:.2f}", ratio),
        atMost ? fmt::format("ratio <= {:.2f}", *atMost) : none, atMost ? verdict(ratio <= *atMost) : none});
}

void Table::compareRates(const std::string& what, double ours, double bare, std::optional<double> atLeast)
{
    const auto ratio = ours / bare;
    rows_.push_back({what, rateText(ours), rateText(bare), fmt::format("{:.2f}", ratio),
        atLeast ? fmt::format("ratio >= {:.2f}", *atLeast) : none, atLeast ? verdict(ratio >= *atLeast) : none});
}

void Table::time(const std::string& what, Duration ours, std::optional<Duration> atMost)
{
    rows_.push_back({what, bench::text(ours), none, none, atMost ? "<= " + bench::text(*atMost) : none,
        atMost ? verdict(ours <= *atMost) : none});
}

void Table::rate(const std::string& what, double perSecond)
{
    rows_.push_back({what, rateText(perSecond), none, none, none, none});
}

void Table::amount(const std::string& what, double ours, const std::string& unit, std::optional<double> atMost)
{
    rows_.push_back({what, fmt::format("{:.1f} {}", ours, unit), none, none,
        atMost ? fmt::format("<= {:.1f} {}", *atMost, unit) : none, atMost ? verdict(ours <= *atMost) : none});
}

std::string Table::text() const
{
    constexpr const char* line = "{:<46}{:>12}{:>14}{:>8}  {:<16}{}\n";
    auto all = fmt::format(line, "what", "ours", "bare libvirt", "ratio", "budget", "verdict");
    for (const auto& row : rows_)
        all += fmt::format(line, row.what, row.ours, row.bare, row.ratio, row.budget, row.verdict);
    return all;
}

Table& table()
{
    static Table all;
    return all;
}

} // namespace hotplug::bench
