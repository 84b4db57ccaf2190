//===- FakeCUDA.h - A CUDA driver for tests ------------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What tests ask of the fake driver beside CUDA's own functions, and what its
// parts share. Environment variables, read at each call, tell it what to be:
//   FAKE_CUDA_FAIL=cuFoo:2:719  the second call of cuFoo since the last reset
//                               has this result
//   FAKE_CUDA_MEMORY=N          bytes that the GPU has
//   FAKE_CUDA_VERSION, _DEVICES, _CAPABILITY, _NO_POOLS, _NO_CLUSTERS
//   FAKE_CUDA_LATE_COPIES=1     pageable memory is copied as late as pinned, as
//                               where the GPU has the host's page tables
//   FAKE_CUDA_STATIC_SHARED=N   bytes of shared memory that each kernel has
//   FAKE_CUDA_ANY_KERNEL=1      all PTX is taken, and kernels do nothing
//   FAKE_CUDA_WORKSPACE=N       bytes that each matrix product wants
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_RUNTIME_FAKECUDA_FAKECUDA_H
#define SEEDNORM_TEST_UNIT_RUNTIME_FAKECUDA_FAKECUDA_H

#include "../../../../runtime/CUDA/DriverTypes.h"
#include <functional>
#include <string>
#include <vector>

#define FAKE_EXPORT extern "C" __attribute__((visibility("default")))

/// Forgets log and counts, and a lost context with its memory.
FAKE_EXPORT void fakeCUDAReset();
/// The notable calls since the reset, a line each; valid until the next call.
FAKE_EXPORT const char *fakeCUDALog();
/// How often the function was called since the reset.
FAKE_EXPORT int fakeCUDACalls(const char *function);
/// How many kernels have run since the reset, which is after their launch.
FAKE_EXPORT int fakeCUDAKernelsRun();
/// Bytes that are allocated and not freed, those that the pool keeps left out.
FAKE_EXPORT size_t fakeCUDALiveBytes();
FAKE_EXPORT int fakeCUDALiveObjects();
/// Makes host memory what cuMemHostRegister would; null: none is.
FAKE_EXPORT void fakeCUDAPin(const void *pointer, size_t bytes);

namespace seednorm::cuda {

using Operation = std::function<void()>;

/// A stream's work waits until somebody waits for it.
struct StreamObject {
  int number = 0;
  std::vector<Operation> waiting;
  bool capturing = false, invalidated = false;
  std::vector<Operation> captured;
};

} // namespace seednorm::cuda

namespace fake {

/// The result that a call of the function is to have. Holds the lock of all
/// that is fake as long as it lives.
class Call {
public:
  explicit Call(const char *function, bool needsContext = true);
  ~Call();
  seednorm::cuda::Result result = seednorm::cuda::Success;
  explicit operator bool() const { return result == seednorm::cuda::Success; }
};

uint64_t getNumber(const char *variable, uint64_t otherwise);
void log(const std::string &line);
void enqueue(seednorm::cuda::StreamHandle stream,
             seednorm::cuda::Operation operation);
/// Whether the bytes lie in one allocation.
bool isAllocated(const void *pointer, size_t bytes);
void countObjects(int change);

} // namespace fake

#endif // SEEDNORM_TEST_UNIT_RUNTIME_FAKECUDA_FAKECUDA_H
