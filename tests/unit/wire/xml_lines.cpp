#include "unit/wire/xml_lines.h"

#include <map>
#include <pugixml.hpp>
#include <stdexcept>

namespace hotplug::test {

namespace {

void add(XmlLines& lines, const std::string& path, const pugi::xml_node& element)
{
    std::map<std::string, unsigned> seen;
    for (const auto& attribute : element.attributes())
        lines.insert(path + "@" + attribute.name() + "=" + attribute.value());
    for (const auto& child : element.children()) {
        if (child.type() == pugi::node_pcdata) {
            lines.insert(path + "=" + child.value());
            continue;
        }
        const auto number = seen[child.name()]++;
        add(lines, path + "/" + child.name() + (number > 0 ? "[" + std::to_string(number) + "]" : ""), child);
    }
    if (!element.first_attribute() && !element.first_child())
        lines.insert(path);
}

} // namespace

XmlLines xmlLines(const std::string& xml)
{
    pugi::xml_document document;
    if (!document.load_string(xml.c_str()))
        throw std::invalid_argument("no XML: " + xml);
    XmlLines lines;
    add(lines, std::string("/") + document.document_element().name(), document.document_element());
    return lines;
}

} // namespace hotplug::test
