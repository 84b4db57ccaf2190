//===- PolicyTest.cpp - Which schedule is tried first ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Modes, and the order of one's own measurements, those near, and those that
// come with the compiler.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Policy.h"
#include "TuningTesting.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include <cstdlib>
#include <fstream>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using namespace seednorm::tuning::testing;

namespace {

class PolicyTest : public ::testing::Test {
protected:
  ~PolicyTest() override {
    for (const auto &[name, value] : saved)
      if (value)
        setenv(name.c_str(), value->c_str(), 1);
      else
        unsetenv(name.c_str());
  }
  /// Null: not set.
  void set(const char *name, const char *value) {
    const char *before = std::getenv(name);
    saved.emplace_back(name, before ? std::optional<std::string>(before)
                                    : std::nullopt);
    if (value)
      setenv(name, value, 1);
    else
      unsetenv(name);
  }
  void add(int number, int64_t width) {
    std::string warning;
    Measurement m = makeMeasurement(number);
    m.key.width = width;
    check(unwrap(Database::open(path, warning)).add(m));
  }
  Policy create(Mode mode) {
    PolicyOptions options;
    options.mode = mode;
    options.database = path;
    std::string warning;
    return unwrap(Policy::create(options, warning));
  }
  static std::string describe(ArrayRef<Suggestion> suggestions) {
    std::string text;
    for (const Suggestion &suggestion : suggestions)
      text += stringifyOrigin(suggestion.origin).str() + " " +
              std::to_string(suggestion.key.width) + ";";
    return text;
  }
  std::string suggest(Mode mode, const Key &key = makeKey()) {
    return describe(unwrap(create(mode).suggest(key)));
  }
  std::string suggestionError(Mode mode, const Key &key = makeKey()) {
    auto suggestions = create(mode).suggest(key);
    return suggestions ? "" : toString(suggestions.takeError());
  }

