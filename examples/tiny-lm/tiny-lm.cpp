//===- tiny-lm.cpp - A language model, compiled, checked and run ---------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles tiny-lm.mlir, compares it with what PyTorch computed from the same
// weights, and lets it write. Uses the runtime's C++ interface alone: it must
// not know MLIR or the passes.
//
//===----------------------------------------------------------------------===//

#include "Support.h"
#include "seednorm/Runtime/Npy.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace llvm;
using namespace seednorm;

namespace {

/// Of model.py; the model refuses longer inputs.
constexpr size_t kContext = 256;
constexpr double kLargestError = 1e-4;
/// Two numbers that agree to four significant digits.
constexpr double kFourDigits = 5e-5;

/// Made in main, after LLVM's own options are taken away: some of them have the
/// same names.
struct Options {
  cl::OptionCategory category{"Options of tiny-lm"};
  cl::opt<std::string> folder{
      "folder", cl::desc("Folder of the model (default: " TINY_LM_FOLDER ")"),
      cl::value_desc("path"), cl::init(TINY_LM_FOLDER), cl::cat(category)};
  cl::opt<unsigned> threads{
      "threads",
      cl::desc("Threads to use (default: OMP_NUM_THREADS, or every core)"),
      cl::value_desc("number"), cl::init(0), cl::cat(category)};
  cl::opt<std::string> prompt{
      "prompt",
      cl::desc("Text to continue (default: the one whose continuation "
               "by PyTorch is stored)"),
      cl::value_desc("text"), cl::cat(category)};
  cl::opt<unsigned> length{
      "length", cl::desc("Bytes to write after the prompt (default: 120)"),
      cl::value_desc("number"), cl::init(120), cl::cat(category)};
};

/// What PyTorch computed, from expected.json.
struct Reference {
  std::string torch, prompt, continuation;
  double perplexity = 0;
};

} // namespace

static llvm::Expected<Reference> readReference(const std::string &folder) {
  std::string path = folder + "/expected.json";
  auto text = readText(path);
  if (!text)
    return text.takeError();
  auto json = json::parse(*text);
  if (!json)
    return makeError(path + ": malformed: " + toString(json.takeError()));
  Reference reference;
  json::Path::Root root(path);
  json::ObjectMapper mapper(*json, root);
  if (!mapper || !mapper.map("torch", reference.torch) ||
      !mapper.map("prompt", reference.prompt) ||
      !mapper.map("continuation", reference.continuation) ||
      !mapper.map("perplexity", reference.perplexity))
    return root.getError();
  return reference;
}

/// The result of an entry of one result, run on byte sequences.
static llvm::Expected<Tensor> run(const seednorm::Module &module,
                                  StringRef entry, ArrayRef<StringRef> texts) {
  SmallVector<Tensor> inputs;
  for (StringRef text : texts) {
    auto input = Tensor::borrow(const_cast<char *>(text.data()), DType::I8,
                                int64_t(text.size()));
    if (!input)
      return input.takeError();
    inputs.push_back(std::move(*input));
  }
  auto results = module.run(entry, inputs);
  if (!results)
    return results.takeError();
  return results->front();
}

static llvm::Expected<std::unique_ptr<seednorm::Module>>
compile(const std::string &folder) {
  auto weights = readSafetensors(folder + "/model.safetensors");
  if (!weights)
    return weights.takeError();
  auto module = compileFile(folder + "/tiny-lm.mlir");
  if (!module)
    return module.takeError();
  if (Error error = (*module)->bindParameters(*weights))
    return error;
  return module;
}

/// max |a - b| / max |b| of our logits and PyTorch's.
static llvm::Expected<double> compareLogits(const seednorm::Module &module,
                                            const std::string &folder) {
  auto tokens = readNpy(folder + "/expected_tokens.npy");
  if (!tokens)
    return tokens.takeError();
  auto expected = readNpy(folder + "/expected_logits.npy");
  if (!expected)
    return expected.takeError();
  auto results = module.run("logits", *tokens);
  if (!results)
    return results.takeError();
  std::vector<double> a = results->front().toDoubles();
  std::vector<double> b = expected->toDoubles();
  if (a.size() != b.size())
    return makeError("logits: " + results->front().getTypeString() +
                     ", but expected_logits.npy is " +
                     expected->getTypeString());
  double difference = 0, largest = 0;
  for (auto [x, y] : zip_equal(a, b)) {
    // Written so that a NaN counts as the largest error, and stays.
    if (!(std::abs(x - y) <= difference) && !std::isnan(difference))
      difference = std::abs(x - y);
    largest = std::max(largest, std::abs(y));
  }
  return difference / largest;
}

