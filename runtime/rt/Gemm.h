//===- Gemm.h - What the parts of the matrix product share ------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// oneDNN's objects for one CPU engine. Everything here may throw dnnl::error.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_RT_GEMM_H
#define SEEDNORM_RUNTIME_RT_GEMM_H

#include "Matrix.h"
#include "dnnl.hpp"

namespace seednorm::rt {

/// Never destroyed: compiled code may run while the process ends.
dnnl::engine &getEngine();
/// This thread's.
dnnl::stream &getStream();

dnnl::memory::data_type getOneDNNType(ElementType type);
/// The layout of a matrix as it is; two-dimensional if there is one only.
dnnl::memory::desc describe(const Matrix &matrix);

void getGemmStatistics(seednorm_rt_statistics &statistics);

} // namespace seednorm::rt

#endif // SEEDNORM_RUNTIME_RT_GEMM_H
