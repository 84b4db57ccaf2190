//===- DatabaseFile.cpp - A database on the disk --------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The schema is compared as text and the file checked whole before anything is
// read: a file with one trigger more than ours is not used. Only what bears our
// mark is ever renamed, and only to write in its place.
//
//===----------------------------------------------------------------------===//

#include "DatabaseFile.h"
#include "CheckedFiles.h"
#include "seednorm/Runtime/Environment.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cstring>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

std::optional<std::string> tuning::getDefaultDatabasePath() {
  std::optional<std::string> directory = getDefaultCacheDirectory();
  if (!directory)
    return std::nullopt;
  SmallString<128> path(*directory);
  sys::path::append(path, "tuning.db");
  return path.str().str();
}

//===----------------------------------------------------------------------===//
// Schema
//===----------------------------------------------------------------------===//

/// "SNtu".
static constexpr int64_t applicationId = 0x534e7475;
static constexpr int64_t currentVersion = 1;

// Types are checked by STRICT, texts and numbers here: `quick_check` finds rows
// that break these rules.
#define TEXT_UP_TO(name, bytes)                                                \
  #name " TEXT NOT NULL CHECK (length(CAST(" #name " AS BLOB)) <= " #bytes ")"
#define NUMBER_FROM(name, least)                                               \
  #name " INTEGER NOT NULL CHECK (" #name " >= " #least ")"
#define REAL_UP_TO(name, most)                                                 \
  #name " REAL NOT NULL CHECK (" #name " >= 0 AND " #name " <= " #most ")"
#define HASH(name)                                                             \
  #name " TEXT NOT NULL CHECK (length(" #name ") = 64 AND " #name              \
        " NOT GLOB '*[^0-9a-f]*')"
#define SCHEDULE                                                               \
  TEXT_UP_TO(schedule, 4096)                                                   \
  " CHECK (schedule GLOB '#rowwise.schedule<*>' AND schedule NOT GLOB "        \
  "'*[^#.<>a-z0-9_=, ]*')"
#define KEY                                                                                           \
  HASH(program)                                                                                       \
  ", " TEXT_UP_TO(types, 4096) ", " NUMBER_FROM(width, 0) ", " NUMBER_FROM(rows, 0) ", " NUMBER_FROM( \
      alignment,                                                                                      \
      0) ", " TEXT_UP_TO(target,                                                                      \
                         4096) ", " NUMBER_FROM(threads,                                              \
                                                1) ", " TEXT_UP_TO(compiler,                          \
                                                                   4096)

/// What the current version has, as sqlite_schema has it.
static constexpr StringLiteral statements[] = {
    "CREATE TABLE programs (" HASH(hash) " PRIMARY KEY, " TEXT_UP_TO(
        text, 1048576) ") STRICT",
    "CREATE TABLE measurements (id INTEGER PRIMARY KEY, " HASH(
        identity) " UNIQUE, " KEY ", " SCHEDULE
                  ", outcome TEXT NOT NULL CHECK (outcome IN ('measured', "
                  "'wrong', "
                  "'crashed', 'timed-out', 'rejected')), " REAL_UP_TO(seconds, 1e9) ", " REAL_UP_TO(speedup, 1e9) ", " REAL_UP_TO(low, 1e9) ", " REAL_UP_TO(
                      high,
                      1e9) ", " REAL_UP_TO(confidence,
                                           1) ", " NUMBER_FROM(time,
                                                               0) ","
                                                                  " " TEXT_UP_TO(run, 4096) ", " NUMBER_FROM(
                                                                      trial,
                                                                      0) ","
                                                                         " " TEXT_UP_TO(origin, 4096) ", " TEXT_UP_TO(
                                                                             message,
                                                                             65536) ", CHECK (low <= high)) STRICT",
    "CREATE INDEX measurements_of_program ON measurements (program, types, "
    "target, compiler)",
    "CREATE TABLE choices (" KEY ", " SCHEDULE ", " NUMBER_FROM(
        time, 0) ", PRIMARY KEY (program, types, width, rows, alignment, "
                 "target, threads, compiler)) STRICT",
    "CREATE TABLE generations (name TEXT PRIMARY KEY NOT NULL, "
    "value TEXT NOT NULL CHECK (length(value) <= 64)) STRICT"};

static Expected<int64_t> readNumber(const SQLite &sqlite, StringRef text) {
  Expected<Statement> statement = sqlite.prepare(text);
  if (!statement)
    return statement.takeError();
  Expected<bool> hasRow = statement->step();
  if (!hasRow)
    return hasRow.takeError();
  return statement->getInteger(0);
}

