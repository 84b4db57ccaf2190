//===- DeviceSpec.cpp - What kernels are compiled for ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's back end is asked which chips exist, and the pipeline which of them it
// makes kernels for.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/DeviceSpec.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUTarget.h"
#include "seednorm/Runtime/Compiler.h"

using namespace llvm;
using namespace seednorm;

static constexpr StringLiteral defaultFormat = "isa";

StringRef seednorm::stringifyDeviceKind(DeviceKind kind) {
  switch (kind) {
  case DeviceKind::CPU:
    return "cpu";
  case DeviceKind::NVVM:
    return "nvvm";
  case DeviceKind::ROCDL:
    break;
  }
  return "rocdl";
}

std::optional<DeviceKind> seednorm::parseDeviceKind(StringRef text) {
  for (DeviceKind kind : {DeviceKind::CPU, DeviceKind::NVVM, DeviceKind::ROCDL})
    if (text == stringifyDeviceKind(kind))
      return kind;
  return std::nullopt;
}

DeviceKind seednorm::getDeviceKind(StringRef chip) {
  return chip.starts_with("gfx") ? DeviceKind::ROCDL : DeviceKind::NVVM;
}

Expected<DeviceSpec> seednorm::resolveDevice(const DeviceSpec &spec) {
  if (!spec.isDevice())
    return DeviceSpec();
  DeviceSpec resolved = spec;
  bool isAMD = spec.kind == DeviceKind::ROCDL;
  if (resolved.chip.empty())
    resolved.chip = isAMD ? "gfx942" : "sm_80";
  if (resolved.format.empty())
    resolved.format = defaultFormat;
  std::string triple = isAMD ? "amdgcn-amd-amdhsa" : "nvptx64-nvidia-cuda";
  auto known = resolveTarget({triple, resolved.chip, ""});
  if (!known) {
    consumeError(known.takeError());
    return makeError("unknown GPU architecture " + quote(resolved.chip) +
                     ", where one like '" + (isAMD ? "gfx942" : "sm_90") +
                     "' is expected");
  }
  auto target = mlir::rowwise::getGPUTarget(triple, resolved.chip);
  if (!target)
    return target.takeError();
  StringRef format = resolved.format;
  if (format != "llvm" && format != "isa" && format != "bin" &&
      (isAMD || format != "fatbin"))
    return makeError("unknown kernel format " + quote(format) + ", where " +
                     (isAMD ? "llvm, isa or bin" : "llvm, isa, bin or fatbin") +
                     " is expected");
  return resolved;
}
