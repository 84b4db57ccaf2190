//===- Emulator.h - A GPU that is not there ---------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A device that executes the LLVM IR of kernels on the host, checks what they
// do and counts what it would cost. docs/emulator.md says what it can and
// cannot. It must not know models.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_H
#define SEEDNORM_RUNTIME_EMULATOR_H

#include "seednorm/Runtime/Device.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace seednorm {

/// What is looked for while kernels run.
enum class EmulatorChecks {
  /// Nothing: an access outside of memory may end the process.
  None,
  /// Accesses outside of live memory, or not aligned as the code says.
  Accesses,
  /// Races and uninitialised memory too, and what the launches cost.
  All
};

struct EmulatorOptions {
  /// Decides the order of CTAs and of threads.
  uint64_t seed = 0;
  /// The architecture that is emulated, also one of AMD's: "gfx942" has waves
  /// of 64 lanes.
  std::string chip = "sm_90";
  EmulatorChecks checks = EmulatorChecks::All;
  /// Threads of the host; 0: as many as parallel loops have.
  uint32_t numThreads = 0;
  /// A thread that has gone round its loops so often will not come to an end.
  uint64_t maxTurns = uint64_t(1) << 28;
  /// Optimises modules as upstream's gpu-module-to-binary does before it makes
  /// PTX. Its `llvm` format holds modules that are optimised already.
  bool optimize = false;
};

struct KernelMinimum {
  uint64_t rows = 0, loadBytes = 0, storeBytes = 0;
};

class EmulatorDevice : public Device {
public:
  ~EmulatorDevice() override;

  /// Whether a launch so far did something wrong.
  virtual bool hasFindings() const = 0;
  /// What was wrong, one entry a place.
  virtual void printFindings(llvm::raw_ostream &os) const = 0;
  /// All launches, kernel by kernel.
  virtual void printReport(llvm::raw_ostream &os) const = 0;
  virtual llvm::json::Value getReport() const = 0;
  /// Forgets the launches so far.
  virtual void clearReport() = 0;
  /// What a launch of the kernel works on, and the least that it must read and
  /// write: reports compare with it, from the next launch on.
  virtual void setMinimum(llvm::StringRef kernel,
                          const KernelMinimum &minimum) = 0;
};

llvm::Expected<std::unique_ptr<EmulatorDevice>>
createEmulatorDevice(const EmulatorOptions &options = {});

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_EMULATOR_H
