//===- Database.cpp - list, export, import, merge -------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is done with a database beside tuning. Knows no model.
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "OpenDatabase.h"
#include "Subcommands.h"
#include "Version.h"
#include "seednorm/Runtime/Files.h"
#include "seednorm/Tuning/Contents.h"
#include "seednorm/Tuning/LearnedModel.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tune;
using namespace seednorm::tuning;

namespace {

/// What all of these subcommands take.
struct DatabaseOption {
  cl::OptionCategory category{"Options"};
  cl::opt<std::string> path{
      "db", cl::cat(category), cl::value_desc("file"),
      cl::desc("The database (default: SEEDNORM_TUNING_DB, or tuning.db in "
               "seednorm in XDG_CACHE_HOME or ~/.cache)")};
};

} // namespace

static Error parse(int argc, char **argv, const char *overview) {
  cl::SetVersionPrinter(printVersion);
  return parseCommandLine(argc, argv, overview);
}

//===----------------------------------------------------------------------===//
// list
//===----------------------------------------------------------------------===//

namespace {

/// What the trials of one key came to.
struct Summary {
  unsigned trials = 0, failures = 0;
  const Measurement *best = nullptr;
};

} // namespace

static std::string describeRows(int64_t rows) {
  return rows ? std::to_string(rows) : "?";
}

static void printBest(raw_ostream &stream, ArrayRef<Measurement> measurements) {
  std::map<Key, Summary> keys;
  for (const Measurement &measurement : measurements) {
    Summary &summary = keys[measurement.key];
    ++summary.trials;
    summary.failures += measurement.outcome != Outcome::Measured;
  }
  stream << "program       width     rows  align  threads  trials  failed  "
            "speedup  types, target, schedule\n";
  for (auto [key, best] : findBests(measurements))
    keys[key].best = best;
  for (const auto &[key, summary] : keys) {
    stream << formatv("{0,-12}  {1,5}  {2,7}  {3,5}  {4,7}  {5,6}  {6,6}  ",
                      StringRef(key.program).take_front(12), key.width,
                      describeRows(key.rows), key.alignment, key.threads,
                      summary.trials, summary.failures);
    if (summary.best)
      stream << formatv("{0,7:f3}  ", summary.best->speedup);
    else
      stream << "      -  ";
    stream << key.types << ", " << key.target << ", "
           << (summary.best ? summary.best->schedule : "default") << "\n";
  }
}

/// How far the cost model that learns from these can be trusted.
static void printQuality(raw_ostream &stream, const RankingQuality &quality) {
  if (quality.kernels < 2)
    return;
  stream << formatv("cost model, each program predicted from the others: "
                    "Spearman {0:f2}, top-5 regret {1:f1} % ({2} programs, {3} "
                    "schedules)\n",
                    quality.spearman, 100 * quality.topFiveRegret,
                    quality.kernels, quality.samples);
}

static void printTrials(raw_ostream &stream,
                        ArrayRef<Measurement> measurements) {
  for (const Measurement &m : measurements)
    stream << formatv("{0} {1} width {2} rows {3} threads {4}: {5} {6} {7}: {8}"
                      " {9} us, {10:f3} [{11:f3}, {12:f3}]: {13}{14}{15}\n",
                      StringRef(m.key.program).take_front(12), m.key.types,
                      m.key.width, describeRows(m.key.rows), m.key.threads,
                      quote(m.run), m.trial, quote(m.origin),
                      stringifyOutcome(m.outcome), m.seconds * 1e6, m.speedup,
                      m.low, m.high, m.schedule, m.message.empty() ? "" : ": ",
                      m.message.empty() ? "" : quote(m.message));
}

static void printChoices(raw_ostream &stream, ArrayRef<Choice> choices) {
  for (const Choice &choice : choices)
    stream << formatv("{0} {1} width {2} rows {3} threads {4} on {5}: {6}\n",
                      StringRef(choice.key.program).take_front(12),
                      choice.key.types, choice.key.width,
                      describeRows(choice.key.rows), choice.key.threads,
                      choice.key.target, choice.schedule);
}