/// The first column of every row.
static Expected<std::vector<std::string>> readTexts(const SQLite &sqlite,
                                                    StringRef text) {
  std::vector<std::string> result;
  Expected<Statement> statement = sqlite.prepare(text);
  if (!statement)
    return statement.takeError();
  while (true) {
    Expected<bool> hasRow = statement->step();
    if (!hasRow)
      return hasRow.takeError();
    if (!*hasRow)
      return result;
    result.push_back(statement->getText(0).str());
  }
}

/// Brings a file of an older version, 0 for an empty one, to the current one.
static Error migrate(const SQLite &sqlite) {
  return sqlite.transact([&]() -> Error {
    // Another process may have done it.
    Expected<int64_t> version = readNumber(sqlite, "PRAGMA user_version");
    if (!version || *version == currentVersion)
      return version.takeError();
    for (StringRef statement : statements)
      if (Error error = sqlite.execute(statement))
        return error;
    for (StringRef name : {"measurements", "choices"})
      if (Error error = sqlite.execute("INSERT INTO generations VALUES (?, "
                                       "hex(randomblob(16)))",
                                       name))
        return error;
    if (Error error = sqlite.execute("PRAGMA application_id = " +
                                     std::to_string(applicationId)))
      return error;
    return sqlite.execute("PRAGMA user_version = " +
                          std::to_string(currentVersion));
  });
}

//===----------------------------------------------------------------------===//
// Inspection
//===----------------------------------------------------------------------===//

namespace {

/// Damaged: ours, but not as it should be. Foreign: it never was ours.
enum class State { Empty, Current, Damaged, Foreign };

struct Inspection {
  State state;
  /// What is wrong with it.
  std::string why;
};

/// A connection, if there is one, and the state of its file.
struct Opened {
  std::unique_ptr<SQLite> sqlite;
  Inspection inspection;
};

} // namespace

static bool isDamage(int code) {
  switch (code & 0xff) {
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_FORMAT:
  case SQLITE_TOOBIG:
  case SQLITE_MISMATCH:
  // Only fixed statements are run on a file that is inspected.
  case SQLITE_ERROR:
    return true;
  }
  return false;
}

static Expected<Inspection> inspectSchema(const SQLite &sqlite) {
  Expected<int64_t> application = readNumber(sqlite, "PRAGMA application_id");
  if (!application)
    return application.takeError();
  Expected<int64_t> version = readNumber(sqlite, "PRAGMA user_version");
  if (!version)
    return version.takeError();
  if (*application == applicationId && *version > currentVersion)
    return makeError("it is of version " + Twine(*version) +
                     ", but this compiler knows versions up to " +
                     Twine(currentVersion));
  Expected<std::vector<std::string>> objects =
      // ANALYZE, which some tools run unasked, adds statistics.
      readTexts(sqlite, "SELECT sql FROM sqlite_schema WHERE sql NOTNULL AND "
                        "name NOT IN ('sqlite_stat1', 'sqlite_stat4') "
                        "ORDER BY rowid");
  if (!objects)
    return objects.takeError();
  if (*application == 0 && *version == 0 && objects->empty())
    return Inspection{State::Empty, ""};
  if (*application != applicationId)
    return Inspection{State::Foreign, "another program wrote it"};
  if (!llvm::equal(*objects, statements))
    return Inspection{State::Damaged, "its tables are not what they should be"};
  return Inspection{State::Current, ""};
}

static Expected<Inspection> inspect(const SQLite &sqlite, StringRef path) {
  // As it was before the check: what changes meanwhile is checked again.
  FileVersion version(path);
  Expected<Inspection> inspection = inspectSchema(sqlite);
  if (!inspection || inspection->state != State::Current || version.isChecked())
    return inspection;
  Expected<std::vector<std::string>> findings =
      readTexts(sqlite, "PRAGMA quick_check(1)");
  if (!findings)
    return findings.takeError();
  if (findings->size() != 1 || findings->front() != "ok")
    return Inspection{State::Damaged, llvm::join(*findings, "; ")};
  version.setChecked();
  return inspection;
}

/// Turns an error that the file's contents explain into what is wrong with it.
static Expected<Inspection> asDamage(Error error) {
  std::string why;
  Error rest = handleErrors(
      std::move(error), [&](std::unique_ptr<SQLiteError> reported) -> Error {
        if (!isDamage(reported->getCode()))
          return Error(std::move(reported));
        why = reported->message();
        return Error::success();
      });
  if (rest)
    return rest;
  return Inspection{State::Damaged, why};
}

namespace {

/// What the first bytes of a file tell of who wrote it.
struct Header {
  bool isOurs = false;
  /// Empty where it may be ours.
  std::string whyForeign;
};

} // namespace

