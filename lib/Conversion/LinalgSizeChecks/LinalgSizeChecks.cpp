//===- LinalgSizeChecks.cpp - Dynamic sizes of loop nests compared --------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For what stays a loop nest: row programs and matrix products have checks of
// their own.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Conversion/SizeChecks.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_LINALGSIZECHECKS
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {

struct LinalgSizeChecks
    : seednorm::impl::LinalgSizeChecksBase<LinalgSizeChecks> {
  void runOnOperation() override {
    getOperation()->walk([](linalg::LinalgOp op) {
      if (!op.hasPureBufferSemantics())
        return;
      OpBuilder builder(op);
      seednorm::assertEqualLoopSizes(builder, op,
                                     "the sizes of the operands do not agree");
    });
  }
};

} // namespace
