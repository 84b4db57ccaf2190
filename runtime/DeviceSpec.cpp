//===- DeviceSpec.cpp - What kernels are compiled for ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's back end is asked which chips exist.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/DeviceSpec.h"
#include "seednorm/Runtime/Compiler.h"

using namespace llvm;
using namespace seednorm;

static constexpr StringLiteral defaultChip = "sm_80", defaultFormat = "isa";

StringRef seednorm::stringifyDeviceKind(DeviceKind kind) {
  return kind == DeviceKind::CPU ? "cpu" : "nvvm";
}

std::optional<DeviceKind> seednorm::parseDeviceKind(StringRef text) {
  for (DeviceKind kind : {DeviceKind::CPU, DeviceKind::NVVM})
    if (text == stringifyDeviceKind(kind))
      return kind;
  return std::nullopt;
}

Expected<DeviceSpec> seednorm::resolveDevice(const DeviceSpec &spec) {
  if (!spec.isDevice())
    return DeviceSpec();
  DeviceSpec resolved = spec;
  if (resolved.chip.empty())
    resolved.chip = defaultChip;
  if (resolved.format.empty())
    resolved.format = defaultFormat;
  auto known = resolveTarget({"nvptx64-nvidia-cuda", resolved.chip, ""});
  if (!known) {
    consumeError(known.takeError());
    return makeError("unknown GPU architecture " + quote(resolved.chip) +
                     ", where one like 'sm_90' is expected");
  }
  StringRef format = resolved.format;
  if (format != "llvm" && format != "isa" && format != "bin" &&
      format != "fatbin")
    return makeError("unknown kernel format " + quote(format) +
                     ", where llvm, isa, bin or fatbin is expected");
  return resolved;
}
