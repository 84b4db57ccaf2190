//===- CublasLt.h - cuBLASLt's functions ---------------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What we use of cuBLASLt's binary interface, declared by ourselves, as a table
// of functions. It must not know what is multiplied.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_CUBLASLT_H
#define SEEDNORM_RUNTIME_CUDA_CUBLASLT_H

#include "DriverTypes.h"
#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/ArrayRef.h"

namespace seednorm::cuda {

/// cublasStatus_t
enum BlasStatus : int {
  BlasSuccess = 0,
  BlasAllocationFailed = 3,
  BlasNotSupported = 15
};

using BlasHandle = struct BlasObject *;
using BlasDescription = struct BlasDescriptionObject *;
using BlasLayout = struct BlasLayoutObject *;
using BlasPreference = struct BlasPreferenceObject *;

/// cudaDataType
enum BlasType : int { BlasF32 = 0, BlasF16 = 2, BlasBF16 = 14 };
/// cublasComputeType_t
enum BlasCompute : int { BlasComputeF32 = 68, BlasComputeTF32 = 77 };
/// cublasOperation_t
enum BlasOperation : int { BlasNormal = 0, BlasTransposed = 1 };
/// cublasLtMatmulDescAttributes_t
enum BlasDescriptionAttribute : int { BlasTransposeA = 3, BlasTransposeB = 4 };
/// cublasLtMatrixLayoutAttribute_t
enum BlasLayoutAttribute : int { BlasBatchCount = 5, BlasBatchStride = 6 };
/// cublasLtMatmulPreferenceAttributes_t
enum BlasPreferenceAttribute : int {
  BlasMaxWorkspaceBytes = 1,
  BlasAlignmentA = 5,
  BlasAlignmentB = 6,
  BlasAlignmentC = 7,
  BlasAlignmentD = 8
};

/// cublasLtMatmulAlgo_t
struct BlasAlgorithm {
  uint64_t data[8];
};

/// cublasLtMatmulHeuristicResult_t
struct BlasHeuristic {
  BlasAlgorithm algorithm;
  size_t workspaceBytes;
  BlasStatus status;
  float waves;
  int reserved[4];
};

#define SEEDNORM_CUBLASLT_FUNCTIONS(X)                                         \
  X(create, cublasLtCreate, (BlasHandle *))                                    \
  X(destroy, cublasLtDestroy, (BlasHandle))                                    \
  X(descriptionCreate, cublasLtMatmulDescCreate,                               \
    (BlasDescription *, BlasCompute, BlasType))                                \
  X(descriptionDestroy, cublasLtMatmulDescDestroy, (BlasDescription))          \
  X(descriptionSet, cublasLtMatmulDescSetAttribute,                            \
    (BlasDescription, BlasDescriptionAttribute, const void *, size_t))         \
  X(layoutCreate, cublasLtMatrixLayoutCreate,                                  \
    (BlasLayout *, BlasType, uint64_t, uint64_t, int64_t))                     \
  X(layoutDestroy, cublasLtMatrixLayoutDestroy, (BlasLayout))                  \
  X(layoutSet, cublasLtMatrixLayoutSetAttribute,                               \
    (BlasLayout, BlasLayoutAttribute, const void *, size_t))                   \
  X(preferenceCreate, cublasLtMatmulPreferenceCreate, (BlasPreference *))      \
  X(preferenceDestroy, cublasLtMatmulPreferenceDestroy, (BlasPreference))      \
  X(preferenceSet, cublasLtMatmulPreferenceSetAttribute,                       \
    (BlasPreference, BlasPreferenceAttribute, const void *, size_t))           \
  X(getHeuristic, cublasLtMatmulAlgoGetHeuristic,                              \
    (BlasHandle, BlasDescription, BlasLayout, BlasLayout, BlasLayout,          \
     BlasLayout, BlasPreference, int, BlasHeuristic *, int *))                 \
  X(multiply, cublasLtMatmul,                                                  \
    (BlasHandle, BlasDescription, const void *, const void *, BlasLayout,      \
     const void *, BlasLayout, const void *, const void *, BlasLayout, void *, \
     BlasLayout, const BlasAlgorithm *, void *, size_t, StreamHandle))

struct CublasLt {
  /// The names of releases that a driver for this version of CUDA, as 12040,
  /// can run: not of newer generations than its own.
  static llvm::ArrayRef<const char *> getNames(int driverVersion);
  /// An error of one line if there is none.
  static llvm::Expected<CublasLt> load(int driverVersion);

  llvm::Error check(BlasStatus status, const llvm::Twine &function) const;

  const char *(*getStatusName)(BlasStatus) = nullptr;
#define X(member, symbol, arguments) BlasStatus(*member) arguments = nullptr;
  SEEDNORM_CUBLASLT_FUNCTIONS(X)
#undef X
};

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_CUBLASLT_H