  TemporaryFolder folder;
  std::string path = folder / "tuning.db";

private:
  std::vector<std::pair<std::string, std::optional<std::string>>> saved;
};

TEST_F(PolicyTest, ExactComesBeforeNearest) {
  EXPECT_EQ(suggest(Mode::Use), "");
  add(1, 2048);
  EXPECT_EQ(suggest(Mode::Use), "nearest 2048;");
  add(2, 1024);
  EXPECT_EQ(suggest(Mode::Use), "exact 1024;nearest 2048;");
  EXPECT_EQ(suggest(Mode::Record), "exact 1024;nearest 2048;");
  EXPECT_EQ(suggest(Mode::Off), "");
}

TEST_F(PolicyTest, PinnedTakesWhatWasRecordedAndNothingElse) {
  add(1, 1024);
  EXPECT_NE(
      suggestionError(Mode::Pinned).find("no schedule is recorded in '" + path),
      std::string::npos);
  Policy recorder = create(Mode::Record);
  check(recorder.record(makeKey(), "text", schedule(7)));
  add(2, 1024);
  auto pinned = unwrap(create(Mode::Pinned).suggest(makeKey()));
  ASSERT_EQ(pinned.size(), 1u);
  EXPECT_EQ(pinned[0].schedule, schedule(7));
  Key other = makeKey();
  other.rows = 1;
  EXPECT_NE(suggestionError(Mode::Pinned, other), "");
  std::string warning;
  EXPECT_EQ(*unwrap(unwrap(Database::open(path, warning))
                        .getProgram(hashProgram("text"))),
            "text");
}

TEST_F(PolicyTest, OnlyRecordWrites) {
  for (Mode mode : {Mode::Use, Mode::Pinned, Mode::Off}) {
    Policy policy = create(mode);
    check(policy.record(makeKey(), "text", schedule(7)));
    EXPECT_FALSE(sys::fs::exists(path));
  }
}

TEST_F(PolicyTest, TheCacheKeyChangesWithWhatIsUsed) {
  auto get = [&](Mode mode) { return unwrap(create(mode).getCacheKey()); };
  EXPECT_EQ(get(Mode::Off), "");
  std::string empty = get(Mode::Use), emptyPinned = get(Mode::Pinned);
  add(1, 1024);
  std::string use = get(Mode::Use), pinned = get(Mode::Pinned);
  EXPECT_NE(use, empty);
  EXPECT_EQ(get(Mode::Use), use);
  // What is recorded is what would be used.
  EXPECT_EQ(get(Mode::Record), use);
  check(create(Mode::Record).record(makeKey(), "text", schedule(7)));
  EXPECT_EQ(get(Mode::Use), use);
  EXPECT_NE(get(Mode::Pinned), pinned);
  pinned = get(Mode::Pinned);
  add(2, 1024);
  EXPECT_NE(get(Mode::Use), use);
  EXPECT_EQ(get(Mode::Pinned), pinned);
  EXPECT_EQ(get(Mode::Off), "");
}

TEST_F(PolicyTest, Environment) {
  std::string cache = folder / "cache", warning;
  set("XDG_CACHE_HOME", cache.c_str());
  set("SEEDNORM_TUNING_DB", nullptr);
  set("SEEDNORM_TUNING_MODE", nullptr);
  set("SEEDNORM_PRINT_TUNING", nullptr);
  auto get = [&](StringRef database = "", StringRef mode = "") {
    warning.clear();
    return unwrap(getPolicyFromEnvironment(database, mode, warning));
  };
  PolicyOptions options = get();
  EXPECT_EQ(options.mode, Mode::Use);
  EXPECT_EQ(options.database, cache + "/seednorm/tuning.db");
  EXPECT_FALSE(options.print);
  EXPECT_FALSE(sys::fs::exists(cache));
  set("SEEDNORM_PRINT_TUNING", "1");
  set("SEEDNORM_TUNING_MODE", "pinned");
  set("SEEDNORM_TUNING_DB", path.c_str());
  options = get();
  EXPECT_EQ(options.mode, Mode::Pinned);
  EXPECT_EQ(options.database, path);
  EXPECT_TRUE(options.print);
  options = get("other.db", "record");
  EXPECT_EQ(options.mode, Mode::Record);
  EXPECT_EQ(options.database, "other.db");
  set("SEEDNORM_TUNING_MODE", "pined");
  auto wrong = getPolicyFromEnvironment("", "", warning);
  ASSERT_FALSE(bool(wrong));
  EXPECT_EQ(toString(wrong.takeError()),
            "SEEDNORM_TUNING_MODE is 'pined', but use, record, pinned or off "
            "is expected");
}

TEST_F(PolicyTest, ADefaultThatCannotBeUsedIsAWarningANamedOneAnError) {
  std::string cache = folder / "cache", warning;
  ASSERT_FALSE(sys::fs::create_directories(cache + "/seednorm/tuning.db"));
  set("XDG_CACHE_HOME", cache.c_str());
  set("SEEDNORM_TUNING_DB", nullptr);
  set("SEEDNORM_TUNING_MODE", nullptr);
  PolicyOptions options = unwrap(getPolicyFromEnvironment("", "", warning));
  EXPECT_EQ(options.database, "");
  EXPECT_NE(warning.find("it is not a file"), std::string::npos);
  check(
      unwrap(Policy::create(options, warning)).suggest(makeKey()).takeError());
  set("SEEDNORM_TUNING_DB", (cache + "/seednorm/tuning.db").c_str());
  options = unwrap(getPolicyFromEnvironment("", "", warning));
  auto policy = Policy::create(options, warning);
  ASSERT_FALSE(bool(policy));
  EXPECT_NE(toString(policy.takeError()).find("it is not a file"),
            std::string::npos);
}

TEST_F(PolicyTest, WhereTheDefaultWasFastestTheCostModelDecides) {
  Measurement m = makeMeasurement(1);
  std::string warning;
  Database database = unwrap(Database::open(path, warning));
  m.speedup = m.low = m.high = 1;
  m.origin = defaultOrigin.str();
  check(database.add(m));
  EXPECT_TRUE(unwrap(create(Mode::Use).suggest(m.key)).empty());
  // Nor is a shape beyond it asked.
  Measurement far = makeMeasurement(2);
  far.key.width *= 4;
  check(database.add(far));
  Key between = m.key;
  between.width += 1;
  EXPECT_TRUE(unwrap(create(Mode::Use).suggest(between)).empty());
  Measurement better = makeMeasurement(3);
  check(database.add(better));
  EXPECT_EQ(unwrap(create(Mode::Use).suggest(m.key)).size(), 2u);
}

TEST_F(PolicyTest, ADamagedDefaultIsRenamedOnlyToWrite) {
  std::string cache = folder / "cache", warning;
  std::string file = cache + "/seednorm/tuning.db";
  ASSERT_FALSE(sys::fs::create_directories(cache + "/seednorm"));
  std::ofstream(file) << "garbage";
  set("XDG_CACHE_HOME", cache.c_str());
  set("SEEDNORM_TUNING_DB", nullptr);
  set("SEEDNORM_TUNING_MODE", nullptr);
  PolicyOptions options = unwrap(getPolicyFromEnvironment("", "", warning));
  EXPECT_EQ(options.database, "");
  EXPECT_NE(warning.find("is not a tuning database"), std::string::npos);
  EXPECT_EQ(warning.find("takes its place"), std::string::npos);
  EXPECT_FALSE(sys::fs::exists(file + ".damaged-1"));
  warning.clear();
  options = unwrap(getPolicyFromEnvironment("", "record", warning));
  EXPECT_EQ(options.database, file);
  EXPECT_NE(warning.find("takes its place"), std::string::npos) << warning;
  EXPECT_TRUE(sys::fs::exists(file + ".damaged-1"));
}

TEST_F(PolicyTest, ShippedSchedulesAreBehindOnesOwn) {
  ArrayRef<Measurement> shipped = getShippedMeasurements();
  // All that is there is to be used, and nothing else is there.
  ASSERT_FALSE(shipped.empty());
  for (const Measurement &measurement : shipped)
    EXPECT_TRUE(isUsable(measurement)) << measurement.schedule;
  auto isTuned = [](const Measurement &m) { return m.origin == finalOrigin; };
  const Measurement *tuned = llvm::find_if(shipped, isTuned);
  ASSERT_NE(tuned, shipped.end());
  Key key = tuned->key;
  auto suggestions = unwrap(create(Mode::Use).suggest(key));
  ASSERT_FALSE(suggestions.empty());
  EXPECT_EQ(suggestions[0].origin, Suggestion::Origin::ShippedExact);
  // One's own comes first, but for another shape it says less.
  Measurement own = makeMeasurement(1);
  std::string warning;
  own.key = key;
  own.key.width *= 2;
  check(unwrap(Database::open(path, warning)).add(own));
  suggestions = unwrap(create(Mode::Use).suggest(key));
  EXPECT_EQ(suggestions[0].origin, Suggestion::Origin::ShippedExact);
  EXPECT_EQ(suggestions[1].origin, Suggestion::Origin::Nearest);
  own.key = key;
  check(unwrap(Database::open(path, warning)).add(own));
  suggestions = unwrap(create(Mode::Use).suggest(key));
  EXPECT_EQ(suggestions[0].origin, Suggestion::Origin::Exact);
  EXPECT_EQ(suggestions[1].origin, Suggestion::Origin::ShippedExact);
  EXPECT_TRUE(unwrap(create(Mode::Off).suggest(key)).empty());
}

} // namespace
