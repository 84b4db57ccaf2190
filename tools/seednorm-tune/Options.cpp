//===- Options.cpp - The command line of tuning as data ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's parsers of numbers print their complaints themselves; ours have one
// form.
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "Command.h"
#include "Version.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tune;
using tuning::RowShape;

static constexpr const char *overview =
    R"(Finds the fastest schedule of every row program of a model on this machine, and
keeps what it measures in a database that the compiler reads.

  seednorm-tune model.mlir
  seednorm-tune model.mlir --rows=4096 --threads=1,2 --budget=30s
  seednorm-tune model.mlir --program=attention --shape=8x512x128
  seednorm-tune model.mlir --strategy=exhaustive --budget=10m --db=tuning.db
  seednorm-tune model.mlir --trials=50 --seed=1 --json

Further subcommands, each with its own --help:

  seednorm-tune list                 what a database holds
  seednorm-tune export, import, merge   a database as JSON, and back
  seednorm-tune report               a page with pictures of what was measured

Each candidate runs in a child process, is checked against the interpreter and
measured in turn with the best so far; what is wrong, crashes or hangs is
recorded and never chosen. Ctrl-C ends after the trial in flight with all that
was measured kept, and a later run goes on from there. The database is --db, or
SEEDNORM_TUNING_DB, or else tuning.db in XDG_CACHE_HOME/seednorm or
~/.cache/seednorm. More is in docs/tuning.md.
)";

static constexpr double mostSeconds = 1e7;

namespace {

/// The declarations; texts are parsed afterwards.
struct Declarations {
  using Text = cl::opt<std::string, true>;
  using List = cl::list<std::string, std::vector<std::string>>;
  using Flag = cl::opt<bool, true>;

  explicit Declarations(Options &result) : result(result) {}

  Options &result;
  std::vector<std::string> models, rowsTexts, shapeTexts, threadTexts;
  std::string strategyText, budgetText, trialsText, confidenceText, seedText,
      limitText;
  cl::OptionCategory category{"Options of seednorm-tune"};

  List model{cl::Positional, cl::location(models), cl::cat(category),
             cl::desc("<model.mlir>")};
  List programs{"program",
                cl::location(result.programs),
                cl::CommaSeparated,
                cl::cat(category),
                cl::value_desc("function[#index],..."),
                cl::desc("Row programs to tune (default: all); the programs of "
                         "a function count from 0")};
  List rows{"rows",
            cl::location(rowsTexts),
            cl::CommaSeparated,
            cl::cat(category),
            cl::value_desc("n,..."),
            cl::desc("Rows to tune for where the model leaves them open "
                     "(default: so many that the data is far larger than the "
                     "caches)")};
  List shapes{"shape",
              cl::location(shapeTexts),
              cl::CommaSeparated,
              cl::cat(category),
              cl::value_desc("8x512x2048,..."),
              cl::desc("Shapes of the rows to tune for, whose last dimension "
                       "is the width; programs that none fits are left out")};
  List threads{"threads",
               cl::location(threadTexts),
               cl::CommaSeparated,
               cl::cat(category),
               cl::value_desc("n,..."),
               cl::desc("Threads to tune for (default: OMP_NUM_THREADS, or the "
                        "cores available)")};
  Text strategy{"strategy", cl::location(strategyText), cl::cat(category),
                cl::value_desc("evolution|exhaustive|random|model"),
                cl::desc("How candidates are found (default evolution); model "
                         "measures nothing and says what the learned cost "
                         "model expects to be fastest")};
  Text budget{"budget", cl::location(budgetText), cl::cat(category),
              cl::value_desc("60s"),
              cl::desc("Time for each program, shape and number of threads, as "
                       "500ms, 60s, 5m or 1h (default 60s)")};
  Text trials{"trials", cl::location(trialsText), cl::cat(category),
              cl::value_desc("n"),
              cl::desc("Candidates to try at most for each of them (default: "
                       "as the budget allows)")};
  Text database{"db", cl::location(result.database), cl::cat(category),
                cl::value_desc("file"), cl::desc("The database")};
  Text confidence{
      "confidence", cl::location(confidenceText), cl::cat(category),
      cl::value_desc("x"),
      cl::desc("Of a verdict that a candidate is faster, and of intervals "
               "(default 0.95)")};
  Text seed{"seed", cl::location(seedText), cl::cat(category),
            cl::value_desc("n"),
            cl::desc("Decides what the search draws (default 0)")};
  Text limit{"time-limit", cl::location(limitText), cl::cat(category),
             cl::value_desc("10s"),
             cl::desc("A candidate that does not answer for so long is given "
                      "up (default 10s)")};
  Text triple{"target", cl::location(result.tuner.target.triple),
              cl::cat(category), cl::value_desc("triple"),
              cl::desc("Target to tune for (default: this machine); one that "
                       "does not run here allows --strategy=model alone")};
  Text cpu{"cpu", cl::location(result.tuner.target.cpu), cl::cat(category),
           cl::value_desc("name"),
           cl::desc("CPU or GPU to tune for, as znver4 or sm_90")};
  Text features{"features", cl::location(result.tuner.target.features),
                cl::cat(category), cl::value_desc("+a,-b"),
                cl::desc("Features of the CPU to use or not")};
  Flag approximate{"allow-approximate", cl::location(result.tuner.approximate),
                   cl::cat(category),
                   cl::desc("Try schedules with a tanh of f32 that has a "
                            "relative error of 2^-11, too")};
  Flag json{"json", cl::location(result.json), cl::cat(category),
            cl::desc("Print the results as JSON")};
  Flag quiet{"quiet", cl::location(result.quiet), cl::cat(category),
             cl::desc("Show no progress")};
};

} // namespace

