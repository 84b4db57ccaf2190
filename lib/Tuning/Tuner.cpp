//===- Tuner.cpp - Finds the best schedule of a program ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Batches of candidates are compiled side by side, then measured one after the
// other while nothing else runs: cores may be few, and a neighbour is noise.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Tuner.h"
#include "Candidates.h"
#include "mlir/AsmParser/AsmParser.h"
#include "seednorm/Runtime/Npy.h"
#include "seednorm/Runtime/TemporaryFolder.h"
#include "seednorm/Tuning/ProgramKey.h"
#include "seednorm/Tuning/Worker.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include <chrono>
#include <cmath>
#include <tuple>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using mlir::rowwise::ScheduleAttr;

namespace {

/// Candidates that are compiled at once. Many keep the cores busy; few let the
/// searcher learn sooner.
constexpr unsigned batchSize = 8;
/// Of the final comparison: its interval is that of the 31 % and 69 % ranks.
constexpr unsigned finalPairs = 41;

std::string print(ScheduleAttr schedule) {
  std::string text;
  raw_string_ostream stream(text);
  stream << schedule;
  return text;
}

class Run {
public:
  Run(const ProgramModule &program, const RowShape &shape,
      const TunerOptions &options, Database *database,
      function_ref<void(const TuningProgress &)> progress,
      function_ref<bool()> isInterrupted)
      : program(program), shape(shape), options(options), database(database),
        progress(progress), isInterrupted(isInterrupted) {}

  Expected<TuningResult> run();

private:
  /// A candidate on its way.
  struct Trial {
    Candidate candidate;
    Measurement measurement;
    std::string object;
  };

  Error prepare(TemporaryFolder &folder);
  Error readDatabase();
  void tellKnown();
  Error compileDefault(TemporaryFolder &folder);
  Expected<TrialSetup> createSetup(TemporaryFolder &folder);
  Error search(TemporaryFolder &folder);
  std::vector<Trial> askForBatch();
  Error measureBatch(std::vector<Trial> &batch, TemporaryFolder &folder);
  Error judge(Trial &trial);
  Error tryOnce(Trial &trial);
  Error compare(Trial &trial);
  Expected<std::vector<TimePair>>
  measureObject(StringRef object, bool approximate, unsigned count);
  Expected<std::vector<TimePair>> measurePairs(unsigned count);
  Error measureDefault();
  Error resume(TemporaryFolder &folder);
  Error finish();
  Error keep(Measurement &measurement);
  void report(const Measurement *last);
  Measurement begin(ScheduleAttr schedule, StringRef origin) const;
  bool isOver() const;
  double getElapsed() const;

  const ProgramModule &program;
  const RowShape &shape;
  const TunerOptions &options;
  Database *database;
  function_ref<void(const TuningProgress &)> progress;
  function_ref<bool()> isInterrupted;
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();

  TuningResult result;
  std::optional<SearchSpace> space;
  std::unique_ptr<Searcher> searcher;
  std::unique_ptr<Worker> worker;
  /// What the database has under this key, by schedule.
  StringMap<Measurement> known;
  std::string defaultText, defaultObject;
  /// The incumbent's object, and its speedup over the default: the product of
  /// those over the incumbents before it, whose intervals multiply too.
  std::string bestObject;
  Speedup bestSpeedup{1, 1, 1};
  double pairSeconds = 0;
  unsigned trials = 0;
};

} // namespace

double Run::getElapsed() const {
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  return elapsed.count();
}

/// The final comparison is within the budget.
bool Run::isOver() const {
  return isInterrupted() || trials >= options.trials ||
         getElapsed() + finalPairs * pairSeconds >= options.budget;
}

void Run::report(const Measurement *last) {
  TuningProgress state;
  state.trials = trials;
  state.speedup = bestSpeedup.median;
  state.last = last;
  double elapsed = getElapsed();
  state.done = std::min(
      1.0, std::max(elapsed / options.budget, double(trials) / options.trials));
  state.secondsLeft = state.done > 0 ? std::min(options.budget - elapsed,
                                                elapsed / state.done - elapsed)
                                     : options.budget;
  progress(state);
}

