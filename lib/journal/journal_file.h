#pragma once

#include <SQLiteCpp/Database.h>
#include <filesystem>
#include <sys/types.h>

namespace hotplug {

/// Keeps other processes away from a journal for as long as it lives. The kernel lets go when we die.
class JournalLock {
public:
    /// Throws JournalInUse when another process has it, JournalError when the directory is missing or unwritable.
    explicit JournalLock(const std::filesystem::path& directory);
    ~JournalLock();
    JournalLock(const JournalLock&) = delete;
    JournalLock& operator=(const JournalLock&) = delete;

private:
    int fd_;
};

std::filesystem::path journalFile(const std::filesystem::path& directory);

/// Which file a path names; all that name none are equal.
class FileIdentity {
public:
    explicit FileIdentity(const std::filesystem::path& file);
    bool operator==(const FileIdentity&) const = default;

private:
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

/// The journal in a directory whose lock the caller holds: judged without writing a byte to it, made when it is not
/// there, ready to use. Throws JournalError or SQLite::Exception.
SQLite::Database openJournalFile(const std::filesystem::path& directory);

} // namespace hotplug
