//===- DatabaseTest.cpp - What is saved, and what files may look like -----===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files that were damaged or made with malice must end in a message and a new
// file, never in a crash, and never cost a file that is only busy or newer, or
// that never was a database.
//
//===----------------------------------------------------------------------===//

#include "TuningTesting.h"
#include "seednorm/Tuning/Contents.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <fcntl.h>
#include <fstream>
#include <limits>
#include <random>
#include <sqlite3.h>
#include <sys/stat.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using namespace seednorm::tuning::testing;

namespace {

/// What SQLite's own tool would do to the file.
class RawFile {
public:
  explicit RawFile(const std::string &path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  }
  ~RawFile() { sqlite3_close(database); }
  void run(const std::string &text) {
    char *message = nullptr;
    EXPECT_EQ(sqlite3_exec(database, text.c_str(), nullptr, nullptr, &message),
              SQLITE_OK)
        << text << ": " << (message ? message : "");
    sqlite3_free(message);
  }

private:
  sqlite3 *database = nullptr;
};

std::string readAll(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void writeAll(const std::string &path, const std::string &bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string toText(const Contents &contents) {
  std::string text;
  raw_string_ostream stream(text);
  printContents(stream, contents);
  return text;
}

std::string toText(const Database &database) {
  auto contents = database.getContents();
  if (!contents) {
    ADD_FAILURE() << toString(contents.takeError());
    return "";
  }
  return toText(*contents);
}

class DatabaseTest : public ::testing::Test {
protected:
  Database open(Database::Access access = Database::Access::Write) {
    warning.clear();
    return unwrap(Database::open(path, warning, access));
  }
  std::string getError(Database::Access access = Database::Access::Write) {
    warning.clear();
    auto database = Database::open(path, warning, access);
    return database ? "" : toString(database.takeError());
  }
  /// A few of everything.
  void fill() {
    Contents contents;
    for (int i = 0; i < 40; ++i) {
      Measurement m = makeMeasurement(i);
      m.key.width = 64 << i % 4;
      m.outcome = i % 7 ? Outcome::Measured : Outcome::Crashed;
      contents.measurements.push_back(m);
    }
    std::string text = "rows f32xD[*]\n";
    contents.programs = {{hashProgram(text), text}};
    contents.choices = {{makeKey(), schedule(3), 5}};
    check(open().merge(contents));
  }

  TemporaryFolder folder;
  std::string path = folder / "tuning.db", warning;
  int numMerged = 0;
};

//===----------------------------------------------------------------------===//
// Saving and finding
//===----------------------------------------------------------------------===//

TEST_F(DatabaseTest, KeepsEveryField) {
  Measurement m = makeMeasurement(7);
  m.outcome = Outcome::TimedOut;
  m.seconds = 0.1;
  m.speedup = 1.0 / 3;
  m.low = 0.25;
  m.high = 0.5;
  m.confidence = 0.95;
  m.time = 1795576656;
  m.origin = "evolution";
  m.message = "took \"long\" \xc3\xa4";
  check(open().add(m));
  auto found = unwrap(open().getMeasurements());
  ASSERT_EQ(found.size(), 1u);
  const Measurement &f = found[0];
  EXPECT_EQ(f.key, m.key);
  EXPECT_EQ(f.schedule, m.schedule);
  EXPECT_EQ(f.outcome, m.outcome);
  EXPECT_EQ(f.seconds, m.seconds);
  EXPECT_EQ(f.speedup, m.speedup);
  EXPECT_EQ(f.low, m.low);
  EXPECT_EQ(f.high, m.high);
  EXPECT_EQ(f.confidence, m.confidence);
  EXPECT_EQ(f.time, m.time);
  EXPECT_EQ(f.run, m.run);
  EXPECT_EQ(f.trial, m.trial);
  EXPECT_EQ(f.origin, m.origin);
  EXPECT_EQ(f.message, m.message);
}

TEST_F(DatabaseTest, TextIsDataNotSQL) {
  Measurement m = makeMeasurement(0);
  m.run = m.origin = m.key.target = "'); DROP TABLE measurements; --";
  Database database = open();
  check(database.add(m));
  Filter filter;
  filter.run = m.run;
  filter.target = m.key.target;
  EXPECT_EQ(unwrap(database.getMeasurements(filter)).size(), 1u);
  filter.run = "' OR '1' = '1";
  EXPECT_EQ(unwrap(database.getMeasurements(filter)).size(), 0u);
}

TEST_F(DatabaseTest, FiltersByWhatIsGiven) {
  fill();
  Database database = open(Database::Access::Read);
  auto count = [&](const Filter &filter) {
    return unwrap(database.getMeasurements(filter)).size();
  };
  EXPECT_EQ(count({}), 40u);
  Filter filter;
  filter.width = 128;
  EXPECT_EQ(count(filter), 10u);
  filter.outcome = Outcome::Crashed;
  EXPECT_EQ(count(filter), 1u); // trial 21
  filter.program = "ff";
  EXPECT_EQ(count(filter), 0u);
}

TEST_F(DatabaseTest, ReadingCreatesNothing) {
  path = folder / "not/there.db";
  Database database = open(Database::Access::Read);
  EXPECT_EQ(unwrap(database.getGeneration()), "");
  EXPECT_TRUE(unwrap(database.getMeasurements()).empty());
  EXPECT_FALSE(unwrap(database.getBest(makeKey())));
  EXPECT_FALSE(unwrap(database.getNearest(makeKey())));
  EXPECT_FALSE(unwrap(database.getChoice(makeKey())));
  EXPECT_FALSE(unwrap(database.getProgram("00")));
  EXPECT_FALSE(sys::fs::exists(folder / "not"));
  check(open().add(makeMeasurement(0))); // writing creates the folder too
  EXPECT_TRUE(sys::fs::exists(path));
}

TEST_F(DatabaseTest, TheBestIsUsableAndHasTheHighestLowBound) {
  Database database = open();
  auto add = [&](int number, Outcome outcome, double speedup, double low) {
    Measurement m = makeMeasurement(number);
    m.outcome = outcome;
    m.speedup = speedup;
    m.low = low;
    m.high = speedup + 1;
    check(database.add(m));
  };
  add(1, Outcome::Measured, 0.9, 0.8);
  EXPECT_FALSE(unwrap(database.getBest(makeKey())));
  add(2, Outcome::Measured, 1, 1);
  EXPECT_EQ(unwrap(database.getBest(makeKey()))->trial, 2);
  add(3, Outcome::Measured, 1.5, 1.1);
  add(4, Outcome::Measured, 1.3, 1.2); // less fast, but surely so
  add(5, Outcome::Wrong, 9, 9);
  add(6, Outcome::Crashed, 9, 9);
  add(7, Outcome::TimedOut, 9, 9);
  add(8, Outcome::Rejected, 9, 9);
  EXPECT_EQ(unwrap(database.getBest(makeKey()))->trial, 4);
  Key other = makeKey();
  other.threads = 2;
  EXPECT_FALSE(unwrap(database.getBest(other)));
}

TEST_F(DatabaseTest, WhatASearchMeasuredLastStandsForIt) {
  Database database = open();
  auto add = [&](int number, double low, llvm::StringRef origin,
                 llvm::StringRef run) {
    Measurement m = makeMeasurement(number);
    m.low = low;
    m.speedup = low + 0.01;
    m.high = low + 0.02;
    m.origin = origin.str();
    m.run = run.str();
    m.trial = number;
    check(database.add(m));
  };
  add(1, 1, "default", "first");
  add(2, 1.8, "random", "first"); // luck
  EXPECT_EQ(unwrap(database.getBest(makeKey()))->trial, 2);
  add(3, 1.3, "final", "first");
  EXPECT_EQ(unwrap(database.getBest(makeKey()))->trial, 3);
  // Another run that was ended before its last measurement.
  add(4, 1.4, "random", "second");
  EXPECT_EQ(unwrap(database.getBest(makeKey()))->trial, 4);
  add(5, 0.9, "final", "second");
  EXPECT_EQ(unwrap(database.getBest(makeKey()))->trial, 3);
  Key other = makeKey();
  other.width = 2048;
  EXPECT_EQ(unwrap(database.getNearest(other))->trial, 3);
}

TEST_F(DatabaseTest, TheNearestIsByWidthThenRowsThenThreads) {
  Database database = open();
  int number = 0;
  auto add = [&](int64_t width, int64_t rows, int64_t threads) {
    Measurement m = makeMeasurement(++number);
    m.key.width = width;
    m.key.rows = rows;
    m.key.threads = threads;
    check(database.add(m));
  };
  auto find = [&](int64_t width, int64_t rows, int64_t threads) {
    Key key = makeKey();
    key.width = width;
    key.rows = rows;
    key.threads = threads;
    auto found = unwrap(database.getNearest(key));
    return found ? int(found->trial) : 0;
  };
  add(1024, 16, 1);    // 1
  add(1024, 4096, 1);  // 2
  add(1024, 4096, 4);  // 3
  add(4096, 4096, 1);  // 4
  add(1024, 65536, 1); // 5
  EXPECT_EQ(find(1000, 4096, 1), 2);
  EXPECT_EQ(find(1000, 4096, 3), 3);
  EXPECT_EQ(find(1000, 32, 1), 1);
  EXPECT_EQ(find(3000, 512, 1), 4);  // the width before the rows
  EXPECT_EQ(find(3000, 16, 1), 1);   // rows of more than a factor of 16
  EXPECT_EQ(find(1000, 0, 1), 5);    // not known: many
  EXPECT_EQ(find(16384, 512, 1), 4); // a factor of 4
  EXPECT_EQ(find(16385, 512, 1), 0);
  EXPECT_EQ(find(255, 16, 1), 0);
  EXPECT_EQ(find(0, 16, 1), 0);
  EXPECT_EQ(find(1024, 4096, 1), 3); // itself is not near itself
}

TEST_F(DatabaseTest, TheNearestIsOfTheSameProgramAndNoMoreAligned) {
  Database database = open();
  Measurement m = makeMeasurement(1);
  m.key.alignment = 32;
  check(database.add(m));
  auto isFound = [&](function_ref<void(Key &)> change) {
    Key key = m.key;
    key.width *= 2;
    change(key);
    return unwrap(database.getNearest(key)).has_value();
  };
  EXPECT_TRUE(isFound([](Key &) {}));
  EXPECT_TRUE(isFound([](Key &key) { key.alignment = 64; }));
  EXPECT_FALSE(isFound([](Key &key) { key.alignment = 16; }));
  EXPECT_FALSE(isFound([](Key &key) { key.program[0] ^= 1; }));
  EXPECT_FALSE(isFound([](Key &key) { key.types = "f16->f16"; }));
  EXPECT_FALSE(isFound([](Key &key) { key.target = "other"; }));
  EXPECT_FALSE(isFound([](Key &key) { key.compiler = "other"; }));
}

TEST_F(DatabaseTest, TheSameTrialIsAddedOnce) {
  Database database = open();
  Measurement m = makeMeasurement(1);
  check(database.add(m));
  std::string generation = unwrap(database.getGeneration());
  check(database.add(m));
  EXPECT_EQ(unwrap(database.getMeasurements()).size(), 1u);
  EXPECT_EQ(unwrap(database.getGeneration()), generation);
  m.schedule = schedule(99);
  check(database.add(m));
  EXPECT_EQ(unwrap(database.getMeasurements()).size(), 2u);
  EXPECT_NE(unwrap(database.getGeneration()), generation);
}

TEST_F(DatabaseTest, ChoicesAreReplacedAndHaveAGeneration) {
  Database database = open();
  std::string measurements = unwrap(database.getGeneration());
  std::string before = unwrap(database.getChoiceGeneration());
  EXPECT_NE(before, "");
  check(database.recordChoice({makeKey(), schedule(1), 10}));
  std::string after = unwrap(database.getChoiceGeneration());
  EXPECT_NE(after, before);
  check(database.recordChoice({makeKey(), schedule(1), 11}));
  EXPECT_EQ(unwrap(database.getChoiceGeneration()), after);
  check(database.recordChoice({makeKey(), schedule(2), 9}));
  EXPECT_EQ(unwrap(database.getChoice(makeKey()))->schedule, schedule(2));
  Key other = makeKey();
  other.rows = 1;
  EXPECT_FALSE(unwrap(database.getChoice(other)));
  EXPECT_EQ(unwrap(database.getGeneration()), measurements);
}

TEST_F(DatabaseTest, TwoConnectionsSeeEachOther) {
  Database first = open(), second = open();
  std::string generation = unwrap(first.getGeneration());
  check(second.add(makeMeasurement(1)));
  EXPECT_NE(unwrap(first.getGeneration()), generation);
  check(first.add(makeMeasurement(2)));
  EXPECT_EQ(unwrap(second.getMeasurements()).size(), 2u);
}

TEST_F(DatabaseTest, RefusesWhatNoTunerMeasures) {
  Database database = open();
  auto getAddError = [&](function_ref<void(Measurement &)> change) {
    Measurement m = makeMeasurement(1);
    change(m);
    Error error = database.add(m);
    return error ? toString(std::move(error)) : "";
  };
  double infinity = std::numeric_limits<double>::infinity();
  auto has = [](const std::string &text, StringRef part) {
    return StringRef(text).contains(part);
  };
  using M = Measurement;
  EXPECT_TRUE(has(getAddError([&](M &m) { m.seconds = -1; }), "seconds is -1"));
  EXPECT_TRUE(has(getAddError([&](M &m) { m.seconds = NAN; }), "seconds is"));
  EXPECT_TRUE(has(getAddError([&](M &m) { m.high = infinity; }), "high is"));
  EXPECT_TRUE(has(getAddError([&](M &m) { m.low = m.high + 1; }), "low is"));
  EXPECT_TRUE(
      has(getAddError([&](M &m) { m.confidence = 2; }), "confidence is"));
  EXPECT_TRUE(
      has(getAddError([&](M &m) { m.key.width = -1; }), "key.width is -1"));
  EXPECT_TRUE(
      has(getAddError([&](M &m) { m.key.threads = 0; }), "key.threads is 0"));
  EXPECT_TRUE(has(getAddError([&](M &m) { m.key.program = "zz"; }),
                  "key.program is 'zz'"));
  EXPECT_TRUE(has(getAddError([&](M &m) { m.schedule = "fast"; }),
                  "schedule is 'fast'"));
  EXPECT_TRUE(has(getAddError([&](M &m) { m.run = std::string(5000, 'x'); }),
                  "run has 5000 bytes"));
  EXPECT_TRUE(has(getAddError([&](M &m) { m.origin = "\xff"; }), "not text"));
  EXPECT_EQ(unwrap(database.getMeasurements()).size(), 0u);
  // A message may be anything.
  EXPECT_EQ(getAddError([&](M &m) {
              m.message = std::string(100000, '\xff') + std::string(1, '\0');
            }),
            "");
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

TEST_F(DatabaseTest, ExportAndImportLoseNothing) {
  fill();
  std::string text = toText(open());
  path = folder / "other.db";
  Database other = open();
  Contents contents = unwrap(parseContents(text));
  check(other.merge(contents));
  EXPECT_EQ(toText(other), text);
  std::string generation = unwrap(other.getGeneration());
  check(other.merge(contents));
  EXPECT_EQ(toText(other), text);
  EXPECT_EQ(unwrap(other.getGeneration()), generation);
}

TEST_F(DatabaseTest, MergingDoesNotDependOnTheOrder) {
  Contents left, right;
  for (int i = 0; i < 10; ++i) {
    Measurement m = makeMeasurement(i);
    if (i < 7)
      left.measurements.push_back(m);
    // The same trials, but someone's clock or text differs.
    m.seconds *= i % 2 ? 2 : 0.5;
    m.message = i % 3 ? "a" : "";
    if (i > 2)
      right.measurements.push_back(m);
  }
  left.choices = {{makeKey(), schedule(1), 10}};
  right.choices = {{makeKey(), schedule(2), 10}};
  auto mergeAll = [&](std::vector<const Contents *> all) {
    path = folder / ("merged-" + std::to_string(++numMerged));
    Database database = open();
    for (const Contents *contents : all)
      check(database.merge(*contents));
    return toText(database);
  };
  std::string expected = mergeAll({&left, &right});
  EXPECT_EQ(mergeAll({&right, &left}), expected);
  EXPECT_EQ(mergeAll({&left, &right, &left, &right}), expected);
  EXPECT_EQ(mergeAll({&right, &right, &left}), expected);
}

TEST_F(DatabaseTest, JSONThatIsNotOursIsRefusedAndSaysWhere) {
  fill();
  std::string good = toText(open());
  ASSERT_TRUE(bool(parseContents(good)));
  auto getParseError = [&](StringRef from, StringRef to) -> std::string {
    size_t at = good.find(from.str());
    EXPECT_NE(at, std::string::npos) << from.str();
    std::string bad = good;
    bad.replace(at, from.size(), to.str());
    auto contents = parseContents(bad);
    return contents ? "accepted" : toString(contents.takeError());
  };
#define EXPECT_PARSE_ERROR(from, to, message)                                  \
  EXPECT_NE(getParseError(from, to).find(message), std::string::npos)          \
      << getParseError(from, to)
  EXPECT_PARSE_ERROR("\"width\": 64", "\"width\": -64",
                     "measurements[0].key.width is -64");
  EXPECT_PARSE_ERROR("\"width\": 64", "\"width\": \"64\"",
                     "measurements[0].key.width: an integer is expected");
  EXPECT_PARSE_ERROR("\"width\": 64", "\"width\": 64.5",
                     "measurements[0].key.width: an integer is expected");
  EXPECT_PARSE_ERROR("\"width\": 64", "\"depth\": 64",
                     "measurements[0].key.width: it is missing");
  EXPECT_PARSE_ERROR("\"width\": 64,", "\"width\": 64, \"x\": 1,",
                     "measurements[0].key.'x': nothing of this name");
  EXPECT_PARSE_ERROR("\"outcome\": \"measured\"", "\"outcome\": \"good\"",
                     "].outcome is 'good'");
  EXPECT_PARSE_ERROR("\"confidence\": 0.75", "\"confidence\": 1e999",
                     "confidence");
  EXPECT_PARSE_ERROR("#rowwise.schedule<", "#other.schedule<",
                     "measurements[0].schedule is '#other.schedule<");
  EXPECT_PARSE_ERROR("rows f32xD", "rows f16xD", "programs[0].hash is");
  EXPECT_PARSE_ERROR("\"version\": 1", "\"version\": 2",
                     "version is 2, but this compiler knows");
  EXPECT_PARSE_ERROR("seednorm-tuning", "other", "format is 'other'");
  EXPECT_PARSE_ERROR("\"choices\": [", "\"choices\": [3,",
                     "choices[0]: an object is expected");
  EXPECT_PARSE_ERROR("\"choices\": [", "\"choices\": [[[[[[[[[[[[[[[[[[",
                     "deeper than 16 levels");
  for (StringRef text : {"", "null", "[]", "{}", "{\"format\": 3}", "\xff"})
    EXPECT_FALSE(bool(Expected<Contents>(parseContents(text)))) << text.str();
}

TEST_F(DatabaseTest, MergingIsAllOrNothing) {
  fill();
  Database database = open();
  std::string before = toText(database);
  std::string generation = unwrap(database.getGeneration());
  Contents contents;
  contents.measurements = {makeMeasurement(1000), makeMeasurement(1001)};
  contents.measurements.back().seconds = -1;
  Error error = database.merge(contents);
  EXPECT_TRUE(bool(error));
  consumeError(std::move(error));
  EXPECT_EQ(toText(database), before);
  EXPECT_EQ(unwrap(database.getGeneration()), generation);
}

//===----------------------------------------------------------------------===//
// Files that are not what they should be
//===----------------------------------------------------------------------===//

TEST_F(DatabaseTest, DamagedAndHostileFilesAreSetAside) {
  struct Case {
    const char *name;
    std::function<void(const std::string &path)> spoil;
    const char *why;
  };
  auto sql = [](std::string text) {
    return [text](const std::string &path) { RawFile(path).run(text); };
  };
  auto bytes = [](std::function<std::string(std::string)> change) {
    return [change](const std::string &path) {
      writeAll(path, change(readAll(path)));
    };
  };
  const std::string unchecked = "PRAGMA ignore_check_constraints = ON;";
  const std::string unsafe = "PRAGMA writable_schema = ON;";
  Case cases[] = {
      {"half a file",
       bytes([](auto text) { return text.substr(0, text.size() / 2); }),
       "malformed"},
      {"a header", bytes([](auto text) { return text.substr(0, 100); }), ""},
      {"pages of zeros", bytes([](auto text) {
         return text.substr(0, 4096) + std::string(text.size() - 4096, '\0');
       }),
       ""},
      {"our mark without tables",
       [](const std::string &path) {
         sys::fs::remove(path);
         RawFile(path).run("PRAGMA application_id = 1397650549; "
                           "PRAGMA user_version = 1; CREATE TABLE t (x)");
       },
       "its tables"},
      {"a trigger",
       sql("CREATE TRIGGER t AFTER INSERT ON measurements BEGIN DELETE FROM "
           "choices; END"),
       "its tables"},
      {"a view", sql("CREATE VIEW v AS SELECT * FROM measurements"),
       "its tables"},
      {"a table more", sql("CREATE TABLE t (x)"), "its tables"},
      {"a column more", sql("ALTER TABLE measurements ADD COLUMN x INTEGER"),
       "its tables"},
      {"a table less", sql("DROP TABLE choices"), "its tables"},
      {"a negative time",
       sql(unchecked + "UPDATE measurements SET seconds = -1"), "CHECK"},
      {"an infinite time",
       sql(unchecked + "UPDATE measurements SET seconds = 9e999"), "CHECK"},
      {"no time, which NaN becomes",
       sql(unsafe +
           "UPDATE sqlite_schema SET sql = replace(sql, 'REAL NOT "
           "NULL', 'REAL'); PRAGMA schema_version = 99; PRAGMA "
           "writable_schema = RESET;" +
           unchecked + "UPDATE measurements SET seconds = NULL;" + unsafe +
           "UPDATE sqlite_schema SET sql = replace(sql, ' REAL CHECK', ' REAL "
           "NOT NULL CHECK'); PRAGMA schema_version = 100"),
       "NULL"},
      {"a text for a number",
       sql(unsafe +
           "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', ''); "
           "PRAGMA schema_version = 99; PRAGMA writable_schema = "
           "RESET;" +
           unchecked + "UPDATE measurements SET width = 'wide';" + unsafe +
           "UPDATE sqlite_schema SET sql = replace(sql, 'low <= high)) ', 'low "
           "<= high)) STRICT') || CASE name WHEN 'programs' THEN 'STRICT' WHEN "
           "'choices' THEN 'STRICT' WHEN 'generations' THEN 'STRICT' ELSE '' "
           "END WHERE type = 'table'; PRAGMA schema_version = 100"),
       "non-INTEGER"},
      {"a schedule that is none",
       sql(unchecked + "UPDATE measurements SET schedule = 'rm -rf'"), "CHECK"},
      {"a schedule with other characters",
       sql(unchecked +
           "UPDATE choices SET schedule = '#rowwise.schedule<\"a\">'"),
       "CHECK"},
      {"an oversized text",
       sql(unchecked + "UPDATE measurements SET run = hex(zeroblob(1000000))"),
       "CHECK"},
      {"a text beyond all limits",
       sql(unchecked +
           "UPDATE measurements SET message = hex(zeroblob(5000000))"),
       ""},
      {"a hash that is none",
       sql(unchecked + "UPDATE measurements SET program = 'x'"), "CHECK"},
      {"an outcome that is none",
       sql(unchecked + "UPDATE measurements SET outcome = 'splendid'"),
       "CHECK"},
  };
  for (const Case &c : cases) {
    SCOPED_TRACE(c.name);
    for (auto access : {Database::Access::Write, Database::Access::Read}) {
      path = folder / (std::string(c.name) +
                       (access == Database::Access::Read ? " read" : ""));
      fill();
      c.spoil(path);
      std::string bytes = readAll(path);
      if (access == Database::Access::Read) {
        std::string error = getError(access);
        EXPECT_NE(error.find(path + "': it is damaged ("), std::string::npos)
            << error;
        EXPECT_NE(error.find(c.why), std::string::npos) << error;
        EXPECT_EQ(readAll(path), bytes);
        EXPECT_FALSE(sys::fs::exists(path + ".damaged-1"));
        continue;
      }
      Database database = open(access);
      EXPECT_NE(warning.find("is damaged ("), std::string::npos) << warning;
      EXPECT_NE(warning.find(c.why), std::string::npos) << warning;
      EXPECT_NE(warning.find(path + ".damaged-1'"), std::string::npos)
          << warning;
      EXPECT_EQ(readAll(path + ".damaged-1"), bytes);
      EXPECT_TRUE(unwrap(database.getMeasurements()).empty());
      open();
      EXPECT_EQ(warning, "");
      check(open().add(makeMeasurement(1)));
    }
  }
}

TEST_F(DatabaseTest, WhatNeverWasADatabaseIsLeftAlone) {
  writeAll(folder / "text", "hello");
  writeAll(folder / "garbage", std::string(5000, 'x'));
  writeAll(folder / "json", "{\"format\": 1}");
  RawFile(folder / "other").run("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  RawFile(folder / "marked")
      .run("PRAGMA application_id = 7; CREATE TABLE t (x)");
  for (const char *name : {"text", "garbage", "json", "other", "marked"}) {
    path = folder / name;
    std::string bytes = readAll(path);
    for (auto access : {Database::Access::Write, Database::Access::Read}) {
      std::string error = getError(access);
      EXPECT_NE(error.find(path + "': it is not a tuning database ("),
                std::string::npos)
          << error;
      EXPECT_EQ(error.find("it looks like JSON") != std::string::npos,
                StringRef(name) == "json")
          << error;
      EXPECT_EQ(warning, "");
      EXPECT_EQ(readAll(path), bytes);
      EXPECT_FALSE(sys::fs::exists(path + ".damaged-1"));
    }
  }
}

TEST_F(DatabaseTest, WhatIsSetAsideIsKept) {
  for (int i = 1; i <= 3; ++i) {
    fill();
    std::string bytes = readAll(path).substr(0, 4096 + i);
    writeAll(path, bytes);
    open();
    EXPECT_EQ(readAll(path + ".damaged-" + std::to_string(i)), bytes);
  }
}

/// A change that leaves size and time as they were is not seen: nothing is
/// checked twice. One that is seen is checked.
TEST_F(DatabaseTest, AFileIsCheckedOnce) {
  fill();
  struct timespec before[2] = {{1700000000, 0}, {1700000000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), before, 0), 0);
  EXPECT_EQ(getError(Database::Access::Read), "");
  std::string bytes = readAll(path);
  size_t at = bytes.rfind("#rowwise.schedule<");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = '?';
  writeAll(path, bytes);
  EXPECT_NE(getError(Database::Access::Read).find("CHECK"), std::string::npos);
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), before, 0), 0);
  EXPECT_EQ(getError(Database::Access::Read), "");
}

TEST_F(DatabaseTest, StatisticsOfOtherToolsAreNoDamage) {
  fill();
  RawFile(path).run("ANALYZE");
  EXPECT_EQ(unwrap(open().getMeasurements()).size(), 40u);
  EXPECT_EQ(warning, "");
}

TEST_F(DatabaseTest, ANewerVersionIsLeftAlone) {
  fill();
  RawFile(path).run("CREATE TABLE later (x); PRAGMA user_version = 2");
  for (auto access : {Database::Access::Write, Database::Access::Read})
    EXPECT_NE(getError(access).find("it is of version 2, but this compiler "
                                    "knows versions up to 1"),
              std::string::npos)
        << getError(access);
  EXPECT_FALSE(sys::fs::exists(path + ".damaged-1"));
}

TEST_F(DatabaseTest, ALockedFileIsLeftAlone) {
  fill();
  RawFile other(path);
  other.run("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  std::string error = getError(Database::Access::Read);
  EXPECT_NE(error.find("another process has locked it"), std::string::npos)
      << error;
  EXPECT_FALSE(sys::fs::exists(path + ".damaged-1"));
  other.run("COMMIT");
}

TEST_F(DatabaseTest, WhatIsNoFileIsAnError) {
  path = folder / "a folder";
  ASSERT_FALSE(sys::fs::create_directory(path));
  EXPECT_NE(getError().find("it is not a file"), std::string::npos);
  path = folder / "a pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_NE(getError(Database::Access::Read).find("it is not a file"),
            std::string::npos);
  path = folder / "a folder/below/a/file.db";
  writeAll(folder / "a folder/below", "");
  EXPECT_NE(getError().find("cannot be created"), std::string::npos)
      << getError();
  path = "";
  EXPECT_NE(getError().find("its name is empty"), std::string::npos);
}

TEST_F(DatabaseTest, NamesThatSQLiteReadsOtherwiseAreFiles) {
  for (const char *name : {":memory:", "file:x.db?mode=memory", "100%?#.db"}) {
    path = folder / name;
    check(open().add(makeMeasurement(1)));
    EXPECT_TRUE(sys::fs::exists(path)) << path;
    EXPECT_EQ(unwrap(open(Database::Access::Read).getMeasurements()).size(),
              1u);
  }
}

/// Bytes that changed, or are missing, anywhere: no crash, and either the file
/// is set aside or what is read from it is what a database may hold.
TEST_F(DatabaseTest, AnyDamageEndsInAMessageOrInValidContents) {
  fill();
  std::string good = readAll(path);
  std::mt19937 random(12345);
  auto below = [&](size_t limit) { return random() % limit; };
  int setAside = 0, read = 0, refused = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string bad = good;
    if (i % 5 == 0)
      bad.resize(below(good.size()));
    // Most of what matters is in front, and where a page begins.
    for (int flips = i % 5 ? 1 + below(4) : 0; flips > 0; --flips) {
      size_t at = below(3) == 0 ? below(100)
                  : below(2)    ? below(good.size() / 4096) * 4096 + below(300)
                                : below(good.size());
      bad[at] = char(below(2) ? random() : bad[at] ^ (1 << below(8)));
    }
    path = folder / "flipped";
    for (const char *suffix : {"", "-wal", "-shm", ".damaged-1"})
      sys::fs::remove(path + suffix);
    writeAll(path, bad);
    warning.clear();
    auto database = Database::open(path, warning,
                                   i % 2 ? Database::Access::Read
                                         : Database::Access::Write);
    if (!database) {
      // Of another version or program: one byte makes it so. To read a damaged
      // one is an error too.
      std::string text = toString(database.takeError());
      EXPECT_TRUE(StringRef(text).contains("it is of version") ||
                  StringRef(text).contains("it is not a tuning database") ||
                  (i % 2 && StringRef(text).contains("it is damaged")))
          << i << ": " << text;
      EXPECT_EQ(readAll(path), bad);
      ++refused;
      continue;
    }
    (warning.empty() ? read : setAside) += 1;
    EXPECT_EQ(!warning.empty(), sys::fs::exists(path + ".damaged-1"));
    auto contents = database->getContents();
    if (!contents) {
      // An index that does not fit its table is seen only when it is used.
      consumeError(contents.takeError());
      continue;
    }
    EXPECT_TRUE(bool(Expected<Contents>(parseContents(toText(*contents)))))
        << i;
    if (i % 2 == 0)
      if (Error error = database->add(makeMeasurement(1000)))
        consumeError(std::move(error));
  }
  // It looked at all three.
  EXPECT_GT(setAside, 100);
  EXPECT_GT(read, 50);
  EXPECT_GT(refused, 0);
}

} // namespace
