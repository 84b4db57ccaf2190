//===- Testing.h - What the emulator's unit tests share ---------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch that a test plays the engine of. It must not know what is tested.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_TESTING_H
#define SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_TESTING_H

#include "Observer.h"
#include "gtest/gtest.h"
#include <numeric>
#include <vector>

namespace seednorm::emulator::testing {

/// Addresses of buffers are made up: nothing dereferences them.
inline const void *pointerTo(uint64_t address) {
  return reinterpret_cast<const void *>(static_cast<uintptr_t>(address));
}

inline std::vector<Site> someSites() {
  return {{"k.mlir:1:1", "k", "load a"},
          {"k.mlir:2:1", "k", "store a"},
          {"k.mlir:3:1", "k", "load b"},
          {"k.mlir:4:1", "k", "store b"}};
}

inline Access makeAccess(uint32_t site, Space space, AccessKind kind,
                         uint64_t address, uint32_t bytes,
                         uint32_t alignment = 0, uint32_t ownerCta = 0) {
  Access access;
  access.site = site;
  access.space = space;
  access.kind = kind;
  access.address = address;
  access.bytes = bytes;
  access.alignment = alignment ? alignment : bytes;
  access.ownerCta = ownerCta;
  return access;
}

/// The threads [0, count).
inline std::vector<uint32_t> threads(uint32_t count, uint32_t first = 0) {
  std::vector<uint32_t> list(count);
  std::iota(list.begin(), list.end(), first);
  return list;
}

/// One CTA of 64 threads, or several, with a global buffer of 4096 written
/// bytes at 0x10000 and 1 KiB of shared memory.
class TestLaunch {
public:
  static constexpr uint64_t Global = 0x10000, GlobalBytes = 4096;
  static constexpr uint32_t AllLanes = ~0u;

  explicit TestLaunch(uint32_t numCtas = 1, uint32_t cluster = 1,
                      uint32_t numThreads = 64) {
    shape.grid[0] = numCtas;
    shape.block[0] = numThreads;
    shape.cluster[0] = cluster;
    shape.staticSharedBytes = 1024;
    options.kernel = "k";
    buffers.add(pointerTo(Global), GlobalBytes, /*written=*/true);
  }

  /// The CTA, begun when it is first asked for.
  CtaObserver &cta(uint32_t index = 0) {
    if (!kernel)
      kernel = std::make_unique<KernelObserver>(buffers, someSites(), shape,
                                                options);
    if (observers.size() <= index)
      observers.resize(index + 1);
    if (!observers[index])
      observers[index] = kernel->beginCta(index);
    return *observers[index];
  }
  void end(uint32_t index) { kernel->endCta(std::move(observers[index])); }
  KernelReport finish() {
    cta();
    for (std::unique_ptr<CtaObserver> &observer : observers)
      if (observer)
        kernel->endCta(std::move(observer));
    return kernel->finish();
  }

  bool shared(uint32_t thread, AccessKind kind, uint64_t offset,
              uint32_t bytes = 4, uint32_t index = 0, uint32_t owner = 0) {
    return cta(index).access(
        thread, makeAccess(kind == AccessKind::Load ? 0 : 1, Space::Shared,
                           kind, offset, bytes, std::min(bytes, 4u), owner));
  }
  bool global(uint32_t thread, AccessKind kind, uint64_t offset,
              uint32_t bytes = 4, uint32_t index = 0) {
    return cta(index).access(
        thread, makeAccess(kind == AccessKind::Load ? 2 : 3, Space::Global,
                           kind, Global + offset, bytes));
  }
  void barrier(uint32_t index = 0) {
    cta(index).barrier(0, threads(shape.threadsPerCta()));
  }

  Buffers buffers;
  LaunchShape shape;
  ObserverOptions options;

private:
  std::unique_ptr<KernelObserver> kernel;
  std::vector<std::unique_ptr<CtaObserver>> observers;
};

/// Their kinds and sites, for a failed test to show.
inline std::string summary(const KernelReport &report) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (const Finding &finding : report.findings)
    os << nameOf(finding.kind) << " at " << finding.site << " x"
       << finding.count << "; ";
  return text;
}

} // namespace seednorm::emulator::testing

#endif // SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_TESTING_H