static Header readHeader(StringRef path) {
  constexpr size_t applicationAt = 68;
  Expected<std::string> bytes = SQLite::readHeader(path);
  if (!bytes) {
    // Opening it says what is wrong.
    consumeError(bytes.takeError());
    return {};
  }
  StringRef text = *bytes;
  if (text.starts_with("{"))
    return {false, "it looks like JSON: seednorm-tune import reads that"};
  // No contents yet.
  if (text.find_first_not_of('\0') == StringRef::npos)
    return {};
  if (!text.starts_with(StringRef("SQLite format 3\0", 16)))
    return {false, "file is not a database"};
  uint32_t application = support::endian::read32be(text.data() + applicationAt);
  // Without a mark: what a process that was killed had begun.
  if (application != 0 && application != applicationId)
    return {false, "another program wrote it"};
  return {application == applicationId, ""};
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

static constexpr unsigned readTimeout = 10, writeTimeout = 60;

/// Where the file is not what it should be, without a connection.
static Expected<Opened> openOnce(StringRef path, SQLite::Access access,
                                 unsigned timeout) {
  Opened result;
  Expected<SQLite> sqlite = SQLite::open(path, access, timeout);
  Expected<Inspection> inspection =
      sqlite ? inspect(*sqlite, path) : asDamage(sqlite.takeError());
  if (!inspection)
    inspection = asDamage(inspection.takeError());
  if (!inspection)
    return inspection.takeError();
  if (inspection->state == State::Empty || inspection->state == State::Current)
    result.sqlite = std::make_unique<SQLite>(std::move(*sqlite));
  result.inspection = std::move(*inspection);
  return result;
}

/// Whether SQLite could not put its files beside the database.
static bool isForWantOfFiles(const Error &error) {
  bool result = false;
  visitErrors(error, [&](const ErrorInfoBase &base) {
    if (base.isA<SQLiteError>()) {
      int code = static_cast<const SQLiteError &>(base).getCode() & 0xff;
      result = code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    }
  });
  return result;
}

static bool hasContents(const std::string &path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

static Expected<Opened> openUnmarked(const std::string &path, bool forWriting) {
  unsigned timeout = forWriting ? writeTimeout : readTimeout;
  Expected<Opened> opened = openOnce(path, SQLite::Access::ReadWrite, timeout);
  if (!opened) {
    Error error = opened.takeError();
    if (forWriting || !isForWantOfFiles(error) || access(path.c_str(), R_OK) ||
        hasContents(path + "-wal"))
      return error;
    consumeError(std::move(error));
    // In a directory that nobody here can write to the file is as it is.
    return openOnce(path, SQLite::Access::Immutable, timeout);
  }
  if (!forWriting || !opened->sqlite || !opened->sqlite->isReadOnly())
    return opened;
  if (access(path.c_str(), W_OK) != 0)
    return makeError("it cannot be written to: " + Twine(std::strerror(errno)));
  // A format that SQLite only reads.
  opened->sqlite.reset();
  opened->inspection = {State::Damaged, "its format is unknown"};
  return opened;
}

static Expected<Opened> openFile(const std::string &path, bool forWriting) {
  Header header = readHeader(path);
  if (!header.whyForeign.empty())
    return Opened{nullptr, {State::Foreign, header.whyForeign}};
  Expected<Opened> opened = openUnmarked(path, forWriting);
  if (opened && !opened->sqlite)
    opened->inspection.state = header.isOurs ? State::Damaged : State::Foreign;
  return opened;
}

/// Says in words what SQLite has only codes for.
static Error explain(Error error, const std::string &path) {
  if (!error.isA<SQLiteError>())
    return error;
  return handleErrors(std::move(error), [&](const SQLiteError &reported) {
    int code = reported.getCode() & 0xff;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
      return makeError("another process has locked it for long");
    if (code == SQLITE_READONLY)
      return makeError("it cannot be written to");
    if (code == SQLITE_CANTOPEN && access(path.c_str(), R_OK) != 0)
      return makeError(std::strerror(errno));
    return makeError(reported.message());
  });
}

//===----------------------------------------------------------------------===//
// What is damaged or not there yet
//===----------------------------------------------------------------------===//

namespace {

/// One process at a time renames and creates files of a directory. Where that
/// cannot be had, a directory on a network perhaps, it goes without.
class DirectoryLock {
public:
  explicit DirectoryLock(const std::string &directory)
      : file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (file >= 0)
      (void)flock(file, LOCK_EX);
  }
  ~DirectoryLock() {
    if (file >= 0)
      close(file);
  }
  DirectoryLock(const DirectoryLock &) = delete;

  /// Names of new files are on the disk when it returns.
  void sync() const {
    if (file >= 0)
      (void)fsync(file);
  }

private:
  int file;
};

} // namespace

static std::string describe(const Inspection &inspection) {
  return (inspection.state == State::Foreign ? "is not a tuning database ("
                                             : "is damaged (") +
         inspection.why + ")";
}

static Error makeUseless(const Inspection &inspection) {
  return makeError("it " + describe(inspection));
}

/// A user's file is not to be renamed because it was named by mistake.
static bool mayBeSetAside(StringRef path, const Inspection &inspection) {
  if (inspection.state == State::Damaged)
    return true;
  SmallString<128> own(getDefaultDatabasePath().value_or(""));
  return !own.empty() && !sys::fs::make_absolute(own) && own == path;
}

/// Renames the file, with what SQLite put beside it, to PATH.damaged-N.
static Error setAside(const std::string &path, const Inspection &inspection,
                      std::string &warning) {
  if (!mayBeSetAside(path, inspection))
    return makeUseless(inspection);
  std::string target;
  unsigned number = 1;
  do
    target = path + ".damaged-" + std::to_string(number++);
  while (sys::fs::exists(target));
  std::string what = describe(inspection);
  if (std::error_code code = sys::fs::rename(path, target))
    return makeError("it " + what + " and cannot be renamed to " +
                     quote(target) + ": " + code.message());
  // SQLite would take them for the new file's.
  for (StringRef suffix : {"-wal", "-shm", "-journal"})
    if (sys::fs::exists(path + suffix))
      (void)sys::fs::rename(path + suffix, target + suffix);
  warning = "the tuning database " + quote(path) + " " + what + ": it is now " +
            quote(target) + ", and an empty one takes its place";
  return Error::success();
}

static Expected<Opened> create(const std::string &path,
                               const DirectoryLock &lock) {
  Expected<SQLite> sqlite =
      SQLite::open(path, SQLite::Access::Create, writeTimeout);
  if (!sqlite)
    return sqlite.takeError();
  // Where the file system cannot do that, SQLite goes on without.
  Expected<std::vector<std::string>> mode =
      readTexts(*sqlite, "PRAGMA journal_mode = WAL");
  if (!mode)
    return mode.takeError();
  if (Error error = migrate(*sqlite))
    return error;
  lock.sync();
  Opened result;
  result.sqlite = std::make_unique<SQLite>(std::move(*sqlite));
  result.inspection.state = State::Current;
  return result;
}

/// An error if it is there and no file.
static Expected<bool> exists(const std::string &path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return false;
    return makeError(std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode))
    return makeError("it is not a file");
  return true;
}

