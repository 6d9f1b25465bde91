#pragma once

#include "support/wait.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hotplug::test {

/// One line of the guest: `HPGUEST add disk name=vda size=67108864 …`.
struct GuestLine {
    std::string text;
    std::map<std::string, std::string> values;

    /// The value of a key that the line has; throws when it has none.
    const std::string& operator[](const std::string& key) const;
};

/// Reads what the test guest says (tests/guest/README.md).
class Console {
public:
    using Mark = std::size_t;
    using Values = std::map<std::string, std::string>;

    /// The file is made when it does not exist.
    explicit Console(const std::filesystem::path& file);

    const std::filesystem::path& file() const { return file_; }
    /// Now: a later search sees only what is said after it.
    Mark mark() const;

    /// The first line after the mark that begins with these words (`add disk`) and has these values. Waits for it;
    /// throws with the end of the console when it does not come.
    GuestLine waitFor(Mark mark, const std::string& words, const Values& values = {},
        milliseconds within = patience) const;

    /// All lines after the mark that begin with these words and have these values; waits for nothing.
    std::vector<GuestLine> lines(Mark mark, const std::string& words, const Values& values = {}) const;

private:
    std::optional<GuestLine> first(Mark mark, const std::string& words, const Values& values) const;

    std::filesystem::path file_;
    Fd changes_;
};

} // namespace hotplug::test
