//===- GeneratedTest.cpp - Bugs in generated kernels are caught ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models compiled for the emulator, run by way of a device that puts one bug of
// Mutations.h into their kernels. It must not know how kernels are generated.
//
//===----------------------------------------------------------------------===//

#include "Mutations.h"
#include "seednorm/Runtime/Emulator.h"
#include "seednorm/Runtime/Module.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "gtest/gtest.h"
#include <cstring>
#include <map>
#include <set>

using namespace seednorm;
using namespace seednorm::emulator;
using namespace seednorm::testing;
using llvm::StringRef;

namespace {

//===----------------------------------------------------------------------===//
// A device with a bug
//===----------------------------------------------------------------------===//

/// The function of this name hides it.
using LaunchArguments = struct seednorm_rt_launch;

/// A bug: the mutator's at its `index`-th place in kernels of these names.
struct Bug {
  const Mutator *mutator;
  const std::set<std::string> *kernels;
  size_t index;
};

/// An emulator that puts a bug, if any, into the binaries that it is given.
class BuggyDevice final : public Device {
public:
  BuggyDevice(std::shared_ptr<EmulatorDevice> emulator,
              std::optional<Bug> bug = std::nullopt)
      : emulator(std::move(emulator)), bug(bug) {
    interface = this->emulator->getInterface();
    interface.context = this;
    interface.allocate = [](void *context, uint64_t bytes, void **pointer,
                            char *message, uint64_t capacity) {
      const seednorm_rt_device &inner = innerOf(context);
      return inner.allocate(inner.context, bytes, pointer, message, capacity);
    };
    interface.release = [](void *context, void *pointer, char *message,
                           uint64_t capacity) {
      const seednorm_rt_device &inner = innerOf(context);
      return inner.release(inner.context, pointer, message, capacity);
    };
    interface.copy = [](void *context, void *to, const void *from,
                        uint64_t bytes, char *message, uint64_t capacity) {
      const seednorm_rt_device &inner = innerOf(context);
      return inner.copy(inner.context, to, from, bytes, message, capacity);
    };
    interface.launch = [](void *context, const LaunchArguments *launch,
                          char *message, uint64_t capacity) {
      auto &device = *static_cast<BuggyDevice *>(context);
      const seednorm_rt_device &inner = innerOf(context);
      LaunchArguments changed = *launch;
      const std::string &binary = device.mutate(*launch);
      changed.binary = binary.data();
      changed.binary_bytes = binary.size();
      return inner.launch(inner.context, &changed, message, capacity);
    };
    interface.gemm = [](void *context,
                        const seednorm_rt_gemm_arguments *arguments,
                        char *message, uint64_t capacity) {
      const seednorm_rt_device &inner = innerOf(context);
      return inner.gemm(inner.context, arguments, message, capacity);
    };
    interface.synchronize = [](void *context, char *message,
                               uint64_t capacity) {
      const seednorm_rt_device &inner = innerOf(context);
      return inner.synchronize(inner.context, message, capacity);
    };
    interface.unload = [](void *context, const void *binary) {
      auto &device = *static_cast<BuggyDevice *>(context);
      const seednorm_rt_device &inner = innerOf(context);
      if (auto it = device.binaries.find(binary); it != device.binaries.end())
        inner.unload(inner.context, it->second.data());
    };
  }

  std::string getName() const override { return emulator->getName(); }
  std::string getDescription() const override {
    return emulator->getDescription();
  }
  DeviceSpec getSpec() const override { return emulator->getSpec(); }
  llvm::Error checkRuns(const DeviceSpec &spec) const override {
    return emulator->checkRuns(spec);
  }
  const seednorm_rt_device &getInterface() const override { return interface; }

  /// Those that have been launched.
  std::set<std::string> kernels;
  /// How many places the mutator has, and the changed one.
  size_t numSites = 0;
  std::string site;

private:
  static const seednorm_rt_device &innerOf(void *context) {
    return static_cast<BuggyDevice *>(context)->emulator->getInterface();
  }

  /// The binary to launch in place of this one.
  const std::string &mutate(const LaunchArguments &launch) {
    kernels.insert(launch.kernel);
    auto [it, isNew] = binaries.try_emplace(launch.binary);
    if (!isNew)
      return it->second;
    StringRef bytes(static_cast<const char *>(launch.binary),
                    launch.binary_bytes);
    it->second = bytes.str();
    if (!bug)
      return it->second;
    llvm::LLVMContext context;
    auto module = llvm::parseBitcodeFile(
        llvm::MemoryBufferRef(bytes, "kernels"), context);
    if (!module) {
      ADD_FAILURE() << llvm::toString(module.takeError());
      return it->second;
    }
    llvm::SmallVector<llvm::Instruction *> sites;
    for (const std::string &kernel : *bug->kernels)
      llvm::append_range(sites, findSites(**module, *bug->mutator, kernel));
    if (bug->index >= numSites && bug->index - numSites < sites.size()) {
      llvm::Instruction *changed = sites[bug->index - numSites];
      llvm::raw_string_ostream(site)
          << changed->getFunction()->getName() << ":" << *changed;
      bug->mutator->apply(*changed);
      it->second.clear();
      llvm::raw_string_ostream stream(it->second);
      llvm::WriteBitcodeToFile(**module, stream);
    }
    numSites += sites.size();
    return it->second;
  }

