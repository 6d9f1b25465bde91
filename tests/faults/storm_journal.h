#pragma once

#include "support/test_host.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace hotplug::test {

/// The journal from its first line to its last, as it lies in the file.
class StormJournal {
public:
    struct Operation {
        std::string vm, verb, outcome;
        bool settled = false;
        std::set<std::string> requests;             ///< The ids of all that it has answered.
        std::set<std::string> aliases;
    };
    /// What it says last of a device. Unsure: it drifted, left after its unplug was cancelled, or was on a list that was
    /// cancelled half way.
    enum class Word { Gone, There, Unsure };
    struct Device {
        Word word = Word::Gone;
        bool leftAfterCancel = false;               ///< Since it was last plugged.
        std::vector<std::string> story;             ///< Its last events: `hotplugDisk done`, `drift`
    };

    explicit StormJournal(const TestHost& host);

    const std::map<std::string, Operation>& operations() const { return operations_; }
    Device deviceOf(const std::string& vm, const std::string& alias) const;
    /// Operations without an outcome, and request ids that name several.
    std::vector<std::string> problems() const;

private:
    struct Event {
        std::string vm, operation, alias, kind;
    };

    void apply(const Event& event);
    static void apply(const std::string& kind, const Operation& operation, Device& device);

    std::map<std::string, Operation> operations_;
    std::map<std::pair<std::string, std::string>, Device> devices_;
};

} // namespace hotplug::test