/// Over windows of the context's length that do not overlap, in each of which
/// every byte but the first is predicted: train.py's protocol.
static llvm::Expected<double> measurePerplexity(const seednorm::Module &module,
                                                StringRef text) {
  double total = 0;
  int64_t count = 0;
  for (; text.size() >= 2;
       text = text.drop_front(std::min(kContext, text.size()))) {
    StringRef window = text.take_front(kContext);
    auto losses = run(module, "nll", {window.drop_back(), window.drop_front()});
    if (!losses)
      return losses.takeError();
    for (double loss : losses->toDoubles())
      total += loss;
    count += losses->getNumElements();
  }
  return std::exp(total / count);
}

/// Tokens a second through @logits, a full context at a time; the median.
static llvm::Expected<double> measurePrefill(const seednorm::Module &module,
                                             StringRef text) {
  StringRef window = text.take_front(kContext);
  SmallVector<double> seconds;
  for (int repetition = 0; repetition < 25; ++repetition) {
    Stopwatch watch;
    if (auto logits = run(module, "logits", window); !logits)
      return logits.takeError();
    seconds.push_back(watch.getSeconds());
  }
  llvm::sort(seconds);
  return window.size() / seconds[seconds.size() / 2];
}

/// Appends the likeliest byte `count` times, printing each as it comes; gives
/// back the seconds taken. There is no cache of keys and values: every byte
/// runs the whole context.
static llvm::Expected<double> generate(const seednorm::Module &module,
                                       std::string &text, unsigned count) {
  Stopwatch watch;
  for (unsigned i = 0; i < count; ++i) {
    auto logits =
        run(module, "last_logits", StringRef(text).take_back(kContext));
    if (!logits)
      return logits.takeError();
    const float *first = logits->getDataAs<float>();
    char next =
        std::max_element(first, first + logits->getNumElements()) - first;
    text += next;
    outs() << (llvm::isPrint(next) || next == '\n' ? next : '?');
    outs().flush();
  }
  return watch.getSeconds();
}

static Error continuePrompt(const seednorm::Module &module,
                            const Reference &reference,
                            const Options &options) {
  bool isStored = !options.prompt.getNumOccurrences();
  std::string text = isStored ? reference.prompt : options.prompt.getValue();
  size_t start = text.size();
  outs() << '\n' << text;
  auto seconds = generate(module, text, options.length);
  if (!seconds)
    return seconds.takeError();
  outs() << formatv("\n\ngeneration    {0:f0} tokens/s",
                    options.length / *seconds);
  if (isStored) {
    StringRef ours = StringRef(text).drop_front(start);
    size_t compared = std::min(ours.size(), reference.continuation.size()),
           same = 0;
    while (same < compared && ours[same] == reference.continuation[same])
      ++same;
    outs() << formatv("; PyTorch writes the same {0} of {1} bytes", same,
                      compared);
  }
  outs() << '\n';
  return Error::success();
}

/// Whether everything agrees with PyTorch.
static llvm::Expected<bool> runAll(const Options &options) {
  auto reference = readReference(options.folder);
  if (!reference)
    return reference.takeError();
  auto heldOut = readText(options.folder + "/heldout.txt");
  if (!heldOut)
    return heldOut.takeError();
  auto module = compile(options.folder);
  if (!module)
    return module.takeError();
  printCompileTime((*module)->getReport());

  auto error = compareLogits(**module, options.folder);
  if (!error)
    return error.takeError();
  bool isGood = report("logits", *error <= kLargestError,
                       formatv("largest relative error {0:e2} of PyTorch {1}'s",
                               *error, reference->torch));
  auto perplexity = measurePerplexity(**module, *heldOut);
  if (!perplexity)
    return perplexity.takeError();
  double theirs = reference->perplexity;
  isGood &= report(
      "perplexity", std::abs(*perplexity - theirs) <= kFourDigits * theirs,
      formatv("{0:f5} on {1} bytes of held-out text, PyTorch {2:f5}",
              *perplexity, heldOut->size(), theirs));
  auto prefill = measurePrefill(**module, *heldOut);
  if (!prefill)
    return prefill.takeError();
  outs() << formatv("prefill       {0:f0} tokens/s on {1} threads\n", *prefill,
                    getNumThreads());
  if (Error failure = continuePrompt(**module, *reference, options))
    return failure;
  return isGood;
}

int main(int argc, char **argv) {
  InitLLVM initialised(argc, argv);
  cl::ResetCommandLineParser();
  Options options;
  cl::ParseCommandLineOptions(
      argc, argv,
      "Compiles a small language model in which every norm is SeeDNorm, checks "
      "it against\nPyTorch and lets it write. Exit code 1 if the largest "
      "relative error of the logits is\nabove 1e-4, or if the perplexities "
      "differ in four significant digits.\n");
  setNumThreads(options.threads);
  return finish(runAll(options));
}
