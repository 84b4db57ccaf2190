//===- MutationsTest.cpp - Every bug of a kind is caught -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each mutator (Mutations.h) at every place of the kernels that it can change.
// None may be missed, and where a bug has one right name, findings must have
// it.
//
//===----------------------------------------------------------------------===//

#include "Mutations.h"
#include "Scenes.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/SourceMgr.h"

using namespace seednorm;
using namespace seednorm::emulator;
using namespace seednorm::testing;
using llvm::StringRef;

namespace {

struct Target {
  const char *kernel;
  Scenario scenario;
};
const Target kTargets[] = {{"norm_cta", runNormCta},
                           {"norm_warp", runNormWarp},
                           {"column_partial", runColumns},
                           {"column_final", runColumns},
                           {"column_atomic", runAtomic}};

std::string textOf(const llvm::Instruction &instruction) {
  std::string text;
  llvm::raw_string_ostream(text) << instruction;
  return StringRef(text).trim().str();
}

/// What a mutant does, and where it is.
struct Trial {
  std::string site;
  Outcome outcome;
  bool isCaught;
};

Trial tryMutant(const Target &target, const Mutator &mutator, size_t index) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module =
      llvm::parseIRFile(SEEDNORM_TEST_KERNELS, diagnostic, context);
  Trial trial;
  llvm::Instruction *site = findSites(*module, mutator, target.kernel)[index];
  trial.site = textOf(*site);
  mutator.apply(*site);
  std::string bitcode;
  llvm::raw_string_ostream stream(bitcode);
  llvm::WriteBitcodeToFile(*module, stream);
  trial.outcome = runWith(bitcode, target.scenario);
  trial.isCaught =
      !trial.outcome.error.empty() || !trial.outcome.kinds.empty() ||
      !isSame(trial.outcome.results, unbroken(target.scenario).results);
  return trial;
}

size_t countSites(const Target &target, const Mutator &mutator) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module =
      llvm::parseIRFile(SEEDNORM_TEST_KERNELS, diagnostic, context);
  if (!module) {
    ADD_FAILURE() << diagnostic.getMessage().str();
    return 0;
  }
  return findSites(*module, mutator, target.kernel).size();
}

class Mutations : public ::testing::TestWithParam<Mutator> {};

TEST_P(Mutations, AreCaughtEverywhere) {
  const Mutator &mutator = GetParam();
  size_t total = 0;
  for (const Target &target : kTargets)
    for (size_t index = 0, count = countSites(target, mutator); index < count;
         ++index, ++total) {
      Trial trial = tryMutant(target, mutator, index);
      SCOPED_TRACE(std::string(target.kernel) + ": " + trial.site);
      EXPECT_TRUE(trial.isCaught);
      if (mutator.kind) {
        EXPECT_TRUE(trial.outcome.kinds.count(nameOf(*mutator.kind).str()))
            << trial.outcome.error << trial.outcome.findings;
      }
    }
  EXPECT_GT(total, 0u);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Mutations,
                         ::testing::ValuesIn(getMutators().begin(),
                                             getMutators().end()),
                         [](const ::testing::TestParamInfo<Mutator> &info) {
                           std::string name = info.param.name.str();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
