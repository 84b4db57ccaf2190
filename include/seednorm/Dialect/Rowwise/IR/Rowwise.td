//===- Rowwise.td - Everything of the rowwise dialect ------*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROWWISE_TD
#define ROWWISE_TD

include "seednorm/Dialect/Rowwise/IR/RowwiseOps.td"

#endif // ROWWISE_TD
