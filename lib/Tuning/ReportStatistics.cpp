//===- ReportStatistics.cpp - What measurements say ----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Databases are merged from many machines and may hold anything: what is not a
// time is counted and left out, here and nowhere else. It must not know how
// this is shown.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/ReportStatistics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>
#include <limits>
#include <tuple>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using namespace seednorm::tuning::report;

std::vector<ScheduleEntry> report::parseSchedule(StringRef text) {
  auto isNamePart = [](char c) { return isAlnum(c) || c == '_'; };
  std::vector<ScheduleEntry> result;
  while (!text.empty()) {
    StringRef name = text.take_while(isNamePart);
    text = text.drop_front(std::max<size_t>(name.size(), 1));
    StringRef rest = text.ltrim();
    if (name.empty() || isDigit(name.front()) || !rest.consume_front("="))
      continue;
    ScheduleEntry entry{name, 0};
    rest = rest.ltrim();
    // A number that more text follows directly is none.
    if (rest.consumeInteger(10, entry.value) ||
        (!rest.empty() && (isNamePart(rest.front()) || rest.front() == '.')))
      continue;
    text = rest;
    result.push_back(entry);
  }
  return result;
}

static bool isPositive(double value) {
  return std::isfinite(value) && value > 0;
}

bool report::hasTimes(const Measurement &m) {
  return m.outcome == Outcome::Measured && isPositive(m.seconds) &&
         isPositive(m.speedup);
}

bool report::hasInterval(const Measurement &m) {
  return m.low >= 0 && isPositive(m.high) && m.low <= m.speedup &&
         m.speedup <= m.high;
}

/// The interval's width over the speedup; infinity where there is none. What
/// was given up after a few executions has one that is as good as none.
static double getWidth(const Measurement &m) {
  constexpr double widest = 1;
  double width = (m.high - m.low) / m.speedup;
  return hasInterval(m) && m.low > 0 && width <= widest
             ? width
             : std::numeric_limits<double>::infinity();
}

bool report::isBetter(const Measurement &left, const Measurement &right) {
  auto rank = [](const Measurement &m) {
    return std::make_tuple(hasInterval(m) ? m.low : m.speedup, m.speedup);
  };
  return rank(left) > rank(right);
}

std::optional<double> KernelSummary::getBandwidth(double seconds) const {
  if (!bytes || !isPositive(seconds) || !isPositive(*bytes / seconds))
    return std::nullopt;
  return *bytes / seconds;
}

static auto asTuple(const Key &key) {
  return std::tie(key.target, key.program, key.types, key.width, key.rows,
                  key.threads, key.alignment, key.compiler);
}

