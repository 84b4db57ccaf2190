//===- Clocks.cpp - What has happened before what in a CTA ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Synchronisations of the whole CTA or a whole warp, and of any other group of
// threads.
//
//===----------------------------------------------------------------------===//

#include "Clocks.h"
#include "llvm/ADT/SmallVector.h"

using namespace seednorm::emulator;

Clocks::Clocks(uint32_t threads, uint32_t warpWidth)
    : numThreads(threads), warpShift(llvm::Log2_32(warpWidth)),
      warps(llvm::divideCeil(threads, warpWidth)) {
  for (uint32_t thread = 0; thread < threads; ++thread)
    warps[warpOf(thread)].lanes |= uint64_t(1) << (thread % warpWidth);
}

void Clocks::exit(uint32_t thread) {
  Warp &warp = warps[warpOf(thread)];
  uint64_t lane = uint64_t(1) << (thread & ((1u << warpShift) - 1));
  if (warp.exited & lane)
    return;
  warp.exited |= lane;
  ++numExited;
}

void Clocks::warpSync(uint32_t index, uint64_t lanes) {
  Warp &warp = warps[index];
  bool isWhole = (lanes | warp.exited) == warp.lanes;
  // What only some lanes know goes to the others too, so that the short form
  // says everything only if there is no such thing.
  if (isWhole && known.empty()) {
    warp.knownToWarp = warp.clock++;
    return;
  }
  llvm::SmallVector<uint32_t, 64> threads;
  for (; lanes; lanes &= lanes - 1)
    threads.push_back((index << warpShift) + llvm::countr_zero(lanes));
  synchronise(threads);
}

void Clocks::barrier(llvm::ArrayRef<uint32_t> threads) {
  if (threads.size() + numExited < numThreads)
    return synchronise(threads);
  for (Warp &warp : warps)
    warp.knownToAll = warp.clock++;
  known.clear();
}

void Clocks::clusterBarrier() {
  for (Warp &warp : warps)
    warp.knownToAll = warp.knownToCluster = warp.clock++;
  known.clear();
}

void Clocks::synchronise(llvm::ArrayRef<uint32_t> threads) {
  known.resize(numThreads);
  auto joint = std::make_shared<Vector>(numThreads, 0);
  const Vector *last = nullptr;
  for (uint32_t thread : threads) {
    const Vector *vector = known[thread].get();
    if (vector && vector != last)
      for (uint32_t other = 0; other < numThreads; ++other)
        (*joint)[other] = std::max((*joint)[other], (*vector)[other]);
    last = vector;
    // What the short form says of its warp, the others learn as a vector.
    uint32_t first = warpOf(thread) << warpShift;
    uint32_t end = std::min(first + (1u << warpShift), numThreads);
    for (uint32_t other = first; other < end; ++other)
      (*joint)[other] =
          std::max((*joint)[other], warps[warpOf(thread)].knownToWarp);
  }
  for (uint32_t thread : threads)
    (*joint)[thread] = warps[warpOf(thread)].clock;
  uint32_t lastWarp = ~0u;
  for (uint32_t thread : threads) {
    known[thread] = joint;
    if (warpOf(thread) != lastWarp)
      ++warps[lastWarp = warpOf(thread)].clock;
  }
}