  std::shared_ptr<EmulatorDevice> emulator;
  std::optional<Bug> bug;
  seednorm_rt_device interface;
  std::map<const void *, std::string> binaries;
};

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

constexpr char kForward[] = R"mlir(
func.func @main(%x: tensor<?x@Dx@T>, %a: tensor<@Dx@T>, %b: tensor<@Dx@T>,
                %g: tensor<@Dx@T>) -> tensor<?x@Dx@T> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x@Dx@T>
  %e = tensor.empty(%n) : tensor<?x@Dx@T>
  %y = seednorm.norm ins(%x : tensor<?x@Dx@T>) alpha(%a : tensor<@Dx@T>)
      beta(%b : tensor<@Dx@T>) gamma(%g : tensor<@Dx@T>)
      outs(%e : tensor<?x@Dx@T>) -> tensor<?x@Dx@T>
  return %y : tensor<?x@Dx@T>
})mlir";

constexpr char kBackward[] = R"mlir(
func.func @main(%x: tensor<?x@Dx@T>, %a: tensor<@Dx@T>, %b: tensor<@Dx@T>,
                %g: tensor<@Dx@T>)
    -> (tensor<?x@Dx@T>, tensor<@Dx@T>, tensor<@Dx@T>, tensor<@Dx@T>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x@Dx@T>
  %e = tensor.empty(%n) : tensor<?x@Dx@T>
  %p = tensor.empty() : tensor<@Dx@T>
  %d:4 = seednorm.norm_backward ins(%x : tensor<?x@Dx@T>)
      alpha(%a : tensor<@Dx@T>) beta(%b : tensor<@Dx@T>)
      gamma(%g : tensor<@Dx@T>) grad(%x : tensor<?x@Dx@T>)
      outs(%e, %p, %p, %p : tensor<?x@Dx@T>, tensor<@Dx@T>, tensor<@Dx@T>,
           tensor<@Dx@T>)
      -> tensor<?x@Dx@T>, tensor<@Dx@T>, tensor<@Dx@T>, tensor<@Dx@T>
  return %d#0, %d#1, %d#2, %d#3 : tensor<?x@Dx@T>, tensor<@Dx@T>,
      tensor<@Dx@T>, tensor<@Dx@T>
})mlir";

/// Sums over rows by atomic additions, and a launch that may begin early.
constexpr char kScheduled[] = R"mlir(
func.func @main(%x: tensor<?x@Dx@T>, %a: tensor<@Dx@T>, %b: tensor<@Dx@T>,
                %g: tensor<@Dx@T>) -> (tensor<?x@Dx@T>, tensor<@Dx@T>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x@Dx@T>
  %e = tensor.empty(%n) : tensor<?x@Dx@T>
  %p = tensor.empty() : tensor<@Dx@T>
  %y:2 = rowwise.program rows(%x : tensor<?x@Dx@T>) columns(%g : tensor<@Dx@T>)
      outs(%e, %p : tensor<?x@Dx@T>, tensor<@Dx@T>)
      schedule <atomics = 1, dependent_launch = 1> {
  ^bb0(%row: tensor<@Dx@T>, %w: tensor<@Dx@T>):
    %square = arith.mulf %row, %row : tensor<@Dx@T>
    %mean = rowwise.reduce mean %square : tensor<@Dx@T> -> tensor<1x@T>
    %one = arith.constant dense<1.0> : tensor<1x@T>
    %q = arith.addf %mean, %one : tensor<1x@T>
    %r = arith.divf %one, %q : tensor<1x@T>
    %all = rowwise.broadcast %r : tensor<1x@T> -> tensor<@Dx@T>
    %k = arith.mulf %row, %all : tensor<@Dx@T>
    %o = arith.mulf %k, %w : tensor<@Dx@T>
    %sum = rowwise.accumulate %k : tensor<@Dx@T>
    rowwise.yield %o, %sum : tensor<@Dx@T>, tensor<@Dx@T>
  } -> tensor<?x@Dx@T>, tensor<@Dx@T>
  return %y#0, %y#1 : tensor<?x@Dx@T>, tensor<@Dx@T>
})mlir";

