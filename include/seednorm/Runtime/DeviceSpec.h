//===- DeviceSpec.h - What kernels are compiled for ----------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a module's arrays live and its kernels run, as against the host code
// that launches them (Compiler.h). It must not know any device.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_DEVICESPEC_H
#define SEEDNORM_RUNTIME_DEVICESPEC_H

#include "seednorm/Runtime/Error.h"
#include <optional>
#include <string>

namespace seednorm {

/// CPU: no device; everything runs in the host code. NVVM: NVIDIA's GPUs, and
/// the emulator.
enum class DeviceKind { CPU, NVVM };

/// "cpu", "nvvm"
llvm::StringRef stringifyDeviceKind(DeviceKind kind);
std::optional<DeviceKind> parseDeviceKind(llvm::StringRef text);

struct DeviceSpec {
  DeviceKind kind = DeviceKind::CPU;
  /// The architecture, as in "sm_90".
  std::string chip;
  /// What kernels are kept as: "llvm" (bitcode), "isa" (PTX), "bin" (a cubin
  /// for the chip alone) or "fatbin" (both of the latter).
  std::string format;

  bool isDevice() const { return kind != DeviceKind::CPU; }
};

/// The spec with nothing left to guess: sm_80 and PTX, which run on all GPUs
/// from there on. An error if the chip or the format does not exist.
llvm::Expected<DeviceSpec> resolveDevice(const DeviceSpec &spec);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_DEVICESPEC_H
