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
/// the emulator. ROCDL: AMD's GPUs, for now the emulator alone.
enum class DeviceKind { CPU, NVVM, ROCDL };

/// "cpu", "nvvm", "rocdl"
llvm::StringRef stringifyDeviceKind(DeviceKind kind);
std::optional<DeviceKind> parseDeviceKind(llvm::StringRef text);
/// AMD's for "gfx942" and the like, else NVIDIA's.
DeviceKind getDeviceKind(llvm::StringRef chip);

struct DeviceSpec {
  DeviceKind kind = DeviceKind::CPU;
  /// The architecture, as in "sm_90" or "gfx942".
  std::string chip;
  /// What kernels are kept as: "llvm" (bitcode), "isa" (PTX or assembly), "bin"
  /// (a cubin or code object for the chip alone) or "fatbin" (PTX and cubin).
  std::string format;

  bool isDevice() const { return kind != DeviceKind::CPU; }
};

/// The spec with nothing left to guess: sm_80 and PTX, or gfx942 and its
/// assembly. An error if the chip or the format does not exist.
llvm::Expected<DeviceSpec> resolveDevice(const DeviceSpec &spec);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_DEVICESPEC_H
