//===- tiny-lm-train.cpp - A language model, trained by compiled code ----===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calls @train_step of a compiled module again and again, on batches from a
// file, and compares the losses with PyTorch's. What the state is, the names of
// arguments and results say: this program must not know model or optimiser.
//
//===----------------------------------------------------------------------===//

#include "Support.h"
#include "seednorm/Runtime/Files.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace llvm;
using namespace seednorm;

namespace {

constexpr StringLiteral kEntry = "train_step";
constexpr StringLiteral kLoss = "loss";
constexpr double kLargestDifference = 1e-3;

/// Made in main, after LLVM's own options are taken away: some of them have the
/// same names.
struct Options {
  cl::OptionCategory category{"Options of tiny-lm-train"};
  cl::opt<std::string> folder{
      cl::Positional, cl::Required,
      cl::desc("<folder that train_compare.py has written>"),
      cl::cat(category)};
  cl::opt<std::string> model{
      "model",
      cl::desc("Model IR with an entry @train_step (default: " TINY_LM_FOLDER
               "/tiny-lm-train.mlir)"),
      cl::value_desc("file"), cl::init(TINY_LM_FOLDER "/tiny-lm-train.mlir"),
      cl::cat(category)};
  cl::opt<unsigned> steps{
      "steps", cl::desc("Steps to take (default: one for each batch)"),
      cl::value_desc("number"), cl::cat(category)};
  cl::opt<unsigned> threads{
      "threads",
      cl::desc("Threads to use (default: OMP_NUM_THREADS, or every core)"),
      cl::value_desc("number"), cl::init(0), cl::cat(category)};
  cl::opt<std::string> losses{
      "losses",
      cl::desc("Write the losses of each step, PyTorch's beside them"),
      cl::value_desc("file.csv"), cl::cat(category)};
  cl::opt<std::string> weights{
      "weights",
      cl::desc("Write the trained weights, under the names of the initial"),
      cl::value_desc("file.safetensors"), cl::cat(category)};
};

/// What the arguments of a step are: those of which the batches' file has one
/// for each step, and the state, which is kept by name. State of which there is
/// no initial value starts at zero.
class Training {
public:
  static llvm::Expected<Training> create(const seednorm::Module &module,
                                         Safetensors initial,
                                         Safetensors batches);

  size_t getNumBatches() const { return numBatches; }
  /// Takes one step and gives back its loss.
  llvm::Expected<double> step(size_t number);
  /// The present values of what has had initial ones.
  Safetensors getWeights() const;

private:
  Training(const seednorm::Module &module, const EntrySpec &entry,
           Safetensors initial, Safetensors batches)
      : module(module), entry(entry), initial(std::move(initial)),
        batches(std::move(batches)) {}
  Error checkResults() const;
  Error checkBatches();
  Error collectState();

  const seednorm::Module &module;
  const EntrySpec &entry;
  Safetensors initial, batches;
  size_t numBatches = 0;
  std::map<std::string, Tensor> state;
};

} // namespace

static bool hasName(ArrayRef<TensorSpec> specs, StringRef name) {
  return any_of(specs,
                [&](const TensorSpec &spec) { return spec.name == name; });
}

static llvm::Expected<Tensor> makeZeros(const TensorSpec &spec) {
  auto tensor = Tensor::allocate(spec.dtype, spec.shape);
  if (tensor)
    std::memset(tensor->getData(), 0, tensor->getByteSize());
  return tensor;
}

/// Element `index` of the first dimension, which shares the memory.
static llvm::Expected<Tensor> getPart(const Tensor &whole, size_t index) {
  int64_t offset =
      index * whole.getStrides()[0] * int64_t(getElementSize(whole.getDType()));
  return Tensor::borrow(whole.getDataAs<char>() + offset, whole.getDType(),
                        whole.getShape().drop_front(),
                        whole.getStrides().drop_front());
}

llvm::Expected<Training> Training::create(const seednorm::Module &module,
                                          Safetensors initial,
                                          Safetensors batches) {
  auto entry = findEntry(module.getEntries(), kEntry);
  if (!entry)
    return entry.takeError();
  Training training(module, **entry, std::move(initial), std::move(batches));
  if (Error error = training.checkResults())
    return error;
  if (Error error = training.checkBatches())
    return error;
  if (Error error = training.collectState())
    return error;
  return training;
}