//===----------------------------------------------------------------------===//
// Before the search
//===----------------------------------------------------------------------===//

Measurement Run::begin(ScheduleAttr schedule, StringRef origin) const {
  Measurement measurement;
  measurement.key = result.key;
  measurement.schedule = print(schedule);
  measurement.confidence = options.confidence;
  measurement.run = options.run;
  measurement.trial = trials;
  measurement.origin = origin.str();
  return measurement;
}

Error Run::keep(Measurement &measurement) {
  measurement.time = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
  return database ? database->add(measurement) : Error::success();
}

/// The schedule that its text is; null if it is none.
static ScheduleAttr parseSchedule(StringRef text, mlir::MLIRContext *context) {
  FirstError ignored(context);
  return dyn_cast_or_null<ScheduleAttr>(mlir::parseAttribute(text, context));
}

Error Run::readDatabase() {
  LearnedModel model;
  SmallVector<ScheduleAttr> near;
  if (database) {
    if (Error error =
            database->addProgram(getCanonicalText(program.getProgram())))
      return error;
    Expected<std::vector<Measurement>> all = database->getMeasurements();
    if (!all)
      return all.takeError();
    model = LearnedModel::fit(*all);
    for (const Measurement &measurement : *all)
      if (measurement.key == result.key)
        known[measurement.schedule] = measurement;
    // Speedups over a default that the cost model has left behind say nothing.
    if (auto found = known.find(defaultText);
        found == known.end() || found->second.origin != defaultOrigin)
      known.clear();
    if (const Measurement *found = findNearest(*all, result.key))
      if (ScheduleAttr schedule =
              parseSchedule(found->schedule, program.getContext()))
        near.push_back(schedule);
  }
  searcher =
      createSearcher(options.strategy, *space, &model, options.seed, near);
  return Error::success();
}

/// The search goes on from all that earlier runs have tried, in their order.
void Run::tellKnown() {
  std::vector<const Measurement *> earlier;
  for (const auto &entry : known)
    earlier.push_back(&entry.second);
  llvm::sort(earlier, [](const Measurement *a, const Measurement *b) {
    return std::tie(a->time, a->run, a->trial, a->schedule) <
           std::tie(b->time, b->run, b->trial, b->schedule);
  });
  for (const Measurement *measurement : earlier) {
    ScheduleAttr schedule =
        parseSchedule(measurement->schedule, program.getContext());
    if (!schedule ||
        (schedule != result.defaultSchedule && !space->contains(schedule)))
      continue;
    searcher->tell({schedule, measurement->origin}, *measurement);
    result.known += measurement->run != options.run;
  }
}

Error Run::compileDefault(TemporaryFolder &folder) {
  defaultObject = folder.getFile("default.o");
  Compilation compilation{program.print(result.defaultSchedule), defaultObject,
                          ""};
  compileAll(compilation, options.target);
  if (!compilation.error.empty())
    return makeError("the default schedule of " + program.getName() +
                     " cannot be compiled: " + compilation.error);
  return Error::success();
}

/// Inputs of few rows, and what the interpreter makes of them.
Expected<TrialSetup> Run::createSetup(TemporaryFolder &folder) {
  TrialSetup setup;
  setup.inputs = program.getInputs(shape);
  setup.reference = defaultObject;
  setup.threads = options.threads;
  // Of the worker itself, and of what candidates may hold.
  setup.memoryBytes = (uint64_t(8) << 30) + 16 * program.countBytes(shape);
  for (auto [i, isRow] : enumerate(program.getRowResults()))
    if (!isRow)
      setup.sums.push_back(i);
  for (int64_t rows : {1, 5, 37}) {
    TrialCheck check;
    check.inputs = program.getInputs(program.getCheckShape(rows, shape));
    Expected<SmallVector<Tensor>> inputs = makeInputs(check.inputs);
    if (!inputs)
      return inputs.takeError();
    Expected<SmallVector<Tensor>> expected = program.interpret(*inputs);
    if (!expected)
      return expected.takeError();
    for (auto [i, tensor] : enumerate(*expected)) {
      check.expected.push_back(
          folder.getFile(Twine(rows) + "-rows-" + Twine(i) + ".npy"));
      if (Error error = writeNpy(check.expected.back(), tensor))
        return error;
    }
    setup.checks.push_back(std::move(check));
  }
  return setup;
}

