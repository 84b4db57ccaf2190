//===- GPUTarget.cpp - What a GPU has for row programs -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/GPUTarget.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/TargetParser/TargetParser.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace mlir::rowwise;

bool mlir::rowwise::isGPUTriple(StringRef text) {
  Triple triple(text);
  return triple.isNVPTX() || triple.isAMDGCN() || triple.isSPIRV();
}

/// Of the largest product of each architecture: A100, H100, B200, RTX 5090, …
static int64_t getNVIDIAProcessors(StringRef chip) {
  chip = chip.rtrim("af");
  return StringSwitch<int64_t>(chip)
      .Case("sm_80", 108)
      .Case("sm_86", 84)
      .Case("sm_87", 16)
      .Case("sm_89", 128)
      .Case("sm_90", 132)
      .Case("sm_100", 148)
      .Case("sm_103", 160)
      .Case("sm_120", 170)
      .Default(0);
}

Expected<GPUTarget> mlir::rowwise::getGPUTarget(StringRef text,
                                                StringRef chip) {
  Triple triple(text);
  GPUTarget target;
  if (triple.isNVPTX()) {
    target.isNVIDIA = true;
    target.processors = getNVIDIAProcessors(chip);
    if (!target.processors)
      return createStringError("unknown chip '" + chip +
                               "': sm_80, sm_86, sm_87, sm_89, sm_90, sm_100, "
                               "sm_103 or sm_120 is expected");
    return target;
  }
  if (triple.isAMDGCN()) {
    AMDGPU::GPUKind kind = AMDGPU::parseArchAMDGCN(chip);
    if (kind == AMDGPU::GK_NONE)
      return createStringError("unknown chip '" + chip +
                               "': one of AMD's is expected, as gfx942");
    target.processors = chip == "gfx942" ? 304 : 64;
    // Generations from RDNA on run waves of 32 unless told otherwise.
    target.warp =
        AMDGPU::getArchAttrAMDGCN(kind) & AMDGPU::FEATURE_WAVE32 ? 32 : 64;
    target.registers = 128 << 10;
    return target;
  }
  if (triple.isSPIRV())
    return target;
  return createStringError("'" + text + "' is not the triple of a GPU");
}
