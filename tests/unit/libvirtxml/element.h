#pragma once

#include "support/catch.h"

#include <pugixml.hpp>
#include <string>

namespace hotplug::test {

/// The one element that `xml` is.
struct Element : pugi::xml_document {
    explicit Element(const std::string& xml) { REQUIRE(load_string(xml.c_str())); }

    /// The value of an attribute or the text of an element, by XPath.
    std::string at(const char* path) const
    {
        const auto found = select_node(path);
        return found.attribute() ? found.attribute().value() : found.node().text().get();
    }
    bool has(const char* path) const { return static_cast<bool>(select_node(path)); }

    /// The names of the element's children, in order.
    std::string children() const { return namesOf(document_element().children()); }
    std::string attributesOf(const char* path) const { return namesOf(select_node(path).node().attributes()); }

private:
    template<typename Range> static std::string namesOf(const Range& range)
    {
        std::string names;
        for (const auto& one : range)
            names += std::string(names.empty() ? "" : " ") + one.name();
        return names;
    }
};

} // namespace hotplug::test