/// Makes what is not there, or is not as it should be; one process at a time.
static Expected<std::unique_ptr<SQLite>> repair(const std::string &path,
                                                std::string &warning) {
  std::string directory = sys::path::parent_path(path).str();
  if (std::error_code code = sys::fs::create_directories(
          directory, /*IgnoreExisting=*/true, sys::fs::owner_all))
    return makeError("its directory cannot be created: " + code.message());
  DirectoryLock lock(directory);
  // As another process has left it meanwhile.
  Expected<bool> isThere = exists(path);
  if (!isThere)
    return isThere.takeError();
  if (*isThere) {
    Expected<Opened> opened = openFile(path, /*forWriting=*/true);
    if (!opened)
      return opened.takeError();
    if (opened->inspection.state == State::Current)
      return std::move(opened->sqlite);
    opened->sqlite.reset();
    if (opened->inspection.state != State::Empty)
      if (Error error = setAside(path, opened->inspection, warning))
        return error;
  }
  Expected<Opened> created = create(path, lock);
  if (!created)
    return created.takeError();
  return std::move(created->sqlite);
}

static Expected<std::unique_ptr<SQLite>>
openUnexplained(const std::string &path, bool forWriting,
                std::string &warning) {
  Expected<bool> isThere = exists(path);
  if (!isThere)
    return isThere.takeError();
  if (!*isThere && !forWriting)
    return nullptr;
  if (*isThere) {
    Expected<Opened> opened = openFile(path, forWriting);
    if (!opened)
      return opened.takeError();
    if (opened->inspection.state == State::Current)
      return std::move(opened->sqlite);
    if (!forWriting) {
      if (opened->inspection.state == State::Empty)
        return nullptr;
      return makeUseless(opened->inspection);
    }
  }
  return repair(path, warning);
}

Expected<std::unique_ptr<SQLite>>
tuning::openDatabaseFile(StringRef path, bool forWriting, std::string &absolute,
                         std::string &warning) {
  SmallString<128> full(path);
  if (path.empty())
    return makeError("its name is empty");
  if (std::error_code code = sys::fs::make_absolute(full))
    return makeError(code.message());
  absolute = full.str().str();
  auto sqlite = openUnexplained(absolute, forWriting, warning);
  if (!sqlite)
    return explain(sqlite.takeError(), absolute);
  return sqlite;
}
