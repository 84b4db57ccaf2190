//===- WorkerProcess.cpp - The child that runs candidates ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks and measures what it is told to. It need not survive a candidate, but
// it must not outlive its parent.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Module.h"
#include "seednorm/Runtime/Npy.h"
#include "seednorm/Tuning/Worker.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <chrono>
#include <csignal>
#include <random>
#include <set>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

namespace {

using Results = SmallVector<Tensor>;
using ModulePtr = std::shared_ptr<seednorm::Module>;

/// Everything between two requests.
class Session {
public:
  json::Object answer(const json::Object &request);

private:
  Error open(const json::Object &request);
  Error openReference();
  void chooseRows();
  Error loadCandidate(const json::Object &request);
  Error loadIncumbent(const json::Object &request);
  Error check(const seednorm::Module &module, bool approximate);
  Error checkLarge(const seednorm::Module &module, bool approximate);
  Error checkCount(const Results &results);
  Error compare(const Tensor &result, const Tensor &expected, unsigned index,
                double factor, bool approximate, const Twine &where);
  Expected<json::Object> measure(const json::Object &request);
  Expected<double> time(const seednorm::Module &module);

  TrialSetup setup;
  SmallVector<Tensor> inputs;
  std::vector<SmallVector<Tensor>> checkInputs, checkResults;
  /// How far off the reference is itself.
  SmallVector<double> ownDifference;
  /// Rows that are compared, and what the reference has there; of sums, all.
  SmallVector<int64_t> rows;
  Results reference;
  ModulePtr incumbent, candidate;
  /// So many executions take long enough to be timed.
  unsigned repetitions = 1;
  std::mt19937_64 random;
};

/// Says what is wrong with a candidate's results, as against that it failed.
class WrongResult : public ErrorInfo<WrongResult> {
public:
  static char ID;
  explicit WrongResult(std::string message) : message(std::move(message)) {}
  void log(raw_ostream &stream) const override { stream << message; }
  std::error_code convertToErrorCode() const override {
    return inconvertibleErrorCode();
  }

private:
  std::string message;
};
char WrongResult::ID = 0;

std::string describeShape(ArrayRef<InputSpec> inputs) {
  return inputs.empty() ? "" : formatType(inputs[0].dtype, inputs[0].shape);
}

//===----------------------------------------------------------------------===//
// Checking
//===----------------------------------------------------------------------===//

Error Session::compare(const Tensor &result, const Tensor &expected,
                       unsigned index, double factor, bool approximate,
                       const Twine &where) {
  double difference = getDifference(result, expected);
  double allowed =
      std::max(factor * getTolerance(expected.getDType(), approximate),
               2 * ownDifference[index]);
  if (difference <= allowed)
    return Error::success();
  return make_error<WrongResult>(
      formatv("result {0} {1} is off by {2:e2} where {3:e2} is allowed", index,
              where.str(), difference, allowed));
}

Error Session::checkCount(const Results &results) {
  if (results.size() == ownDifference.size())
    return Error::success();
  return make_error<WrongResult>(
      formatv("it has {0} results where {1} are expected", results.size(),
              ownDifference.size()));
}

/// On small problems, whose results are known.
Error Session::check(const seednorm::Module &module, bool approximate) {
  for (auto [spec, arguments, expected] :
       zip_equal(setup.checks, checkInputs, checkResults)) {
    Expected<Results> results = module.run("f", arguments);
    if (!results)
      return results.takeError();
    if (Error error = checkCount(*results))
      return error;
    for (auto [i, result] : enumerate(*results))
      if (Error error = compare(result, expected[i], i, 1, approximate,
                                "for " + describeShape(spec.inputs)))
        return error;
  }
  return Error::success();
}

/// In the shape that is measured, where large outputs are stored in another
/// way: on some rows, against the reference.
Error Session::checkLarge(const seednorm::Module &module, bool approximate) {
  Expected<Results> results = module.run("f", inputs);
  if (!results)
    return results.takeError();
  for (auto [i, result] : enumerate(*results)) {
    Tensor part = result;
    if (!is_contained(setup.sums, i)) {
      Expected<Tensor> taken = takeRows(result, rows);
      if (!taken)
        return taken.takeError();
      part = std::move(*taken);
      // The next execution is given the same memory, and a row that it does not
      // write must not be right.
      spoilRows(result, rows);
    }
    // Both may be off.
    if (Error error = compare(part, reference[i], i, 2, approximate,
                              "in the measured shape"))
      return error;
  }
  return Error::success();
}

/// The first and the last rows, where blocks and threads begin and end, and
/// others between them.
void Session::chooseRows() {
  constexpr int64_t ends = 16, between = 224;
  ArrayRef<int64_t> shape = setup.inputs[0].shape;
  int64_t count = 1;
  for (int64_t size : shape.drop_back())
    count *= size;
  std::set<int64_t> chosen;
  for (int64_t row = 0; row < std::min(count, ends); ++row)
    chosen.insert({row, count - 1 - row});
  for (int64_t i = 0; i < between && count > 0; ++i)
    chosen.insert(static_cast<int64_t>(random() % count));
  rows.assign(chosen.begin(), chosen.end());
}

//===----------------------------------------------------------------------===//
// Opening and loading
//===----------------------------------------------------------------------===//

Expected<ModulePtr> load(const json::Object &request) {
  auto path = request.getString("object");
  if (!path)
    return makeError("no object is named");
  Expected<std::unique_ptr<seednorm::Module>> module =
      seednorm::Module::loadObject(*path);
  if (!module)
    return module.takeError();
  return ModulePtr(std::move(*module));
}

Error Session::openReference() {
  auto module = seednorm::Module::loadObject(setup.reference);
  if (!module)
    return module.takeError();
  // Programs that compute in narrow types are further off than their last
  // rounding, whatever their schedule.
  constexpr double most = 64;
  for (auto [arguments, expected] : zip_equal(checkInputs, checkResults)) {
    Expected<Results> results = (*module)->run("f", arguments);
    if (!results)
      return results.takeError();
    if (expected.size() != results->size())
      return makeError("the numbers of results differ");
    ownDifference.resize(results->size(), 0);
    for (auto [i, result] : enumerate(*results)) {
      if (Error error =
              compare(result, expected[i], i, most, false,
                      "for inputs like " + arguments[0].getTypeString()))
        return error;
    }
    for (auto [i, result] : enumerate(*results))
      ownDifference[i] =
          std::max(ownDifference[i], getDifference(result, expected[i]));
  }
  Expected<Results> results = (*module)->run("f", inputs);
  if (!results)
    return results.takeError();
  for (auto [i, result] : enumerate(*results)) {
    Expected<Tensor> part =
        !is_contained(setup.sums, i) ? takeRows(result, rows) : result.copy();
    if (!part)
      return part.takeError();
    reference.push_back(std::move(*part));
    if (!is_contained(setup.sums, i))
      spoilRows(result, rows);
  }
  incumbent = std::move(*module);
  return Error::success();
}

void limitMemory(uint64_t bytes) {
  if (!bytes)
    return;
  rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
}

Error Session::open(const json::Object &request) {
  Expected<TrialSetup> parsed = parseTrialSetup(request);
  if (!parsed)
    return parsed.takeError();
  setup = std::move(*parsed);
  if (setup.inputs.empty())
    return makeError("there are no inputs");
  limitMemory(setup.memoryBytes);
  seednorm::setNumThreads(static_cast<int32_t>(setup.threads));
  Expected<SmallVector<Tensor>> made = makeInputs(setup.inputs);
  if (!made)
    return made.takeError();
  inputs = std::move(*made);
  for (const TrialCheck &check : setup.checks) {
    Expected<SmallVector<Tensor>> arguments = makeInputs(check.inputs);
    if (!arguments)
      return arguments.takeError();
    checkInputs.push_back(std::move(*arguments));
    Results &expected = checkResults.emplace_back();
    for (const std::string &path : check.expected) {
      Expected<Tensor> tensor = readNpy(path);
      if (!tensor)
        return tensor.takeError();
      expected.push_back(std::move(*tensor));
    }
  }
  chooseRows();
  if (Error error = openReference())
    return error;
  // Such a time is far above what a clock and a call cost.
  constexpr double least = 1e-3;
  constexpr unsigned most = 1 << 20;
  while (repetitions < most) {
    Expected<double> seconds = time(*incumbent);
    if (!seconds)
      return seconds.takeError();
    if (*seconds * repetitions >= least)
      break;
    repetitions *= 2;
  }
  return Error::success();
}

Error Session::loadCandidate(const json::Object &request) {
  if (!incumbent)
    return makeError("nothing is open");
  Expected<ModulePtr> module = load(request);
  if (!module)
    return module.takeError();
  bool approximate = request.getBoolean("approximate").value_or(false);
  if (Error error = check(**module, approximate))
    return error;
  if (Error error = checkLarge(**module, approximate))
    return error;
  candidate = std::move(*module);
  return Error::success();
}

Error Session::loadIncumbent(const json::Object &request) {
  Expected<ModulePtr> module = load(request);
  if (!module)
    return module.takeError();
  incumbent = std::move(*module);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Seconds of one execution.
Expected<double> Session::time(const seednorm::Module &module) {
  auto start = std::chrono::steady_clock::now();
  for (unsigned i = 0; i < repetitions; ++i)
    if (Expected<Results> results = module.run("f", inputs); !results)
      return results.takeError();
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  return elapsed.count() / repetitions;
}

Expected<json::Object> Session::measure(const json::Object &request) {
  int64_t pairs = request.getInteger("pairs").value_or(0);
  if (!candidate)
    return makeError("no candidate is loaded");
  json::Array seconds;
  for (int64_t i = 0; i < pairs; ++i) {
    double times[2] = {0, 0};
    bool candidateFirst = random() & 1;
    for (bool isCandidate : {candidateFirst, !candidateFirst}) {
      Expected<double> elapsed = time(isCandidate ? *candidate : *incumbent);
      if (!elapsed)
        return elapsed.takeError();
      times[isCandidate] = *elapsed;
    }
    seconds.push_back(times[0]);
    seconds.push_back(times[1]);
  }
  return json::Object{{"seconds", std::move(seconds)}};
}

json::Object Session::answer(const json::Object &request) {
  StringRef what = request.getString("do").value_or("");
  json::Object result{{"ok", true}};
  Error error = Error::success();
  if (what == "open") {
    error = open(request);
  } else if (what == "load") {
    error = loadCandidate(request);
  } else if (what == "incumbent") {
    error = loadIncumbent(request);
  } else if (what == "measure") {
    Expected<json::Object> measured = measure(request);
    if (measured)
      result = std::move(*measured);
    else
      error = measured.takeError();
  } else {
    error = makeError("cannot do " + quote(what));
  }
  if (!error)
    return result;
  const char *kind = error.isA<WrongResult>() ? "wrong" : "error";
  std::string text = toString(std::move(error));
  return json::Object{{kind, json::fixUTF8(text)}};
}

/// A line without its end; none at the end of the input.
std::optional<std::string> readLine(int input, std::string &buffer) {
  while (true) {
    size_t end = buffer.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer.substr(0, end);
      buffer.erase(0, end + 1);
      return line;
    }
    char bytes[4096];
    ssize_t count = read(input, bytes, sizeof(bytes));
    if (count > 0)
      buffer.append(bytes, count);
    else if (count == 0 || errno != EINTR)
      return std::nullopt;
  }
}

bool writeAll(int output, StringRef text) {
  while (!text.empty()) {
    ssize_t count = write(output, text.data(), text.size());
    if (count > 0)
      text = text.drop_front(count);
    else if (errno != EINTR)
      return false;
  }
  return true;
}

/// A crash is to be seen from outside, at once: no traces, no core.
void prepareProcess() {
  for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS,
                     SIGINT, SIGTERM, SIGPIPE})
    signal(number, SIG_DFL);
  rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // Also where the parent is killed while a candidate loops for ever.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

} // namespace

int tuning::runWorkerProcess(int input, int output) {
  prepareProcess();
  Session session;
  std::string buffer;
  while (std::optional<std::string> line = readLine(input, buffer)) {
    Expected<json::Value> request = json::parse(*line);
    json::Object answer{{"error", "the request is no JSON object"}};
    if (!request)
      consumeError(request.takeError());
    else if (const json::Object *object = request->getAsObject())
      answer = session.answer(*object);
    if (!writeAll(output,
                  formatv("{0}\n", json::Value(std::move(answer))).str()))
      return 1;
  }
  return 0;
}
