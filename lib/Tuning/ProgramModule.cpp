//===- ProgramModule.cpp - A row program as a module of its own ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model goes through the pipeline up to fused programs; each is then copied
// between a function's arguments and its results.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/ProgramModule.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"
#include "seednorm/Interpreter/Interpreter.h"
#include "seednorm/Pipelines/Pipelines.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using mlir::RankedTensorType;
using mlir::ShapedType;
using mlir::rowwise::ProgramOp;

int64_t RowShape::getNumRows() const {
  int64_t rows = 1;
  for (int64_t size : leading)
    rows *= size;
  return rows;
}

std::string RowShape::toString() const {
  std::string text;
  for (int64_t size : leading)
    text += std::to_string(size) + "x";
  return text + std::to_string(width);
}

//===----------------------------------------------------------------------===//
// The trial module
//===----------------------------------------------------------------------===//

/// With dynamic leading dimensions, but for those of 1, which may repeat rows.
static RankedTensorType relax(mlir::Type type, bool hasLeading) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  if (hasLeading)
    for (int64_t &size : MutableArrayRef(shape).drop_back())
      size = size == 1 ? 1 : ShapedType::kDynamic;
  return RankedTensorType::get(shape, tensor.getElementType());
}

/// What the program's outs have in the trial: sums over all rows are of rank 1.
static mlir::Value createOut(mlir::OpBuilder &builder, mlir::Location loc,
                             RankedTensorType type, mlir::Value rows) {
  SmallVector<mlir::Value> sizes;
  auto leading = cast<RankedTensorType>(rows.getType()).getRank() - 1;
  for (auto [i, size] : enumerate(type.getShape())) {
    if (!ShapedType::isDynamic(size))
      continue;
    bool isWidth = int64_t(i) == type.getRank() - 1;
    sizes.push_back(mlir::tensor::DimOp::create(
        builder, loc, rows, isWidth ? leading : int64_t(i)));
  }
  return mlir::tensor::EmptyOp::create(builder, loc, type, sizes);
}

/// The program between arguments and results of a function `f`. A value that
/// several operands have is one argument.
static ProgramOp createTrial(ProgramOp program, mlir::ModuleOp module) {
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module.getBody());
  mlir::Location loc = builder.getUnknownLoc();
  SmallMapVector<mlir::Value, mlir::Type, 8> arguments;
  for (mlir::Value operand : program.getRows())
    arguments[operand] = relax(operand.getType(), true);
  for (mlir::Value operand : program.getColumns())
    arguments.insert({operand, relax(operand.getType(), false)});
  SmallVector<mlir::Type> inputs, results;
  for (auto &[value, type] : arguments)
    inputs.push_back(type);
  for (mlir::Value out : program.getOuts())
    results.push_back(
        relax(out.getType(), cast<ShapedType>(out.getType()).getRank() > 1));
  auto function = mlir::func::FuncOp::create(
      builder, loc, "f", builder.getFunctionType(inputs, results));
  builder.setInsertionPointToStart(function.addEntryBlock());
  mlir::IRMapping mapping;
  for (auto [i, argument] : enumerate(arguments))
    mapping.map(argument.first, function.getArgument(i));
  mlir::Value rows = mapping.lookup(program.getRows()[0]);
  SmallVector<mlir::Value> outs;
  for (mlir::Type type : results)
    outs.push_back(createOut(builder, loc, cast<RankedTensorType>(type), rows));
  auto copy = cast<ProgramOp>(builder.clone(*program, mapping));
  copy.getOutsMutable().assign(outs);
  for (auto [result, type] : zip(copy->getResults(), results))
    result.setType(type);
  mlir::func::ReturnOp::create(builder, loc, copy->getResults());
  return copy;
}

//===----------------------------------------------------------------------===//
// Taking programs out of a model
//===----------------------------------------------------------------------===//

static std::string describeLocation(mlir::Location location) {
  auto place = location->findInstanceOf<mlir::FileLineColLoc>();
  if (!place)
    return {};
  return (place.getFilename().getValue() + ":" + Twine(place.getLine()) + ":" +
          Twine(place.getColumn()))
      .str();
}

static Error buildPrograms(Model &model, StringRef name) {
  FirstError error(model.getContext());
  // What the model says of schedules is not what is looked for.
  model.getModule()->walk(
      [](ProgramOp program) { program.removeScheduleAttr(); });
  mlir::PassManager passes(model.getContext());
  mlir::seednorm::buildFusionPipeline(passes);
  if (mlir::failed(passes.run(model.getModule())))
    return error.take("the pipeline failed on " + name.str());
  // As the pass that schedules does.
  model.getModule()->walk(mlir::rowwise::foldIdentities);
  return Error::success();
}

Expected<std::vector<ProgramModule>> ProgramModule::extract(StringRef source,
                                                            StringRef name) {
  Expected<Model> parsed = Model::parse(source, name);
  if (!parsed)
    return parsed.takeError();
  if (Error error = buildPrograms(*parsed, name))
    return error;
  auto model = std::make_shared<Model>(std::move(*parsed));
  std::vector<ProgramModule> programs;
  for (auto function : model->getModule().getOps<mlir::func::FuncOp>()) {
    unsigned index = 0;
    function->walk([&](ProgramOp op) {
      // Programs on memrefs are past the pipeline's beginning.
      if (op.hasBufferSemantics())
        return;
      ProgramModule program;
      program.name = (function.getName() + "#" + Twine(index++)).str();
      program.location = describeLocation(op.getLoc());
      program.model = model;
      program.program = op;
      program.trial =
          mlir::ModuleOp::create(mlir::UnknownLoc::get(model->getContext()));
      program.trialProgram = createTrial(op, *program.trial);
      programs.push_back(std::move(program));
    });
  }
  if (programs.empty())
    return makeError(quote(name) + " has no row program");
  return programs;
}

