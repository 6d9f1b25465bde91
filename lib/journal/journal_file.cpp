#include "journal/journal_file.h"

#include "journal/journal.h"

#include <SQLiteCpp/Statement.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hotplug {

namespace {

namespace fs = std::filesystem;

constexpr int applicationId = 0x68706c67;       // "hplg": tells our file from other people's
constexpr int busyTimeoutMs = 2000;             // somebody's sqlite3 shell; other daemons are kept away by the lock

/// Version n of the schema is made by the first n steps; an older file gets those that it lacks.
///
/// Operations are found by id and by settled_ms, which is null while one is open; the few open ones also by VM and the
/// aliases of their devices. `sequence` is their order: clocks jump.
constexpr const char* schemaSteps[] = {R"(
    CREATE TABLE operation (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        verb TEXT NOT NULL,
        vm TEXT NOT NULL,
        goal TEXT NOT NULL,
        device TEXT,
        alias TEXT NOT NULL,
        plan TEXT NOT NULL,
        uid INTEGER NOT NULL,
        pid INTEGER NOT NULL,
        opened_ms INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT,
        sentence TEXT NOT NULL,
        settled_ms INTEGER
    ) STRICT;
    CREATE INDEX operation_by_settled ON operation (settled_ms);
)",
    // An operation may have several devices.
    R"(
    CREATE TABLE operation_device (
        sequence INTEGER NOT NULL REFERENCES operation (sequence) ON DELETE CASCADE,
        alias TEXT NOT NULL
    ) STRICT;
    CREATE INDEX operation_device_by_sequence ON operation_device (sequence);
    INSERT INTO operation_device (sequence, alias) SELECT sequence, alias FROM operation;
    ALTER TABLE operation RENAME COLUMN plan TO intent;
    UPDATE operation SET intent = json_object('plans', json_array(json(intent)), 'givenUp', NULL)
        WHERE json_valid(intent);
    ALTER TABLE operation DROP COLUMN device;
    ALTER TABLE operation DROP COLUMN alias;
)",
    // Request ids; timelines and watchers. `dropped.cursor` is the last whose event may be gone, `first` the one that all
    // come after: the time in microseconds, so that the cursors of an earlier journal lie before those of this one.
    R"(
    ALTER TABLE operation ADD COLUMN params TEXT NOT NULL DEFAULT '';
    ALTER TABLE operation ADD COLUMN request TEXT;
    CREATE INDEX operation_by_request ON operation (request) WHERE request IS NOT NULL;
    CREATE TABLE joined_request (
        request TEXT NOT NULL PRIMARY KEY,
        sequence INTEGER NOT NULL REFERENCES operation (sequence) ON DELETE CASCADE,
        params TEXT NOT NULL
    ) STRICT;
    CREATE INDEX joined_request_by_sequence ON joined_request (sequence);
    CREATE TABLE event (
        cursor INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        vm TEXT NOT NULL,
        operation TEXT,
        alias TEXT NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT,
        sentence TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_by_operation ON event (operation) WHERE operation IS NOT NULL;
    CREATE INDEX event_by_device ON event (vm, alias);
    CREATE INDEX operation_device_by_alias ON operation_device (alias);
    CREATE TABLE dropped (cursor INTEGER NOT NULL, first INTEGER NOT NULL) STRICT;
    INSERT INTO dropped SELECT now, now FROM (SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) AS now);
    INSERT INTO sqlite_sequence (name, seq) SELECT 'event', first FROM dropped;
)"};
constexpr int schemaVersion = std::size(schemaSteps);

[[noreturn]] void fail(const fs::path& path, const std::string& problem)
{
    throw JournalError(fmt::format("the journal {} {}", path.string(), problem));
}