static Error parseCounts(StringRef option, ArrayRef<std::string> texts,
                         int64_t most, std::vector<int64_t> &result) {
  for (const std::string &text : texts)
    if (Error error =
            parseNumber<int64_t>(option, text, 1, most, result.emplace_back()))
      return error;
  return Error::success();
}

static Error parseSeconds(StringRef option, StringRef text, double &result) {
  if (text.empty())
    return Error::success();
  static constexpr std::pair<StringLiteral, double> units[] = {
      {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}};
  StringRef number = text;
  double factor = 1;
  for (auto [unit, seconds] : units)
    if (number.consume_back(unit)) {
      factor = seconds;
      break;
    }
  double value;
  // Written so that a NaN is caught.
  if (number.getAsDouble(value) ||
      !(value > 0 && value * factor <= mostSeconds))
    return makeOptionError(option, text, "a time as 500ms, 60s, 5m or 1h");
  result = value * factor;
  return Error::success();
}

static Error parseShape(StringRef text, RowShape &shape) {
  constexpr int64_t most = int64_t(1) << 40;
  SmallVector<StringRef> parts;
  text.split(parts, 'x');
  SmallVector<int64_t> sizes(parts.size());
  int64_t elements = 1;
  for (auto [part, size] : zip(parts, sizes))
    if (part.getAsInteger(10, size) || size < 1 ||
        MulOverflow(elements, size, elements) || elements > most)
      return makeOptionError("shape", text, "a shape as 4096x2048");
  shape.width = sizes.pop_back_val();
  shape.leading.assign(sizes.begin(), sizes.end());
  return Error::success();
}

static Error parseNumbers(const Declarations &declared, Options &options) {
  constexpr int64_t mostRows = int64_t(1) << 40, mostThreads = 4096;
  if (Error error =
          parseCounts("rows", declared.rowsTexts, mostRows, options.rows))
    return error;
  if (Error error = parseCounts("threads", declared.threadTexts, mostThreads,
                                options.threads))
    return error;
  for (const std::string &text : declared.shapeTexts)
    if (Error error = parseShape(text, options.shapes.emplace_back()))
      return error;
  int64_t number;
  if (!declared.trialsText.empty()) {
    if (Error error = parseNumber<int64_t>("trials", declared.trialsText, 0,
                                           1000000000, number))
      return error;
    options.tuner.trials = static_cast<unsigned>(number);
  }
  if (!declared.seedText.empty()) {
    if (Error error = parseNumber<int64_t>("seed", declared.seedText, 0,
                                           INT64_MAX, number))
      return error;
    options.tuner.seed = number;
  }
  return Error::success();
}

static Error parseTexts(const Declarations &declared, Options &options) {
  if (declared.models.empty())
    return makeError("no model is given; see --help");
  if (declared.models.size() > 1)
    return makeError("one model is expected, but " + quote(declared.models[0]) +
                     " and " + quote(declared.models[1]) + " are given");
  options.model = declared.models.front();
  if (Error error = parseNumbers(declared, options))
    return error;
  if (!options.rows.empty() && !options.shapes.empty())
    return makeError("--rows and --shape exclude each other");
  if (Error error =
          parseSeconds("budget", declared.budgetText, options.tuner.budget))
    return error;
  if (Error error = parseSeconds("time-limit", declared.limitText,
                                 options.tuner.timeLimit))
    return error;
  StringRef confidence = declared.confidenceText;
  double &value = options.tuner.confidence;
  if (!confidence.empty() &&
      (confidence.getAsDouble(value) || !(value >= 0.5 && value <= 0.9999)))
    return makeOptionError("confidence", confidence,
                           "a number from 0.5 to 0.9999");
  if (declared.strategyText.empty())
    return Error::success();
  auto strategy = tuning::parseStrategy(declared.strategyText);
  if (!strategy)
    return makeOptionError("strategy", declared.strategyText,
                           declared.strategy.ValueStr);
  options.tuner.strategy = *strategy;
  return Error::success();
}

Expected<Options> tune::parseOptions(int argc, char **argv) {
  cl::SetVersionPrinter(printVersion);
  Options options;
  Declarations declarations(options);
  if (Error error = parseCommandLine(argc, argv, overview))
    return error;
  if (Error error = parseTexts(declarations, options))
    return error;
  return options;
}
