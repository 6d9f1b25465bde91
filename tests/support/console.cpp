#include "support/console.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/inotify.h>
#include <unistd.h>

namespace hotplug::test {

namespace {

GuestLine parse(const std::string& text)
{
    GuestLine line{text, {}};
    std::istringstream words(text);
    for (std::string word; words >> word;)
        if (const auto equals = word.find('='); equals != std::string::npos)
            line.values[word.substr(0, equals)] = word.substr(equals + 1);
    return line;
}

bool matches(const GuestLine& line, const Console::Values& values)
{
    return std::ranges::all_of(values, [&](const auto& wanted) {
        const auto found = line.values.find(wanted.first);
        return found != line.values.end() && found->second == wanted.second;
    });
}

std::string described(const std::string& words, const Console::Values& values)
{
    std::string text = words;
    for (const auto& [key, value] : values)
        text += " " + key + "=" + value;
    return text;
}

std::string lastOf(const std::string& text)
{
    constexpr std::size_t enough = 3000;
    return text.size() > enough ? "…" + text.substr(text.size() - enough) : text;
}

} // namespace

const std::string& GuestLine::operator[](const std::string& key) const
{
    const auto found = values.find(key);
    if (found == values.end())
        throw std::runtime_error("no " + key + " in: " + text);
    return found->second;
}

Console::Console(const std::filesystem::path& file) : file_(file), changes_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK))
{
    std::ofstream(file, std::ios::app).close();
    if (::inotify_add_watch(changes_.get(), file.c_str(), IN_MODIFY) < 0)
        failErrno("watch " + file.string());
}

Console::Mark Console::mark() const
{
    return std::filesystem::file_size(file_);
}

std::vector<GuestLine> Console::lines(Mark mark, const std::string& words, const Values& values) const
{
    const auto text = readFile(file_);
    const auto wanted = "HPGUEST " + words + " ";
    std::vector<GuestLine> found;
    for (std::size_t at = mark; at < text.size();) {
        const auto end = text.find('\n', at);
        if (end == std::string::npos)
            break;                                  // not said to its end yet
        auto line = text.substr(at, end - at);
        at = end + 1;
        std::erase(line, '\r');
        if ((line + " ").starts_with(wanted))
            if (auto parsed = parse(line); matches(parsed, values))
                found.push_back(std::move(parsed));
    }
    return found;
}

std::optional<GuestLine> Console::first(Mark mark, const std::string& words, const Values& values) const
{
    const auto found = lines(mark, words, values);
    return found.empty() ? std::nullopt : std::optional(found.front());
}

GuestLine Console::waitFor(Mark mark, const std::string& words, const Values& values, milliseconds within) const
{
    const auto deadline = Clock::now() + within;
    for (;;) {
        if (auto found = first(mark, words, values))
            return *found;
        if (!readable({changes_.get()}, deadline))
            throw std::runtime_error("the guest has not said: " + described(words, values)
                + "\nits console ends with:\n" + lastOf(readFile(file_).substr(mark)));
        char events[4096];
        while (::read(changes_.get(), events, sizeof(events)) > 0) {
        }
    }
}

} // namespace hotplug::test
