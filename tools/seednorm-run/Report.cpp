//===- Report.cpp - What the tool says about results ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything is compared and printed as f64, which holds all element types but
// huge i64.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cmath>

using namespace llvm;
using namespace seednorm;

static constexpr size_t summaryElements = 8;
static constexpr unsigned warmUpRuns = 3;

void run::printSummary(raw_ostream &stream, StringRef name,
                       const Tensor &tensor) {
  stream << name << ": " << tensor.getTypeString() << " [";
  std::vector<double> values = tensor.toDoubles();
  ListSeparator comma;
  for (double value : ArrayRef(values).take_front(summaryElements))
    stream << comma << format("%.6g", value);
  stream << (values.size() > summaryElements ? ", ...]\n" : "]\n");
}

void run::printMemory(raw_ostream &stream) {
  seednorm_rt_statistics statistics;
  seednorm_rt_get_statistics(&statistics);
  stream << "memory: " << statistics.peak_bytes
         << " bytes of results and buffers at most\n";
}

/// "[1, 2]" for an element's position in row-major order.
static std::string formatIndex(ArrayRef<int64_t> shape, int64_t position) {
  SmallVector<std::string> parts;
  for (int64_t dim : reverse(shape)) {
    parts.push_back(std::to_string(position % dim));
    position /= dim;
  }
  return "[" + join(reverse(parts), ", ") + "]";
}

namespace {

/// An element's error and where it is.
struct Worst {
  double error = 0;
  int64_t position = -1;

  void take(double other, int64_t at) {
    // A NaN is worse than anything.
    if (position < 0 || other > error ||
        (std::isnan(other) && !std::isnan(error))) {
      error = other;
      position = at;
    }
  }
};

} // namespace

/// Zero for equal values, infinities and NaNs among them.
static double getDifference(double actual, double expected) {
  if (actual == expected || (std::isnan(actual) && std::isnan(expected)))
    return 0;
  return std::fabs(actual - expected);
}

Error run::compare(raw_ostream &stream, StringRef name, const Tensor &actual,
                   StringRef path, const Tensor &expected,
                   Tolerance tolerance) {
  if (actual.getShape() != expected.getShape())
    return makeError(name + " is " + actual.getTypeString() + ", but " +
                     quote(path) + " has " + expected.getTypeString());
  std::vector<double> got = actual.toDoubles(), want = expected.toDoubles();
  Worst absolute, relative;
  int64_t over = 0;
  for (auto [i, values] : enumerate(zip(got, want))) {
    auto [value, reference] = values;
    double difference = getDifference(value, reference);
    absolute.take(difference, i);
    relative.take(difference ? difference / std::fabs(reference) : 0, i);
    // Written so that a NaN counts.
    over += !(difference <=
              tolerance.absolute + tolerance.relative * std::fabs(reference));
  }
  if (got.empty()) {
    stream << "compare " << name << ": no elements\n";
    return Error::success();
  }
  auto print = [&](const char *kind, const Worst &worst) {
    stream << "compare " << name << ": largest " << kind << " error "
           << format("%.3e", worst.error) << " at "
           << formatIndex(actual.getShape(), worst.position) << ": got "
           << format("%.9g", got[worst.position]) << ", expected "
           << format("%.9g", want[worst.position]) << "\n";
  };
  print("absolute", absolute);
  print("relative", relative);
  if (over)
    return makeError(name + " differs from " + quote(path) + ": " +
                     Twine(over) + " of " + Twine(got.size()) +
                     " elements exceed the tolerance");
  return Error::success();
}

Error run::benchmark(raw_ostream &stream, unsigned count,
                     function_ref<Expected<uint64_t>()> call) {
  std::vector<double> times;
  uint64_t bytes = 0;
  for (unsigned i = 0; i < warmUpRuns + count; ++i) {
    auto start = std::chrono::steady_clock::now();
    Expected<uint64_t> moved = call();
    std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - start;
    if (!moved)
      return moved.takeError();
    bytes = *moved;
    if (i >= warmUpRuns)
      times.push_back(elapsed.count());
  }
  llvm::sort(times);
  double median = (times[(count - 1) / 2] + times[count / 2]) / 2;
  stream << formatv("benchmark: {0} runs, median {1:f4} ms, min {2:f4} ms, max "
                    "{3:f4} ms\n",
                    count, median * 1e3, times.front() * 1e3,
                    times.back() * 1e3);
  stream << formatv("benchmark: {0} bytes of inputs, parameters and results a "
                    "run, {1:f3} GB/s at the median\n",
                    bytes, bytes / median * 1e-9);
  return Error::success();
}