Expected<int> tune::runList(int argc, char **argv) {
  DatabaseOption option;
  cl::opt<bool> trials("trials", cl::cat(option.category),
                       cl::desc("Every trial, in the order they were made"));
  cl::opt<bool> choices("choices", cl::cat(option.category),
                        cl::desc("What was recorded for pinned runs"));
  cl::opt<std::string> program(
      "program", cl::cat(option.category), cl::value_desc("hash"),
      cl::desc("Only of the program whose hash begins so, which is shown"));
  if (Error error = parse(argc, argv,
                          "Shows the best schedule of every key in the "
                          "database of measurements.\n"))
    return error;
  Expected<Database> database =
      openDatabase(option.path, Database::Access::Read);
  if (!database)
    return database.takeError();
  Expected<Contents> contents = database->getContents();
  if (!contents)
    return contents.takeError();
  if (!program.empty())
    for (const auto &[hash, text] : contents->programs)
      if (StringRef(hash).starts_with(program))
        outs() << hash << "\n" << text << "\n";
  auto isOther = [&](const auto &record) {
    return !StringRef(record.key.program).starts_with(program);
  };
  erase_if(contents->choices, isOther);
  if (choices) {
    printChoices(outs(), contents->choices);
    return 0;
  }
  Filter filter;
  filter.program = program;
  auto measurements = database->getMeasurements(filter);
  if (!measurements)
    return measurements.takeError();
  if (trials) {
    printTrials(outs(), *measurements);
    return 0;
  }
  printBest(outs(), *measurements);
  printQuality(outs(), crossValidate(*measurements));
  return 0;
}

//===----------------------------------------------------------------------===//
// export
//===----------------------------------------------------------------------===//

/// The schedule to use of every key and nothing else, as it is shipped.
static Contents selectBest(const Contents &contents) {
  Contents result;
  result.programs = contents.programs;
  for (auto [key, measurement] : findBests(contents.measurements))
    if (measurement)
      result.measurements.push_back(*measurement);
  erase_if(result.programs, [&](const auto &program) {
    return none_of(result.measurements, [&](const Measurement &measurement) {
      return measurement.key.program == program.first;
    });
  });
  return result;
}

Expected<int> tune::runExport(int argc, char **argv) {
  DatabaseOption option;
  cl::opt<std::string> output("o", cl::cat(option.category),
                              cl::value_desc("file.json"), cl::init("-"),
                              cl::desc("Where to (default: stdout)"));
  cl::opt<bool> best("best", cl::cat(option.category),
                     cl::desc("Only the best schedule of every key"));
  if (Error error =
          parse(argc, argv, "Writes a database as JSON, for others.\n"))
    return error;
  Expected<Database> database =
      openDatabase(option.path, Database::Access::Read);
  if (!database)
    return database.takeError();
  Expected<Contents> contents = database->getContents();
  if (!contents)
    return contents.takeError();
  if (best)
    *contents = selectBest(*contents);
  auto print = [&](raw_ostream &stream) {
    printContents(stream, *contents);
    return Error::success();
  };
  if (Error error = output == "-" ? print(outs()) : writeFile(output, print))
    return error;
  return 0;
}

//===----------------------------------------------------------------------===//
// import, merge
//===----------------------------------------------------------------------===//

static Expected<Contents> readJSON(StringRef path) {
  auto file = readFile(path);
  if (!file)
    return file.takeError();
  Expected<Contents> contents =
      parseContents((*file)->getMemBufferRef().getBuffer());
  if (!contents)
    return makeError(quote(path) + ": " + toString(contents.takeError()));
  return contents;
}

static Expected<Contents> readDatabase(StringRef path) {
  if (path.empty())
    return makeError("the name of a database is empty");
  auto database = openDatabase(path, Database::Access::Read);
  if (!database)
    return database.takeError();
  return database->getContents();
}

static void append(Contents &all, const Contents &more) {
  llvm::append_range(all.programs, more.programs);
  llvm::append_range(all.measurements, more.measurements);
  llvm::append_range(all.choices, more.choices);
}

/// Nothing is written before everything was read.
static Expected<int> mergeFiles(int argc, char **argv, const char *overview,
                                Expected<Contents> (*read)(StringRef)) {
  DatabaseOption option;
  cl::list<std::string> paths(cl::Positional, cl::desc("<file>..."));
  if (Error error = parse(argc, argv, overview))
    return error;
  if (paths.empty())
    return makeError("no file is given; see --help");
  Contents all;
  for (const std::string &path : paths) {
    Expected<Contents> contents = read(path);
    if (!contents)
      return contents.takeError();
    append(all, *contents);
  }
  Expected<Database> database =
      openDatabase(option.path, Database::Access::Write);
  if (!database)
    return database.takeError();
  if (Error error = database->merge(all))
    return error;
  outs() << formatv("{0} measurements, {1} choices and {2} programs merged "
                    "into {3}\n",
                    all.measurements.size(), all.choices.size(),
                    all.programs.size(), quote(database->getPath()));
  return 0;
}

Expected<int> tune::runImport(int argc, char **argv) {
  return mergeFiles(argc, argv,
                    "Adds what 'export' wrote to a database: all of it, or, if "
                    "anything is wrong with a file, nothing.\n",
                    readJSON);
}

Expected<int> tune::runMerge(int argc, char **argv) {
  return mergeFiles(argc, argv,
                    "Adds other databases to a database. The order does not "
                    "matter, nor that some have been added before.\n",
                    readDatabase);
}
