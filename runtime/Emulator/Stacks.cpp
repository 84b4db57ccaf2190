//===- Stacks.cpp - Stacks of emulated threads ---------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stacks come from the system by slabs; their pages are touched only as deep as
// kernels go.
//
//===----------------------------------------------------------------------===//

#include "Stacks.h"
#include "seednorm/Runtime/Error.h"
#include "llvm/Support/MathExtras.h"
#include <sys/mman.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

static constexpr size_t kPage = 4096;
/// Stacks in a slab.
static constexpr size_t kSlab = 64;
/// Tops are spread over so many bytes by steps of a few cache lines.
static constexpr size_t kSpread = 4 * kPage, kStep = 320;

Stacks::Stacks(size_t size) : bytes(alignTo(size, kPage)) {
  stride = kPage + bytes + kSpread;
}

Stacks::~Stacks() {
  for (char *slab : slabs)
    munmap(slab, kSlab * stride);
}

Error Stacks::reserve(size_t count) {
  while (slabs.size() * kSlab < count) {
    void *slab = mmap(nullptr, kSlab * stride, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (slab == MAP_FAILED)
      return makeError("out of memory: " + Twine(count) +
                       " stacks of emulated threads of " + Twine(bytes) +
                       " bytes");
    slabs.push_back(static_cast<char *>(slab));
    for (size_t i = 0; i < kSlab; ++i)
      if (mprotect(slabs.back() + i * stride, kPage, PROT_NONE))
        return makeError("cannot guard the stacks of " + Twine(count) +
                         " emulated threads");
  }
  return Error::success();
}

char *Stacks::getBottom(size_t index) const {
  return slabs[index / kSlab] + index % kSlab * stride + kPage;
}

char *Stacks::getTop(size_t index) const {
  size_t shift = index * kStep % kSpread & ~size_t(63);
  return getBottom(index) + bytes + shift;
}

void Stacks::reset(size_t index) const {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_UNPOISON_MEMORY_REGION(getBottom(index), bytes + kSpread);
#else
  (void)index;
#endif
}

std::unique_ptr<Stacks> StackPool::take(size_t bytes) {
  std::lock_guard<std::mutex> lock(mutex);
  for (std::unique_ptr<Stacks> &stacks : idle)
    if (stacks->getSize() >= bytes) {
      std::swap(stacks, idle.back());
      std::unique_ptr<Stacks> taken = std::move(idle.back());
      idle.pop_back();
      return taken;
    }
  return std::make_unique<Stacks>(bytes);
}

void StackPool::give(std::unique_ptr<Stacks> stacks) {
  std::lock_guard<std::mutex> lock(mutex);
  idle.push_back(std::move(stacks));
}