/// Each but the loss must be the next value of an argument.
Error Training::checkResults() const {
  for (const TensorSpec &result : entry.results) {
    auto input = find_if(entry.inputs, [&](const TensorSpec &spec) {
      return spec.name == result.name;
    });
    if (result.name == kLoss) {
      if (!result.shape.empty() || !isFloat(result.dtype))
        return makeError("the loss of @train_step is " +
                         result.getTypeString() + ", but must be one float");
    } else if (input == entry.inputs.end()) {
      return makeError("result " + quote(result.name) +
                       " of @train_step is neither the loss nor named as an "
                       "argument");
    } else if (input->dtype != result.dtype || input->shape != result.shape) {
      return makeError(quote(result.name) + " of @train_step is " +
                       input->getTypeString() + " as an argument, but " +
                       result.getTypeString() + " as a result");
    }
  }
  if (!hasName(entry.results, kLoss))
    return makeError("no result of @train_step is named 'loss'");
  return Error::success();
}

/// All must have as many parts, the first at least one.
Error Training::checkBatches() {
  if (batches.tensors.empty())
    return makeError("the batches' file has no tensors");
  numBatches = std::numeric_limits<size_t>::max();
  for (auto &[name, tensor] : batches.tensors) {
    if (!hasName(entry.inputs, name))
      return makeError("the batches have " + quote(name) +
                       ", which is no argument of @train_step");
    if (tensor.getRank() == 0)
      return makeError(quote(name) + " of the batches has no dimension of "
                                     "steps");
    numBatches = std::min<size_t>(numBatches, tensor.getShape()[0]);
  }
  for (auto &[name, tensor] : batches.tensors)
    if (size_t(tensor.getShape()[0]) != numBatches)
      return makeError(quote(name) + " of the batches is for " +
                       Twine(tensor.getShape()[0]) +
                       " steps, but another for " + Twine(numBatches));
  return Error::success();
}

Error Training::collectState() {
  for (auto &[name, tensor] : initial.tensors) {
    if (!hasName(entry.inputs, name))
      return makeError("the initial weights have " + quote(name) +
                       ", which is no argument of @train_step");
    if (batches.tensors.count(name))
      return makeError(quote(name) +
                       " is both in the initial weights and in the batches");
  }
  for (const TensorSpec &input : entry.inputs) {
    if (batches.tensors.count(input.name))
      continue;
    auto found = initial.tensors.find(input.name);
    if (found != initial.tensors.end()) {
      if (Error error = checkTensor(input, found->second,
                                    quote(input.name) + " of the weights"))
        return error;
      state[input.name] = found->second;
      continue;
    }
    if (!hasName(entry.results, input.name))
      return makeError("argument " + quote(input.name) +
                       " of @train_step is neither in the initial weights nor "
                       "in the batches, and not computed by a step");
    auto zeros = makeZeros(input);
    if (!zeros)
      return zeros.takeError();
    state[input.name] = *zeros;
  }
  return Error::success();
}

llvm::Expected<double> Training::step(size_t number) {
  SmallVector<Tensor> arguments;
  for (const TensorSpec &input : entry.inputs) {
    auto found = batches.tensors.find(input.name);
    if (found == batches.tensors.end()) {
      arguments.push_back(state[input.name]);
      continue;
    }
    auto part = getPart(found->second, number);
    if (!part)
      return part.takeError();
    arguments.push_back(*part);
  }
  auto results = module.run(kEntry, arguments);
  if (!results)
    return results.takeError();
  double loss = 0;
  for (auto [spec, result] : zip_equal(entry.results, *results))
    if (spec.name == kLoss)
      loss = result.toDoubles().front();
    else
      state[spec.name] = std::move(result);
  return loss;
}

Safetensors Training::getWeights() const {
  Safetensors weights;
  for (auto &[name, tensor] : initial.tensors)
    weights.tensors[name] = state.find(name)->second;
  return weights;
}

/// The losses in a file of lines "step,loss" below a heading.
static llvm::Expected<std::vector<double>> readLosses(const std::string &path) {
  auto text = readText(path);
  if (!text)
    return text.takeError();
  SmallVector<StringRef> lines;
  StringRef(*text).rtrim().split(lines, '\n');
  std::vector<double> losses;
  for (auto [i, line] : enumerate(lines)) {
    auto [step, loss] = line.trim().split(',');
    double value = 0;
    bool isGood =
        i == 0 ? step == "step" && loss == "loss"
               : step == std::to_string(i - 1) && !loss.getAsDouble(value);
    if (!isGood)
      return makeError(path + ":" + Twine(i + 1) + ": " + quote(line) +
                       ", but " +
                       (i == 0 ? "the heading 'step,loss'"
                               : "step " + Twine(i - 1) + " and its loss") +
                       " is expected");
    if (i)
      losses.push_back(value);
  }
  return losses;
}