/// Reads only: the file stays as it is, byte for byte, whatever it turns out to be.
void judge(const fs::path& file)
{
    SQLite::Database database(file, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, busyTimeoutMs);
    if (database.execAndGet("PRAGMA application_id").getInt() != applicationId)
        fail(file, "was not made by hotplugd; move it away or name another directory");
    const int version = database.execAndGet("PRAGMA user_version").getInt();
    if (version > schemaVersion)
        fail(file, fmt::format("has schema version {}, this hotplugd knows up to {}; install the newer hotplugd again",
            version, schemaVersion));
    if (version < 1)
        fail(file, fmt::format("has schema version {}, which never existed; restore it from a backup", version));
    auto found = database.execAndGet("PRAGMA quick_check(1)").getString();
    std::ranges::replace(found, '\n', ' ');
    if (found != "ok")
        fail(file, fmt::format("is damaged ({}); restore it from a backup or move it away", found));
}

void judgeOrExplain(const fs::path& file)
{
    try {
        judge(file);
    } catch (const SQLite::Exception& error) {
        fail(file, fmt::format("cannot be read: {}; restore it from a backup or move it away", error.what()));
    }
}

/// All steps or none.
void upgrade(SQLite::Database& database, int version)
{
    std::string steps;
    for (int step = version; step < schemaVersion; ++step)
        steps += schemaSteps[step];
    if (!steps.empty())
        database.exec(fmt::format("BEGIN IMMEDIATE; {} PRAGMA user_version={}; COMMIT;", steps, schemaVersion));
}

/// Made beside its place and moved there whole, so that a crash or a full disk leaves no half-made journal.
void create(const fs::path& file)
{
    const auto draft = fs::path(file).concat(".new");
    for (const char* leftover : {"", "-journal"})
        fs::remove(fs::path(draft).concat(leftover));
    const int fd = ::open(draft.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        fail(file, fmt::format("cannot be made: {}", std::strerror(errno)));
    ::close(fd);
    SQLite::Database database(draft, SQLite::OPEN_READWRITE);
    database.exec(fmt::format("PRAGMA application_id={}", applicationId));
    upgrade(database, 0);
    fs::rename(draft, file);
}

void configure(SQLite::Database& database, const fs::path& file)
{
    if (database.execAndGet("PRAGMA journal_mode=WAL").getString() != "wal")
        fail(file, "lies on a file system that cannot keep it; name a directory on a local one");
    database.exec("PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=8388608; PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON;");
    // Writes nothing, yet fails when the file or its directory cannot be written.
    database.exec("BEGIN IMMEDIATE; ROLLBACK;");
}

} // namespace

JournalLock::JournalLock(const fs::path& directory)
    : fd_(::open((directory / "journal.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600))
{
    if (fd_ < 0)
        fail(directory, fmt::format("cannot be opened: {}; it must be a directory that hotplugd may write to",
            std::strerror(errno)));
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0)
        return;
    const int error = errno;
    ::close(fd_);
    if (error == EWOULDBLOCK)
        throw JournalInUse(fmt::format(
            "the journal {} is in use by another hotplugd; stop that one, or give this one another directory",
            directory.string()));
    fail(directory, fmt::format("cannot be locked: {}", std::strerror(error)));
}

JournalLock::~JournalLock()
{
    ::close(fd_);
}

fs::path journalFile(const fs::path& directory)
{
    return directory / "journal.sqlite";
}

FileIdentity::FileIdentity(const fs::path& file)
{
    struct stat found{};
    if (::stat(file.c_str(), &found) != 0)
        return;
    device_ = found.st_dev;
    inode_ = found.st_ino;
}

SQLite::Database openJournalFile(const fs::path& directory)
{
    const auto file = journalFile(directory);
    if (fs::exists(fs::symlink_status(file)))
        judgeOrExplain(file);
    else
        create(file);
    SQLite::Database database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, busyTimeoutMs);
    configure(database, file);
    upgrade(database, database.execAndGet("PRAGMA user_version").getInt());
    return database;
}

} // namespace hotplug
