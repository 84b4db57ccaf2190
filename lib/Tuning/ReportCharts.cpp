//===- ReportCharts.cpp - The pictures of all kernels --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is compared over kernels. It must not know what the page says around
// the pictures.
//
//===----------------------------------------------------------------------===//

#include "ReportCharts.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <map>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using namespace seednorm::tuning::report;

constexpr double kWidth = 960;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

static std::string nameTypes(ArrayRef<SignatureOperand> operands) {
  std::string result;
  for (const SignatureOperand &operand : operands)
    if (!operand.isShared)
      result += (result.empty() ? "" : ", ") + operand.type;
  return StringRef(result).take_front(40).str();
}

/// "f32 (3 columns) → f32 (2 sums)".
static std::string nameProgram(StringRef types, const Signature *signature) {
  if (!signature) {
    auto [operands, results] = types.split("->");
    return (operands.take_front(40) + " → " + results.take_front(40)).str();
  }
  auto add = [](std::string text, size_t count, StringRef name) {
    if (count)
      text += (Twine(text.empty() ? "(" : " (") + Twine(count) + " " + name +
               (count == 1 ? ")" : "s)"))
                  .str();
    return text;
  };
  size_t sums = count_if(signature->outs, [](const SignatureOperand &operand) {
    return operand.isShared;
  });
  return add(nameTypes(signature->rows), signature->columns.size(), "column") +
         " → " + add(nameTypes(signature->outs), sums, "sum");
}

Labels::Labels(const Summary &summary) {
  for (const KernelSummary &kernel : summary.kernels) {
    const Key &key = *kernel.key, &first = *summary.kernels[0].key;
    sameThreads &= key.threads == first.threads;
    sameAlignment &= key.alignment == first.alignment;
    sameCompiler &= key.compiler == first.compiler;
    programs.push_back({key.program, key.types, ""});
  }
  auto asPair = [](const Program &p) { return std::pair(p.hash, p.types); };
  llvm::sort(programs, [&](const Program &a, const Program &b) {
    return asPair(a) < asPair(b);
  });
  programs.erase(std::unique(programs.begin(), programs.end(),
                             [&](const Program &a, const Program &b) {
                               return asPair(a) == asPair(b);
                             }),
                 programs.end());
  std::map<std::string, unsigned> uses;
  for (Program &program : programs) {
    auto signature = summary.signatures.find(program.hash.str());
    program.name = nameProgram(
        program.types,
        signature == summary.signatures.end() ? nullptr : &signature->second);
    ++uses[program.name];
  }
  for (Program &program : programs)
    if (uses[program.name] > 1)
      program.name += " · " + program.hash.take_front(8).str();
}

const Labels::Program *Labels::find(const Key &key) const {
  return std::lower_bound(programs.data(), programs.data() + programs.size(),
                          key, [](const Program &program, const Key &key) {
                            return std::pair(program.hash, program.types) <
                                   std::pair(StringRef(key.program),
                                             StringRef(key.types));
                          });
}

std::string Labels::getProgram(const Key &key) const { return find(key)->name; }

std::string Labels::getShape(const Key &key) const {
  auto format = [](int64_t size) {
    return size > 0 ? std::to_string(size) : std::string("?");
  };
  return format(key.rows) + " × " + format(key.width);
}

std::string Labels::getCircumstances(const Key &key) const {
  std::string result;
  auto add = [&](const std::string &text) {
    result += (result.empty() ? "" : ", ") + text;
  };
  if (!sameThreads)
    add(std::to_string(key.threads) +
        (key.threads == 1 ? " thread" : " threads"));
  if (!sameAlignment)
    add("aligned to " + std::to_string(key.alignment));
  if (!sameCompiler)
    add(StringRef(key.compiler).take_front(40).str());
  return result;
}

std::string Labels::getKernel(const Key &key) const {
  std::string circumstances = getCircumstances(key);
  return getProgram(key) + ", " + getShape(key) +
         (circumstances.empty() ? "" : ", " + circumstances);
}

unsigned Labels::getSeries(const Key &key) const {
  return find(key) - programs.data();
}

