//===- Schedule.cpp - A schedule for every row program -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: which schedule a program gets. What a cost model chooses is
// CPUSchedule's and GPUSchedule's; what was measured, the tuning policy's.
//
//===----------------------------------------------------------------------===//

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "seednorm/Dialect/Rowwise/Transforms/CPUSchedule.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUSchedule.h"
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"
#include "seednorm/Tuning/Policy.h"
#include "seednorm/Tuning/ProgramKey.h"
#include "llvm/Support/Threading.h"

namespace mlir::rowwise {
#define GEN_PASS_DEF_ROWWISESCHEDULE
#include "seednorm/Dialect/Rowwise/Transforms/Passes.h.inc"
} // namespace mlir::rowwise

using namespace mlir;
using namespace mlir::rowwise;
namespace tuning = seednorm::tuning;

namespace {

/// While it lives, what this thread says of the IR is not heard.
class Silence {
public:
  explicit Silence(MLIRContext *context)
      : handler(context, [thread = llvm::get_threadid()](Diagnostic &) {
          return success(llvm::get_threadid() == thread);
        }) {}

private:
  ScopedDiagnosticHandler handler;
};

/// Schedules one program after the other, for one target.
class Scheduler {
public:
  Scheduler(tuning::Policy policy, tuning::Target target)
      : policy(std::move(policy)), target(std::move(target)) {}

  /// `complete` fills in what the program's schedule leaves open.
  LogicalResult schedule(ProgramOp program,
                         function_ref<ScheduleAttr()> complete);

private:
  LogicalResult tune(ProgramOp program, const tuning::Key &key,
                     function_ref<ScheduleAttr()> complete);
  ScheduleAttr tryOut(ProgramOp program, StringRef text,
                      function_ref<ScheduleAttr()> complete);
  void say(ProgramOp program, const tuning::Key *key, StringRef origin,
           ScheduleAttr schedule);

  tuning::Policy policy;
  tuning::Target target;
};

} // namespace

LogicalResult Scheduler::schedule(ProgramOp program,
                                  function_ref<ScheduleAttr()> complete) {
  const tuning::PolicyOptions &options = policy.getOptions();
  bool needsKey = options.mode != tuning::Mode::Off || options.print;
  if (!program.getScheduleAttr() && needsKey) {
    auto key = tuning::makeKey(program, std::nullopt, target, options.threads);
    if (!key)
      return program.emitOpError(llvm::toString(key.takeError()));
    return tune(program, *key, complete);
  }
  ScheduleAttr schedule = complete();
  if (!schedule)
    return failure();
  program.setScheduleAttr(schedule);
  say(program, nullptr, "given", schedule);
  return success();
}

static LogicalResult fail(ProgramOp program, const tuning::Key &key,
                          llvm::Error error) {
  return program.emitOpError()
         << "cannot be scheduled (program " << key.program << ", " << key.types
         << ", width " << key.width << ", rows " << key.rows << ", threads "
         << key.threads << "): " << llvm::toString(std::move(error));
}

/// Where a schedule came from; null: nothing measured fits.
static std::string describe(const tuning::Suggestion *taken,
                            const tuning::Key &key) {
  if (!taken)
    return "cost model";
  std::string text = tuning::stringifyOrigin(taken->origin).str();
  if (taken->key == key)
    return text;
  return text + " (width " + std::to_string(taken->key.width) + ", rows " +
         std::to_string(taken->key.rows) + ", threads " +
         std::to_string(taken->key.threads) + ")";
}

