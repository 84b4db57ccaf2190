//===- VectorISA.cpp - Vector registers of a target ----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/VectorISA.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

Expected<mlir::rowwise::VectorISA>
mlir::rowwise::getVectorISA(StringRef tripleText, StringRef cpuText,
                            StringRef featureText) {
  static bool initialised = [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    return true;
  }();
  (void)initialised;
  Triple triple(tripleText.empty() ? sys::getProcessTriple()
                                   : tripleText.str());
  std::string cpu = cpuText.str(), features = featureText.str();
  if (tripleText.empty() && cpuText.empty()) {
    cpu = sys::getHostCPUName().str();
    SubtargetFeatures host;
    for (auto &[name, enabled] : sys::getHostCPUFeatures())
      host.AddFeature(name, enabled);
    features = host.getString() + (features.empty() ? "" : "," + features);
  }
  VectorISA isa;
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return createStringError("unknown target '" + triple.str() + "': " + error);
  std::unique_ptr<MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(triple, cpu, features));
  if (!subtarget)
    return createStringError("target '" + triple.str() +
                             "' generates no machine code");
  if (!cpu.empty() && !subtarget->isCPUStringValid(cpu))
    return createStringError("unknown CPU '" + cpu + "' for target '" +
                             triple.str() + "'");
  auto has = [&](StringRef feature) {
    return subtarget->checkFeatures(("+" + feature).str());
  };
  if (triple.isX86()) {
    isa.bits = has("avx512f") ? 512 : has("avx") ? 256 : 128;
    isa.nontemporal = true;
    isa.convertsToBF16 = has("avx512bf16") && has("avx512vl");
  } else if (triple.isAArch64()) {
    isa.scalable = has("sve");
  }
  return isa;
}