std::string report::formatKnobValue(const KnobValue &value) {
  auto format = [](int64_t number) {
    if (number > 0 && number % (1 << 20) == 0)
      return std::to_string(number >> 20) + "Mi";
    if (number >= 2048 && number % (1 << 10) == 0)
      return std::to_string(number >> 10) + "Ki";
    return std::to_string(number);
  };
  std::string low = format(value.low);
  return value.low == value.high ? low : low + "–" + format(value.high);
}

Mark report::getThreadsMark(int64_t threads) {
  return threads <= 1   ? Mark::Circle
         : threads == 2 ? Mark::Square
                        : Mark::Diamond;
}

static std::string getSeriesClass(StringRef prefix, unsigned series) {
  return (prefix + Twine(std::min(series, seriesCount - 1))).str();
}

//===----------------------------------------------------------------------===//
// Bandwidth
//===----------------------------------------------------------------------===//

const Roof *report::findRoof(ArrayRef<Roof> roofs, const Key &key) {
  const Roof *result = nullptr;
  for (const Roof &roof : roofs)
    if ((roof.threads == 0 || roof.threads == key.threads) &&
        (!result || roof.bytesPerSecond > result->bytesPerSecond))
      result = &roof;
  return result;
}

namespace {

struct BandwidthPoint {
  const KernelSummary *kernel;
  double bytes, best, fallback;
};

/// The picture's frame: widths beside each other, bandwidth upwards.
struct BandwidthFrame {
  static constexpr double left = 66, right = kWidth - 170, top = 16,
                          bottom = 360;
  std::map<int64_t, std::vector<BandwidthPoint>> widths;
  Scale y;
};

} // namespace

/// Names at the right end of their lines, moved apart where they would meet.
static void drawRoofs(SVG &svg, const BandwidthFrame &frame,
                      ArrayRef<Roof> roofs) {
  constexpr double step = 29;
  std::vector<const Roof *> sorted;
  for (const Roof &roof : roofs.take_front(12))
    sorted.push_back(&roof);
  llvm::sort(sorted, [](const Roof *a, const Roof *b) {
    return a->bytesPerSecond > b->bytesPerSecond;
  });
  std::vector<double> names;
  for (const Roof *roof : sorted) {
    double y = frame.y(roof->bytesPerSecond / 1e9);
    names.push_back(names.empty() ? y : std::max(y, names.back() + step));
  }
  double most = frame.bottom - 12;
  for (double &name : reverse(names)) {
    name = std::min(name, most);
    most = name - step;
  }
  for (auto [roof, name] : zip(sorted, names)) {
    double y = frame.y(roof->bytesPerSecond / 1e9);
    svg.line(frame.left, y, frame.right, y, "roof");
    svg.line(frame.right, y, frame.right + 8, name, "roof");
    svg.text(frame.right + 12, name + 3, StringRef(roof->name).take_front(22),
             "rooftext");
    std::string detail = formatNumber(roof->bytesPerSecond / 1e9) + " GB/s";
    if (roof->threads)
      detail += ", " + std::to_string(roof->threads) +
                (roof->threads == 1 ? " thread" : " threads");
    svg.text(frame.right + 12, name + 16, detail, "tick");
  }
}

static void drawBandwidthPoint(SVG &svg, const BandwidthFrame &frame, double x,
                               double size, const BandwidthPoint &point,
                               const Labels &labels) {
  const Key &key = *point.kernel->key;
  const Measurement &best = *point.kernel->best;
  unsigned series = labels.getSeries(key);
  double low = frame.y(point.fallback / 1e9), high = frame.y(point.best / 1e9);
  Mark mark = getThreadsMark(key.threads);
  std::string tip =
      labels.getKernel(key) + ": " + formatNumber(point.best / 1e9) +
      " GB/s, default " + formatNumber(point.fallback / 1e9) + " GB/s; " +
      formatBytes(point.bytes) + " in " + formatSeconds(best.seconds);
  svg.line(x, low, x, high, getSeriesClass("link l", series));
  svg.mark(mark, x, low, size * 0.75, getSeriesClass("open l", series), tip);
  svg.mark(mark, x, high, size, getSeriesClass("full f", series), tip);
}

