//===- SeeDNorm.td - Everything of the seednorm dialect ----*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TD
#define SEEDNORM_TD

include "seednorm/Dialect/SeeDNorm/IR/SeeDNormOps.td"

#endif // SEEDNORM_TD
