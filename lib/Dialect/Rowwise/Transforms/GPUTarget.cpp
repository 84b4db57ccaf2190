//===- GPUTarget.cpp - What a GPU has for row programs -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/GPUTarget.h"

#include "llvm/TargetParser/TargetParser.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace mlir::rowwise;

bool mlir::rowwise::isGPUTriple(StringRef text) {
  Triple triple(text);
  return triple.isNVPTX() || triple.isAMDGCN() || triple.isSPIRV();
}

namespace {
struct NVIDIAChip {
  StringLiteral name;
  unsigned capability;
  int64_t processors;
};
} // namespace

/// In order, with the processors of the largest product of each architecture:
/// A100, H100, B200, RTX 5090, …
static constexpr NVIDIAChip nvidiaChips[] = {
    {"sm_80", 80, 108},   {"sm_86", 86, 84},    {"sm_87", 87, 16},
    {"sm_89", 89, 128},   {"sm_90", 90, 132},   {"sm_100", 100, 148},
    {"sm_103", 103, 160}, {"sm_120", 120, 170},
};

static int64_t getNVIDIAProcessors(StringRef chip) {
  chip = chip.rtrim("af");
  for (const NVIDIAChip &known : nvidiaChips)
    if (chip == known.name)
      return known.processors;
  return 0;
}

Expected<StringRef> mlir::rowwise::getNewestNVIDIAChip(unsigned capability) {
  StringRef newest;
  for (const NVIDIAChip &known : nvidiaChips)
    if (known.capability <= capability)
      newest = known.name;
  if (newest.empty())
    return createStringError("sm_" + Twine(capability) + " is older than " +
                             nvidiaChips[0].name +
                             ", which kernels are compiled for at least");
  return newest;
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
    target.hasClusters = !chip.starts_with("sm_8");
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
  if (triple.isSPIRV()) {
    target.hasAtomics = false;
    return target;
  }
  return createStringError("'" + text + "' is not the triple of a GPU");
}
