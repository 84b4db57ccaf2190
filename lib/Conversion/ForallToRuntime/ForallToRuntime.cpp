//===- ForallToRuntime.cpp - Parallel loops as calls of the runtime ------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Outlines the body of a parallel loop and hands it to the runtime's threads.
// Knows nothing of what the body computes.
//
//===----------------------------------------------------------------------===//

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_FORALLTORUNTIME
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

static constexpr StringLiteral parallelForName = "seednorm_rt_parallel_for";

namespace {

/// One loop's outlining. Captured values keep their types of this level; casts
/// to the types they will have in LLVM carry them through the struct and fold
/// away once everything is lowered.
class Outlining {
public:
  Outlining(scf::ForallOp loop, const LLVMTypeConverter &converter,
            StringRef name)
      : loop(loop), converter(converter), name(name.str()),
        pointer(LLVM::LLVMPointerType::get(loop.getContext())) {}

  LogicalResult run();

private:
  LogicalResult collectCaptures();
  func::FuncOp createFunction(OpBuilder &builder, Twine suffix,
                              ArrayRef<Type> arguments);
  void createTaskFunction(OpBuilder &builder);
  void createRangeFunction(OpBuilder &builder);
  void replaceLoop();

  scf::ForallOp loop;
  const LLVMTypeConverter &converter;
  std::string name;
  Type pointer;
  SmallVector<Value> captures;
  LLVM::LLVMStructType contextType;
};

LogicalResult Outlining::collectCaptures() {
  llvm::SetVector<Value> above;
  getUsedValuesDefinedAbove(loop.getRegion(), above);
  SmallVector<Type> types;
  OpBuilder builder = OpBuilder::atBlockBegin(loop.getBody());
  for (Value value : above) {
    // Constants are cheaper made again than carried.
    Operation *op = value.getDefiningOp();
    if (op && op->hasTrait<OpTrait::ConstantLike>()) {
      Value copy = builder.clone(*op)->getResult(0);
      value.replaceUsesWithIf(copy, [&](OpOperand &use) {
        return loop.getRegion().isAncestor(use.getOwner()->getParentRegion());
      });
      continue;
    }
    Type type = converter.convertType(value.getType());
    if (!type)
      return loop.emitOpError("uses a value of a type that has no LLVM form: ")
             << value.getType();
    captures.push_back(value);
    types.push_back(type);
  }
  contextType = LLVM::LLVMStructType::getLiteral(loop.getContext(), types);
  return success();
}

func::FuncOp Outlining::createFunction(OpBuilder &builder, Twine suffix,
                                       ArrayRef<Type> arguments) {
  auto function =
      func::FuncOp::create(builder, loop.getLoc(), (name + suffix).str(),
                           builder.getFunctionType(arguments, {}));
  function.setPrivate();
  function->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(loop.getContext(), LLVM::Linkage::Internal));
  builder.setInsertionPointToStart(function.addEntryBlock());
  return function;
}