struct ModelCase {
  const char *name, *text;
  int64_t rows, columns;
};

void PrintTo(const ModelCase &model, std::ostream *os) { *os << model.name; }

/// Rows that the warps of a CTA, and the CTAs, do not divide; of the backward
/// so many that each task has several of them.
const ModelCase kModels[] = {{"Forward640", kForward, 71, 640},
                             {"Forward167", kForward, 71, 167},
                             {"Backward320", kBackward, 1100, 320},
                             {"Scheduled256", kScheduled, 300, 256}};

std::string getText(const ModelCase &model) {
  std::string text;
  StringRef rest = model.text;
  while (!rest.empty()) {
    auto [before, after] = rest.split('@');
    text += before.str();
    rest = after;
    if (rest.consume_front("D"))
      text += std::to_string(model.columns);
    else if (rest.consume_front("T"))
      text += "f32";
    else if (!rest.empty())
      text += '@';
  }
  return text;
}

/// Compiled once.
seednorm::Module *getModule(const ModelCase &model) {
  static std::map<const char *, std::unique_ptr<seednorm::Module>> modules;
  std::unique_ptr<seednorm::Module> &module = modules[model.name];
  if (module)
    return module.get();
  CompileOptions options;
  options.device = {DeviceKind::NVVM, "sm_90", "llvm"};
  auto compiled = seednorm::Module::compile(getText(model), options);
  if (compiled)
    module = std::move(*compiled);
  else
    ADD_FAILURE() << llvm::toString(compiled.takeError());
  return module.get();
}

struct Outcome {
  std::string error, findings;
  std::set<std::string> kinds;
  std::vector<std::vector<double>> results;
  std::set<std::string> kernels;
  size_t numSites = 0;
  std::string site;

  bool isClean() const { return error.empty() && kinds.empty(); }
};

/// x, alpha, beta and gamma. Rows differ in size, so that tanh is taken of
/// small values and of others, but hardly where it is flat and what goes into
/// it does not matter.
llvm::SmallVector<Tensor> makeInputs(const ModelCase &model) {
  llvm::SmallVector<Tensor> inputs;
  for (unsigned input = 0; input < 4; ++input) {
    llvm::SmallVector<int64_t> shape = {model.columns};
    if (input == 0)
      shape.insert(shape.begin(), model.rows);
    std::vector<double> values(llvm::product_of(shape));
    for (size_t index = 0; index < values.size(); ++index) {
      double scale = input == 0   ? double(1 + index / model.columns % 5) / 128
                     : input == 2 ? 1.0 / 1024
                                  : 1.0 / 32;
      values[index] =
          (double((index * 37 + index / 11 + input) % 64) - 29.5) * scale;
    }
    inputs.push_back(
        llvm::cantFail(Tensor::fromDoubles(DType::F32, shape, values)));
  }
  return inputs;
}

Outcome runModel(const ModelCase &model,
                 std::optional<Bug> bug = std::nullopt) {
  Outcome outcome;
  seednorm::Module *module = getModule(model);
  EmulatorOptions options;
  options.numThreads = 1;
  auto created = createEmulatorDevice(options);
  if (!module || !created) {
    ADD_FAILURE() << "no model, or no emulator";
    return outcome;
  }
  std::shared_ptr<EmulatorDevice> emulator = std::move(*created);
  auto device = std::make_shared<BuggyDevice>(emulator, bug);
  if (llvm::Error error = module->setDevice(device)) {
    outcome.error = llvm::toString(std::move(error));
    return outcome;
  }
  auto results = module->run("main", makeInputs(model));
  if (results)
    for (const Tensor &tensor : *results)
      outcome.results.push_back(tensor.toDoubles());
  else
    outcome.error = llvm::toString(results.takeError());
  llvm::raw_string_ostream stream(outcome.findings);
  emulator->printFindings(stream);
  llvm::json::Value report = emulator->getReport();
  for (llvm::json::Value &kernel : *report.getAsObject()->getArray("kernels"))
    for (llvm::json::Value &finding :
         *kernel.getAsObject()->getArray("findings"))
      outcome.kinds.insert(finding.getAsObject()->getString("kind")->str());
  outcome.numSites = device->numSites;
  outcome.kernels = device->kernels;
  outcome.site = device->site;
  return outcome;
}

/// Bit for bit.
bool isSame(const Outcome &left, const Outcome &right) {
  if (left.results.size() != right.results.size())
    return false;
  for (const auto &[a, b] : llvm::zip(left.results, right.results))
    if (a.size() != b.size() ||
        std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) != 0)
      return false;
  return true;
}

