//===- DeviceMemory.h - Where device buffers lie ----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buffers far apart in reserved addresses, and not where one has just been: an
// access that misses its buffer meets no other. It must not know who looks.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_DEVICEMEMORY_H
#define SEEDNORM_RUNTIME_EMULATOR_DEVICEMEMORY_H

#include "llvm/ADT/DenseMap.h"
#include <cstdint>
#include <vector>

namespace seednorm::emulator {

class DeviceMemory {
public:
  DeviceMemory() = default;
  DeviceMemory(const DeviceMemory &) = delete;
  ~DeviceMemory();

  /// Null where there is no memory. At least a multiple of 256, full of
  /// garbage.
  void *allocate(uint64_t bytes);
  /// False where no live buffer begins there.
  bool release(void *pointer);
  /// Whether the address can be of this device alone, live or not.
  bool owns(uint64_t address) const;

private:
  /// Reserved addresses, handed out from the beginning to the end.
  struct Arena {
    char *begin = nullptr;
    uint64_t bytes = 0, used = 0, live = 0;
    /// That lies behind the last buffer.
    uint64_t guard = 0;
  };
  struct Allocation {
    size_t arena = 0;
    uint64_t bytes = 0;
  };
  Arena *findArena(uint64_t needed);
  static uint64_t place(const Arena &arena, uint64_t guard);

  std::vector<Arena> arenas;
  size_t current = 0;
  llvm::DenseMap<void *, Allocation> allocations;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_DEVICEMEMORY_H
