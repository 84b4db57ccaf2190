//===- SeparateGathers.h - Gathers apart from arithmetic --------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_LINALGTOROWWISE_SEPARATEGATHERS_H
#define SEEDNORM_CONVERSION_LINALGTOROWWISE_SEPARATEGATHERS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::seednorm {

void populateSeparateGathersPatterns(RewritePatternSet &patterns);

} // namespace mlir::seednorm

#endif // SEEDNORM_CONVERSION_LINALGTOROWWISE_SEPARATEGATHERS_H
