//===- PackedConstants.h - Weights in the kernels' layout -------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory that the host has declared constant, and copies of matrices inside it
// that were made once and go when the declaration does.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_RT_PACKEDCONSTANTS_H
#define SEEDNORM_RUNTIME_RT_PACKEDCONSTANTS_H

#include "Gemm.h"
#include <memory>
#include <mutex>
#include <vector>

namespace seednorm::rt {

/// A copy of `source`: in `layout`, or as `dense` if that is a widened one.
struct PackedMatrix {
  Matrix source;
  dnnl::memory::desc layout;
  Matrix dense;
  Memory memory;
};

class Constant {
public:
  explicit Constant(uint64_t bytes) : bytes(bytes) {}

  /// The matrix in the layout a kernel wants; null if it already has it.
  std::shared_ptr<const PackedMatrix>
  getPacked(const Matrix &matrix, const dnnl::memory::desc &layout);
  /// The matrix as dense f32.
  std::shared_ptr<const PackedMatrix> getWidened(const Matrix &matrix);

  void addStatistics(seednorm_rt_statistics &statistics);

  uint64_t bytes;
  int registrations = 1;

private:
  std::shared_ptr<const PackedMatrix> find(const Matrix &matrix,
                                           const dnnl::memory::desc &layout);
  std::shared_ptr<const PackedMatrix> add(PackedMatrix packed);

  std::mutex mutex;
  std::vector<std::shared_ptr<const PackedMatrix>> copies;
};

/// The constant that the whole matrix lies in, or null.
std::shared_ptr<Constant> findConstant(const Matrix &matrix);

void getConstantStatistics(seednorm_rt_statistics &statistics);

} // namespace seednorm::rt

#endif // SEEDNORM_RUNTIME_RT_PACKEDCONSTANTS_H
