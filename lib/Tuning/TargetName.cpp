//===- TargetName.cpp - What code runs on, as a name ----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CPUs by LLVM's name and a hash of what they can: a feature that is off (in a
// virtual machine, by the user) makes another target of the same CPU.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/ProgramKey.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

/// With the host's CPU and features where nothing is said.
static tuning::Target resolveHost(const tuning::Target &target) {
  if (!target.triple.empty() || !target.cpu.empty())
    return target;
  SubtargetFeatures features;
  for (auto &[name, enabled] : sys::getHostCPUFeatures())
    features.AddFeature(name, enabled);
  std::string text = features.getString();
  if (!target.features.empty())
    text += "," + target.features;
  return {"", sys::getHostCPUName().str(), text};
}

bool tuning::isGPUTarget(const tuning::Target &target) {
  Triple triple(target.triple);
  return triple.isNVPTX() || triple.isAMDGCN() || triple.isSPIRV();
}

Expected<std::string> tuning::getTargetName(const tuning::Target &given) {
  if (isGPUTarget(given))
    return given.cpu.empty() ? given.triple : given.triple + ":" + given.cpu;
  static bool initialized = [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    return true;
  }();
  (void)initialized;
  Triple triple(given.triple.empty() ? sys::getProcessTriple() : given.triple);
  tuning::Target target = resolveHost(given);
  std::string error;
  const llvm::Target *found = TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return makeError("unknown target triple " + quote(triple.str()));
  std::unique_ptr<MCSubtargetInfo> subtarget(
      found->createMCSubtargetInfo(triple, target.cpu, target.features));
  if (!subtarget)
    return makeError("target " + quote(triple.str()) +
                     " generates no machine code");
  std::vector<StringRef> features;
  for (const SubtargetFeatureKV &feature :
       subtarget->getEnabledProcessorFeatures())
    features.push_back(feature.Key);
  llvm::sort(features);
  auto hash = BLAKE3::hash<4>(arrayRefFromStringRef(llvm::join(features, ",")));
  std::string cpu = target.cpu.empty() || target.cpu == "generic"
                        ? (triple.getArchName() + "-generic").str()
                        : target.cpu;
  return cpu + "+" + toHex(hash, /*LowerCase=*/true);
}

StringRef tuning::getCompilerName() {
  return SEEDNORM_VERSION "/llvm-" LLVM_VERSION_STRING;
}
