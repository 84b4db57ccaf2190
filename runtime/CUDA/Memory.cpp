//===- Memory.cpp - A GPU's memory ----------------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pool is our own: the default one is shared with every library of the
// process, whose settings are not ours to change.
//
//===----------------------------------------------------------------------===//

#include "Memory.h"
#include <algorithm>
#include <cstdlib>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

/// How many free bytes the pool keeps when a stream is waited for.
static uint64_t getPoolLimit() {
  const char *text = std::getenv("SEEDNORM_CUDA_POOL_MAX_MB");
  uint64_t megabytes = 0;
  if (!text || StringRef(text).getAsInteger(10, megabytes) ||
      megabytes > (UINT64_MAX >> 20))
    return UINT64_MAX;
  return megabytes << 20;
}

Expected<std::unique_ptr<Memory>> Memory::create(const GPU &gpu) {
  std::unique_ptr<Memory> memory(new Memory(gpu));
  if (gpu.hasPools)
    if (Error error = memory->createPool())
      return error;
  return memory;
}

Error Memory::createPool() {
  PoolProperties properties = {};
  properties.allocationType = pinnedAllocation;
  properties.locationType = locationDevice;
  properties.location = gpu.ordinal;
  if (Error error = gpu.driver.check(gpu.driver.poolCreate(&pool, &properties),
                                     "cuMemPoolCreate"))
    return error;
  uint64_t limit = getPoolLimit();
  return gpu.driver.check(
      gpu.driver.poolSetAttribute(pool, poolReleaseThreshold, &limit),
      "cuMemPoolSetAttribute");
}

Memory::~Memory() {
  ContextScope scope(gpu);
  if (pool)
    gpu.driver.poolDestroy(pool);
}

Result Memory::tryAllocate(Address &address, uint64_t bytes,
                           const Stream &stream) {
  if (!pool)
    return gpu.driver.memoryAllocate(&address, bytes);
  return gpu.driver.memoryAllocateAsync(&address, bytes, pool, stream.handle);
}

Error Memory::makeAllocationError(Result result, uint64_t bytes) {
  if (result != OutOfMemory)
    return gpu.driver.check(result, "allocation on " + gpu.getName());
  size_t free = 0, total = 0;
  std::string text = "out of memory on " + gpu.getName() + ": a buffer of " +
                     std::to_string(bytes) + " bytes";
  if (gpu.driver.memoryGetInfo(&free, &total) == Success)
    text += ", but " + std::to_string(free) + " of " + std::to_string(total) +
            " are free";
  return makeError(text);
}

Expected<Address> Memory::allocate(uint64_t bytes, const Stream &stream) {
  if (stream.recording)
    return stream.recording->allocate(bytes);
  // The driver refuses to allocate nothing.
  bytes = std::max<uint64_t>(bytes, 1);
  Address address = 0;
  Result result = tryAllocate(address, bytes, stream);
  if (result == OutOfMemory) {
    // What the pool keeps in pieces may be just what is missing.
    if (Error error = trim(stream))
      return error;
    result = tryAllocate(address, bytes, stream);
  }
  if (result != Success)
    return makeAllocationError(result, bytes);
  return address;
}

Error Memory::release(Address address, const Stream &stream) {
  if (stream.recording) {
    stream.recording->release(address);
    return Error::success();
  }
  if (!pool)
    return gpu.driver.check(gpu.driver.memoryFree(address), "cuMemFree");
  return gpu.driver.check(gpu.driver.memoryFreeAsync(address, stream.handle),
                          "cuMemFreeAsync");
}

Expected<Address> Memory::allocatePlainly(uint64_t bytes) {
  Address address = 0;
  Result result = gpu.driver.memoryAllocate(&address, bytes);
  if (result != Success)
    return makeAllocationError(result, bytes);
  return address;
}

Error Memory::trim(const Stream &stream) {
  if (Error error = gpu.driver.check(
          gpu.driver.streamSynchronize(stream.handle), "cuStreamSynchronize"))
    return error;
  if (!pool)
    return Error::success();
  return gpu.driver.check(gpu.driver.poolTrimTo(pool, 0), "cuMemPoolTrimTo");
}

//===----------------------------------------------------------------------===//
// Recordings
//===----------------------------------------------------------------------===//

RecordingMemory::~RecordingMemory() {
  ContextScope scope(gpu);
  endRecording(/*failed=*/false);
  for (auto &[bytes, address] : idle)
    gpu.driver.memoryFree(address);
}

Expected<Address> RecordingMemory::allocate(uint64_t bytes) {
  bytes = std::max<uint64_t>((bytes + 255) & -uint64_t(256), 256);
  // The smallest that fits, unless most of it would be wasted.
  auto found = idle.lower_bound(bytes);
  if (found != idle.end() && found->first <= 2 * bytes) {
    auto [size, address] = *found;
    idle.erase(found);
    used[address] = size;
    return address;
  }
  Expected<Address> address = memory.allocatePlainly(bytes);
  if (address) {
    used[*address] = bytes;
    fresh.insert(*address);
  }
  return address;
}

void RecordingMemory::release(Address address) {
  auto found = used.find(address);
  if (found == used.end())
    return;
  idle.insert({found->second, address});
  used.erase(found);
}

void RecordingMemory::endRecording(bool failed) {
  for (auto &[address, bytes] : used)
    idle.insert({bytes, address});
  used.clear();
  for (auto next = idle.begin(); failed && next != idle.end();) {
    auto block = next++;
    if (!fresh.count(block->second))
      continue;
    gpu.driver.memoryFree(block->second);
    idle.erase(block);
  }
  fresh.clear();
}
