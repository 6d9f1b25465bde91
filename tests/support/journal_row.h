#pragma once

#include "support/test_host.h"

#include <json/value.h>
#include <string>

namespace hotplug::test {

/// An operation as the journal keeps it.
struct JournalRow {
    std::string outcome, reason;                    ///< Empty: there is no such operation, or it has none.
    Json::Value intent;

    /// The XML that was written down before libvirt got it.
    std::string deviceXml(unsigned entry = 0) const { return intent["plans"][entry]["deviceXml"].asString(); }
};

JournalRow journalRow(const TestHost& host, const std::string& operationId);

} // namespace hotplug::test