/// `void name(context, task)`: the loop's body.
void Outlining::createTaskFunction(OpBuilder &builder) {
  OpBuilder::InsertionGuard guard(builder);
  Location loc = loop.getLoc();
  func::FuncOp function =
      createFunction(builder, "", {pointer, builder.getIndexType()});
  IRMapping mapping;
  mapping.map(loop.getInductionVar(0), function.getArgument(1));
  for (auto [i, capture] : llvm::enumerate(captures)) {
    Value address = LLVM::GEPOp::create(
        builder, loc, pointer, contextType, function.getArgument(0),
        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    Value loaded =
        LLVM::LoadOp::create(builder, loc, contextType.getBody()[i], address);
    if (loaded.getType() != capture.getType())
      loaded = UnrealizedConversionCastOp::create(builder, loc,
                                                  capture.getType(), loaded)
                   .getResult(0);
    mapping.map(capture, loaded);
  }
  for (Operation &op : loop.getBody()->without_terminator())
    builder.clone(op, mapping);
  func::ReturnOp::create(builder, loc);
}

/// `void name_range(context, begin, end)`: what the runtime calls.
void Outlining::createRangeFunction(OpBuilder &builder) {
  OpBuilder::InsertionGuard guard(builder);
  Location loc = loop.getLoc();
  Type i64 = builder.getI64Type(), index = builder.getIndexType();
  func::FuncOp function =
      createFunction(builder, "_range", {pointer, i64, i64});
  auto toIndex = [&](Value value) {
    return arith::IndexCastOp::create(builder, loc, index, value);
  };
  Value begin = toIndex(function.getArgument(1));
  Value end = toIndex(function.getArgument(2));
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  scf::ForOp::create(builder, loc, begin, end, one, ValueRange(),
                     [&](OpBuilder &nested, Location, Value task, ValueRange) {
                       func::CallOp::create(
                           nested, loc, name, TypeRange(),
                           ValueRange{function.getArgument(0), task});
                       scf::YieldOp::create(nested, loc);
                     });
  func::ReturnOp::create(builder, loc);
}

void Outlining::replaceLoop() {
  Location loc = loop.getLoc();
  OpBuilder builder(loop);
  // On the stack once, however often the loop is reached.
  Value context;
  {
    OpBuilder::InsertionGuard guard(builder);
    auto function = loop->getParentOfType<FunctionOpInterface>();
    builder.setInsertionPointToStart(&function.getFunctionBody().front());
    Value one = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(), 1);
    context = LLVM::AllocaOp::create(builder, loc, pointer, contextType, one);
  }
  for (auto [i, capture] : llvm::enumerate(captures)) {
    Value value = capture;
    if (value.getType() != contextType.getBody()[i])
      value = UnrealizedConversionCastOp::create(
                  builder, loc, contextType.getBody()[i], value)
                  .getResult(0);
    Value address =
        LLVM::GEPOp::create(builder, loc, pointer, contextType, context,
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    LLVM::StoreOp::create(builder, loc, value, address);
  }
  Type i64 = builder.getI64Type();
  auto bodyType = builder.getFunctionType({pointer, i64, i64}, {});
  Value body =
      func::ConstantOp::create(builder, loc, bodyType, name + "_range");
  body = UnrealizedConversionCastOp::create(builder, loc, pointer, body)
             .getResult(0);
  Value count = loop.getUpperBound(builder).front();
  count = arith::IndexCastOp::create(builder, loc, i64, count);
  func::CallOp::create(builder, loc, parallelForName, TypeRange(),
                       ValueRange{body, context, count});
  loop.erase();
}

LogicalResult Outlining::run() {
  if (loop.getRank() != 1 || !loop.getOutputs().empty() || !loop.isNormalized())
    return loop.emitOpError("must have one dimension from 0 in steps of 1 and "
                            "no outputs to become a runtime call");
  if (failed(collectCaptures()))
    return failure();
  auto parent = loop->getParentOfType<func::FuncOp>();
  OpBuilder builder(parent);
  createTaskFunction(builder);
  createRangeFunction(builder);
  replaceLoop();
  return success();
}

struct ForallToRuntime : seednorm::impl::ForallToRuntimeBase<ForallToRuntime> {
  void runOnOperation() override {
    SmallVector<scf::ForallOp> loops;
    getOperation().walk([&](scf::ForallOp loop) { loops.push_back(loop); });
    if (loops.empty())
      return;
    LowerToLLVMOptions options(&getContext());
    LLVMTypeConverter converter(&getContext(), options);
    unsigned number = 0;
    for (scf::ForallOp loop : loops) {
      auto parent = loop->getParentOfType<func::FuncOp>();
      std::string name = (parent.getName() + "_task_" + Twine(number++)).str();
      if (failed(Outlining(loop, converter, name).run()))
        return signalPassFailure();
    }
    if (getOperation().lookupSymbol(parallelForName))
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    func::FuncOp::create(
        builder, getOperation().getLoc(), parallelForName,
        builder.getFunctionType({pointer, pointer, builder.getI64Type()}, {}))
        .setPrivate();
  }
};

} // namespace