static void drawWidths(SVG &svg, const BandwidthFrame &frame,
                       const Labels &labels) {
  size_t count = 0;
  for (auto &[width, points] : frame.widths)
    count += points.size();
  // A kernel has one part of the axis, the gap between widths two.
  double part = (frame.right - frame.left) / (count + 2 * frame.widths.size());
  double size = std::clamp(part / 2.2, 1.6, 5.0), x = frame.left;
  for (auto &[width, points] : frame.widths) {
    double end = x + part * (points.size() + 2);
    if (x > frame.left)
      svg.line(x, frame.top, x, frame.bottom, "grid");
    double room = (end - x) / 8;
    std::string name = width > 0 ? std::to_string(width) : "?";
    if (name.size() <= room)
      svg.text((x + end) / 2, frame.bottom + 17, name, "tick", Anchor::Middle);
    for (auto [i, point] : enumerate(points))
      drawBandwidthPoint(svg, frame, x + part * (i + 1.5), size, point, labels);
    x = end;
  }
}

bool report::drawBandwidths(Kernels kernels, ArrayRef<Roof> roofs,
                            const Labels &labels, raw_ostream &out) {
  BandwidthFrame frame;
  Range range;
  size_t count = 0;
  for (const KernelSummary *kernel : kernels) {
    if (!kernel->best || count == mostBandwidths)
      continue;
    double seconds = kernel->best->seconds;
    auto best = kernel->getBandwidth(seconds);
    auto fallback = kernel->getBandwidth(seconds * kernel->best->speedup);
    if (!best || !fallback)
      continue;
    frame.widths[kernel->key->width].push_back(
        {kernel, *kernel->bytes, *best, *fallback});
    range.add(*best / 1e9);
    range.add(*fallback / 1e9);
    ++count;
  }
  if (range.isEmpty)
    return false;
  for (auto &[width, points] : frame.widths)
    stable_sort(points, [](const BandwidthPoint &a, const BandwidthPoint &b) {
      return a.bytes < b.bytes;
    });
  for (const Roof &roof : roofs)
    range.add(roof.bytesPerSecond / 1e9);
  // Fractions of a roof are seen best from zero; only a wide range wants more.
  bool isLog = range.high > 8 * range.low;
  frame.y = {isLog, isLog ? range.low * 0.8 : 0, range.high * 1.08,
             frame.bottom, frame.top};

  SVG svg(out, kWidth, frame.bottom + 46, "bandwidth of kernels by width");
  svg.yAxis(frame.y, frame.y.getTicks(7), frame.left, frame.right,
            "bandwidth, GB/s", formatTick);
  drawRoofs(svg, frame, roofs);
  drawWidths(svg, frame, labels);
  svg.line(frame.left, frame.bottom, frame.right, frame.bottom, "axis");
  svg.text((frame.left + frame.right) / 2, frame.bottom + 38,
           "width of a row, elements (kernels of a width by bytes)", "name",
           Anchor::Middle);
  return true;
}

//===----------------------------------------------------------------------===//
// Best against default
//===----------------------------------------------------------------------===//

/// Round ratios, as many as there is room for.
static std::vector<double> getRatioTicks(const Scale &scale) {
  constexpr double room = 46;
  std::vector<double> ticks{1};
  auto fits = [&](double tick) {
    return tick >= scale.low && tick <= scale.high &&
           all_of(ticks, [&](double other) {
             return std::abs(scale(tick) - scale(other)) >= room;
           });
  };
  // The rounder ones come first.
  for (double tick :
       {2.,  0.5, 10., 0.1,  100., 0.01, 1e3,  1e4,  5.,   0.2,  3.,  1.5,
        0.8, 20., 50., 0.05, 1.2,  1.1,  0.9,  4.,   1.3,  0.7,  1.7, 2.5,
        1.4, 0.6, 1.6, 1.8,  1.05, 0.95, 1.15, 1.02, 0.98, 1.01, 0.99})
    if (fits(tick))
      ticks.push_back(tick);
  llvm::sort(ticks);
  return ticks;
}