static double getDifference(double ours, double theirs) {
  return std::abs(ours - theirs) / std::abs(theirs);
}

static Error writeLosses(StringRef path, ArrayRef<double> ours,
                         ArrayRef<double> theirs) {
  return writeFile(path, [&](raw_ostream &stream) {
    stream << "step,loss,pytorch,difference\n";
    for (size_t i = 0; i < ours.size(); ++i)
      stream << formatv("{0},{1:f7},{2:f7},{3:e2}\n", i, ours[i], theirs[i],
                        getDifference(ours[i], theirs[i]));
    return Error::success();
  });
}

/// The losses of so many steps; says now and then how far they are.
static llvm::Expected<std::vector<double>>
train(Training &training, size_t steps, ArrayRef<double> theirs) {
  std::vector<double> losses;
  Stopwatch watch;
  while (losses.size() < steps) {
    size_t number = losses.size();
    auto loss = training.step(number);
    if (!loss)
      return loss.takeError();
    losses.push_back(*loss);
    if (number % 20 == 0 || number + 1 == steps) {
      outs() << formatv("step {0,5}    loss {1:f5}, PyTorch {2:f5}   {3:f1} "
                        "steps/s\n",
                        number, *loss, theirs[number],
                        (number + 1) / watch.getSeconds());
      outs().flush();
    }
  }
  return losses;
}

/// Whether no loss is further from PyTorch's than allowed.
static bool compare(ArrayRef<double> ours, ArrayRef<double> theirs) {
  double largest = 0;
  size_t where = 0;
  for (size_t i = 0; i < ours.size(); ++i) {
    double difference = getDifference(ours[i], theirs[i]);
    // Written so that a NaN counts as the largest, and stays.
    if (difference <= largest || std::isnan(largest))
      continue;
    largest = difference;
    where = i;
  }
  return report("loss curve", largest <= kLargestDifference,
                formatv("largest relative difference {0:e2} of PyTorch's, at "
                        "step {1} of {2}",
                        largest, where, ours.size()));
}

/// Whether the losses agree with PyTorch's.
static llvm::Expected<bool> runAll(const Options &options) {
  auto theirs = readLosses(options.folder + "/losses.csv");
  if (!theirs)
    return theirs.takeError();
  auto initial = readSafetensors(options.folder + "/initial.safetensors");
  if (!initial)
    return initial.takeError();
  auto batches = readSafetensors(options.folder + "/batches.safetensors");
  if (!batches)
    return batches.takeError();
  auto module = compileFile(options.model);
  if (!module)
    return module.takeError();
  printCompileTime((*module)->getReport());

  auto training =
      Training::create(**module, std::move(*initial), std::move(*batches));
  if (!training)
    return training.takeError();
  size_t steps = options.steps.getNumOccurrences() ? options.steps.getValue()
                                                   : training->getNumBatches();
  size_t available = std::min(training->getNumBatches(), theirs->size());
  if (steps == 0 || steps > available)
    return makeError("cannot take " + Twine(steps) + " steps: there are " +
                     Twine(training->getNumBatches()) + " batches and " +
                     Twine(theirs->size()) + " of PyTorch's losses");
  auto ours = train(*training, steps, *theirs);
  if (!ours)
    return ours.takeError();
  if (!options.losses.empty())
    if (Error error = writeLosses(options.losses, *ours, *theirs))
      return error;
  if (!options.weights.empty())
    if (Error error = writeSafetensors(options.weights, training->getWeights()))
      return error;
  return compare(*ours, *theirs);
}

int main(int argc, char **argv) {
  InitLLVM initialised(argc, argv);
  cl::ResetCommandLineParser();
  Options options;
  cl::ParseCommandLineOptions(
      argc, argv,
      "Trains a small language model in which every norm is SeeDNorm: forward, "
      "backward and\nAdamW are compiled code. Exit code 1 if the loss of a "
      "step is further from PyTorch's than\n1e-3 of it.\n\n"
      "  train_compare.py folder && tiny-lm-train folder\n");
  setNumThreads(options.threads);
  return finish(runAll(options));
}
