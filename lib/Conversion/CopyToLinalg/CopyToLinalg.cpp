//===- CopyToLinalg.cpp - Copies as structured operations ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles copies of strided arrays instead of calling a library for them.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_COPYTOLINALG
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {
struct CopyToLinalg : seednorm::impl::CopyToLinalgBase<CopyToLinalg> {
  using CopyToLinalgBase::CopyToLinalgBase;

  void runOnOperation() override {
    getOperation()->walk([&](memref::CopyOp copy) {
      auto from = dyn_cast<MemRefType>(copy.getSource().getType());
      auto to = dyn_cast<MemRefType>(copy.getTarget().getType());
      // Contiguous copies become a memcpy by themselves.
      if (!from || !to ||
          (!all && (from.getRank() == 0 || (from.getLayout().isIdentity() &&
                                            to.getLayout().isIdentity()))))
        return;
      OpBuilder builder(copy);
      linalg::makeMemRefCopyOp(builder, copy.getLoc(), copy.getSource(),
                               copy.getTarget());
      copy.erase();
    });
  }
};
} // namespace
