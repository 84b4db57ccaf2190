//===- RowAnalysis.cpp - Sweeps over the row of a row program ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Levels, sweeps and what each of them evaluates. Knows nothing of vectors,
// threads or schedules.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <numeric>

using namespace mlir;
using namespace mlir::rowwise;

static int64_t getWidth(Value value) {
  return cast<RankedTensorType>(value.getType()).getDimSize(0);
}

void mlir::rowwise::foldIdentities(ProgramOp program) {
  for (Operation &op : llvm::make_early_inc_range(*program.getBlock())) {
    if (!isa<ReduceOp, BroadcastOp, DetachOp>(op))
      continue;
    Value source = op.getOperand(0);
    // Every dynamic width is D.
    if (!isa<DetachOp>(op) && source.getType() != op.getResult(0).getType())
      continue;
    op.getResult(0).replaceAllUsesWith(source);
    op.erase();
  }
}

bool RowAnalysis::isRow(Value value) const {
  return getWidth(value) == rowWidth;
}

void RowAnalysis::computeLevels() {
  for (BlockArgument argument : program.getBlock()->getArguments())
    levels[argument] = 0;
  for (BlockArgument argument : program.getColumnArguments())
    invariant.insert(argument);
  for (Operation &op : program.getBlock()->without_terminator()) {
    unsigned level = 0;
    auto index = dyn_cast<IndexOp>(op);
    bool varies = isa<ReduceOp, RowIndexOp>(op) || (index && !index.isInRow());
    for (Value operand : op.getOperands()) {
      level = std::max(level, levels[operand]);
      varies |= !isRowInvariant(operand);
    }
    if (auto reduce = dyn_cast<ReduceOp>(op))
      level += isRow(reduce.getSource());
    // Group-shaped values are kept for each row, so what they are broadcast to
    // counts as varying even where its value does not.
    varies |= isa<BroadcastOp>(op);
    levels[op.getResult(0)] = level;
    if (!varies)
      invariant.insert(op.getResult(0));
  }
}

void RowAnalysis::findCompared() {
  for (Operation &op : llvm::reverse(*program.getBlock())) {
    auto reduce = dyn_cast<ReduceOp>(op);
    bool isExtreme = reduce && (reduce.getKind() == ReduceKind::max ||
                                reduce.getKind() == ReduceKind::min);
    // What reductions and broadcasts give is computed once and kept.
    bool passesOn =
        !isa<ReduceOp, BroadcastOp>(op) &&
        llvm::any_of(op.getResults(), [&](Value v) { return isCompared(v); });
    if (isExtreme || isa<arith::CmpFOp>(op) || passesOn)
      compared.insert(op.operand_begin(), op.operand_end());
  }
}

/// Adds to a sweep whatever row-shaped operations `root` is computed by.
void RowAnalysis::addRoot(Sweep &sweep, Value root) {
  llvm::DenseSet<Operation *> seen(sweep.ops.begin(), sweep.ops.end());
  SmallVector<Value> todo = {root};
  while (!todo.empty()) {
    Operation *op = todo.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second)
      continue;
    sweep.ops.push_back(op);
    if (auto broadcast = dyn_cast<BroadcastOp>(op))
      sweep.groups = std::lcm(sweep.groups, getWidth(broadcast.getSource()));
    else
      llvm::append_range(todo, op->getOperands());
  }
}

RowAnalysis::RowAnalysis(ProgramOp program)
    : program(program), rowWidth(program.getRowWidth()) {
  computeLevels();
  findCompared();
  unsigned last = 0;
  for (auto &[value, level] : levels) {
    last = std::max(last, level);
    if (!isRow(value))
      groups = std::lcm(groups, getWidth(value));
  }
  sweeps.resize(last + 1);
  for (Operation &op : program.getBlock()->without_terminator()) {
    auto reduce = dyn_cast<ReduceOp>(op);
    if (reduce && isRow(reduce.getSource())) {
      Sweep &sweep = sweeps[levels[reduce.getSource()]];
      sweep.reductions.push_back(reduce);
      sweep.groups = std::lcm(sweep.groups, getWidth(reduce.getResult()));
      addRoot(sweep, reduce.getSource());
    } else if (!isa<AccumulateOp>(op) && !isRow(op.getResult(0))) {
      sweeps[levels[op.getResult(0)]].groupOps.push_back(&op);
    }
  }
  for (Value value : program.getYield()->getOperands()) {
    Operation *op = value.getDefiningOp();
    Value root = isa_and_present<AccumulateOp>(op) ? op->getOperand(0) : value;
    if (!isRow(root))
      continue;
    sweeps.back().writes = true;
    addRoot(sweeps.back(), root);
  }
  for (Sweep &sweep : sweeps)
    llvm::sort(sweep.ops, [](Operation *a, Operation *b) {
      return a->isBeforeInBlock(b);
    });
  if (!sweeps.back().writes) {
    finalGroupOps = std::move(sweeps.back().groupOps);
    sweeps.pop_back();
  }
}
