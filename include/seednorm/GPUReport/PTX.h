//===- PTX.h - What a kernel's PTX says of its cost -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts, from the text alone, of what a kernel does to memory and to the other
// threads. It must not know who wrote the PTX, and checks only what it needs:
// whether PTX is valid is the assembler's to say.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_GPUREPORT_PTX_H
#define SEEDNORM_GPUREPORT_PTX_H

#include "seednorm/Runtime/Error.h"
#include <algorithm>
#include <string>
#include <vector>

namespace seednorm::gpureport {

/// Places in the text: all, and those that a loop repeats.
struct Count {
  unsigned total = 0, inLoops = 0;
  /// By the number of loops around the place, none first.
  std::vector<unsigned> byDepth = {};

  void add(unsigned depth) {
    ++total;
    inLoops += depth != 0;
    byDepth.resize(std::max<size_t>(byDepth.size(), depth + 1));
    ++byDepth[depth];
  }
};

enum class Space { Global, Shared, Local, Generic };
llvm::StringRef getName(Space space);

enum class AccessKind { Load, Store, Atomic, AsyncCopy };
llvm::StringRef getName(AccessKind kind);

/// Accesses that are written alike.
struct Access {
  /// Of a copy: where it reads.
  Space space;
  AccessKind kind;
  /// That one thread moves at once; 0 for copies whose size is a register's.
  unsigned bits;
  /// What the instruction says of caches and order, as `nc.L1::evict_first`.
  std::string hints;
  Count count;
};

struct PTXKernel {
  std::string name;
  /// Of a CTA, 0 if the text does not say; `exact` if a launch must have them.
  unsigned threads = 0;
  bool exact = false;
  /// CTAs of a cluster, 0 if the text does not say.
  unsigned clusterCTAs = 0;
  std::vector<Access> accesses;
  Count instructions, barriers, clusterBarriers, shuffles, votes;
  /// Those of the units for sin, ex2, rsqrt, …, division among them.
  Count specialFunctions;
  /// Arithmetic on two values in one register.
  Count packed;
  Count calls;
  /// The most that a thread loads from global memory between two instructions
  /// that loads do not move across: barriers, shuffles, stores, calls and the
  /// edges of loops.
  unsigned bytesInFlight = 0;

  /// Of all accesses of the kind, or of those of at least so many bits.
  Count count(Space space, AccessKind kind, unsigned leastBits = 0) const;
  /// Bytes that one pass through the text loads from and stores to global
  /// memory, in all and in loops.
  Count countGlobalBytes() const;
};

struct PTXModule {
  /// As `.version` and `.target` have them.
  std::string version, target;
  std::vector<PTXKernel> kernels;
};

/// `name` is for messages.
llvm::Expected<PTXModule> readPTX(llvm::StringRef text, llvm::StringRef name);

} // namespace seednorm::gpureport

#endif // SEEDNORM_GPUREPORT_PTX_H
