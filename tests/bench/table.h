#pragma once

#include "bench/figures.h"

#include <optional>
#include <string>
#include <vector>

namespace hotplug::bench {

/// What was measured, beside what it may be (DESIGN, Budgets). A budget that is left out is not judged.
class Table {
public:
    /// Both sides' times of the same thing; the budget is for their ratio.
    void compare(const std::string& what, Duration ours, Duration bare, std::optional<double> atMost = {});
    /// Both sides' work per second; the budget is for their ratio.
    void compareRates(const std::string& what, double ours, double bare, std::optional<double> atLeast = {});
    void time(const std::string& what, Duration ours, std::optional<Duration> atMost = {});
    void rate(const std::string& what, double perSecond);
    /// Anything else, with its unit.
    void amount(const std::string& what, double ours, const std::string& unit, std::optional<double> atMost = {});

    std::string text() const;
    bool empty() const { return rows_.empty(); }

private:
    struct Row {
        std::string what, ours, bare, ratio, budget, verdict;
    };
    std::vector<Row> rows_;
};

/// The one that main prints.
Table& table();

} // namespace hotplug::bench
