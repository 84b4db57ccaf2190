//===- Allocator.cpp - The pool behind compiled code's buffers -----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every run of a module wants the same buffers again, and fresh memory costs a
// page fault for every 4 KiB: free blocks are kept by size class, up to a
// bound.
//
//===----------------------------------------------------------------------===//

#include "Allocator.h"
#include "Device.h"
#include "Failure.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <sys/mman.h>

namespace seednorm::rt {

/// In front of the memory handed out.
struct Block {
  void *base;
  uint64_t bytes;
  int32_t sizeClass;
  /// The invocation's list that it is in, if any: its neighbours there. For a
  /// free block `next` is the next free one of its class.
  BlockList *list;
  Block *next, *previous;
};

namespace {

constexpr uint64_t minAlignment = 64;
constexpr uint64_t maxAlignment = uint64_t(1) << 32;
static_assert(sizeof(Block) <= minAlignment);
constexpr uint64_t maxBytes = uint64_t(1) << 62;
constexpr uint64_t hugePage = uint64_t(2) << 20;
/// Four classes for each power of two: at most a quarter is wasted.
constexpr int numClasses = 4 * 64;

int getSizeClass(uint64_t bytes) {
  bytes = std::max(bytes, minAlignment);
  int log = 63 - __builtin_clzll(bytes);
  uint64_t quarter = uint64_t(1) << (log - 2);
  uint64_t step = (bytes - (uint64_t(1) << log) + quarter - 1) / quarter;
  return 4 * log + int(step);
}

uint64_t getClassBytes(int sizeClass) {
  int log = sizeClass / 4;
  return (uint64_t(1) << log) + (sizeClass % 4) * (uint64_t(1) << (log - 2));
}

class Pool {
public:
  Pool() {
    if (const char *text = std::getenv("SEEDNORM_POOL_MAX_MB")) {
      char *end = nullptr;
      unsigned long long megabytes = std::strtoull(text, &end, 10);
      if (end != text && *end == '\0' && megabytes < (uint64_t(1) << 40))
        limit = uint64_t(megabytes) << 20;
    }
  }

  Block *allocate(uint64_t alignment, uint64_t bytes) {
    int sizeClass = alignment <= minAlignment ? getSizeClass(bytes) : -1;
    if (sizeClass >= 0)
      bytes = getClassBytes(sizeClass);
    std::unique_lock<std::mutex> lock(mutex);
    Block *block = takeFree(sizeClass);
    if (!block) {
      ++misses;
      lock.unlock();
      block = create(alignment, bytes, sizeClass);
      lock.lock();
      if (!block) {
        // What other sizes keep may be just what is missing.
        trim(0);
        block = create(alignment, bytes, sizeClass);
      }
      if (!block)
        return nullptr;
    }
    live += block->bytes;
    peak = std::max(peak, live);
    return block;
  }

  void release(Block *block) {
    std::lock_guard<std::mutex> lock(mutex);
    live -= block->bytes;
    if (block->sizeClass < 0 || block->bytes > limit) {
      std::free(block->base);
      return;
    }
    Class &entry = classes[block->sizeClass];
    block->next = entry.free;
    entry.free = block;
    entry.lastUse = ++clock;
    retained += block->bytes;
    trim(limit);
  }

  void setLimit(uint64_t bytes) {
    std::lock_guard<std::mutex> lock(mutex);
    limit = bytes;
    trim(limit);
  }

  void getStatistics(seednorm_rt_statistics &statistics) {
    std::lock_guard<std::mutex> lock(mutex);
    statistics.live_bytes = live;
    statistics.peak_bytes = peak;
    statistics.retained_bytes = retained;
    statistics.pool_hits = hits;
    statistics.pool_misses = misses;
  }

private:
  struct Class {
    Block *free = nullptr;
    uint64_t lastUse = 0;
  };

  Block *takeFree(int sizeClass) {
    if (sizeClass < 0 || !classes[sizeClass].free)
      return nullptr;
    Class &entry = classes[sizeClass];
    Block *block = entry.free;
    entry.free = block->next;
    entry.lastUse = ++clock;
    retained -= block->bytes;
    ++hits;
    return block;
  }

