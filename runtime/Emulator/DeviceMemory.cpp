//===- DeviceMemory.cpp - Where device buffers lie -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reserved pages cost nothing until a buffer takes them. An arena is used again
// when it is full and all that was in it has been released.
//
//===----------------------------------------------------------------------===//

#include "DeviceMemory.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstring>
#include <sys/mman.h>

using namespace llvm;
using namespace seednorm::emulator;

static constexpr uint64_t kPage = 4096;
static constexpr uint64_t kArenaBytes = uint64_t(16) << 30;
static constexpr uint64_t kLeastGuard = uint64_t(1) << 20;
static constexpr uint64_t kMostGuard = uint64_t(1) << 30;
/// More than any machine can address.
static constexpr uint64_t kMostBytes = uint64_t(1) << 46;

DeviceMemory::~DeviceMemory() {
  for (Arena &arena : arenas)
    munmap(arena.begin, arena.bytes);
}

/// Where the next buffer goes: both neighbours' guards fit in between.
uint64_t DeviceMemory::place(const Arena &arena, uint64_t guard) {
  return arena.used + std::max(arena.guard, guard);
}

/// One with room for so many bytes between guards.
DeviceMemory::Arena *DeviceMemory::findArena(uint64_t needed) {
  auto hasRoom = [&](const Arena &arena) {
    return needed <= arena.bytes - arena.used;
  };
  if (current < arenas.size() && hasRoom(arenas[current]))
    return &arenas[current];
  for (current = 0; current < arenas.size(); ++current) {
    Arena &arena = arenas[current];
    if (arena.live)
      continue;
    arena.used = arena.guard = 0;
    if (hasRoom(arena))
      return &arena;
  }
  uint64_t bytes = std::max(kArenaBytes, needed);
  void *begin = mmap(nullptr, bytes, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (begin == MAP_FAILED)
    return nullptr;
  Arena arena;
  arena.begin = static_cast<char *>(begin);
  arena.bytes = bytes;
  arenas.push_back(arena);
  return &arenas[current];
}

void *DeviceMemory::allocate(uint64_t bytes) {
  if (bytes > kMostBytes)
    return nullptr;
  uint64_t rounded = alignTo(std::max<uint64_t>(bytes, 1), kPage);
  uint64_t guard = std::clamp(rounded, kLeastGuard, kMostGuard);
  // The guard of the buffer before it may be as large as guards can be.
  uint64_t before = guard;
  if (current < arenas.size())
    before = std::max(before, arenas[current].guard);
  Arena *arena = findArena(before + rounded + guard);
  if (!arena)
    return nullptr;
  uint64_t offset = place(*arena, guard);
  char *pointer = arena->begin + offset;
  if (mprotect(pointer, rounded, PROT_READ | PROT_WRITE))
    return nullptr;
  // No kernel may rely on what is there.
  std::memset(pointer, 0xcb, alignTo(std::max<uint64_t>(bytes, 1), 256));
  arena->used = offset + rounded;
  arena->guard = guard;
  ++arena->live;
  allocations[pointer] = {static_cast<size_t>(arena - arenas.data()), rounded};
  return pointer;
}

bool DeviceMemory::release(void *pointer) {
  auto it = allocations.find(pointer);
  if (it == allocations.end())
    return false;
  // Gives the pages back and keeps the addresses.
  mmap(pointer, it->second.bytes, PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  --arenas[it->second.arena].live;
  allocations.erase(it);
  return true;
}

bool DeviceMemory::owns(uint64_t address) const {
  return any_of(arenas, [&](const Arena &arena) {
    return address - reinterpret_cast<uint64_t>(arena.begin) < arena.bytes;
  });
}
