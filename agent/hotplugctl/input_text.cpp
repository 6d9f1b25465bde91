#include "hotplugctl/input_text.h"

#include "hotplugctl/errors.h"
#include "hotplugctl/format/json_text.h"

#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace hotplug::ctl {

std::string textFrom(const std::string& file, std::istream& in)
{
    std::ifstream opened;
    if (file != "-")
        opened.open(file);
    std::ostringstream text;
    text << (file == "-" ? in : opened).rdbuf();        // fails when nothing comes, be it a folder
    if (!text)
        throw UsageError(fmt::format("{} cannot be read", file), "it is missing, empty or not yours to read");
    return text.str();
}

Json::Value jsonFrom(const std::string& file, std::istream& in)
{
    std::string problem;
    if (auto json = parseJson(textFrom(file, in), problem))
        return *std::move(json);
    throw UsageError(fmt::format("{} is not JSON", file), problem);
}

} // namespace hotplug::ctl
