#pragma once

#include "hotplugctl/format/style.h"

#include <string>
#include <vector>

namespace hotplug::ctl {

/// Text in a table; may come from anywhere, the table makes it printable.
struct Cell {
    Cell(std::string said, Colour wanted = Colour::Plain) : text(std::move(said)), colour(wanted) {}
    Cell(const char* said) : text(said) {}

    std::string text;
    Colour colour = Colour::Plain;
};

/// Aligned columns, two spaces between them, none at the end of a line.
class Table {
public:
    /// Without a header: rows of names and values.
    Table() = default;
    explicit Table(const std::vector<std::string>& header);

    /// An empty cell is shown as `-`.
    void add(std::vector<Cell> row);
    std::string str(const Style& style) const;

private:
    std::vector<std::vector<Cell>> rows_;
};

} // namespace hotplug::ctl
