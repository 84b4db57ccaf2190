//===- Policy.cpp - Which tuned schedule is used when ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The user's own measurements come before those that come with the compiler.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Policy.h"
#include "DatabaseFile.h"
#include "seednorm/Runtime/Environment.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Threading.h"
#include <chrono>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static constexpr std::pair<Mode, StringLiteral> modes[] = {
    {Mode::Use, "use"},
    {Mode::Record, "record"},
    {Mode::Pinned, "pinned"},
    {Mode::Off, "off"}};

StringRef tuning::stringifyMode(Mode mode) { return modes[int(mode)].second; }

Expected<Mode> tuning::parseMode(StringRef text, const Twine &what) {
  for (auto &[mode, name] : modes)
    if (text == name)
      return mode;
  return makeError(what + " is " + quote(text) +
                   ", but use, record, pinned or off is expected");
}

int64_t tuning::getDefaultThreads() {
  int64_t threads;
  if (std::optional<std::string> text = getVariable("OMP_NUM_THREADS"))
    if (!StringRef(*text).split(',').first.getAsInteger(10, threads) &&
        threads > 0)
      return threads;
  return hardware_concurrency().compute_thread_count();
}

static std::string getNamedPath(StringRef given) {
  if (!given.empty())
    return given.str();
  return getVariable("SEEDNORM_TUNING_DB").value_or("");
}

std::optional<std::string> tuning::getDatabasePath(StringRef given) {
  std::string named = getNamedPath(given);
  return named.empty() ? getDefaultDatabasePath() : named;
}

static Database::Access getAccess(Mode mode) {
  return mode == Mode::Record ? Database::Access::Write
                              : Database::Access::Read;
}

/// Nobody asked for this file: that it cannot be used stops nobody.
static std::string chooseDefaultPath(Mode mode, std::string &warning) {
  std::optional<std::string> path = getDefaultDatabasePath();
  if (!path) {
    if (mode != Mode::Use)
      warning = "schedules are not recorded: neither SEEDNORM_TUNING_DB, "
                "XDG_CACHE_HOME nor HOME is set";
    return "";
  }
  Expected<Database> database = Database::open(*path, warning, getAccess(mode));
  if (database)
    return *path;
  warning = toString(database.takeError());
  return "";
}

Expected<PolicyOptions> tuning::getPolicyFromEnvironment(StringRef database,
                                                         StringRef mode,
                                                         std::string &warning) {
  PolicyOptions result;
  result.mode = Mode::Use;
  std::optional<std::string> modeText = getVariable("SEEDNORM_TUNING_MODE");
  if (!mode.empty() || modeText) {
    Expected<Mode> parsed = mode.empty()
                                ? parseMode(*modeText, "SEEDNORM_TUNING_MODE")
                                : parseMode(mode, "the tuning mode");
    if (!parsed)
      return parsed.takeError();
    result.mode = *parsed;
  }
  result.print = getVariable("SEEDNORM_PRINT_TUNING").value_or("0") != "0";
  if (result.mode == Mode::Off)
    return result;
  result.database = getNamedPath(database);
  if (result.database.empty())
    result.database = chooseDefaultPath(result.mode, warning);
  return result;
}

//===----------------------------------------------------------------------===//
// Policy
//===----------------------------------------------------------------------===//

static constexpr StringLiteral origins[] = {
    "recorded", "exact", "nearest", "shipped, exact", "shipped, nearest"};

StringRef tuning::stringifyOrigin(Suggestion::Origin origin) {
  return origins[int(origin)];
}

Expected<Policy> Policy::create(const PolicyOptions &given,
                                std::string &warning) {
  PolicyOptions options = given;
  if (options.threads <= 0)
    options.threads = getDefaultThreads();
  std::optional<Database> database;
  if (options.mode != Mode::Off && !options.database.empty()) {
    Expected<Database> opened =
        Database::open(options.database, warning, getAccess(options.mode));
    if (!opened)
      return opened.takeError();
    database = std::move(*opened);
  }
  return Policy(std::move(options), std::move(database));
}

Expected<std::string> Policy::getCacheKey() const {
  if (options.mode == Mode::Off)
    return std::string();
  std::string generation;
  bool isPinned = options.mode == Mode::Pinned;
  if (database) {
    Expected<std::string> current =
        isPinned ? database->getChoiceGeneration() : database->getGeneration();
    if (!current)
      return current.takeError();
    generation = std::move(*current);
  }
  return (Twine(isPinned ? "pinned" : "use") + " " + Twine(options.threads) +
          " " + generation)
      .str();
}

Expected<std::vector<Suggestion>>
Policy::suggestRecorded(const Key &key) const {
  std::optional<Choice> choice;
  if (database) {
    Expected<std::optional<Choice>> found = database->getChoice(key);
    if (!found)
      return found.takeError();
    choice = std::move(*found);
  }
  if (choice)
    return std::vector<Suggestion>{
        {Suggestion::Origin::Recorded, choice->key, choice->schedule}};
  return makeError(
      "no schedule is recorded in " +
      (database ? quote(database->getPath()) : "any tuning database") +
      ", and tuning is pinned: run with SEEDNORM_TUNING_MODE=record first");
}

Expected<std::vector<Suggestion>> Policy::suggest(const Key &key) const {
  std::vector<Suggestion> result;
  if (options.mode == Mode::Off)
    return result;
  if (options.mode == Mode::Pinned)
    return suggestRecorded(key);
  // Where the default was the fastest, the cost model, which may have learned
  // since, has the last word.
  auto append = [&](Suggestion::Origin origin, const Measurement *found) {
    if (found && found->origin == defaultOrigin)
      return false;
    if (found)
      result.push_back({origin, found->key, found->schedule});
    return true;
  };
  std::vector<Measurement> own;
  if (database) {
    auto candidates = database->getCandidates(key);
    if (!candidates)
      return candidates.takeError();
    own = std::move(*candidates);
  }
  ArrayRef<Measurement> shipped = getShippedMeasurements();
  append(Suggestion::Origin::Exact, findBest(own, key)) &&
      append(Suggestion::Origin::ShippedExact, findBest(shipped, key)) &&
      append(Suggestion::Origin::Nearest, findNearest(own, key)) &&
      append(Suggestion::Origin::ShippedNearest, findNearest(shipped, key));
  return result;
}

Error Policy::record(const Key &key, StringRef programText,
                     StringRef schedule) {
  if (options.mode != Mode::Record || !database)
    return Error::success();
  if (Error error = database->addProgram(programText))
    return error;
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return database->recordChoice(
      {key, schedule.str(),
       std::chrono::duration_cast<std::chrono::seconds>(now).count()});
}
