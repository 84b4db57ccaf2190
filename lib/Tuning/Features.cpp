//===- Features.cpp - Schedules as numbers to learn from -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All of them are of the order of one, so that one ridge fits them.
//
//===----------------------------------------------------------------------===//

#include "Features.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cmath>

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

using Field = ScheduleField;

namespace {

/// What a key says of a program.
struct Profile {
  explicit Profile(const Key &key);

  double width, rows, threads; // logarithms to the base of two
  double rowBytes;             // of all inputs, as if all were rows
  double totalBytes;
  bool isNarrow, isGPU;
  unsigned results = 0;
  double storedBytes;
};

} // namespace

static double log2Of(int64_t value) {
  return std::log2(double(std::max<int64_t>(value, 1)));
}

static int64_t getBytes(StringRef type) {
  if (type.contains("64"))
    return 8;
  if (type.contains("16"))
    return 2;
  return type.contains("8") ? 1 : 4;
}

Profile::Profile(const Key &key)
    // What a dynamic width and rows that are not known most likely are.
    : width(key.width > 0 ? log2Of(key.width) : 10),
      rows(key.rows > 0 ? log2Of(key.rows) : 13), threads(log2Of(key.threads)) {
  auto [inputs, outs] = StringRef(key.types).split("->");
  SmallVector<StringRef> types;
  inputs.split(types, ',');
  int64_t bytes = getBytes(types.front());
  isNarrow = bytes < 4;
  outs.split(types, ',');
  results = std::min<size_t>(outs.count(',') + 1, 8);
  rowBytes = width + std::log2(double(bytes));
  totalBytes = rows + rowBytes;
  storedBytes = totalBytes;
  StringRef target = key.target;
  isGPU = target.starts_with("nvptx") || target.starts_with("amdgcn") ||
          target.starts_with("spirv");
}

/// The logarithm of a count that may be absent, about from 0 to 1.
static double scale(const ScheduleFields &fields, Field field) {
  return std::log2(double(fields[field]) + 1) / 4;
}

static double isNontemporal(const Profile &profile,
                            const ScheduleFields &fields) {
  int64_t bytes = fields[Field::NontemporalMinBytes];
  return bytes && log2Of(bytes) <= profile.storedBytes;
}

static double above(double value, double limit) {
  return std::max(value - limit, 0.0) / 4;
}

std::vector<double> tuning::getFeatures(const Key &key,
                                        const ScheduleFields &fields) {
  Profile profile(key);
  double values[ScheduleFields::count];
  for (unsigned i = 0; i < ScheduleFields::count; ++i)
    values[i] = scale(fields, Field(i));
  values[unsigned(Field::NontemporalMinBytes)] = isNontemporal(profile, fields);
  auto of = [&](Field field) { return values[unsigned(field)]; };
  const double context[] = {
      (profile.width - 10) / 3,           (profile.totalBytes - 22) / 4,
      double(profile.isNarrow),           profile.results > 1 ? 1.0 : 0.0,
      std::min(profile.threads, 8.0) / 2, double(profile.isGPU)};
  std::vector<double> features;
  for (double value : values) {
    features.push_back(value);
    features.push_back(value * value);
    features.push_back(value != 0);
    for (double condition : context)
      features.push_back(value * condition);
  }
  constexpr std::pair<Field, Field> pairs[] = {
      {Field::Vectors, Field::RowsInFlight},
      {Field::Vectors, Field::VectorWidth},
      {Field::RowsPerBlock, Field::PrefetchRows},
      {Field::RowsPerBlock, Field::TileVectors},
      {Field::RowsPerBlock, Field::RowsInFlight},
      {Field::PrefetchRows, Field::PrefetchLevel},
      {Field::PrefetchRows, Field::Pipeline},
      {Field::Pipeline, Field::Vectors},
      {Field::Pipeline, Field::RowsInFlight},
      {Field::PrefetchRows, Field::NontemporalMinBytes},
      {Field::TileVectors, Field::RowsInFlight},
      {Field::KeepRow, Field::Vectors},
      {Field::KeepRow, Field::RowsInFlight},
      {Field::KeepRow, Field::ThreadsPerRow},
      {Field::ThreadsPerRow, Field::RowsPerBlock},
      {Field::ThreadsPerRow, Field::VectorWidth},
      {Field::Ctas, Field::ThreadsPerRow}};
  for (auto [a, b] : pairs)
    features.push_back(of(a) * of(b));
  // What lies in caches: the first has 2^15 bytes, the second 2^20.
  double block = log2Of(fields[Field::RowsPerBlock]) + profile.rowBytes;
  double ahead = fields[Field::PrefetchRows]
                     ? log2Of(fields[Field::PrefetchRows]) + profile.rowBytes
                     : 0;
  double task = log2Of(fields[Field::RowsPerTask]) + profile.rowBytes;
  double share =
      profile.totalBytes - std::min(profile.threads, 8.0); // of a thread
  for (double limit : {12, 15, 18, 20}) {
    features.push_back(above(block, limit));
    features.push_back(above(ahead, limit));
  }
  features.push_back(above(task, share));
  features.push_back(above(16, task));
  features.push_back(std::abs(block - ahead) / 4 * (ahead != 0));
  return features;
}

std::vector<double> tuning::getFeatureChange(const Key &key,
                                             const ScheduleFields &fields,
                                             const ScheduleFields &defaults) {
  std::vector<double> change = getFeatures(key, fields);
  for (auto [own, usual] : zip_equal(change, getFeatures(key, defaults)))
    own -= usual;
  return change;
}

size_t tuning::getNumFeatures() {
  static const size_t count = getFeatures(Key(), ScheduleFields()).size();
  return count;
}

double tuning::getDistance(const ScheduleFields &a, const ScheduleFields &b) {
  double sum = 0;
  for (unsigned i = 0; i < ScheduleFields::count; ++i) {
    Field field = Field(i);
    double own =
        std::log2(double(a[field]) + 1) - std::log2(double(b[field]) + 1);
    // Thresholds differ by any factor.
    sum += std::min(std::abs(own), 4.0);
  }
  return sum;
}