Error Run::prepare(TemporaryFolder &folder) {
  Expected<Key> key = makeKey(program.getProgram(), shape.getNumRows(),
                              options.target, options.threads);
  if (!key)
    return key.takeError();
  result.key = std::move(*key);
  SpaceOptions spaceOptions;
  spaceOptions.approximate = options.approximate;
  Expected<SearchSpace> created =
      SearchSpace::create(program.getProgram(), options.target,
                          shape.getNumRows(), options.threads, spaceOptions);
  if (!created)
    return created.takeError();
  space.emplace(std::move(*created));
  result.defaultSchedule = result.best = space->getDefault();
  defaultText = print(result.defaultSchedule);
  if (Error error = compileDefault(folder))
    return error;
  Expected<TrialSetup> setup = createSetup(folder);
  if (!setup)
    return setup.takeError();
  WorkerOptions workerOptions{options.worker, options.timeLimit,
                              folder.getFile("worker.log")};
  worker =
      std::make_unique<Worker>(std::move(workerOptions), std::move(*setup));
  bestObject = defaultObject;
  return readDatabase();
}

//===----------------------------------------------------------------------===//
// The search
//===----------------------------------------------------------------------===//

/// What is known is told at once, and not tried again.
std::vector<Run::Trial> Run::askForBatch() {
  std::vector<Trial> batch;
  while (batch.empty()) {
    std::vector<Candidate> candidates =
        searcher->ask(std::min(batchSize, options.trials - trials));
    if (candidates.empty())
      break;
    for (Candidate &candidate : candidates) {
      Trial trial{candidate, begin(candidate.schedule, candidate.origin), ""};
      auto found = known.find(trial.measurement.schedule);
      if (found == known.end()) {
        batch.push_back(std::move(trial));
        continue;
      }
      ++result.known;
      searcher->tell(candidate, found->second);
    }
  }
  return batch;
}

Error Run::search(TemporaryFolder &folder) {
  report(nullptr);
  while (!isOver()) {
    std::vector<Trial> batch = askForBatch();
    if (batch.empty())
      return Error::success();
    if (Error error = measureBatch(batch, folder))
      return error;
  }
  return Error::success();
}

Error Run::measureBatch(std::vector<Trial> &batch, TemporaryFolder &folder) {
  std::vector<Compilation> compilations;
  for (auto [i, trial] : enumerate(batch)) {
    trial.object = folder.getFile(Twine(trials + i) + ".o");
    compilations.push_back(
        {program.print(trial.candidate.schedule), trial.object, ""});
  }
  compileAll(compilations, options.target);
  for (auto [trial, compilation] : zip_equal(batch, compilations)) {
    if (isOver())
      break;
    trial.measurement.trial = ++trials;
    if (!compilation.error.empty()) {
      trial.measurement.outcome = Outcome::Rejected;
      trial.measurement.message = compilation.error;
    } else if (Error error = judge(trial)) {
      return error;
    }
    bool isMeasured = trial.measurement.outcome == Outcome::Measured;
    ++(isMeasured ? result.measured : result.failed);
    if (Error error = keep(trial.measurement))
      return error;
    known[trial.measurement.schedule] = trial.measurement;
    searcher->tell(trial.candidate, trial.measurement);
    report(&trial.measurement);
    if (trial.object != bestObject)
      sys::fs::remove(trial.object);
  }
  return Error::success();
}

Error Run::tryOnce(Trial &trial) {
  if (Error error = worker->load(
          trial.object, trial.candidate.schedule.getApproximate() != 0))
    return error;
  return compare(trial);
}

static bool mayPass(const Error &error) {
  bool result = false;
  visitErrors(error, [&](const ErrorInfoBase &info) {
    result |= info.isA<TrialError>() &&
              static_cast<const TrialError &>(info).mayPass();
  });
  return result;
}