static double getMedian(std::vector<double> values) {
  if (values.empty())
    return 0;
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

static double getGeometricMean(ArrayRef<double> values) {
  double sum = 0;
  for (double value : values)
    sum += std::log(value);
  return values.empty() ? 1 : std::exp(sum / values.size());
}

/// Joins neighbours until there are at most `mostKnobValues`.
static void joinValues(std::vector<KnobValue> &values) {
  if (values.size() <= mostKnobValues)
    return;
  std::vector<KnobValue> joined;
  size_t count = values.size(), done = 0;
  for (size_t part = 1; part <= mostKnobValues; ++part) {
    KnobValue sum = values[done];
    size_t end = part * count / mostKnobValues;
    for (++done; done < end; ++done) {
      sum.high = values[done].high;
      sum.best = std::max(sum.best, values[done].best);
      sum.trials += values[done].trials;
    }
    joined.push_back(sum);
  }
  values = std::move(joined);
}

/// More fields than a schedule has are nonsense that would take long.
constexpr unsigned mostKnobs = 64;

/// Of the trials of one kernel. A field that a text does not name is absent,
/// which is what 0 means in a schedule.
static std::vector<Knob> computeKnobs(ArrayRef<const Measurement *> trials) {
  using BestOfValue =
      std::map<int64_t, std::pair<const Measurement *, unsigned>>;
  StringMap<unsigned> columns;
  std::vector<std::pair<const Measurement *, std::vector<ScheduleEntry>>>
      parsed;
  for (const Measurement *trial : trials) {
    if (!hasTimes(*trial))
      continue;
    parsed.emplace_back(trial, parseSchedule(trial->schedule));
    for (const ScheduleEntry &entry : parsed.back().second)
      if (columns.size() < mostKnobs)
        columns.try_emplace(entry.name, columns.size());
  }
  std::vector<BestOfValue> bests(columns.size());
  std::vector<int64_t> row(columns.size());
  for (auto &[trial, entries] : parsed) {
    std::fill(row.begin(), row.end(), 0);
    for (const ScheduleEntry &entry : entries)
      if (auto column = columns.find(entry.name); column != columns.end())
        row[column->second] = entry.value;
    for (auto [best, value] : zip(bests, row)) {
      auto &[leader, count] = best[value];
      ++count;
      if (!leader || isBetter(*trial, *leader))
        leader = trial;
    }
  }
  std::vector<Knob> knobs;
  for (auto &column : columns) {
    Knob knob;
    knob.name = column.first().str();
    for (auto &[value, best] : bests[column.second])
      knob.values.push_back({value, value, best.first->speedup, best.second});
    if (knob.values.size() < 2)
      continue;
    joinValues(knob.values);
    auto [least, most] = std::minmax_element(
        knob.values.begin(), knob.values.end(),
        [](const KnobValue &a, const KnobValue &b) { return a.best < b.best; });
    knob.spread = most->best / least->best;
    knobs.push_back(std::move(knob));
  }
  sort(knobs, [](const Knob &a, const Knob &b) {
    return std::tie(b.spread, a.name) < std::tie(a.spread, b.name);
  });
  return knobs;
}

static void summarizeKernel(KernelSummary &kernel) {
  stable_sort(kernel.trials, [](const Measurement *a, const Measurement *b) {
    return std::tie(a->time, a->run, a->trial) <
           std::tie(b->time, b->run, b->trial);
  });
  std::vector<double> widths;
  for (const Measurement *trial : kernel.trials) {
    unsigned outcome = unsigned(trial->outcome);
    if (outcome < outcomeCount)
      ++kernel.outcomes[outcome];
    if (hasTimes(*trial)) {
      if (!kernel.best || isBetter(*trial, *kernel.best))
        kernel.best = trial;
      if (trial->origin == defaultOrigin)
        kernel.fallback = trial;
      // The default against itself has a width of 0.
      if (double width = getWidth(*trial); width > 0 && std::isfinite(width))
        widths.push_back(width / 2);
    } else if (trial->outcome == Outcome::Measured) {
      ++kernel.unusable;
    }
    kernel.bestSoFar.push_back(kernel.best ? kernel.best->speedup : 0);
  }
  // It may have been measured once more, and better.
  for (const Measurement *trial : kernel.trials)
    if (hasTimes(*trial) && trial->schedule == kernel.best->schedule &&
        getWidth(*trial) < getWidth(*kernel.best))
      kernel.best = trial;
  // What a search measured at its end beside the default has no luck in it.
  const Measurement *last = nullptr;
  for (const Measurement *trial : kernel.trials)
    if (trial->origin == finalOrigin && hasTimes(*trial) &&
        (!last || isBetter(*trial, *last)))
      last = trial;
  if (last)
    kernel.best = last;
  kernel.noise = getMedian(std::move(widths));
  kernel.knobs = computeKnobs(kernel.trials);
}

static std::vector<KnobSummary>
summarizeKnobs(ArrayRef<KernelSummary> kernels) {
  std::map<std::string, std::vector<double>> spreads;
  for (const KernelSummary &kernel : kernels)
    for (const Knob &knob : kernel.knobs)
      spreads[knob.name].push_back(knob.spread);
  std::vector<KnobSummary> knobs;
  for (auto &[name, values] : spreads)
    knobs.push_back({name, getGeometricMean(values), values});
  stable_sort(knobs, [](const KnobSummary &a, const KnobSummary &b) {
    return a.spread > b.spread;
  });
  return knobs;
}

static std::vector<FailureGroup>
groupFailures(ArrayRef<KernelSummary> kernels) {
  std::vector<FailureGroup> groups;
  std::map<std::pair<Outcome, StringRef>, size_t> known;
  for (const KernelSummary &kernel : kernels)
    for (const Measurement *trial : kernel.trials) {
      if (trial->outcome == Outcome::Measured ||
          trial->outcome == Outcome::Rejected)
        continue;
      auto [place, isNew] = known.try_emplace(
          {trial->outcome, StringRef(trial->message)}, groups.size());
      if (isNew)
        groups.push_back({trial, 0, 0, nullptr});
      FailureGroup &group = groups[place->second];
      ++group.count;
      if (group.last != &kernel)
        ++group.kernels;
      group.last = &kernel;
    }
  stable_sort(groups, [](const FailureGroup &a, const FailureGroup &b) {
    return a.count > b.count;
  });
  return groups;
}

Summary report::summarize(ArrayRef<Measurement> measurements,
                          ArrayRef<ProgramText> programs) {
  auto isLess = [](const Key *a, const Key *b) {
    return asTuple(*a) < asTuple(*b);
  };
  std::map<const Key *, KernelSummary, decltype(isLess)> kernels(isLess);
  Summary result;
  for (auto &[hash, text] : programs)
    if (std::optional<Signature> signature = parseSignature(text))
      result.signatures.try_emplace(hash, std::move(*signature));
  StringSet<> runs;
  for (const Measurement &m : measurements) {
    KernelSummary &kernel = kernels[&m.key];
    kernel.key = &m.key;
    kernel.trials.push_back(&m);
    runs.insert(m.run);
    if (m.time > 0) {
      result.firstTime =
          result.firstTime ? std::min(result.firstTime, m.time) : m.time;
      result.lastTime = std::max(result.lastTime, m.time);
    }
  }
  result.runs = runs.size();
  std::vector<double> gains, noises;
  for (auto &[key, kernel] : kernels) {
    summarizeKernel(kernel);
    auto signature = result.signatures.find(key->program);
    if (signature != result.signatures.end()) {
      kernel.signature = &signature->second;
      kernel.bytes = getBytes(*key, signature->second);
    }
    for (unsigned i = 0; i < outcomeCount; ++i)
      result.outcomes[i] += kernel.outcomes[i];
    result.unusable += kernel.unusable;
    if (kernel.best)
      gains.push_back(kernel.getGain());
    if (kernel.noise > 0)
      noises.push_back(kernel.noise);
    result.kernels.push_back(std::move(kernel));
  }
  result.tuned = gains.size();
  result.noise = getMedian(std::move(noises));
  result.gain = getGeometricMean(gains);
  result.knobs = summarizeKnobs(result.kernels);
  result.failures = groupFailures(result.kernels);
  return result;
}
