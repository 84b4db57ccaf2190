//===- Best.cpp - Which measured schedule is the one to use ---------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For a key that was measured, and for one that only others near it were.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Database.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <tuple>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

bool tuning::isUsable(const Measurement &measurement) {
  return measurement.outcome == Outcome::Measured && measurement.low >= 1;
}

namespace {

/// A search multiplies what it measures by the speedup of its best so far, and
/// luck with it; at its end the best is measured beside the default again.
/// Where a run has come so far, that and the default are all it has to say.
class LastWords {
public:
  explicit LastWords(ArrayRef<Measurement> measurements) {
    for (const Measurement &measurement : measurements)
      if (measurement.origin == finalOrigin)
        finished.insert(getSearch(measurement));
  }

  bool isUsable(const Measurement &measurement) const {
    return tuning::isUsable(measurement) &&
           (measurement.origin == finalOrigin ||
            measurement.origin == defaultOrigin ||
            !finished.contains(getSearch(measurement)));
  }

private:
  static std::string getSearch(const Measurement &measurement) {
    const Key &key = measurement.key;
    return formatv("{0} {1} {2} {3} {4} {5} {6} {7}", measurement.run,
                   key.program, key.width, key.rows, key.alignment, key.target,
                   key.threads, key.compiler);
  }

  StringSet<> finished;
};

} // namespace

/// Whether `left` is the better of two of one key.
static bool isBetter(const Measurement &left, const Measurement &right) {
  if (left.low != right.low)
    return left.low > right.low;
  if (left.speedup != right.speedup)
    return left.speedup > right.speedup;
  // Whatever the order they are in.
  return left.schedule < right.schedule;
}

std::map<Key, const Measurement *>
tuning::findBests(ArrayRef<Measurement> measurements) {
  std::map<Key, const Measurement *> bests;
  LastWords lastWords(measurements);
  for (const Measurement &measurement : measurements) {
    const Measurement *&best = bests[measurement.key];
    if (lastWords.isUsable(measurement) &&
        (!best || isBetter(measurement, *best)))
      best = &measurement;
  }
  return bests;
}

const Measurement *tuning::findBest(ArrayRef<Measurement> measurements,
                                    const Key &key) {
  std::map<Key, const Measurement *> bests = findBests(measurements);
  auto found = bests.find(key);
  return found == bests.end() ? nullptr : found->second;
}

namespace {

/// In powers of two; compared one after the other.
struct Distance {
  double width, rows, threads;

  bool operator<(const Distance &other) const {
    return std::tie(width, rows, threads) <
           std::tie(other.width, other.rows, other.threads);
  }
};

} // namespace

static double getDistance(int64_t left, int64_t right) {
  return std::abs(std::log2(double(left)) - std::log2(double(right)));
}

/// Unknown numbers are far from all known ones, and least far from many: what
/// streams from memory is what is tuned for.
static double getRowsDistance(int64_t left, int64_t right) {
  constexpr double many = 64;
  if (left == right)
    return 0;
  if (left && right)
    return getDistance(left, right);
  return many + many - std::log2(double(std::max(left, right)));
}

/// None if a schedule for the one says nothing of the other.
static std::optional<Distance> getDistance(const Key &from, const Key &to) {
  constexpr double farthestWidth = 2, farthestRows = 4;
  if (from.program != to.program || from.types != to.types ||
      from.target != to.target || from.compiler != to.compiler ||
      from.alignment > to.alignment || !from.width != !to.width)
    return std::nullopt;
  double width = from.width ? getDistance(from.width, to.width) : 0;
  if (width > farthestWidth)
    return std::nullopt;
  // What streams from memory says nothing of what stays in a cache.
  if (from.rows && to.rows &&
      getRowsDistance(from.rows, to.rows) > farthestRows)
    return std::nullopt;
  return Distance{width, getRowsDistance(from.rows, to.rows),
                  getDistance(from.threads, to.threads)};
}

const Measurement *tuning::findNearest(ArrayRef<Measurement> measurements,
                                       const Key &key) {
  const Measurement *nearest = nullptr;
  std::optional<Distance> least;
  LastWords lastWords(measurements);
  for (const Measurement &measurement : measurements) {
    if (!lastWords.isUsable(measurement) || measurement.key == key)
      continue;
    std::optional<Distance> distance = getDistance(measurement.key, key);
    if (!distance)
      continue;
    // As near as another one: the better, so that the order does not matter.
    bool isNearer = !least || *distance < *least ||
                    (!(*least < *distance) && isBetter(measurement, *nearest));
    if (!isNearer)
      continue;
    nearest = &measurement;
    least = distance;
  }
  return nearest;
}
