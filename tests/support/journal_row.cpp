#include "support/journal_row.h"

#include "hotplugctl/format/json_text.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace hotplug::test {

JournalRow journalRow(const TestHost& host, const std::string& operationId)
{
    SQLite::Database journal(host.stateDir() / "journal.sqlite", SQLite::OPEN_READONLY, 5000);
    SQLite::Statement row(journal, "SELECT outcome, ifnull(reason, ''), intent FROM operation WHERE id = ?");
    row.bind(1, operationId);
    if (!row.executeStep())
        return {};
    std::string problem;
    const auto intent = ctl::parseJson(row.getColumn(2).getString(), problem);
    return {row.getColumn(0).getString(), row.getColumn(1).getString(), intent.value_or(Json::Value())};
}

} // namespace hotplug::test
