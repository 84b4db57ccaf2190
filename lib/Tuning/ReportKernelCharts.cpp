//===- ReportKernelCharts.cpp - The pictures of one kernel ---------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The search of one kernel and what the values of its fields reached. It must
// not know other kernels.
//
//===----------------------------------------------------------------------===//

#include "ReportCharts.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using namespace seednorm::tuning::report;

//===----------------------------------------------------------------------===//
// History
//===----------------------------------------------------------------------===//

namespace {

struct HistoryFrame {
  static constexpr double width = 520, left = 58, right = width - 12, top = 12,
                          bottom = 216, failed = 236;
  Scale x, y;
};

} // namespace

static void drawFailures(SVG &svg, const HistoryFrame &frame,
                         const KernelSummary &kernel) {
  constexpr unsigned most = 300;
  unsigned count = 0;
  for (auto [i, trial] : enumerate(kernel.trials)) {
    if (trial->outcome == Outcome::Measured || ++count > most)
      continue;
    double x = frame.x(i + 1), y = frame.failed;
    switch (trial->outcome) {
    case Outcome::Wrong:
      svg.mark(Mark::Cross, x, y, 3.5, "wrong");
      break;
    case Outcome::Crashed:
      svg.mark(Mark::Triangle, x, y, 3.5, "crashed");
      break;
    case Outcome::TimedOut:
      svg.mark(Mark::Square, x, y, 3.5, "hung");
      break;
    default:
      svg.line(x, y - 3, x, y + 3, "rejected");
    }
  }
}

/// The line of the best so far, and a mark where it changed.
static void drawBestSoFar(SVG &svg, const HistoryFrame &frame,
                          const KernelSummary &kernel) {
  constexpr unsigned mostMarks = 60;
  std::vector<std::pair<double, double>> line;
  std::vector<size_t> changes;
  double previous = 0;
  for (auto [i, best] : enumerate(kernel.bestSoFar)) {
    if (best == previous)
      continue;
    double x = frame.x(i + 1);
    if (previous > 0)
      line.emplace_back(x, frame.y(previous));
    line.emplace_back(x, frame.y(best));
    changes.push_back(i);
    previous = best;
  }
  if (!line.empty())
    line.emplace_back(frame.right, line.back().second);
  svg.polyline(line, "best");
  if (changes.size() > mostMarks)
    changes.erase(changes.begin(), changes.end() - mostMarks);
  for (size_t i : changes) {
    const Measurement &trial = *kernel.trials[i];
    svg.mark(Mark::Circle, frame.x(i + 1), frame.y(kernel.bestSoFar[i]), 3.5,
             "bestmark",
             "trial " + std::to_string(i + 1) + " (" + trial.origin +
                 "): " + formatRatio(trial.speedup, 3) + " " + trial.schedule);
  }
}

static void drawRunLimits(SVG &svg, const HistoryFrame &frame,
                          const KernelSummary &kernel) {
  unsigned drawn = 0;
  for (size_t i = 1; i < kernel.trials.size() && drawn < 20; ++i)
    if (kernel.trials[i]->run != kernel.trials[i - 1]->run) {
      svg.line(frame.x(i + 0.5), frame.top, frame.x(i + 0.5), frame.bottom,
               "run");
      ++drawn;
    }
}

bool report::drawHistory(const KernelSummary &kernel, raw_ostream &out) {
  size_t count = kernel.trials.size();
  Range range;
  for (const Measurement *trial : kernel.trials)
    if (hasTimes(*trial))
      range.add(trial->speedup);
  if (range.isEmpty)
    return false;
  range.add(1);
  HistoryFrame frame;
  frame.x = {false, 0.5, count + 0.5, frame.left, frame.right};
  // What is slower than a quarter of the best is bad enough at the edge.
  frame.y = {true, std::max(range.low, range.high / 4) * 0.97,
             range.high * 1.03, frame.bottom, frame.top};
  bool hasFailures = kernel.outcomes[unsigned(Outcome::Measured)] < count;
  double axis = hasFailures ? frame.failed + 10 : frame.bottom;

  SVG svg(out, frame.width, axis + 42, "history of the search");
  std::vector<double> ticks;
  for (double tick : Scale{false, 0, double(count), 0, 1}.getTicks(6))
    if (tick == std::floor(tick) && tick >= 1)
      ticks.push_back(tick);
  svg.xAxis(frame.x, ticks, frame.top, axis, "trial", formatTick);
  svg.yAxis(frame.y, frame.y.getTicks(6), frame.left, frame.right,
            "speed over default",
            [](double ratio) { return formatTick(ratio) + "×"; });
  svg.line(frame.left, frame.y(1), frame.right, frame.y(1), "one");
  drawRunLimits(svg, frame, kernel);
  std::vector<std::pair<double, double>> places;
  for (auto [i, trial] : enumerate(kernel.trials))
    if (hasTimes(*trial))
      places.emplace_back(frame.x(i + 1), frame.y(trial->speedup));
  svg.dots(places, "dots trialdots");
  drawBestSoFar(svg, frame, kernel);
  if (hasFailures) {
    svg.text(frame.left - 7, frame.failed + 4, "failed", "tick", Anchor::End);
    drawFailures(svg, frame, kernel);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

/// The shade of a value, from that of the best (0) to that of the worst (4).
static unsigned getShade(double part) {
  return part >= 0.98   ? 0
         : part >= 0.95 ? 1
         : part >= 0.9  ? 2
         : part >= 0.75 ? 3
                        : 4;
}

bool report::drawKnobValues(const KernelSummary &kernel, raw_ostream &out) {
  if (kernel.knobs.empty())
    return false;
  ArrayRef<Knob> knobs = ArrayRef(kernel.knobs).take_front(mostKnobRows);
  constexpr double width = 520, left = 176, right = width - 52, step = 36;
  SVG svg(out, width, step * knobs.size() + 4, "what values of fields reached");
  for (auto [row, knob] : enumerate(knobs)) {
    double y = 2 + step * row;
    double cell = std::min((right - left) / knob.values.size(), 76.0);
    svg.text(left - 10, y + 20, StringRef(knob.name).take_front(24), "code",
             Anchor::End);
    double best = 0;
    for (const KnobValue &value : knob.values)
      best = std::max(best, value.best);
    for (auto [i, value] : enumerate(knob.values)) {
      double x = left + cell * i, part = value.best / best;
      std::string shade = std::to_string(getShade(part));
      std::string name = formatKnobValue(value);
      svg.rect(x, y, cell - 2, step - 4,
               "q" + shade + (value.trials < 3 ? " few" : ""),
               knob.name + " = " + name + ": at best " +
                   formatRatio(value.best, 3) + " of the default's speed in " +
                   std::to_string(value.trials) +
                   (value.trials == 1 ? " trial" : " trials"));
      svg.text(x + cell / 2 - 1, y + 14, name,
               (name.size() > 6 ? "cell small t" : "cell t") + shade,
               Anchor::Middle);
      svg.text(x + cell / 2 - 1, y + 27,
               formatTick(std::round(part * 100) / 100), "part t" + shade,
               Anchor::Middle);
    }
    svg.text(width - 4, y + 20, formatRatio(knob.spread), "value", Anchor::End);
  }
  return true;
}