/// What was measured, or else what `complete` makes of nothing.
LogicalResult Scheduler::tune(ProgramOp program, const tuning::Key &key,
                              function_ref<ScheduleAttr()> complete) {
  auto suggestions = policy.suggest(key);
  if (!suggestions)
    return fail(program, key, suggestions.takeError());
  const tuning::Suggestion *taken = nullptr;
  ScheduleAttr schedule;
  for (const tuning::Suggestion &suggestion : *suggestions) {
    schedule = tryOut(program, suggestion.schedule, complete);
    if (schedule) {
      taken = &suggestion;
      break;
    }
  }
  if (!schedule && policy.getOptions().mode == tuning::Mode::Pinned)
    return fail(program, key,
                seednorm::makeError("the schedule that is recorded does not "
                                    "fit: " +
                                    suggestions->front().schedule));
  if (!schedule)
    schedule = complete();
  if (!schedule)
    return failure();
  program.setScheduleAttr(schedule);
  say(program, &key, describe(taken, key), schedule);
  std::string text;
  llvm::raw_string_ostream(text) << schedule;
  if (llvm::Error error =
          policy.record(key, tuning::getCanonicalText(program), text))
    return fail(program, key, std::move(error));
  return success();
}

/// The schedule if it is one, and fits; null, and nothing said, if not.
ScheduleAttr Scheduler::tryOut(ProgramOp program, StringRef text,
                               function_ref<ScheduleAttr()> complete) {
  Silence silence(program.getContext());
  auto schedule = dyn_cast_if_present<ScheduleAttr>(
      parseAttribute(text, program.getContext()));
  if (!schedule || schedule.isForGPU() != tuning::isGPUTarget(target))
    return nullptr;
  program.setScheduleAttr(schedule);
  schedule = complete();
  program.removeScheduleAttr();
  return schedule;
}

/// One line, written whole: other threads may print as well.
void Scheduler::say(ProgramOp program, const tuning::Key *key, StringRef origin,
                    ScheduleAttr schedule) {
  if (!policy.getOptions().print)
    return;
  std::string line = "tuning: ";
  llvm::raw_string_ostream stream(line);
  if (auto function = program->getParentOfType<FunctionOpInterface>())
    stream << "@" << function.getName() << " ";
  stream << program.getLoc();
  if (key)
    stream << " " << StringRef(key->program).take_front(12) << " " << key->types
           << " width " << key->width << " rows " << key->rows << " alignment "
           << key->alignment << " threads " << key->threads << " on "
           << key->target;
  stream << ": " << origin << ": " << schedule << "\n";
  llvm::errs() << line;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

struct RowwiseSchedule : rowwise::impl::RowwiseScheduleBase<RowwiseSchedule> {
  using RowwiseScheduleBase::RowwiseScheduleBase;

  void runOnOperation() override {
    if (isGPUTriple(triple))
      return schedule(getGPUTarget(triple, cpu), completeForGPU);
    schedule(getVectorISA(triple, cpu, features), completeForCPU);
  }

private:
  template <typename Target>
  void schedule(llvm::Expected<Target> target,
                ScheduleAttr (*complete)(ProgramOp, const Target &)) {
    if (!target) {
      getOperation()->emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    llvm::Expected<Scheduler> scheduler = createScheduler();
    if (!scheduler) {
      getOperation()->emitError(llvm::toString(scheduler.takeError()));
      return signalPassFailure();
    }
    WalkResult result = getOperation()->walk([&](ProgramOp program) {
      foldIdentities(program);
      return WalkResult(scheduler->schedule(
          program, [&] { return complete(program, *target); }));
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  llvm::Expected<Scheduler> createScheduler() {
    tuning::PolicyOptions options;
    StringRef asked = mode;
    if (asked.empty())
      asked = database.empty() ? "off" : "use";
    auto parsed = tuning::parseMode(asked, "'tuning-mode'");
    if (!parsed)
      return parsed.takeError();
    options.mode = *parsed;
    options.database = database;
    options.threads = threads;
    options.print = print;
    std::string warning;
    auto policy = tuning::Policy::create(options, warning);
    if (!policy)
      return policy.takeError();
    if (!warning.empty())
      getOperation()->emitWarning(warning);
    return Scheduler(std::move(*policy), {triple, cpu, features});
  }
};

} // namespace