std::string ProgramModule::print(mlir::rowwise::ScheduleAttr schedule) const {
  ProgramOp op = trialProgram;
  if (schedule)
    op.setScheduleAttr(schedule);
  else
    op.removeScheduleAttr();
  std::string text;
  raw_string_ostream stream(text);
  trial->print(stream, mlir::OpPrintingFlags().enableDebugInfo(false));
  return text;
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static ArrayRef<int64_t> getLeading(ProgramOp program) {
  return program.getLeadingShape();
}

bool ProgramModule::isStatic() const {
  ProgramOp op = program;
  return !ShapedType::isDynamic(op.getRowWidth()) &&
         none_of(getLeading(op), ShapedType::isDynamic);
}

RowShape ProgramModule::getShape(int64_t rows, int64_t width) const {
  ProgramOp op = program;
  RowShape shape;
  shape.leading.assign(getLeading(op).begin(), getLeading(op).end());
  shape.width =
      ShapedType::isDynamic(op.getRowWidth()) ? width : op.getRowWidth();
  // The last of the dynamic dimensions takes nearly all: the others are those
  // of batches and heads.
  constexpr int64_t outer = 4;
  int64_t rest = std::max<int64_t>(rows, 1);
  int64_t *last = nullptr;
  for (int64_t &size : shape.leading) {
    if (!ShapedType::isDynamic(size)) {
      rest = std::max<int64_t>(1, rest / std::max<int64_t>(size, 1));
      continue;
    }
    if (last) {
      *last = std::min(outer, rest);
      rest = std::max<int64_t>(1, rest / *last);
    }
    last = &size;
  }
  if (last)
    *last = rest;
  return shape;
}

RowShape ProgramModule::getCheckShape(int64_t rows,
                                      const RowShape &like) const {
  // Dimensions of 1 may be those over which others repeat.
  RowShape shape = like;
  int64_t *last = nullptr;
  for (int64_t &size : shape.leading) {
    if (size == 1)
      continue;
    size = std::min<int64_t>(size, 2);
    last = &size;
  }
  if (last)
    *last = rows;
  return shape;
}

Error ProgramModule::checkShape(const RowShape &shape) const {
  ProgramOp op = program;
  RankedTensorType type = cast<RankedTensorType>(op.getRows()[0].getType());
  SmallVector<int64_t, 4> sizes(shape.leading);
  sizes.push_back(shape.width);
  bool fits = size_t(type.getRank()) == sizes.size();
  for (size_t i = 0; fits && i < sizes.size(); ++i)
    fits = type.isDynamicDim(i) || type.getDimSize(i) == sizes[i];
  if (fits)
    return Error::success();
  std::string expected;
  for (int64_t size : type.getShape())
    expected += (expected.empty() ? "" : "x") +
                (ShapedType::isDynamic(size) ? "?" : std::to_string(size));
  return makeError("shape " + shape.toString() + " is not one of program " +
                   quote(name) + ", whose rows are " + expected);
}

//===----------------------------------------------------------------------===//
// Inputs and results
//===----------------------------------------------------------------------===//

static DType getDType(mlir::Type type) {
  std::string text;
  raw_string_ostream stream(text);
  stream << cast<RankedTensorType>(type).getElementType();
  // Programs have no other types than arrays.
  return *parseDType(text);
}

/// The sizes of an array of this type beside rows of this shape.
static SmallVector<int64_t, 4> resolve(RankedTensorType type,
                                       const RowShape &shape) {
  SmallVector<int64_t, 4> sizes(type.getShape());
  for (size_t i = 0; i < sizes.size(); ++i)
    if (ShapedType::isDynamic(sizes[i]))
      sizes[i] = i + 1 == sizes.size() ? shape.width : shape.leading[i];
  return sizes;
}

std::vector<InputSpec> ProgramModule::getInputs(const RowShape &shape) const {
  ProgramOp op = trialProgram;
  auto function = op->getParentOfType<mlir::func::FuncOp>();
  std::vector<InputSpec> inputs;
  for (mlir::BlockArgument argument : function.getArguments()) {
    auto type = cast<RankedTensorType>(argument.getType());
    InputSpec input{getDType(type), resolve(type, shape), InputKind::Row};
    if (!is_contained(op.getRows(), argument))
      input.kind = InputKind::Column;
    else if (input.shape.back() != shape.width)
      input.kind = InputKind::Scalars;
    inputs.push_back(std::move(input));
  }
  return inputs;
}

SmallVector<bool> ProgramModule::getRowResults() const {
  ProgramOp op = trialProgram;
  SmallVector<bool> isRows;
  for (unsigned i = 0; i < op->getNumResults(); ++i)
    isRows.push_back(!op.isAccumulated(i));
  return isRows;
}

uint64_t ProgramModule::countBytes(const RowShape &shape) const {
  ProgramOp op = trialProgram;
  uint64_t bytes = 0;
  auto add = [&](DType dtype, ArrayRef<int64_t> sizes) {
    uint64_t elements = getElementSize(dtype);
    for (int64_t size : sizes)
      elements *= size;
    bytes += elements;
  };
  for (const InputSpec &input : getInputs(shape))
    add(input.dtype, input.shape);
  for (mlir::Type type : op->getResultTypes())
    add(getDType(type), resolve(cast<RankedTensorType>(type), shape));
  return bytes;
}

Expected<SmallVector<Tensor>>
ProgramModule::interpret(ArrayRef<Tensor> inputs) const {
  return seednorm::interpret(*trial, "f", inputs);
}