/// Measures a candidate beside the incumbent, once more where the machine may
/// be to blame. What the candidate is to blame for is in its measurement; other
/// errors end the run.
Error Run::judge(Trial &trial) {
  Error error = tryOnce(trial);
  if (mayPass(error)) {
    consumeError(std::move(error));
    error = tryOnce(trial);
  }
  return handleErrors(std::move(error), [&](const TrialError &failure) {
    trial.measurement.outcome = failure.getOutcome();
    trial.measurement.message = failure.getMessage();
  });
}

static void setSpeedup(Measurement &measurement, const Speedup &speedup) {
  // A file has no infinity.
  constexpr double most = 1e6;
  measurement.speedup = speedup.median;
  measurement.low = speedup.low;
  measurement.high = std::min(speedup.high, most);
}

Expected<std::vector<TimePair>> Run::measurePairs(unsigned count) {
  // One answer is of so few that a time limit fits all.
  constexpr unsigned most = 4;
  std::vector<TimePair> all;
  while (all.size() < count) {
    auto pairs = worker->measure(std::min<size_t>(most, count - all.size()));
    if (!pairs)
      return pairs.takeError();
    all.insert(all.end(), pairs->begin(), pairs->end());
  }
  return all;
}

Error Run::compare(Trial &trial) {
  ComparisonOptions comparisonOptions;
  comparisonOptions.confidence = options.confidence;
  Comparison comparison(comparisonOptions);
  SmallVector<double> seconds;
  while (unsigned wanted = comparison.getNumWanted()) {
    Expected<std::vector<TimePair>> pairs = measurePairs(wanted);
    if (!pairs)
      return pairs.takeError();
    for (const TimePair &pair : *pairs) {
      comparison.add(pair.incumbent, pair.candidate);
      seconds.push_back(pair.candidate);
      pairSeconds = pair.incumbent + pair.candidate;
    }
  }
  Speedup speedup = comparison.getSpeedup();
  Measurement &measurement = trial.measurement;
  llvm::sort(seconds);
  measurement.seconds = seconds[seconds.size() / 2];
  setSpeedup(measurement,
             {speedup.median * bestSpeedup.median,
              speedup.low * bestSpeedup.low, speedup.high * bestSpeedup.high});
  if (comparison.getVerdict() != Verdict::Better)
    return Error::success();
  if (Error error = worker->setIncumbent(trial.object))
    return error;
  bestSpeedup = {measurement.speedup, measurement.low, measurement.high};
  if (bestObject != defaultObject)
    sys::fs::remove(bestObject);
  bestObject = trial.object;
  result.best = trial.candidate.schedule;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The default, what is resumed, and the end
//===----------------------------------------------------------------------===//

Expected<std::vector<TimePair>>
Run::measureObject(StringRef object, bool approximate, unsigned count) {
  if (Error error = worker->load(object, approximate))
    return error;
  return measurePairs(count);
}

static double getMedian(ArrayRef<TimePair> pairs, double TimePair::*which) {
  std::vector<double> values;
  for (const TimePair &pair : pairs)
    values.push_back(pair.*which);
  llvm::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

/// The default is its own measure: a speedup of 1 by definition.
Error Run::measureDefault() {
  if (known.count(defaultText))
    return Error::success();
  constexpr unsigned pairs = 5;
  auto times = measureObject(defaultObject, false, pairs);
  if (!times)
    return times.takeError();
  Measurement measurement = begin(result.defaultSchedule, defaultOrigin);
  measurement.seconds = getMedian(*times, &TimePair::candidate);
  measurement.speedup = measurement.low = measurement.high = 1;
  pairSeconds = 2 * measurement.seconds;
  known[defaultText] = measurement;
  return keep(measurement);
}

/// Goes on from the best that an earlier run found.
Error Run::resume(TemporaryFolder &folder) {
  std::vector<Measurement> measurements;
  for (auto &entry : known)
    measurements.push_back(entry.second);
  const Measurement *best = findBest(measurements, result.key);
  if (!best || best->schedule == defaultText)
    return Error::success();
  ScheduleAttr schedule = parseSchedule(best->schedule, program.getContext());
  if (!schedule)
    return Error::success();
  Compilation compilation{program.print(schedule), folder.getFile("resumed.o"),
                          ""};
  compileAll(compilation, options.target);
  if (!compilation.error.empty())
    return Error::success();
  Error error =
      worker->load(compilation.object, schedule.getApproximate() != 0);
  if (error.isA<TrialError>()) {
    consumeError(std::move(error));
    return Error::success();
  }
  if (error)
    return error;
  result.best = schedule;
  bestSpeedup = {best->speedup, best->low, best->high};
  result.speedup = bestSpeedup;
  result.seconds = best->seconds;
  bestObject = compilation.object;
  return worker->setIncumbent(bestObject);
}

/// The best against the default once more, with many pairs: what was lucky is
/// seen here.
Error Run::finish() {
  if (result.best == result.defaultSchedule)
    return Error::success();
  if (Error error = worker->setIncumbent(defaultObject))
    return error;
  auto times =
      measureObject(bestObject, result.best.getApproximate() != 0, finalPairs);
  if (!times)
    return times.takeError();
  SmallVector<double> ratios;
  for (const TimePair &pair : *times)
    ratios.push_back(pair.incumbent / pair.candidate);
  result.speedup = estimateSpeedup(ratios, options.confidence);
  result.defaultSeconds = getMedian(*times, &TimePair::incumbent);
  result.seconds = getMedian(*times, &TimePair::candidate);
  ++trials;
  Measurement measurement = begin(result.best, finalOrigin);
  measurement.seconds = result.seconds;
  setSpeedup(measurement, result.speedup);
  // What is not surely as fast as the default is not used, so it is not said.
  if (!isUsable(measurement)) {
    result.best = result.defaultSchedule;
    result.speedup = {1, 1, 1};
    result.seconds = result.defaultSeconds;
  }
  return keep(measurement);
}

Expected<TuningResult> Run::run() {
  Expected<TemporaryFolder> folder = TemporaryFolder::create("seednorm-tune");
  if (!folder)
    return folder.takeError();
  if (Error error = prepare(*folder))
    return error;
  if (Error error = measureDefault())
    return error;
  result.defaultSeconds = result.seconds = known[defaultText].seconds;
  result.speedup = {1, 1, 1};
  tellKnown();
  if (Error error = resume(*folder))
    return error;
  if (Error error = search(*folder))
    return error;
  result.interrupted = isInterrupted();
  // Without new trials there is nothing that was not said before.
  if (result.getNumTrials())
    if (Error error = finish())
      return error;
  result.elapsed = getElapsed();
  return std::move(result);
}

Expected<TuningResult>
tuning::tune(const ProgramModule &program, const RowShape &shape,
             const TunerOptions &options, Database *database,
             function_ref<void(const TuningProgress &)> progress,
             function_ref<bool()> isInterrupted) {
  return Run(program, shape, options, database, progress, isInterrupted).run();
}

Expected<TuningResult> tuning::predict(const ProgramModule &program,
                                       const RowShape &shape,
                                       const TunerOptions &options,
                                       const Database &database) {
  TuningResult result;
  auto key = makeKey(program.getProgram(), shape.getNumRows(), options.target,
                     options.threads);
  if (!key)
    return key.takeError();
  result.key = std::move(*key);
  SpaceOptions spaceOptions;
  spaceOptions.approximate = options.approximate;
  auto space =
      SearchSpace::create(program.getProgram(), options.target,
                          shape.getNumRows(), options.threads, spaceOptions);
  if (!space)
    return space.takeError();
  auto measurements = database.getMeasurements();
  if (!measurements)
    return measurements.takeError();
  LearnedModel model = LearnedModel::fit(*measurements);
  result.defaultSchedule = result.best = space->getDefault();
  auto searcher = createSearcher(Strategy::Model, *space, &model, options.seed);
  std::vector<Candidate> candidates = searcher->ask(1);
  if (!candidates.empty())
    result.best = candidates.front().schedule;
  double expected =
      std::exp(-model.predict(result.key, result.best, result.defaultSchedule));
  // What it expects to be slower than the default is no advice.
  if (expected < 1) {
    result.best = result.defaultSchedule;
    expected = 1;
  }
  result.speedup = {expected, 0, 0};
  return result;
}
