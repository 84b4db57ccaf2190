//===- SearchSpace.cpp - Points of the search space ----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How points are drawn, changed, listed and checked. Knows nothing of what a
// knob is for.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/SearchSpace.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "seednorm/Dialect/Rowwise/Transforms/CPUSchedule.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUSchedule.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"
#include "seednorm/Tuning/ProgramKey.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

using Field = ScheduleField;

uint64_t tuning::drawBelow(Random &random, uint64_t count) {
  return random() % count;
}

//===----------------------------------------------------------------------===//
// Making a space
//===----------------------------------------------------------------------===//

/// The program alone, in a function `f` of its operands.
static mlir::OwningOpRef<mlir::ModuleOp> copyProgram(ProgramOp program) {
  mlir::MLIRContext *context = program.getContext();
  context->getOrLoadDialect<mlir::func::FuncDialect>();
  mlir::Location loc = program.getLoc();
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::ModuleOp::create(loc);
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module->getBody());
  auto type = builder.getFunctionType(program->getOperandTypes(),
                                      program->getResultTypes());
  auto function = mlir::func::FuncOp::create(builder, loc, "f", type);
  builder.setInsertionPointToStart(function.addEntryBlock());
  mlir::IRMapping mapping;
  for (auto [operand, argument] :
       zip_equal(program->getOperands(), function.getArguments()))
    mapping.map(operand, argument);
  // The same array twice is one argument twice.
  mlir::Operation *copy = builder.clone(*program, mapping);
  for (auto [operand, argument] :
       zip_equal(copy->getOpOperands(), function.getArguments()))
    operand.set(argument);
  mlir::func::ReturnOp::create(builder, loc, copy->getResults());
  return module;
}

Expected<SearchSpace> SearchSpace::create(ProgramOp program,
                                          const Target &target,
                                          std::optional<int64_t> rows,
                                          int64_t threads,
                                          const SpaceOptions &options) {
  SearchSpace space;
  space.target = target;
  if (isGPUTriple(target.triple)) {
    Expected<GPUTarget> gpu = getGPUTarget(target.triple, target.cpu);
    if (!gpu)
      return gpu.takeError();
    space.gpu = *gpu;
  } else {
    Expected<VectorISA> isa =
        getVectorISA(target.triple, target.cpu, target.features);
    if (!isa)
      return isa.takeError();
    space.isa = *isa;
  }
  space.module = copyProgram(program);
  space.module->walk([&](ProgramOp copy) { space.program = copy; });
  foldIdentities(space.program);
  space.program.removeScheduleAttr();
  std::string message;
  {
    mlir::ScopedDiagnosticHandler handler(program.getContext(),
                                          [&](mlir::Diagnostic &diagnostic) {
                                            message = diagnostic.str();
                                            return mlir::success();
                                          });
    space.defaultSchedule = space.complete();
  }
  if (!space.defaultSchedule)
    return makeError(message);
  space.findFacts();
  threads = std::max<int64_t>(threads, 1);
  Expected<Key> key = makeKey(space.program, rows, target, threads);
  if (!key)
    return key.takeError();
  space.key = std::move(*key);
  if (space.gpu)
    space.addGPUKnobs(options);
  else
    space.addCPUKnobs(threads, options);
  return space;
}

//===----------------------------------------------------------------------===//
// Legality
//===----------------------------------------------------------------------===//

ScheduleAttr SearchSpace::complete() const {
  return gpu ? completeForGPU(program, *gpu) : completeForCPU(program, *isa);
}

bool SearchSpace::isLegal(ScheduleAttr schedule, std::string *why) const {
  std::string message;
  ProgramOp own = program;
  mlir::ScopedDiagnosticHandler handler(own.getContext(),
                                        [&](mlir::Diagnostic &diagnostic) {
                                          if (message.empty())
                                            message = diagnostic.str();
                                          return mlir::success();
                                        });
  own.setScheduleAttr(schedule);
  ScheduleAttr completed = complete();
  own.removeScheduleAttr();
  if (completed && completed != schedule)
    message = "is not complete for the target: " +
              describeDifference(schedule, completed);
  if (why)
    *why = message;
  return completed == schedule;
}

ScheduleAttr SearchSpace::getPoint(const Fields &fields) const {
  mlir::MLIRContext *context = defaultSchedule.getContext();
  ScheduleAttr schedule;
  {
    mlir::ScopedDiagnosticHandler quiet(
        context, [](mlir::Diagnostic &) { return mlir::success(); });
    mlir::Location loc = mlir::UnknownLoc::get(context);
    schedule = fields.getChecked([&] { return mlir::emitError(loc); }, context);
  }
  return schedule && isLegal(schedule) ? schedule : nullptr;
}

