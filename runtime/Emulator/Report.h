//===- Report.h - What was seen of a kernel ---------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Findings and counters of launches: plain data that can be summed and printed
// as a table and as JSON. It must not know how they were observed.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_REPORT_H
#define SEEDNORM_RUNTIME_EMULATOR_REPORT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace seednorm::emulator {

/// An operation of a kernel: where it came from, the function that it is in,
/// and its text.
struct Site {
  std::string location, function, text;
  bool operator==(const Site &other) const {
    return location == other.location && function == other.function &&
           text == other.text;
  }
};

enum class Space : uint8_t { Global, Shared, Local };
enum class AccessKind : uint8_t { Load, Store, Atomic };

enum class FindingKind : uint8_t {
  OutOfBounds,
  Misaligned,
  UninitialisedShared,
  UninitialisedGlobal,
  SharedRace,
  GlobalRace,
  /// Shared memory of a CTA that has ended or is not of this cluster.
  DeadShared,
  /// Memory of a kernel before it, touched before waiting for that kernel.
  EarlyAccess,
  /// A barrier that some threads never come to, or different ones.
  BarrierDivergence,
  /// A shuffle or vote that reads a lane that does not take part in it.
  InactiveLane,
  /// An assertion of the program failed (__assertfail).
  Assertion,
  /// The kernel asked for something that the emulator does not have, or does
  /// not come to an end.
  Execution,
};
llvm::StringRef nameOf(FindingKind kind);

/// Something that is wrong at one site, however often it was seen there.
struct Finding {
  FindingKind kind = FindingKind::Execution;
  uint32_t site = 0;
  /// Where it was seen: of several, in the lowest CTA.
  uint32_t cta = 0, thread = 0;
  /// What happened and what was expected.
  std::string message;
  uint64_t count = 1;
};

/// Instructions that are not accesses to memory: each counts the threads that
/// execute it.
enum class InstructionClass : uint8_t {
  Fp32,
  Fp64,
  Half, // f16 and bf16, packed ones once
  Integer,
  Conversion,
  SpecialFunction,
  Branch,
  Barrier,
  Shuffle, // votes and matches too
  Other,
};
inline constexpr unsigned NumInstructionClasses = 10;
llvm::StringRef nameOf(InstructionClass kind);
llvm::StringRef nameOf(Space space);
llvm::StringRef nameOf(AccessKind kind);

/// The accesses of one site, or of many.
struct AccessCounters {
  /// Executions by a thread, and by a warp (an access wider than its alignment
  /// is several of both, as compilers split it).
  uint64_t threads = 0, warps = 0;
  /// Global memory: sectors of 32 bytes that warps asked for, and the bytes
  /// inside them that they wanted.
  uint64_t sectors = 0, usedBytes = 0;
  /// Shared memory: wavefronts, and how many of them bank conflicts added.
  uint64_t wavefronts = 0, extraWavefronts = 0;

  void add(const AccessCounters &other);
  uint64_t movedBytes() const { return sectors * 32; }
  /// Used bytes over moved ones; 1 of nothing.
  double efficiency() const;
};

/// What one thread does at once, as the hardware sees it.
struct AccessType {
  Space space = Space::Global;
  AccessKind kind = AccessKind::Load;
  uint32_t bytes = 0;
  bool operator<(const AccessType &other) const {
    return std::tie(space, kind, bytes) <
           std::tie(other.space, other.kind, other.bytes);
  }
};

/// One launch, or several of one kernel.
struct KernelReport {
  std::string kernel;
  uint64_t launches = 0, ctas = 0, threads = 0;
  /// Rows that all launches worked on, where known.
  std::optional<uint64_t> rows;

  std::vector<Site> sites;
  std::vector<Finding> findings;
  /// By index in `sites`.
  std::map<std::pair<uint32_t, AccessType>, AccessCounters> accesses;

  std::array<uint64_t, NumInstructionClasses> instructions{};
  uint64_t barriers = 0, clusterBarriers = 0, warpSyncs = 0;
  /// Distinct bytes in sectors that loads and stores touched: what goes through
  /// DRAM at least, however good the cache. And what the algorithm needs.
  uint64_t loadedDramBytes = 0, storedDramBytes = 0;
  std::optional<uint64_t> minimumLoadBytes, minimumStoreBytes;

  /// Adds launches of the same kernel; findings at equal sites are merged.
  void add(const KernelReport &other);
  /// Merges it with one of its kind at its site.
  void addFinding(const Finding &finding);
  AccessCounters total(Space space) const;
  AccessCounters total(Space space, AccessKind kind) const;
  uint64_t extraWavefronts() const {
    return total(Space::Shared).extraWavefronts;
  }
  std::map<AccessType, AccessCounters> byType() const;
  /// DRAM bytes over what the algorithm needs, where that is known.
  std::optional<double> dramRatio() const;

  llvm::json::Value toJSON() const;
  void print(llvm::raw_ostream &os) const;
  void printFindings(llvm::raw_ostream &os) const;
};

/// All launches of a run, kernel by kernel in the order of their first launch.
class ExecutionReport {
public:
  void add(const KernelReport &launch);
  const std::vector<KernelReport> &kernels() const { return reports; }
  bool hasFindings() const;
  llvm::json::Value toJSON() const;
  void print(llvm::raw_ostream &os) const;

private:
  std::vector<KernelReport> reports;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_REPORT_H
