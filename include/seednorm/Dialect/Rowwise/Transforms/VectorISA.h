//===- VectorISA.h - Vector registers of a target -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The vector width that a triple, CPU and features give. Knows nothing of row
// programs.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_VECTORISA_H
#define SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_VECTORISA_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>

namespace mlir::rowwise {

struct VectorISA {
  int64_t bits = 128;
  bool scalable = false;
  /// Whether the target has non-temporal vector stores worth using.
  bool nontemporal = false;
  /// Whether it converts vectors of f32 to bf16, subnormal numbers aside.
  bool convertsToBF16 = false;
};

/// Empty strings mean the host. A CPU stands for the features that LLVM gives
/// it; `features` are added to them ("+avx2,-fma").
llvm::Expected<VectorISA> getVectorISA(llvm::StringRef triple,
                                       llvm::StringRef cpu,
                                       llvm::StringRef features);

} // namespace mlir::rowwise

#endif // SEEDNORM_DIALECT_ROWWISE_TRANSFORMS_VECTORISA_H