bool SearchSpace::contains(ScheduleAttr schedule) const {
  Fields fields(schedule);
  return repair(fields) == fields && isSensible(fields) && isLegal(schedule);
}

//===----------------------------------------------------------------------===//
// Repairs
//===----------------------------------------------------------------------===//

const Knob *SearchSpace::findKnob(Field field) const {
  const auto *knob =
      find_if(knobs, [&](const Knob &knob) { return knob.field == field; });
  return knob == knobs.end() ? nullptr : knob;
}

/// By the ratio; 0 only goes to 0 where the knob has that.
static int64_t getNearestValue(const Knob &knob, int64_t value) {
  auto distance = [&](int64_t other) {
    return std::abs(std::log2(double(other) + 1) -
                    std::log2(double(value) + 1));
  };
  return *llvm::min_element(knob.values, [&](int64_t a, int64_t b) {
    return distance(a) < distance(b);
  });
}

/// The smallest value from `least` on that fits, else the largest that does.
static std::optional<int64_t> getFitting(const Knob &knob, int64_t least,
                                         function_ref<bool(int64_t)> fits) {
  std::optional<int64_t> found;
  for (int64_t value : knob.values) {
    if (fits(value))
      found = value;
    if (found && *found >= least)
      break;
  }
  return found;
}

void SearchSpace::repairRows(Fields &fields) const {
  int64_t &block = fields[Field::RowsPerBlock],
          &task = fields[Field::RowsPerTask];
  if (gpu) {
    if (!fields[Field::KeepRow])
      fields[Field::CtasPerRow] = 0;
    int64_t most = 1024 / fields[Field::ThreadsPerRow];
    if (fields[Field::CtasPerRow] > 1 ||
        (facts.hasSums && !fields[Field::KeepRow]))
      most = 1;
    block = std::min<int64_t>(block, bit_floor(uint64_t(most)));
  } else if (block % fields[Field::RowsInFlight]) {
    int64_t &inFlight = fields[Field::RowsInFlight];
    inFlight = getFitting(*findKnob(Field::RowsInFlight), inFlight,
                          [&](int64_t value) {
                            return value <= inFlight && block % value == 0;
                          })
                   .value_or(1);
  }
  if (task % block == 0)
    return;
  const Knob *knob = findKnob(Field::RowsPerTask);
  std::optional<int64_t> fitting;
  if (knob)
    fitting = getFitting(*knob, task,
                         [&](int64_t value) { return value % block == 0; });
  task = fitting.value_or(alignTo(task, block));
}

ScheduleFields SearchSpace::repair(Fields fields) const {
  Fields usual(defaultSchedule), known;
  // What these mean where they are absent.
  for (Field field : {Field::PrefetchLevel, Field::CtasPerRow})
    if (fields[field] == 1)
      fields[field] = 0;
  for (unsigned i = 0; i < Fields::count; ++i) {
    Field field = Field(i);
    const Knob *knob = findKnob(field);
    known[field] = knob ? getNearestValue(*knob, fields[field]) : usual[field];
  }
  repairRows(known);
  if (gpu)
    dropWithoutEffectOnGPU(known);
  else
    dropWithoutEffectOnCPU(known);
  return known;
}

ScheduleAttr SearchSpace::getNearest(ScheduleAttr schedule) const {
  if (!schedule)
    return nullptr;
  Fields fields = repair(Fields(schedule));
  return isSensible(fields) ? getPoint(fields) : nullptr;
}

//===----------------------------------------------------------------------===//
// Points by chance
//===----------------------------------------------------------------------===//

/// Tries before a space is taken for one that has nothing else.
static constexpr unsigned mostTries = 200;

ScheduleAttr SearchSpace::draw(Random &random) const {
  for (unsigned i = 0; i < mostTries; ++i) {
    Fields fields(defaultSchedule);
    for (const Knob &knob : knobs)
      fields[knob.field] = knob.values[drawBelow(random, knob.values.size())];
    fields = repair(fields);
    if (!isSensible(fields))
      continue;
    if (ScheduleAttr point = getPoint(fields))
      return point;
  }
  return defaultSchedule;
}

