//===- Memory.h - A GPU's memory ------------------------------ -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stream-ordered allocation, where the driver has it, and memory that stays
// where it is for recordings. It must not know what is stored.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_MEMORY_H
#define SEEDNORM_RUNTIME_CUDA_MEMORY_H

#include "Streams.h"
#include <map>
#include <set>

namespace seednorm::cuda {

/// The functions want the GPU's context to be current.
class Memory {
public:
  static llvm::Expected<std::unique_ptr<Memory>> create(const GPU &gpu);
  ~Memory();

  /// Usable by work that the stream is given from now on. While the stream
  /// records, both go to the recording's memory.
  llvm::Expected<Address> allocate(uint64_t bytes, const Stream &stream);
  /// Once the stream's work so far is done.
  llvm::Error release(Address address, const Stream &stream);

  /// The same by the driver's plain functions.
  llvm::Expected<Address> allocatePlainly(uint64_t bytes);

  /// Gives what is free back to the driver, after the stream's work so far.
  llvm::Error trim(const Stream &stream);

private:
  explicit Memory(const GPU &gpu) : gpu(gpu) {}
  llvm::Error createPool();
  Result tryAllocate(Address &address, uint64_t bytes, const Stream &stream);
  llvm::Error makeAllocationError(Result result, uint64_t bytes);

  const GPU &gpu;
  /// Null where the driver has none.
  PoolHandle pool = nullptr;
};

/// The buffers of one recorder: the same for all of its recordings.
class RecordingMemory {
public:
  RecordingMemory(const GPU &gpu, Memory &memory) : gpu(gpu), memory(memory) {}
  ~RecordingMemory();

  llvm::Expected<Address> allocate(uint64_t bytes);
  void release(Address address);
  /// The next recording may have all of it, but what was allocated for one that
  /// failed, which goes back to the driver. Wants the GPU's context.
  void endRecording(bool failed);
  bool isEmpty() const { return idle.empty() && used.empty(); }

private:
  const GPU &gpu;
  Memory &memory;
  std::multimap<uint64_t, Address> idle;
  std::map<Address, uint64_t> used;
  /// What the recording that is made has allocated.
  std::set<Address> fresh;
};

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_MEMORY_H
