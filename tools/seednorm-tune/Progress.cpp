//===- Progress.cpp - What a tuning run shows ----------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Progress.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tune;
using tuning::TuningProgress;
using tuning::TuningResult;

Progress::Progress(bool isQuiet)
    : isQuiet(isQuiet), isTerminal(sys::Process::StandardErrIsDisplayed()) {}

void Progress::begin(std::string text) {
  what = std::move(text);
  best = 1;
  if (!isQuiet && !isTerminal)
    errs() << what << "\n";
}

static constexpr const char *clearLine = "\r\x1b[K";

void Progress::end() {
  if (!isQuiet && isTerminal)
    errs() << clearLine;
}

void Progress::show(const TuningProgress &state) {
  if (isQuiet)
    return;
  if (isTerminal)
    showBar(state);
  else
    showLine(state);
}

void Progress::showBar(const TuningProgress &state) {
  constexpr unsigned width = 20;
  unsigned full = static_cast<unsigned>(state.done * width);
  errs() << clearLine << what << "  [" << std::string(full, '#')
         << std::string(width - full, '.') << "] "
         << formatv("{0} trials, best {1:f3}x, {2:f0} s left", state.trials,
                    state.speedup, state.secondsLeft);
}

/// Each new best, each failure, and every tenth trial.
void Progress::showLine(const TuningProgress &state) {
  constexpr unsigned every = 10;
  if (!state.last)
    return;
  bool isBest = state.speedup != best;
  best = state.speedup;
  if (state.last->outcome != tuning::Outcome::Measured)
    errs() << formatv("  trial {0}: {1}: {2}\n", state.trials,
                      stringifyOutcome(state.last->outcome),
                      state.last->message);
  else if (isBest || state.trials % every == 0)
    errs() << formatv("  trial {0}: {1}best {2:f3}x, {3:f0} s left\n",
                      state.trials, isBest ? "new " : "", state.speedup,
                      state.secondsLeft);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

static std::string formatSeconds(double seconds) {
  if (seconds >= 0.1)
    return formatv("{0:f2} s", seconds);
  if (seconds >= 1e-4)
    return formatv("{0:f2} ms", seconds * 1e3);
  return formatv("{0:f1} us", seconds * 1e6);
}

static std::string describeChange(const Row &row) {
  const TuningResult &result = row.result;
  std::string change =
      tuning::describeDifference(result.defaultSchedule, result.best);
  if (change.empty())
    change = "the default schedule";
  if (row.isPrediction || result.getNumTrials())
    return change;
  return (result.interrupted ? "interrupted: " : "nothing tried: ") + change;
}

static std::string describeSpeedup(const Row &row) {
  const tuning::Speedup &speedup = row.result.speedup;
  if (row.isPrediction)
    return formatv("{0:f3}x expected", speedup.median);
  if (row.result.best == row.result.defaultSchedule)
    return "1.000x";
  return formatv("{0:f3}x [{1:f3}, {2:f3}]", speedup.median, speedup.low,
                 speedup.high);
}

void tune::printTable(raw_ostream &stream, ArrayRef<Row> rows,
                      double confidence) {
  std::vector<std::vector<std::string>> lines = {
      {"program", "shape", "threads", "trials", "default -> best",
       formatv("speedup [{0:f0} %]", confidence * 100), "changed"}};
  for (const Row &row : rows) {
    const TuningResult &result = row.result;
    if (!row.error.empty()) {
      lines.push_back({row.program, row.shape, std::to_string(row.threads), "-",
                       "-", "-", "failed: " + row.error});
      continue;
    }
    std::string times = "not measured";
    if (!row.isPrediction && result.seconds > 0)
      times = (result.defaultSeconds > 0 ? formatSeconds(result.defaultSeconds)
                                         : std::string("?")) +
              " -> " + formatSeconds(result.seconds);
    lines.push_back({row.program, row.shape, std::to_string(row.threads),
                     std::to_string(result.getNumTrials()), times,
                     describeSpeedup(row), describeChange(row)});
  }
  std::vector<size_t> widths(lines[0].size(), 0);
  for (auto &line : lines)
    for (size_t i = 0; i + 1 < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size() + 2);
  for (auto &line : lines) {
    for (size_t i = 0; i < line.size(); ++i)
      stream << line[i]
             << std::string(
                    std::max(widths[i], line[i].size()) - line[i].size(), ' ');
    stream << "\n";
  }
}

static std::string print(mlir::rowwise::ScheduleAttr schedule) {
  std::string text;
  raw_string_ostream(text) << schedule;
  return text;
}

void tune::printJSON(raw_ostream &stream, ArrayRef<Row> rows,
                     double confidence) {
  json::Array array;
  for (const Row &row : rows) {
    const TuningResult &result = row.result;
    if (!row.error.empty()) {
      array.push_back(json::Object{{"program", row.program},
                                   {"location", row.location},
                                   {"shape", row.shape},
                                   {"threads", row.threads},
                                   {"error", row.error}});
      continue;
    }
    array.push_back(
        json::Object{{"program", row.program},
                     {"location", row.location},
                     {"hash", result.key.program},
                     {"shape", row.shape},
                     {"threads", row.threads},
                     {"target", result.key.target},
                     {"default", print(result.defaultSchedule)},
                     {"best", print(result.best)},
                     {"default_seconds", result.defaultSeconds},
                     {"seconds", result.seconds},
                     {"speedup", result.speedup.median},
                     {"low", result.speedup.low},
                     {"high", result.speedup.high},
                     {"confidence", confidence},
                     {"predicted", row.isPrediction},
                     {"measured", static_cast<int64_t>(result.measured)},
                     {"failed", static_cast<int64_t>(result.failed)},
                     {"known", static_cast<int64_t>(result.known)},
                     {"elapsed", result.elapsed},
                     {"interrupted", result.interrupted}});
  }
  stream << formatv("{0:2}\n", json::Value(std::move(array)));
}