void SearchSpace::change(Fields &fields, const Knob &knob,
                         int64_t value) const {
  fields[knob.field] = value;
  auto fit = [&](Field field, auto fits) {
    const Knob *other = findKnob(field);
    if (!other || fits(fields[field]))
      return;
    if (auto fitting = getFitting(*other, fields[field], fits))
      fields[field] = *fitting;
  };
  bool together = fields[Field::Pipeline] || fields[Field::KeepRow];
  switch (knob.field) {
  case Field::RowsInFlight:
    fit(Field::RowsPerBlock, [&](int64_t rows) {
      return together ? rows == value : rows % value == 0;
    });
    break;
  case Field::RowsPerTask:
    fit(Field::RowsPerBlock, [&](int64_t rows) { return value % rows == 0; });
    break;
  case Field::RowsPerBlock:
    if (gpu)
      fit(Field::ThreadsPerRow,
          [&](int64_t threads) { return threads * value <= 1024; });
    else if (together)
      fit(Field::RowsInFlight, [&](int64_t rows) { return rows == value; });
    break;
  case Field::PrefetchLevel:
    if (value)
      fit(Field::PrefetchRows, [](int64_t rows) { return rows != 0; });
    break;
  case Field::KeepColumns:
  case Field::CtasPerRow:
    if (value)
      fit(Field::KeepRow, [](int64_t keeps) { return keeps != 0; });
    break;
  case Field::Pipeline:
  case Field::KeepRow:
    if (!value || gpu)
      break;
    fields[knob.field == Field::KeepRow ? Field::Pipeline : Field::KeepRow] = 0;
    fit(Field::TileVectors, [](int64_t vectors) { return vectors == 0; });
    fit(Field::RowsPerBlock,
        [&](int64_t rows) { return rows == fields[Field::RowsInFlight]; });
    break;
  default:
    break;
  }
}

ScheduleAttr SearchSpace::mutate(ScheduleAttr schedule, Random &random) const {
  if (knobs.empty())
    return schedule;
  Fields before = repair(Fields(schedule));
  for (unsigned i = 0; i < mostTries; ++i) {
    Fields fields = before;
    for (unsigned count = 1 + drawBelow(random, 2); count; --count) {
      const Knob &knob = knobs[drawBelow(random, knobs.size())];
      const auto *at = find(knob.values, fields[knob.field]);
      int64_t index = at == knob.values.end() ? 0 : at - knob.values.begin();
      index += drawBelow(random, 2) ? 1 : -1;
      if (index >= 0 && index < int64_t(knob.values.size()))
        change(fields, knob, knob.values[index]);
    }
    fields = repair(fields);
    if (fields == before || !isSensible(fields))
      continue;
    if (ScheduleAttr point = getPoint(fields))
      return point;
  }
  return draw(random);
}

ScheduleAttr SearchSpace::cross(ScheduleAttr a, ScheduleAttr b,
                                Random &random) const {
  Fields first(a), second(b);
  for (unsigned i = 0; i < mostTries; ++i) {
    Fields fields = first;
    for (const Knob &knob : knobs)
      if (drawBelow(random, 2))
        fields[knob.field] = second[knob.field];
    fields = repair(fields);
    if (!isSensible(fields))
      continue;
    if (ScheduleAttr point = getPoint(fields))
      return point;
  }
  return mutate(a, random);
}

//===----------------------------------------------------------------------===//
// All points
//===----------------------------------------------------------------------===//

uint64_t SearchSpace::getNumPoints() const {
  uint64_t count = 1;
  for (const Knob &knob : knobs)
    count = SaturatingMultiply<uint64_t>(count, knob.values.size());
  return count;
}

bool SearchSpace::forEach(Callback callback) const {
  SmallVector<Field> all;
  for (const Knob &knob : knobs)
    all.push_back(knob.field);
  return forEach(defaultSchedule, all, callback);
}

bool SearchSpace::forEach(ScheduleAttr base, ArrayRef<Field> fields,
                          Callback callback) const {
  SmallVector<const Knob *> varied;
  for (Field field : fields)
    if (const Knob *knob = findKnob(field))
      varied.push_back(knob);
  SmallVector<size_t> at(varied.size(), 0);
  for (;;) {
    Fields raw(base);
    for (auto [knob, index] : zip_equal(varied, at))
      raw[knob->field] = knob->values[index];
    // Of combinations that come to the same point one is the point itself.
    Fields point = repair(raw);
    bool isOwn = all_of(varied, [&](const Knob *knob) {
      return point[knob->field] == raw[knob->field];
    });
    if (isOwn && isSensible(point))
      if (ScheduleAttr schedule = getPoint(point))
        if (!callback(schedule))
          return false;
    size_t i = 0;
    while (i < at.size() && ++at[i] == varied[i]->values.size())
      at[i++] = 0;
    if (i == at.size())
      return true;
  }
}

std::string tuning::describeDifference(ScheduleAttr from, ScheduleAttr to) {
  std::string text;
  raw_string_ostream stream(text);
  ScheduleFields before(from), after(to);
  auto print = [&](int64_t value) {
    if (value)
      stream << value;
    else
      stream << "off";
  };
  for (auto [i, info] : enumerate(getScheduleFieldInfos())) {
    int64_t a = before[Field(i)], b = after[Field(i)];
    if (a == b)
      continue;
    stream << (text.empty() ? "" : ", ") << info.name << " ";
    print(a);
    stream << " -> ";
    print(b);
  }
  return text;
}