/// Bugs that are none in some places of a model's kernels.
struct Exception {
  StringRef mutator;
  /// Empty: any.
  StringRef model;
  size_t most;
  const char *reason;
};
const Exception kExceptions[] = {
    {"barrier-removed", "", 2,
     "in each of two kernels, the last barrier parts a task from the next of "
     "its CTA, and no CTA has two"},
    {"dependency-wait-removed", "", 1,
     "no kernel is before the first one: hosts wait for their copies"},
    {"strictness-changed", "", 3,
     "rows are clamped and predicated, so that one turn more of their loop "
     "does nothing, and no CTA is without rows"},
    {"alignment-claimed", "", 4,
     "parameters are aligned to more than the unaligned kernel asks"},
    {"shared-load-moved", "Scheduled256", 2,
     "beside atomics, the kernel of the sums adds zeros to zeros"},
    {"addend-dropped", "Scheduled256", 1,
     "beside atomics, the kernel of the sums adds zeros to zeros"},
};

const Exception *findException(StringRef mutator, StringRef model) {
  return llvm::find_if(kExceptions, [&](const Exception &exception) {
    return mutator == exception.mutator &&
           (exception.model.empty() || exception.model == model);
  });
}

const Outcome &getUnbroken(const ModelCase &model) {
  static std::map<std::string, Outcome> outcomes;
  auto [it, isNew] = outcomes.try_emplace(model.name);
  if (isNew)
    it->second = runModel(model);
  return it->second;
}

class Generated
    : public ::testing::TestWithParam<std::tuple<ModelCase, Mutator>> {};

/// Whether the bug is caught with one of these numbers of rows.
bool isCaught(ModelCase model, const Bug &bug, llvm::ArrayRef<int64_t> sizes) {
  for (int64_t rows : sizes) {
    model.rows = rows;
    Outcome outcome = runModel(model, bug);
    if (!outcome.isClean() || !isSame(outcome, runModel(model)))
      return true;
  }
  return false;
}

TEST_P(Generated, BugsAreCaught) {
  const auto &[model, mutator] = GetParam();
  const Outcome &unbroken = getUnbroken(model);
  ASSERT_TRUE(unbroken.isClean()) << unbroken.error << unbroken.findings;
  // At most so many places of each model, spread over its kernels.
  constexpr size_t kMostSites = 4;
  std::vector<std::string> survivors;
  Bug bug{&mutator, &unbroken.kernels, 0};
  for (size_t trial = 0, numTrials = 1; trial < numTrials; ++trial) {
    Outcome outcome = runModel(model, bug);
    numTrials = std::min(outcome.numSites, kMostSites);
    if (numTrials == 0)
      GTEST_SKIP() << "no place for it";
    SCOPED_TRACE(outcome.site);
    if (mutator.kind && !outcome.kinds.empty()) {
      EXPECT_TRUE(outcome.kinds.count(nameOf(*mutator.kind).str()))
          << outcome.findings;
    }
    if (outcome.isClean() && isSame(outcome, unbroken) &&
        !isCaught(model, bug, {1, 8, 65}))
      survivors.push_back(outcome.site);
    bug.index = (trial + 1) * outcome.numSites / numTrials;
  }
  const Exception *exception = findException(mutator.name, model.name);
  bool hasException = exception != std::end(kExceptions);
  EXPECT_LE(survivors.size(), hasException ? exception->most : 0)
      << llvm::join(survivors, "\n") << (hasException ? exception->reason : "");
}

/// The tests above of what no kernel has a place for are skipped.
TEST(Generated, KernelsHavePlacesForTheBugs) {
  std::set<std::string> missing;
  for (const Mutator &mutator : getMutators())
    missing.insert(mutator.name.str());
  for (ModelCase model : kModels) {
    model.rows = 8;
    Outcome unbroken = runModel(model);
    for (const Mutator &mutator : getMutators())
      if (missing.count(mutator.name.str()) &&
          runModel(model, Bug{&mutator, &unbroken.kernels, 0}).numSites)
        missing.erase(mutator.name.str());
  }
  // Warps exchange by shuffles alone.
  EXPECT_EQ(missing, (std::set<std::string>{"warp-sync-removed"}));
}

INSTANTIATE_TEST_SUITE_P(
    Kernels, Generated,
    ::testing::Combine(::testing::ValuesIn(kModels),
                       ::testing::ValuesIn(getMutators().begin(),
                                           getMutators().end())),
    [](const ::testing::TestParamInfo<std::tuple<ModelCase, Mutator>> &info) {
      std::string name = std::string(std::get<0>(info.param).name) + "_" +
                         std::get<1>(info.param).name.str();
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

} // namespace
