//===- Stacks.h - Stacks of emulated threads --------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small stacks of one size with a page below each that nobody may touch. They
// are kept until the pool goes. It must not know what runs on them.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_STACKS_H
#define SEEDNORM_RUNTIME_EMULATOR_STACKS_H

#include "llvm/Support/Error.h"
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace seednorm::emulator {

/// Not thread-safe: one for each thread of the host.
class Stacks {
public:
  /// The size is rounded up to pages.
  explicit Stacks(size_t bytes);
  ~Stacks();
  Stacks(const Stacks &) = delete;
  Stacks &operator=(const Stacks &) = delete;

  /// Makes at least so many.
  llvm::Error reserve(size_t count);

  /// Where the stack begins: it grows down from there. Tops differ in their low
  /// bits, lest all stacks meet in the same sets of the caches.
  char *getTop(size_t index) const;
  char *getBottom(size_t index) const;
  /// Usable below the top.
  size_t getSize() const { return bytes; }
  /// Nothing on the stack is in use any more.
  void reset(size_t index) const;

private:
  size_t bytes, stride;
  std::vector<char *> slabs;
};

/// Keeps stacks between launches: their pages are costly to come by.
/// Thread-safe.
class StackPool {
public:
  std::unique_ptr<Stacks> take(size_t bytes);
  void give(std::unique_ptr<Stacks> stacks);

private:
  std::mutex mutex;
  std::vector<std::unique_ptr<Stacks>> idle;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_STACKS_H