/// As many digits as tell the ticks apart.
static std::string formatRatioTick(double tick) {
  bool isRound = std::abs(tick * 10 - std::round(tick * 10)) < 1e-6;
  return formatRatio(tick, isRound ? tick >= 10 ? 0 : 1 : 2);
}

static void drawSpeedup(SVG &svg, const Scale &x, double y,
                        const KernelSummary &kernel, const Labels &labels) {
  const Measurement &best = *kernel.best;
  unsigned series = labels.getSeries(*kernel.key);
  std::string tip = labels.getKernel(*kernel.key) + ": " +
                    formatRatio(best.speedup, 3) + " of the default's speed";
  if (hasInterval(best)) {
    tip += ", from " + formatRatio(best.low, 3) + " to " +
           formatRatio(best.high, 3);
    svg.line(x(best.low), y, x(best.high), y, getSeriesClass("ci l", series));
  }
  svg.line(x(1), y, x(best.speedup), y, getSeriesClass("stem l", series));
  svg.mark(getThreadsMark(kernel.key->threads), x(best.speedup), y, 4.5,
           getSeriesClass("full f", series), tip);
}

bool report::drawSpeedups(Kernels kernels, const Labels &labels,
                          raw_ostream &out) {
  std::vector<const KernelSummary *> shown;
  Range range;
  range.add(1);
  unsigned groups = 0;
  for (const KernelSummary *kernel : kernels) {
    if (!kernel->best || shown.size() == mostSpeedups)
      continue;
    if (shown.empty() ||
        labels.getSeries(*shown.back()->key) != labels.getSeries(*kernel->key))
      ++groups;
    shown.push_back(kernel);
    range.add(kernel->best->speedup);
    // One as good as none would leave no room for the others.
    if (hasInterval(*kernel->best)) {
      range.add(std::max(kernel->best->low, kernel->best->speedup / 2));
      range.add(std::min(kernel->best->high, kernel->best->speedup * 2));
    }
  }
  if (shown.empty())
    return false;

  constexpr double step = 19, top = 10, left = 270, right = kWidth - 80;
  double bottom = top + step * (shown.size() + groups) + 8;
  Scale x{true, std::min(range.low * 0.98, 0.97),
          std::max(range.high * 1.02, 1.06), left, right};
  SVG svg(out, kWidth, bottom + 46, "speedup of the best over the default");
  svg.xAxis(x, getRatioTicks(x), top, bottom,
            "time of the default schedule over time of the best",
            formatRatioTick);
  svg.line(x(1), top, x(1), bottom, "one");
  double y = top + 13;
  const KernelSummary *previous = nullptr;
  for (const KernelSummary *kernel : shown) {
    const Key &key = *kernel->key;
    if (!previous ||
        labels.getSeries(*previous->key) != labels.getSeries(key)) {
      svg.text(4, y + 4, labels.getProgram(key), "group");
      y += step;
    }
    std::string circumstances = labels.getCircumstances(key);
    svg.text(left - 12, y + 4,
             labels.getShape(key) +
                 (circumstances.empty() ? "" : ", " + circumstances),
             "tick", Anchor::End);
    drawSpeedup(svg, x, y, *kernel, labels);
    svg.text(right + 12, y + 4, formatRatio(kernel->best->speedup), "value");
    y += step;
    previous = kernel;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

bool report::drawKnobs(ArrayRef<KnobSummary> knobs, double noise,
                       raw_ostream &out) {
  if (knobs.empty())
    return false;
  knobs = knobs.take_front(mostKnobRows);
  Range range;
  range.add(1.1);
  for (const KnobSummary &knob : knobs)
    for (double spread : knob.spreads)
      range.add(spread);
  constexpr double step = 26, top = 10, left = 200, right = kWidth - 170;
  double bottom = top + step * knobs.size() + 4;
  Scale x{true, 1, range.high * 1.02, left, right};
  SVG svg(out, kWidth, bottom + 46, "which fields of schedules mattered");
  // Two trials differ by as much without any reason.
  if (noise > 0)
    svg.rect(left, top, x(1 + 2 * noise) - left, bottom - top, "noise",
             "within the intervals of two trials");
  svg.xAxis(x, getRatioTicks(x), top, bottom,
            "best speed with the best value over best speed with the worst",
            formatRatioTick);
  for (auto [i, knob] : enumerate(knobs)) {
    double y = top + step * i + step / 2 + 2;
    std::string kernels = std::to_string(knob.spreads.size()) +
                          (knob.spreads.size() == 1 ? " kernel" : " kernels");
    svg.text(left - 12, y + 4, StringRef(knob.name).take_front(26), "code",
             Anchor::End);
    svg.rect(left, y - 8, x(knob.spread) - left, 16, "bar",
             knob.name + ": geometric mean " + formatRatio(knob.spread, 3) +
                 " over " + kernels);
    std::vector<std::pair<double, double>> places;
    for (double spread : ArrayRef(knob.spreads).take_front(1000))
      places.emplace_back(x(spread), y);
    svg.dots(places, "dots kerneldots");
    svg.text(right + 12, y + 4, formatRatio(knob.spread) + " (" + kernels + ")",
             "value");
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Convergence
//===----------------------------------------------------------------------===//

/// The part of its final speedup that a kernel had reached after `trials`.
static double getPartReached(const KernelSummary &kernel, size_t trials) {
  size_t last = std::min(trials, kernel.bestSoFar.size()) - 1;
  return std::min(kernel.bestSoFar[last] / kernel.bestSoFar.back(), 1.0);
}

bool report::drawConvergence(Kernels kernels, raw_ostream &out) {
  constexpr size_t mostLines = 60;
  std::vector<const KernelSummary *> searched;
  size_t longest = 0;
  for (const KernelSummary *kernel : kernels)
    if (kernel->best && kernel->trials.size() > 1) {
      searched.push_back(kernel);
      longest = std::max(longest, kernel->trials.size());
    }
  if (searched.empty())
    return false;
  // Enough places for a smooth line, however long the search.
  std::vector<size_t> places;
  for (double at = 1; at < longest; at = std::max(at + 1, at * 1.03))
    places.push_back(size_t(at));
  places.push_back(longest);

  constexpr double left = 66, right = kWidth - 20, top = 12, bottom = 250;
  Range range;
  for (const KernelSummary *kernel : searched)
    for (size_t place : places)
      if (double part = getPartReached(*kernel, place); part > 0)
        range.add(part);
  Scale x{true, 1, double(longest), left, right};
  Scale y{false, std::clamp(range.low * 0.98, 0.0, 0.9), 1, bottom, top};
  SVG svg(out, kWidth, bottom + 46, "how fast the searches converged");
  svg.xAxis(x, x.getTicks(8), top, bottom, "trials of a kernel", formatTick);
  svg.yAxis(y, y.getTicks(6), left, right, "of the final speed",
            [](double part) { return formatTick(part * 100) + " %"; });
  auto draw = [&](function_ref<double(size_t)> getPart, size_t end,
                  StringRef style) {
    std::vector<std::pair<double, double>> line;
    for (size_t place : places) {
      double part = getPart(place);
      if (part <= 0 || place > end)
        continue;
      // What was reached stays until the next trial.
      if (!line.empty() && line.back().second != y(part))
        line.emplace_back(x(place), line.back().second);
      line.emplace_back(x(place), y(part));
    }
    svg.polyline(line, style);
  };
  bool hasMedian = searched.size() >= leastForMedian;
  for (const KernelSummary *kernel : ArrayRef(searched).take_front(mostLines))
    draw([&](size_t place) { return getPartReached(*kernel, place); },
         kernel->trials.size(), hasMedian ? "thin" : "best");
  if (!hasMedian)
    return true;
  // Over all: a search that has ended stays where it is.
  std::vector<double> parts(searched.size());
  draw(
      [&](size_t place) {
        transform(searched, parts.begin(), [&](const KernelSummary *kernel) {
          return getPartReached(*kernel, place);
        });
        llvm::sort(parts);
        return parts[parts.size() / 2];
      },
      longest, "median");
  return true;
}
