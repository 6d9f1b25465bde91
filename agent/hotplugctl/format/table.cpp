#include "hotplugctl/format/table.h"

#include "hotplugctl/format/printable.h"

#include <algorithm>

namespace hotplug::ctl {

namespace {

std::vector<std::size_t> widthsOf(const std::vector<std::vector<Cell>>& rows)
{
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], displayWidth(row[i].text));
    }
    return widths;
}

std::string lineOf(const std::vector<Cell>& row, const std::vector<std::size_t>& widths, const Style& style)
{
    std::string line;
    std::size_t gap = 0;                        // written only once more text follows
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string& text = row[i].text;
        if (!text.empty()) {
            line += std::string(gap, ' ') + style.paint(text, row[i].colour);
            gap = 0;
        }
        gap += widths[i] - displayWidth(text) + 2;
    }
    return line + '\n';
}

} // namespace

Table::Table(const std::vector<std::string>& header)
{
    auto& row = rows_.emplace_back();
    for (const std::string& title : header)
        row.emplace_back(title, Colour::Bold);
}

void Table::add(std::vector<Cell> row)
{
    for (Cell& cell : row)
        cell.text = cell.text.empty() ? "-" : printable(cell.text);
    rows_.push_back(std::move(row));
}

std::string Table::str(const Style& style) const
{
    const auto widths = widthsOf(rows_);
    std::string text;
    for (const auto& row : rows_)
        text += lineOf(row, widths, style);
    return text;
}

} // namespace hotplug::ctl
