//===- ParallelLoopsToGPU.cpp - What is no row program, on a GPU ---------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gathers, transpositions, fills and the like: plain loops on arrays become
// plain kernels. Knows nothing of what they compute.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "seednorm/Conversion/KernelLaunch.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_PARALLELLOOPSTOGPU
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {

constexpr int64_t threads = 256, mostCTAs = 1 << 16;

/// A launch of so many CTAs of so many threads, with an empty body.
gpu::LaunchOp createLaunch(OpBuilder &builder, Location loc, StringRef name,
                           Value ctas, int64_t threads) {
  gpu::LaunchOp launch =
      seednorm::createKernelLaunch(builder, loc, name, ctas, threads);
  builder.setInsertionPointToStart(&launch.getBody().front());
  gpu::TerminatorOp::create(builder, loc);
  builder.setInsertionPointToStart(&launch.getBody().front());
  return launch;
}

/// Every thread takes one iteration after the other, a whole grid apart.
void launchLoop(scf::ParallelOp loop, StringRef name) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  SmallVector<Value> counts;
  Value total = constant(1);
  for (auto [from, to, step] :
       llvm::zip(loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    Value length = builder.createOrFold<arith::SubIOp>(loc, to, from);
    // A range may end before it begins.
    length = builder.createOrFold<arith::MaxSIOp>(loc, length, constant(0));
    counts.push_back(
        builder.createOrFold<arith::CeilDivUIOp>(loc, length, step));
    total = builder.createOrFold<arith::MulIOp>(loc, total, counts.back());
  }
  Value some = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne,
                                     total, constant(0));
  auto guarded = scf::IfOp::create(builder, loc, some, /*withElse=*/false);
  builder.setInsertionPointToStart(guarded.thenBlock());
  Value ctas = arith::MinUIOp::create(
      builder, loc,
      arith::CeilDivUIOp::create(builder, loc, total, constant(threads)),
      constant(mostCTAs));
  gpu::LaunchOp launch = createLaunch(builder, loc, name, ctas, threads);
  Value width = constant(threads);
  Value first = arith::AddIOp::create(
      builder, loc,
      arith::MulIOp::create(builder, loc, launch.getBlockIds().x, width),
      launch.getThreadIds().x);
  Value all =
      arith::MulIOp::create(builder, loc, launch.getGridSize().x, width);
  auto mine = scf::ForOp::create(builder, loc, first, total, all);
  builder.setInsertionPointToStart(mine.getBody());
  IRMapping mapping;
  Value left = mine.getInductionVar();
  for (size_t i = counts.size(); i-- > 0;) {
    Value index = left;
    if (i != 0) {
      index = arith::RemUIOp::create(builder, loc, left, counts[i]);
      left = arith::DivUIOp::create(builder, loc, left, counts[i]);
    }
    index = arith::MulIOp::create(builder, loc, index, loop.getStep()[i]);
    mapping.map(
        loop.getInductionVars()[i],
        arith::AddIOp::create(builder, loc, index, loop.getLowerBound()[i]));
  }
  for (Operation &op : loop.getBody()->without_terminator())
    builder.clone(op, mapping);
  loop.erase();
}

/// Whether all that the operation does is to access arrays and to compute.
bool isKernelCode(Operation *op) {
  WalkResult result = op->walk([](Operation *nested) {
    bool allowed =
        isa<memref::LoadOp, memref::StoreOp, scf::ForOp, scf::IfOp,
            scf::YieldOp, scf::ParallelOp, scf::ReduceOp, cf::AssertOp>(nested);
    return allowed || isPure(nested) ? WalkResult::advance()
                                     : WalkResult::interrupt();
  });
  return !result.wasInterrupted();
}

/// Whether it is a load or a store of an array in the GPU's memory.
bool isAccess(Operation *op) {
  Value array;
  if (auto load = dyn_cast<memref::LoadOp>(op))
    array = load.getMemRef();
  if (auto store = dyn_cast<memref::StoreOp>(op))
    array = store.getMemRef();
  return array && !array.getDefiningOp<memref::AllocaOp>();
}

bool accessesArrays(Operation *op) {
  WalkResult result = op->walk([](Operation *nested) {
    return isAccess(nested) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// Whether there are parallel loops in it, and nothing else that reads arrays:
/// the loops and branches around them are then the host's.
bool isParallelInside(Operation *op) {
  bool parallel = false, reads = false;
  op->walk<WalkOrder::PreOrder>([&](Operation *nested) {
    if (isa<scf::ParallelOp>(nested)) {
      parallel = true;
      return WalkResult::skip();
    }
    reads |= isa<memref::LoadOp>(nested) && isAccess(nested);
    return WalkResult::advance();
  });
  return parallel && !reads;
}

/// What is not parallel is done by one thread.
void launchSerially(Operation *op, StringRef name) {
  OpBuilder builder(op);
  Value one = arith::ConstantIndexOp::create(builder, op->getLoc(), 1);
  gpu::LaunchOp launch =
      createLaunch(builder, op->getLoc(), name, one, /*threads=*/1);
  op->moveBefore(launch.getBody().front().getTerminator());
  // What is parallel inside is done in order there.
  SmallVector<scf::ParallelOp> loops;
  op->walk([&](scf::ParallelOp loop) { loops.push_back(loop); });
  for (scf::ParallelOp loop : loops) {
    OpBuilder inner(loop);
    scf::LoopNest nest = scf::buildLoopNest(
        inner, loop.getLoc(), loop.getLowerBound(), loop.getUpperBound(),
        loop.getStep(), [&](OpBuilder &nested, Location, ValueRange indices) {
          IRMapping mapping;
          mapping.map(loop.getInductionVars(), indices);
          for (Operation &inside : loop.getBody()->without_terminator())
            nested.clone(inside, mapping);
        });
    (void)nest;
    loop.erase();
  }
}

struct ParallelLoopsToGPU
    : seednorm::impl::ParallelLoopsToGPUBase<ParallelLoopsToGPU> {
  void runOnOperation() override {
    bool failed = false;
    getOperation()->walk([&](FunctionOpInterface function) {
      if (function->getParentOfType<gpu::GPUModuleOp>() ||
          function.isExternal() || seednorm::takesOwnership(function))
        return;
      unsigned number = 0;
      for (Block &block : function.getFunctionBody())
        failed |= mlir::failed(visit(block, function.getName(), number));
    });
    if (failed)
      signalPassFailure();
  }

  /// Goes into the host's own loops and branches, not into launches.
  LogicalResult visit(Block &block, StringRef function, unsigned &number) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (isa<gpu::LaunchOp>(op))
        continue;
      std::string name = (function + "_loop_" + Twine(number)).str();
      auto parallel = dyn_cast<scf::ParallelOp>(op);
      if (parallel && parallel.getInitVals().empty() && isKernelCode(&op)) {
        launchLoop(parallel, name);
        ++number;
        continue;
      }
      bool results = op.getNumResults() != 0;
      if (!results && isa<scf::ForOp, scf::IfOp, memref::StoreOp>(op) &&
          accessesArrays(&op) && isKernelCode(&op) && !isParallelInside(&op)) {
        launchSerially(&op, name);
        ++number;
        continue;
      }
      if (isAccess(&op) || parallel)
        return op.emitOpError("needs an element of an array on the host, but "
                              "arrays are in the GPU's memory");
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          if (mlir::failed(visit(inner, function, number)))
            return failure();
    }
    return success();
  }
};

} // namespace
