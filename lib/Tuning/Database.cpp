//===- Database.cpp - Measured schedules kept in a file -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is read and written, in SQL. Files, damage and versions are
// DatabaseFile's.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Database.h"
#include "Checks.h"
#include "DatabaseFile.h"
#include "SQLite.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

Database::Database(std::string path, std::unique_ptr<SQLite> sqlite)
    : path(std::move(path)), sqlite(std::move(sqlite)) {}
Database::Database(Database &&) = default;
Database &Database::operator=(Database &&) = default;
Database::~Database() = default;

Expected<Database> Database::open(StringRef path, std::string &warning,
                                  Access access) {
  std::string absolute;
  auto sqlite =
      openDatabaseFile(path, access == Access::Write, absolute, warning);
  if (!sqlite)
    return makeError("cannot use the tuning database " + quote(path) + ": " +
                     toString(sqlite.takeError()));
  return Database(std::move(absolute), std::move(*sqlite));
}

/// Says which file it is about.
Error Database::describe(Error error) const {
  if (!error)
    return error;
  return makeError("the tuning database " + quote(path) + ": " +
                   toString(std::move(error)));
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

// In the order of Key's fields, and of Measurement's after them.
#define KEY_COLUMNS                                                            \
  "program, types, width, rows, alignment, target, threads, compiler"
#define MEASUREMENT_COLUMNS                                                    \
  KEY_COLUMNS ", schedule, outcome, seconds, speedup, low, high, confidence, " \
              "time, run, trial, origin, message"
#define KEY_IS                                                                 \
  "program = ? AND types = ? AND width = ? AND rows = ? AND alignment = ? "    \
  "AND target = ? AND threads = ? AND compiler = ?"
static constexpr int numKeyColumns = 8;

static Key readKey(const Statement &row) {
  Key key;
  key.program = row.getText(0).str();
  key.types = row.getText(1).str();
  key.width = row.getInteger(2);
  key.rows = row.getInteger(3);
  key.alignment = row.getInteger(4);
  key.target = row.getText(5).str();
  key.threads = row.getInteger(6);
  key.compiler = row.getText(7).str();
  return key;
}

static Expected<Measurement> readMeasurement(const Statement &row) {
  Measurement result;
  result.key = readKey(row);
  int at = numKeyColumns;
  result.schedule = row.getText(at++).str();
  Expected<Outcome> outcome = parseOutcome(row.getText(at++));
  if (!outcome)
    return outcome.takeError();
  result.outcome = *outcome;
  result.seconds = row.getReal(at++);
  result.speedup = row.getReal(at++);
  result.low = row.getReal(at++);
  result.high = row.getReal(at++);
  result.confidence = row.getReal(at++);
  result.time = row.getInteger(at++);
  result.run = row.getText(at++).str();
  result.trial = row.getInteger(at++);
  result.origin = row.getText(at++).str();
  result.message = row.getText(at++).str();
  if (Error error = check(result))
    return error;
  return result;
}

static Choice readChoice(const Statement &row) {
  Choice result;
  result.key = readKey(row);
  result.schedule = row.getText(numKeyColumns).str();
  result.time = row.getInteger(numKeyColumns + 1);
  return result;
}

/// Calls `read` with every row.
static Error forEachRow(Expected<Statement> statement,
                        function_ref<void(const Statement &)> read) {
  if (!statement)
    return statement.takeError();
  while (true) {
    Expected<bool> more = statement->step();
    if (!more)
      return more.takeError();
    if (!*more)
      return Error::success();
    read(*statement);
  }
}

static Expected<std::vector<Measurement>>
readMeasurements(Expected<Statement> statement) {
  std::vector<Measurement> result;
  Error error = forEachRow(std::move(statement), [&](const Statement &row) {
    // What no tuner wrote but SQLite cannot tell, text that is none, is as if
    // it were not there.
    if (Expected<Measurement> measurement = readMeasurement(row))
      result.push_back(std::move(*measurement));
    else
      consumeError(measurement.takeError());
  });
  if (error)
    return error;
  return result;
}

static Expected<std::vector<Choice>>
readChoices(Expected<Statement> statement) {
  std::vector<Choice> result;
  Error error = forEachRow(std::move(statement), [&](const Statement &row) {
    Choice choice = readChoice(row);
    if (Error invalid = check(choice))
      consumeError(std::move(invalid));
    else
      result.push_back(std::move(choice));
  });
  if (error)
    return error;
  return result;
}

static Expected<std::optional<std::string>>
readText(Expected<Statement> statement) {
  std::optional<std::string> result;
  Error error = forEachRow(std::move(statement), [&](const Statement &row) {
    result = row.getText(0).str();
  });
  if (error)
    return error;
  return result;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// A new name for the contents.
static Error touch(const SQLite &sqlite, StringRef table) {
  return sqlite.execute(
      "UPDATE generations SET value = hex(randomblob(16)) WHERE name = ?",
      table);
}

static Error insert(const SQLite &sqlite, const Measurement &m,
                    StringRef identity) {
  return sqlite.execute(
      "INSERT INTO measurements (identity, " MEASUREMENT_COLUMNS ") VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      "ON CONFLICT (identity) DO NOTHING",
      identity, m.key.program, m.key.types, m.key.width, m.key.rows,
      m.key.alignment, m.key.target, m.key.threads, m.key.compiler, m.schedule,
      stringifyOutcome(m.outcome), m.seconds, m.speedup, m.low, m.high,
      m.confidence, m.time, m.run, m.trial, m.origin, m.message);
}

/// Of two records of one trial the greater stays, whichever came first.
static Expected<bool> write(const SQLite &sqlite, const Measurement &added) {
  std::string identity = getIdentity(added);
  if (Error error = insert(sqlite, added, identity))
    return error;
  if (sqlite.getNumChanged())
    return true;
  auto present = readMeasurements(sqlite.prepare("SELECT " MEASUREMENT_COLUMNS
                                                 " FROM measurements WHERE "
                                                 "identity = ?",
                                                 identity));
  if (!present)
    return present.takeError();
  if (!present->empty() && !isLess(present->front(), added))
    return false;
  if (Error error = sqlite.execute(
          "DELETE FROM measurements WHERE identity = ?", identity))
    return error;
  if (Error error = insert(sqlite, added, identity))
    return error;
  return true;
}

static Expected<std::vector<Choice>> findChoice(const SQLite &sqlite,
                                                const Key &key) {
  return readChoices(sqlite.prepare(
      "SELECT " KEY_COLUMNS ", schedule, time FROM choices WHERE " KEY_IS,
      key.program, key.types, key.width, key.rows, key.alignment, key.target,
      key.threads, key.compiler));
}

static Error write(const SQLite &sqlite, const Choice &choice) {
  const Key &key = choice.key;
  return sqlite.execute(
      "INSERT OR REPLACE INTO choices (" KEY_COLUMNS ", schedule, time) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key.program, key.types, key.width, key.rows, key.alignment, key.target,
      key.threads, key.compiler, choice.schedule, choice.time);
}

static Error writeProgram(const SQLite &sqlite, StringRef text) {
  return sqlite.execute(
      "INSERT INTO programs (hash, text) VALUES (?, ?) ON CONFLICT (hash) DO "
      "UPDATE SET text = excluded.text WHERE text <> excluded.text",
      hashProgram(text), text);
}

/// What the tuner heard of a crash may be anything.
static Measurement cleanMessage(const Measurement &measurement) {
  constexpr size_t longest = 4096;
  Measurement result = measurement;
  result.message = json::fixUTF8(StringRef(result.message).take_front(longest));
  llvm::replace(result.message, '\0', ' ');
  return result;
}

Error Database::add(const Measurement &measurement) {
  Contents contents;
  contents.measurements.push_back(cleanMessage(measurement));
  return merge(contents);
}

Error Database::addProgram(StringRef text) {
  Contents contents;
  contents.programs.emplace_back(hashProgram(text), text.str());
  return merge(contents);
}

Error Database::recordChoice(const Choice &choice) {
  if (Error error = check(choice))
    return describe(std::move(error));
  return describe(sqlite->transact([&]() -> Error {
    auto present = findChoice(*sqlite, choice.key);
    if (!present)
      return present.takeError();
    if (!present->empty() && present->front().schedule == choice.schedule)
      return Error::success();
    if (Error error = write(*sqlite, choice))
      return error;
    return touch(*sqlite, "choices");
  }));
}

static Error mergeMeasurements(const SQLite &sqlite,
                               ArrayRef<Measurement> measurements) {
  bool changed = false;
  for (const Measurement &measurement : measurements) {
    Expected<bool> isNew = write(sqlite, measurement);
    if (!isNew)
      return isNew.takeError();
    changed |= *isNew;
  }
  return changed ? touch(sqlite, "measurements") : Error::success();
}

static Error mergeChoices(const SQLite &sqlite, ArrayRef<Choice> choices) {
  bool changed = false;
  for (const Choice &choice : choices) {
    auto present = findChoice(sqlite, choice.key);
    if (!present)
      return present.takeError();
    if (!present->empty() && !isLess(present->front(), choice))
      continue;
    if (Error error = write(sqlite, choice))
      return error;
    changed = true;
  }
  return changed ? touch(sqlite, "choices") : Error::success();
}

Error Database::merge(const Contents &contents) {
  for (const auto &[hash, text] : contents.programs) {
    if (Error error = checkProgramText(text))
      return describe(std::move(error));
    if (hash != hashProgram(text))
      return describe(
          makeError("program " + quote(hash) + " is not the hash of its text"));
  }
  for (const Measurement &measurement : contents.measurements)
    if (Error error = check(measurement))
      return describe(std::move(error));
  for (const Choice &choice : contents.choices)
    if (Error error = check(choice))
      return describe(std::move(error));
  return describe(sqlite->transact([&]() -> Error {
    for (const auto &[hash, text] : contents.programs)
      if (Error error = writeProgram(*sqlite, text))
        return error;
    if (Error error = mergeMeasurements(*sqlite, contents.measurements))
      return error;
    return mergeChoices(*sqlite, contents.choices);
  }));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

Expected<std::string> Database::getGeneration(StringRef table) const {
  if (!sqlite)
    return std::string();
  auto text = readText(
      sqlite->prepare("SELECT value FROM generations WHERE name = ?", table));
  if (!text)
    return describe(text.takeError());
  return text->value_or("");
}

Expected<std::string> Database::getGeneration() const {
  return getGeneration("measurements");
}

Expected<std::string> Database::getChoiceGeneration() const {
  return getGeneration("choices");
}

Expected<std::optional<std::string>>
Database::getProgram(StringRef hash) const {
  if (!sqlite)
    return std::nullopt;
  auto text = readText(
      sqlite->prepare("SELECT text FROM programs WHERE hash = ?", hash));
  if (!text)
    return describe(text.takeError());
  // Someone else's text says nothing of this program.
  if (*text && hashProgram(**text) != hash)
    return std::nullopt;
  return text;
}

Expected<std::vector<Measurement>>
Database::getMeasurements(const Filter &filter) const {
  if (!sqlite)
    return std::vector<Measurement>();
  StringRef outcome =
      filter.outcome ? stringifyOutcome(*filter.outcome) : StringRef();
  // A condition that is not wanted is true of every row.
  auto result = readMeasurements(sqlite->prepare(
      "SELECT " MEASUREMENT_COLUMNS " FROM measurements WHERE "
      "substr(program, 1, length(?1)) = ?1 AND (?2 < 0 OR width = ?2) AND "
      "(?3 = '' OR target = ?3) AND (?4 = '' OR compiler = ?4) AND "
      "(?5 = '' OR run = ?5) AND (?6 = '' OR outcome = ?6) ORDER BY id",
      filter.program, filter.width.value_or(-1), filter.target, filter.compiler,
      filter.run, outcome));
  if (!result)
    return describe(result.takeError());
  return result;
}

/// Of programs that are the key's, at whatever width: what findBest needs.
Expected<std::vector<Measurement>>
Database::getCandidates(const Key &key) const {
  if (!sqlite)
    return std::vector<Measurement>();
  auto result = readMeasurements(sqlite->prepare(
      "SELECT " MEASUREMENT_COLUMNS " FROM measurements WHERE program = ? AND "
      "types = ? AND target = ? AND compiler = ? AND outcome = 'measured' AND "
      "(low >= 1 OR origin = 'final')",
      key.program, key.types, key.target, key.compiler));
  if (!result)
    return describe(result.takeError());
  return result;
}

static std::optional<Measurement> copy(const Measurement *measurement) {
  return measurement ? std::optional(*measurement) : std::nullopt;
}

Expected<std::optional<Measurement>> Database::getBest(const Key &key) const {
  auto candidates = getCandidates(key);
  if (!candidates)
    return candidates.takeError();
  return copy(findBest(*candidates, key));
}

Expected<std::optional<Measurement>>
Database::getNearest(const Key &key) const {
  auto candidates = getCandidates(key);
  if (!candidates)
    return candidates.takeError();
  return copy(findNearest(*candidates, key));
}

Expected<std::optional<Choice>> Database::getChoice(const Key &key) const {
  if (!sqlite)
    return std::nullopt;
  auto choices = findChoice(*sqlite, key);
  if (!choices)
    return describe(choices.takeError());
  if (choices->empty())
    return std::nullopt;
  return choices->front();
}

Expected<Contents> Database::getContents() const {
  Contents result;
  if (!sqlite)
    return result;
  auto measurements = getMeasurements();
  if (!measurements)
    return measurements.takeError();
  result.measurements = std::move(*measurements);
  llvm::sort(result.measurements,
             [](auto &left, auto &right) { return isLess(left, right); });
  auto choices = readChoices(
      sqlite->prepare("SELECT " KEY_COLUMNS ", schedule, time FROM choices"));
  if (!choices)
    return describe(choices.takeError());
  result.choices = std::move(*choices);
  llvm::sort(result.choices,
             [](auto &left, auto &right) { return left.key < right.key; });
  if (Error error = forEachRow(
          sqlite->prepare("SELECT hash, text FROM programs ORDER BY hash"),
          [&](const Statement &row) {
            if (hashProgram(row.getText(1)) == row.getText(0))
              result.programs.emplace_back(row.getText(0), row.getText(1));
          }))
    return describe(std::move(error));
  return result;
}
