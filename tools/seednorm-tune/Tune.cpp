//===- Tune.cpp - Tunes the programs of a model --------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which programs in which shapes, one after the other; Ctrl-C; what is printed.
//
//===----------------------------------------------------------------------===//

#include "OpenDatabase.h"
#include "Options.h"
#include "Progress.h"
#include "Subcommands.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUTarget.h"
#include "seednorm/Runtime/Compiler.h"
#include "seednorm/Runtime/Files.h"
#include "seednorm/Runtime/Module.h"
#include "seednorm/Tuning/Policy.h"
#include "seednorm/Tuning/ProgramKey.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <chrono>
#include <csignal>
#include <unistd.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tune;
using namespace seednorm::tuning;

//===----------------------------------------------------------------------===//
// Interruption
//===----------------------------------------------------------------------===//

static volatile std::sig_atomic_t receivedSignal = 0;

/// The first one ends the run in an orderly way; the second one ends it.
static void catchSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int number) { receivedSignal = number; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

//===----------------------------------------------------------------------===//
// What is tuned
//===----------------------------------------------------------------------===//

static bool isNamed(const ProgramModule &program, StringRef name) {
  return program.getName() == name ||
         program.getName().rsplit('#').first == name;
}

static Expected<std::vector<const ProgramModule *>>
choosePrograms(ArrayRef<ProgramModule> programs, ArrayRef<std::string> names) {
  for (const std::string &name : names)
    if (none_of(programs, [&](const ProgramModule &program) {
          return isNamed(program, name);
        })) {
      std::string known;
      for (const ProgramModule &program : programs)
        known += (known.empty() ? "" : ", ") + quote(program.getName());
      return makeError("the model has no row program " + quote(name) +
                       " (there are " + known + ")");
    }
  std::vector<const ProgramModule *> chosen;
  for (const ProgramModule &program : programs)
    if (names.empty() || any_of(names, [&](const std::string &name) {
          return isNamed(program, name);
        }))
      chosen.push_back(&program);
  return chosen;
}

/// Bytes of the last cache that this machine has to itself; in a virtual
/// machine sysconf counts what belongs to others. 0: not known.
static uint64_t getCacheBytes() {
  uint64_t kilobytes = 0;
  for (const char *index : {"index2", "index3"}) {
    auto file = MemoryBuffer::getFileAsStream(
        Twine("/sys/devices/system/cpu/cpu0/cache/") + index + "/size");
    StringRef text = file ? (*file)->getBuffer().trim() : "";
    uint64_t size;
    if (text.consume_back("K") && !text.getAsInteger(10, size))
      kilobytes = std::max(kilobytes, size);
  }
  return kilobytes << 10;
}

/// So much data that caches hold next to nothing of it.
static int64_t chooseRows(const ProgramModule &program) {
  constexpr uint64_t least = uint64_t(64) << 20, most = uint64_t(1) << 30;
  constexpr int64_t sample = 4096;
  uint64_t bytes = std::clamp(4 * getCacheBytes(), least, most);
  uint64_t rowBytes = std::max<uint64_t>(
      1, program.countBytes(program.getShape(sample)) / sample);
  return static_cast<int64_t>(PowerOf2Ceil(divideCeil(bytes, rowBytes)));
}

static std::vector<RowShape> chooseShapes(const ProgramModule &program,
                                          const Options &options) {
  std::vector<RowShape> shapes;
  auto add = [&](RowShape shape) {
    if (none_of(shapes, [&](const RowShape &other) {
          return other.toString() == shape.toString();
        }))
      shapes.push_back(std::move(shape));
  };
  for (const RowShape &shape : options.shapes)
    if (Error error = program.checkShape(shape))
      consumeError(std::move(error));
    else
      add(shape);
  for (int64_t rows : options.rows)
    add(program.getShape(rows));
  if (options.rows.empty() && options.shapes.empty())
    add(program.getShape(chooseRows(program)));
  return shapes;
}

/// Every given shape must be one of some program's.
static Error checkShapes(ArrayRef<const ProgramModule *> programs,
                         const Options &options) {
  for (const RowShape &shape : options.shapes) {
    Error first = Error::success();
    bool fits = false;
    for (const ProgramModule *program : programs) {
      Error error = program->checkShape(shape);
      fits |= !error;
      if (first)
        consumeError(std::move(error));
      else
        first = std::move(error);
    }
    if (!fits)
      return first;
    consumeError(std::move(first));
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Tuning
//===----------------------------------------------------------------------===//

/// Without what runs it, nothing can be measured.
static Error checkTarget(const TunerOptions &options) {
  if (options.strategy == Strategy::Model)
    return Error::success();
  std::string hint = "; only --strategy=model works without running anything";
  if (mlir::rowwise::isGPUTriple(options.target.triple))
    return makeError("candidates for " + quote(options.target.triple) +
                     " cannot be measured on this machine" + hint);
  auto target = resolveTarget(
      {options.target.triple, options.target.cpu, options.target.features});
  if (!target)
    return target.takeError();
  if (Error error = checkRunsOnHost(*target))
    return makeError(toString(std::move(error)) + hint);
  return Error::success();
}

static std::string nameRun() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return formatv(
      "{0}-{1}",
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
      getpid());
}

static std::string describe(const Row &row) {
  return formatv("{0} {1}, {2} thread{3}", row.program, row.shape, row.threads,
                 row.threads == 1 ? "" : "s");
}

/// What goes wrong is in the row: the other programs are not to blame.
static Row tuneOne(const ProgramModule &program, const RowShape &shape,
                   TunerOptions options, Database &database,
                   Progress &progress) {
  Row row{program.getName().str(),
          program.getLocation().str(),
          shape.toString(),
          options.threads,
          TuningResult(),
          "",
          options.strategy == Strategy::Model};
  progress.begin(describe(row));
  auto result =
      row.isPrediction
          ? predict(program, shape, options, database)
          : tuning::tune(
                program, shape, options, &database,
                [&](const TuningProgress &state) { progress.show(state); },
                [] { return receivedSignal != 0; });
  progress.end();
  if (result)
    row.result = std::move(*result);
  else
    row.error = toString(result.takeError());
  return row;
}

static std::vector<Row> tuneAll(const Options &options,
                                ArrayRef<const ProgramModule *> programs,
                                Database &database) {
  Progress progress(options.quiet);
  std::vector<Row> rows;
  unsigned numLeft = 0;
  for (const ProgramModule *program : programs)
    for (const RowShape &shape : chooseShapes(*program, options))
      for (int64_t threads : options.threads) {
        if (receivedSignal) {
          ++numLeft;
          continue;
        }
        TunerOptions tuner = options.tuner;
        tuner.threads = threads;
        rows.push_back(tuneOne(*program, shape, tuner, database, progress));
      }
  if (numLeft)
    errs() << formatv("seednorm-tune: interrupted; not tuned: {0} of {1}\n",
                      numLeft, numLeft + rows.size());
  return rows;
}

Expected<int> tune::runTune(int argc, char **argv) {
  Expected<Options> options = parseOptions(argc, argv);
  if (!options)
    return options.takeError();
  if (options->threads.empty())
    options->threads.push_back(getNumThreads());
  // Threads do not matter on a GPU.
  if (isGPUTarget(options->tuner.target))
    options->threads = {1};
  SmallVector<int64_t> seen;
  erase_if(options->threads, [&](int64_t threads) {
    bool isAgain = is_contained(seen, threads);
    seen.push_back(threads);
    return isAgain;
  });
  if (Error error = checkTarget(options->tuner))
    return error;
  auto source = readFile(options->model);
  if (!source)
    return source.takeError();
  auto programs = ProgramModule::extract(
      (*source)->getMemBufferRef().getBuffer(), options->model);
  if (!programs)
    return programs.takeError();
  auto chosen = choosePrograms(*programs, options->programs);
  if (!chosen)
    return chosen.takeError();
  if (Error error = checkShapes(*chosen, *options))
    return error;
  auto database = openDatabase(options->database, Database::Access::Write);
  if (!database)
    return database.takeError();
  static int anchor;
  options->tuner.worker = {sys::fs::getMainExecutable(argv[0], &anchor),
                           "worker"};
  options->tuner.run = nameRun();
  catchSignals();
  std::vector<Row> rows = tuneAll(*options, *chosen, *database);
  if (options->json)
    printJSON(outs(), rows, options->tuner.confidence);
  else
    printTable(outs(), rows, options->tuner.confidence);
  // As shells say of what a signal has ended.
  if (receivedSignal)
    return 128 + receivedSignal;
  return any_of(rows, [](const Row &row) { return !row.error.empty(); });
}
