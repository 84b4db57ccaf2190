//===- Gemm.h - Matrix products by cuBLASLt ------------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Brings strides into cuBLASLt's words and keeps what it has chosen for each
// shape. It must not know where products come from.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_GEMM_H
#define SEEDNORM_RUNTIME_CUDA_GEMM_H

#include "CublasLt.h"
#include "Memory.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include <array>
#include <optional>

namespace seednorm::cuda {

/// The functions want the GPU's context to be current.
class Gemm {
public:
  Gemm(const GPU &gpu, Memory &memory) : gpu(gpu), memory(memory) {}
  ~Gemm();

  /// Loads cuBLASLt at the first product.
  llvm::Error multiply(const seednorm_rt_gemm_arguments &arguments,
                       const Stream &stream);

private:
  /// A matrix as cuBLASLt sees it: columns after each other.
  struct Operand {
    const void *data;
    int64_t rows, columns, leading, batchStride;
    BlasOperation operation;
    uint32_t alignment;
  };
  struct Product {
    BlasType type;
    bool accumulate;
    int64_t batch;
    /// d = a·b, or d += a·b.
    Operand a, b, d;
  };
  /// What stays the same for products of one shape.
  struct Plan;
  using Key = std::array<int64_t, 18>;

  static llvm::Expected<Product>
  makeProduct(const seednorm_rt_gemm_arguments &arguments);
  static Key makeKey(const Product &product);
  llvm::Error load();
  llvm::Error zero(const Product &product, const Stream &stream);
  llvm::Expected<BlasLayout> createLayout(const Product &product,
                                          const Operand &operand);
  llvm::Error fillPlan(Plan &plan, const Product &product);
  llvm::Error choose(Plan &plan, const Product &product);
  llvm::Expected<std::shared_ptr<const Plan>> getPlan(const Product &product);

  const GPU &gpu;
  Memory &memory;
  std::mutex mutex;
  std::optional<CublasLt> functions;
  BlasHandle handle = nullptr;
  std::map<Key, std::shared_ptr<const Plan>> plans;
};

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_GEMM_H