  static Block *create(uint64_t alignment, uint64_t bytes, int sizeClass) {
    // Streaming over many small pages is bound by address translation.
    uint64_t baseAlignment =
        bytes >= 2 * hugePage ? std::max(alignment, hugePage) : alignment;
    uint64_t offset = std::max(alignment, minAlignment);
    uint64_t total = (offset + bytes + baseAlignment - 1) & -baseAlignment;
    void *base = std::aligned_alloc(baseAlignment, total);
    if (!base)
      return nullptr;
    if (baseAlignment >= hugePage)
      madvise(base, total, MADV_HUGEPAGE);
    auto *block = reinterpret_cast<Block *>(static_cast<char *>(base) + offset -
                                            minAlignment);
    *block = {base, bytes, sizeClass, nullptr, nullptr, nullptr};
    return block;
  }

  /// Frees kept blocks, those of the classes unused for longest first.
  void trim(uint64_t bound) {
    while (retained > bound) {
      Class *oldest = nullptr;
      for (Class &entry : classes)
        if (entry.free && (!oldest || entry.lastUse < oldest->lastUse))
          oldest = &entry;
      while (oldest->free && retained > bound) {
        Block *block = oldest->free;
        oldest->free = block->next;
        retained -= block->bytes;
        std::free(block->base);
      }
    }
  }

  std::mutex mutex;
  Class classes[numClasses];
  uint64_t limit = uint64_t(1) << 30;
  uint64_t clock = 0, live = 0, peak = 0, retained = 0, hits = 0, misses = 0;
};

/// Never destroyed: results may be freed while the process ends.
Pool &getPool() {
  static Pool &pool = *new Pool;
  return pool;
}

Block *getBlock(void *pointer) {
  return reinterpret_cast<Block *>(static_cast<char *>(pointer) - minAlignment);
}

void unlink(Block *block) {
  if (!block->list)
    return;
  (block->previous ? block->previous->next : block->list->first) = block->next;
  if (block->next)
    block->next->previous = block->previous;
  block->list = nullptr;
}

} // namespace

void *allocate(uint64_t alignment, uint64_t bytes) {
  alignment = std::max(alignment, minAlignment);
  if (bytes > maxBytes || alignment > maxAlignment ||
      (alignment & (alignment - 1)))
    return nullptr;
  Block *block = getPool().allocate(alignment, bytes);
  return block ? reinterpret_cast<char *>(block) + minAlignment : nullptr;
}

void deallocate(void *pointer) {
  if (pointer)
    getPool().release(getBlock(pointer));
}

void getPoolStatistics(seednorm_rt_statistics &statistics) {
  getPool().getStatistics(statistics);
}

void detachBlocks(BlockList &list) {
  for (Block *block = list.first; block; block = block->next)
    block->list = nullptr;
  list.first = nullptr;
}

void releaseBlocks(BlockList &list) {
  while (Block *block = list.first) {
    unlink(block);
    getPool().release(block);
  }
}

} // namespace seednorm::rt

using namespace seednorm::rt;

void *_mlir_memref_to_llvm_aligned_alloc(uint64_t alignment, uint64_t bytes) {
  if (const seednorm_rt_device *device = getDevice())
    return allocateOnDevice(*device, alignment, bytes);
  void *pointer = allocate(alignment, bytes);
  if (!pointer)
    fail("out of memory: a buffer of %llu bytes",
         static_cast<unsigned long long>(bytes));
  if (BlockList *list = getInvocationBlocks()) {
    Block *block = getBlock(pointer);
    block->list = list;
    block->previous = nullptr;
    block->next = list->first;
    if (list->first)
      list->first->previous = block;
    list->first = block;
  }
  return pointer;
}

void *_mlir_memref_to_llvm_alloc(uint64_t bytes) {
  return _mlir_memref_to_llvm_aligned_alloc(minAlignment, bytes);
}

void _mlir_memref_to_llvm_free(void *pointer) {
  if (!pointer)
    return;
  if (const seednorm_rt_device *device = getDevice())
    return freeOnDevice(*device, pointer);
  unlink(getBlock(pointer));
  deallocate(pointer);
}

void seednorm_rt_set_pool_limit(uint64_t bytes) { getPool().setLimit(bytes); }
