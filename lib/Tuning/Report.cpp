//===- Report.cpp - Measurements as a page to look at --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sections of the page and the words around its pictures. However much is
// measured, the page stays small enough for a browser: what is left out is said
// to be. It must not compute or draw anything itself.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Report.h"
#include "ReportCharts.h"
#include "ReportStyle.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/Chrono.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/SHA256.h"
#include <cmath>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;
using namespace seednorm::tuning::report;

constexpr size_t kMostTargets = 6, kMostPrograms = 50, kMostDetails = 40,
                 kMostOpenDetails = 4, kMostFailures = 100,
                 kMostOpenFailures = 8, kMostRows = 2000;
/// Bytes of the table and of the details of kernels.
constexpr size_t kMostBytes = 1800000;
constexpr size_t kLongestSchedule = 2000;

namespace {

class Page {
public:
  Page(ArrayRef<Measurement> measurements, const ReportOptions &options,
       raw_ostream &out)
      : options(options), out(out),
        summary(summarize(measurements, options.programs)), labels(summary),
        total(measurements.size()) {
    for (const KernelSummary &kernel : summary.kernels) {
      if (targets.empty() ||
          targets.back().front()->key->target != kernel.key->target)
        targets.emplace_back();
      targets.back().push_back(&kernel);
    }
  }

  void write();

private:
  void writeHead();
  void writeTiles();
  void writeCircumstances();
  void writeFailures();
  void writeTarget(Kernels kernels);
  void writeBandwidths(Kernels kernels);
  void writeSpeedups(Kernels kernels);
  void writeKnobs();
  void writeConvergence();
  void writeDetails();
  void writeDetail(const KernelSummary &kernel, bool isOpen, raw_ostream &out);
  void writeTable();
  void writeTableRow(const KernelSummary &kernel, raw_ostream &out);
  void writePrograms();

  /// A picture that `draw` gives, or the words for there being none.
  void figure(StringRef style, StringRef nothing,
              function_ref<bool(raw_ostream &)> draw);
  void paragraph(const Twine &html) { out << "<p>" << html << "</p>\n"; }

  const ReportOptions &options;
  raw_ostream &out;
  Summary summary;
  Labels labels;
  size_t total;
  std::vector<std::vector<const KernelSummary *>> targets;
};

} // namespace

static std::string formatCount(size_t count, StringRef name) {
  return (Twine(count) + " " + name + (count == 1 ? "" : "s")).str();
}

static std::string formatDate(int64_t seconds) {
  // Beyond what a calendar has.
  if (seconds <= 0 || seconds > 253402300799)
    return "";
  return formatv("{0:%Y-%m-%d %H:%M}", sys::UtcTime<std::chrono::seconds>(
                                           std::chrono::seconds(seconds)));
}

static std::string getContentHash(StringRef text) {
  auto hash = SHA256::hash(ArrayRef(text.bytes_begin(), text.bytes_end()));
  return "'sha256-" + encodeBase64(hash) + "'";
}

static StringRef nameOutcome(Outcome outcome) {
  switch (outcome) {
  case Outcome::Measured:
    return "measured";
  case Outcome::Wrong:
    return "wrong";
  case Outcome::Crashed:
    return "crashed";
  case Outcome::TimedOut:
    return "timed out";
  case Outcome::Rejected:
    return "rejected";
  }
  return "unknown";
}

void Page::figure(StringRef style, StringRef nothing,
                  function_ref<bool(raw_ostream &)> draw) {
  out << "<figure><div class=\"chart " << style << "\">\n";
  bool isDrawn = draw(out);
  out << "</div></figure>\n";
  if (!isDrawn)
    out << "<p class=\"soft\">" << nothing << "</p>\n";
}

//===----------------------------------------------------------------------===//
// Head
//===----------------------------------------------------------------------===//

void Page::writeHead() {
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
         "charset=\"utf-8\"/>\n"
      << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
         "'none'; style-src "
      << getContentHash(getStyleSheet()) << "; script-src "
      << getContentHash(getScript())
      << "; base-uri 'none'; form-action 'none'\"/>\n"
      << "<meta name=\"viewport\" content=\"width=device-width, "
         "initial-scale=1\"/>\n"
      << "<title>" << escape(options.title) << "</title>\n<style>"
      << getStyleSheet() << "</style>\n</head>\n<body>\n<main>\n";
  out << "<header>\n<h1>" << escape(options.title) << "</h1>\n";
  std::string first = formatDate(summary.firstTime),
              last = formatDate(summary.lastTime);
  out << "<p class=\"soft\">";
  if (!options.source.empty())
    out << escape(options.source) << ". ";
  if (!first.empty())
    out << "Measured " << first
        << (first == last || last.empty() ? "" : " to " + last) << " UTC, in "
        << formatCount(summary.runs, "run") << ".";
  out << "</p>\n<nav><a href=\"#bandwidth\">Bandwidth</a> <a "
         "href=\"#speedup\">Best against default</a> <a href=\"#knobs\">What "
         "mattered</a> <a href=\"#search\">Search</a> <a "
         "href=\"#kernels\">Kernels</a></nav>\n</header>\n";
}

static void writeTile(raw_ostream &out, StringRef value, StringRef name,
                      bool isBad = false) {
  out << "<div class=\"tile\"><b" << (isBad ? " class=\"bad\"" : "") << '>'
      << value << "</b><span>" << name << "</span></div>\n";
}

void Page::writeTiles() {
  unsigned failed = 0;
  for (Outcome outcome : {Outcome::Wrong, Outcome::Crashed, Outcome::TimedOut})
    failed += summary.outcomes[unsigned(outcome)];
  double largest = 1;
  for (const KernelSummary &kernel : summary.kernels)
    largest = std::max(largest, kernel.getGain());
  out << "<div class=\"tiles\">\n";
  if (summary.tuned) {
    writeTile(out, formatRatio(summary.gain),
              "tuned over default, geometric mean of " +
                  formatCount(summary.tuned, "kernel"));
    writeTile(out, formatNumber(1 / summary.gain),
              "of the tuned speed is what the default reaches");
    writeTile(out, formatRatio(largest), "largest gain of a kernel");
  }
  writeTile(out, std::to_string(summary.kernels.size()),
            summary.tuned == summary.kernels.size()
                ? "kernels, all with a result"
                : "kernels, " + std::to_string(summary.tuned) +
                      " with a result");
  writeTile(out, std::to_string(total), "trials");
  writeTile(out, std::to_string(failed),
            "trials that were wrong, crashed or hung", failed > 0);
  out << "</div>\n";
}

void Page::writeCircumstances() {
  if (summary.kernels.empty())
    return paragraph("There are no measurements here. <code>seednorm-tune "
                     "model.mlir</code> makes some.");
  std::string compilers;
  std::vector<StringRef> seen;
  for (const KernelSummary &kernel : summary.kernels)
    if (!is_contained(seen, kernel.key->compiler) && seen.size() < 8) {
      seen.push_back(kernel.key->compiler);
      compilers += (compilers.empty() ? "" : ", ") + escape(seen.back());
    }
  std::string machines;
  for (auto &kernels : ArrayRef(targets).take_front(kMostTargets))
    machines += (machines.empty() ? "<code>" : ", <code>") +
                escape(kernels.front()->key->target) + "</code>";
  if (targets.size() > kMostTargets)
    machines +=
        " and " + std::to_string(targets.size() - kMostTargets) + " more";
  paragraph("On " + machines + "; compiled by " + compilers + ".");
  if (summary.unusable)
    paragraph("<span class=\"bad\">" +
              formatCount(summary.unusable, "measurement") +
              "</span> without a time or a speedup that can be (not a number, "
              "zero, negative) left out of everything but this count.");
}

void Page::writeFailures() {
  ArrayRef<FailureGroup> groups = summary.failures;
  if (groups.empty())
    return;
  out << "<details"
      << (groups.size() > kMostOpenFailures ? "" : " open=\"open\"")
      << "><summary>What went wrong <span>– "
      << formatCount(groups.size(), "message")
      << "; no such schedule is ever chosen</span></summary>\n<div "
         "class=\"scroll\"><table>\n<thead><tr><th class=\"left\">Outcome</th>"
         "<th>Trials</th><th class=\"left\">Message</th><th "
         "class=\"left\">Kernel</th></tr></thead>\n<tbody>\n";
  for (const FailureGroup &group : groups.take_front(kMostFailures)) {
    const Measurement &first = *group.first;
    out << "<tr><td class=\"left bad\">" << nameOutcome(first.outcome)
        << "</td><td>" << group.count << "</td><td class=\"left message\">"
        << (first.message.empty() ? "–" : escape(first.message, 600))
        << "</td><td class=\"left\">" << escape(labels.getKernel(first.key));
    if (group.kernels > 1)
      out << " and " << group.kernels - 1 << " more";
    out << "</td></tr>\n";
  }
  out << "</tbody></table></div>\n";
  if (groups.size() > kMostFailures)
    out << "<p class=\"soft\">" << groups.size() - kMostFailures
        << " more messages are not shown.</p>\n";
  out << "</details>\n";
}

//===----------------------------------------------------------------------===//
// All kernels
//===----------------------------------------------------------------------===//

static void writeLegendMark(raw_ostream &out, Mark mark, StringRef style,
                            const Twine &name) {
  out << "<li>";
  SVG(out, 14, 14, "").mark(mark, 7, 7, 4.5, style);
  out << "<span>" << name << "</span></li>\n";
}

/// Colours of programs and shapes of thread counts.
static void writeLegend(raw_ostream &out, Kernels kernels,
                        const Labels &labels) {
  std::vector<unsigned> series;
  std::vector<Mark> marks;
  out << "<ul class=\"legend\">\n";
  for (const KernelSummary *kernel : kernels) {
    unsigned number = labels.getSeries(*kernel->key);
    if (is_contained(series, number) || !kernel->best)
      continue;
    series.push_back(number);
    bool isLast = series.size() == seriesCount + 3;
    std::string color = std::to_string(std::min(number, seriesCount - 1));
    writeLegendMark(out, Mark::Circle, "full f" + color,
                    isLast ? "and more"
                           : escape(labels.getProgram(*kernel->key)));
    if (isLast)
      break;
  }
  for (auto [threads, name] :
       {std::pair(1, "1 thread"), {2, "2 threads"}, {3, "more"}})
    if (any_of(kernels, [&, threads = threads](const KernelSummary *kernel) {
          return std::clamp<int64_t>(kernel->key->threads, 1, 3) == threads;
        }))
      writeLegendMark(out, getThreadsMark(threads), "full f6", name);
  out << "</ul>\n";
}

/// Kernels with a time whose bytes are not known.
static void writeWithoutBytes(raw_ostream &out, Kernels kernels) {
  size_t count = count_if(kernels, [](const KernelSummary *kernel) {
    return kernel->best && !kernel->getBandwidth(kernel->best->seconds);
  });
  if (count && count < kernels.size())
    out << "<p class=\"soft\">" << formatCount(count, "kernel")
        << " without a known width, number of rows or program text left "
           "out.</p>\n";
}

static void writeShownOnly(raw_ostream &out, size_t count, size_t most) {
  if (count > most)
    out << "<p class=\"soft\">Only the first " << most << " of " << count
        << " kernels are drawn; <code>--program</code> and "
           "<code>--target</code> choose.</p>\n";
}

void Page::writeBandwidths(Kernels kernels) {
  writeLegend(out, kernels, labels);
  figure(
      "wide",
      "No kernel here has a time, a width and a number of rows, and a program "
      "whose text is known, so there is no bandwidth to show.",
      [&](raw_ostream &out) {
        return drawBandwidths(kernels, options.roofs, labels, out);
      });
  writeWithoutBytes(out, kernels);
  writeShownOnly(out, kernels.size(), mostBandwidths);
}

void Page::writeSpeedups(Kernels kernels) {
  writeLegend(out, kernels, labels);
  figure("wide", "No trial here has a time.",
         [&](raw_ostream &out) { return drawSpeedups(kernels, labels, out); });
  writeShownOnly(out, kernels.size(), mostSpeedups);
}

void Page::writeKnobs() {
  out << "<h2 id=\"knobs\">Which knob mattered</h2>\n";
  paragraph(
      "For each field of the schedule: the best speed that any trial reached "
      "with the field's best value, over the best that any reached with its "
      "worst. Bars are geometric means over the kernels that varied the field, "
      "dots single kernels; a spread inside the grey band, which is as wide as "
      "the interval of a trial, may be noise. Long bars are fields that have "
      "to be right; but a value that "
      "was tried only a few times had less of a chance to shine.");
  figure("wide", "No field took more than one value in trials with a time.",
         [&](raw_ostream &out) {
           return drawKnobs(summary.knobs, summary.noise, out);
         });
  if (summary.knobs.size() > mostKnobRows)
    out << "<p class=\"soft\">" << summary.knobs.size() - mostKnobRows
        << " fields with smaller spreads are not drawn.</p>\n";
}

void Page::writeConvergence() {
  out << "<h2 id=\"search\">How the search went</h2>\n";
  paragraph("How much of its final speed each kernel had reached after how "
            "many trials. Where the curves are flat long before their end, "
            "fewer trials would have done; where they still rise, more are "
            "worth it.");
  bool hasMedian = count_if(summary.kernels, [](const KernelSummary &kernel) {
                     return kernel.best && kernel.trials.size() > 1;
                   }) >= leastForMedian;
  if (hasMedian) {
    out << "<ul class=\"legend\">\n";
    for (auto [style, name] :
         {std::pair("thin", "a kernel"), {"median", "median of all"}}) {
      out << "<li>";
      SVG(out, 24, 12, "").line(0, 6, 24, 6, style);
      out << "<span>" << name << "</span></li>\n";
    }
    out << "</ul>\n";
  }
  std::vector<const KernelSummary *> kernels;
  for (const KernelSummary &kernel : summary.kernels)
    kernels.push_back(&kernel);
  figure("wide", "No kernel has more than one trial.",
         [&](raw_ostream &out) { return drawConvergence(kernels, out); });
}

//===----------------------------------------------------------------------===//
// Each kernel
//===----------------------------------------------------------------------===//

void Page::writeDetail(const KernelSummary &kernel, bool isOpen,
                       raw_ostream &out) {
  out << "<details" << (isOpen ? " open=\"open\"" : "") << "><summary>"
      << escape(labels.getKernel(*kernel.key)) << " <span>– ";
  if (kernel.best)
    out << formatRatio(kernel.best->speedup) << ", "
        << formatCount(kernel.trials.size(), "trial");
  else
    out << "none of " << formatCount(kernel.trials.size(), "trial")
        << " has a time";
  if (kernel.noise > 0)
    out << ", intervals ±" << formatTick(std::ceil(kernel.noise * 1000) / 10)
        << " %";
  out << "</span></summary>\n<div class=\"pair\">\n<figure><div class=\"chart "
         "half\">\n";
  if (!drawHistory(kernel, out))
    out << "<p class=\"soft\">No trial has a time.</p>\n";
  out << "</div></figure>\n<figure><div class=\"chart half\">\n";
  if (!drawKnobValues(kernel, out))
    out << "<p class=\"soft\">No field took more than one value in trials with "
           "a time.</p>\n";
  out << "</div></figure>\n</div></details>\n";
}

static void writeDetailsLegend(raw_ostream &out) {
  out << "<ul class=\"legend\">\n<li>";
  SVG(out, 24, 12, "").line(0, 6, 24, 6, "best");
  out << "<span>best so far</span></li>\n<li>";
  SVG(out, 10, 12, "").dots({{5, 6}}, "dots trialdots");
  out << "<span>a trial</span></li>\n";
  writeLegendMark(out, Mark::Cross, "wrong", "wrong result");
  writeLegendMark(out, Mark::Triangle, "crashed", "crashed");
  writeLegendMark(out, Mark::Square, "hung", "timed out");
  out << "<li>";
  SVG(out, 8, 12, "").line(4, 2, 4, 10, "rejected");
  out << "<span>rejected unrun</span></li>\n<li>";
  SVG(out, 8, 14, "").line(4, 0, 4, 14, "run");
  out << "<span>a new run</span></li>\n";
  static constexpr const char *shades[] = {"≥ 0.98", "≥ 0.95", "≥ 0.90",
                                           "≥ 0.75", "less"};
  for (auto [i, name] : enumerate(shades)) {
    out << "<li>";
    SVG(out, 18, 14, "").rect(1, 1, 16, 12, "q" + std::to_string(i));
    out << "<span>" << name << "</span></li>\n";
  }
  out << "<li>";
  SVG(out, 18, 14, "").rect(1, 1, 16, 12, "q4 few");
  out << "<span>fewer than 3 trials</span></li>\n</ul>\n";
}

void Page::writeDetails() {
  out << "<h3>Kernel by kernel</h3>\n";
  paragraph("Left: every trial in its order, by its speed over that of the "
            "default schedule measured beside it; trials slower than a quarter "
            "of the fastest are at the lower edge. The best so far is the one "
            "with the highest lower end of its interval, so a lucky trial may "
            "lie above it. Right: the best that trials with a value of a field "
            "reached, as a part of the best with the field’s best value, and "
            "the spread at the right.");
  writeDetailsLegend(out);
  std::string text;
  raw_string_ostream stream(text);
  size_t shown = 0;
  for (const KernelSummary &kernel : summary.kernels) {
    if (shown == kMostDetails || text.size() > kMostBytes)
      break;
    writeDetail(kernel, shown < kMostOpenDetails, stream);
    ++shown;
  }
  out << text;
  if (shown < summary.kernels.size())
    out << "<p class=\"soft\">" << summary.kernels.size() - shown
        << " more kernels are only in the table.</p>\n";
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

/// What the best schedule changes of the default.
static std::string describeChanges(const KernelSummary &kernel) {
  if (!kernel.fallback || !kernel.best)
    return "";
  if (kernel.best->schedule == kernel.fallback->schedule)
    return "the default schedule";
  std::vector<ScheduleEntry> before = parseSchedule(kernel.fallback->schedule),
                             after = parseSchedule(kernel.best->schedule);
  auto get = [](ArrayRef<ScheduleEntry> entries, StringRef name) {
    for (const ScheduleEntry &entry : entries)
      if (entry.name == name)
        return entry.value;
    return int64_t(0);
  };
  std::string result;
  unsigned count = 0;
  auto add = [&](StringRef name) {
    int64_t from = get(before, name), to = get(after, name);
    if (from != to && ++count <= 32)
      result += (Twine(result.empty() ? "" : ", ") + name + " " + Twine(from) +
                 " → " + Twine(to))
                    .str();
  };
  for (const ScheduleEntry &entry : ArrayRef(after).take_front(64))
    add(entry.name);
  for (const ScheduleEntry &entry : ArrayRef(before).take_front(64))
    if (none_of(after, [&](const ScheduleEntry &other) {
          return other.name == entry.name;
        }))
      add(entry.name);
  return result;
}

void Page::writeTableRow(const KernelSummary &kernel, raw_ostream &out) {
  const Key &key = *kernel.key;
  unsigned failed = kernel.trials.size() -
                    kernel.outcomes[unsigned(Outcome::Measured)] -
                    kernel.outcomes[unsigned(Outcome::Rejected)];
  out << "<tbody><tr><td class=\"left\">" << escape(labels.getProgram(key))
      << "<br/><code class=\"soft\">"
      << escape(StringRef(key.program).take_front(16)) << "</code>";
  if (targets.size() > 1)
    out << "<br/><span class=\"soft\">" << escape(key.target, 80) << "</span>";
  std::string circumstances = labels.getCircumstances(key);
  out << "</td><td>" << labels.getShape(key);
  if (!circumstances.empty())
    out << "<br/><span class=\"soft\">" << escape(circumstances) << "</span>";
  out << "</td>";
  if (kernel.best) {
    const Measurement &best = *kernel.best;
    std::optional<double> bandwidth = kernel.getBandwidth(best.seconds);
    const Roof *roof = findRoof(options.roofs, key);
    out << "<td>" << formatSeconds(best.seconds * best.speedup) << "</td><td>"
        << formatSeconds(best.seconds) << "</td><td>"
        << formatRatio(best.speedup, 3);
    if (hasInterval(best)) {
      out << "<br/><span class=\"soft\">" << formatNumber(best.low) << "–"
          << formatNumber(best.high);
      if (best.confidence > 0 && best.confidence < 1)
        out << " (" << formatTick(best.confidence * 100) << " %)";
      out << "</span>";
    }
    out << "</td><td>" << (bandwidth ? formatNumber(*bandwidth / 1e9) : "–")
        << "</td><td>"
        << (bandwidth && roof ? formatNumber(*bandwidth / roof->bytesPerSecond)
                              : "–")
        << "</td>";
  } else {
    out << "<td>–</td><td>–</td><td>–</td><td>–</td><td>–</td>";
  }
  out << "<td>" << kernel.trials.size();
  if (failed)
    out << "<br/><span class=\"bad\">" << failed << " failed</span>";
  out << "</td></tr>\n";
  if (kernel.best) {
    std::string changes = describeChanges(kernel);
    out << "<tr><td class=\"more\" colspan=\"8\">";
    if (!changes.empty())
      out << "<span class=\"soft\">" << escape(changes, 600) << "</span>";
    out << "<pre class=\"schedule\">"
        << escape(kernel.best->schedule, kLongestSchedule)
        << "</pre></td></tr>";
  }
  out << "</tbody>\n";
}

void Page::writeTable() {
  out << "<h2 id=\"kernels\">Every kernel and its best schedule</h2>\n";
  if (summary.kernels.empty())
    return paragraph("None.");
  out << "<div class=\"scroll\"><table class=\"kernels\">\n<thead><tr><th "
         "class=\"left\">Program</th><th>Rows × width</th><th>Default</th><th>"
         "Best</th><th>Speedup</th><th>GB/s</th><th>Of roof</th><th>Trials</th>"
         "</tr></thead>\n";
  std::string text;
  raw_string_ostream stream(text);
  size_t shown = 0;
  for (const KernelSummary &kernel : summary.kernels) {
    if (shown == kMostRows || text.size() > kMostBytes)
      break;
    writeTableRow(kernel, stream);
    ++shown;
  }
  out << text << "</table></div>\n";
  if (shown < summary.kernels.size())
    out << "<p class=\"soft\">" << summary.kernels.size() - shown
        << " more kernels are not shown; <code>--program</code> and "
           "<code>--target</code> choose.</p>\n";
}

void Page::writePrograms() {
  size_t shown = 0;
  for (auto &[hash, text] : options.programs) {
    if (none_of(summary.kernels,
                [&, &hash = hash](const KernelSummary &kernel) {
                  return kernel.key->program == hash;
                }))
      continue;
    if (shown++ == kMostPrograms)
      break;
    if (shown == 1)
      out << "<h3>Programs</h3>\n";
    out << "<details><summary><code>" << escape(hash, 64)
        << "</code></summary><pre>";
    // Lines are kept: they are what makes a program readable.
    for (StringRef rest = StringRef(text).take_front(8000); !rest.empty();) {
      auto [line, next] = rest.split('\n');
      out << escape(line, 400) << '\n';
      rest = next;
    }
    out << "</pre></details>\n";
  }
}

void Page::writeTarget(Kernels kernels) {
  // With one target its name is in the head already.
  if (targets.size() > 1)
    out << "<h3><code>" << escape(kernels.front()->key->target)
        << "</code></h3>\n";
}

void Page::write() {
  writeHead();
  writeTiles();
  writeCircumstances();
  writeFailures();
  auto shown = ArrayRef(targets).take_front(kMostTargets);
  out << "<h2 id=\"bandwidth\">Bandwidth against the roof</h2>\n";
  paragraph(
      "These kernels do a few operations for each element, so memory bounds "
      "them and the roof is what a stream reaches. Open marks are the default "
      "schedule, filled ones the best. The bytes of an execution are rows × "
      "width × the sizes of the elements of all row operands and results, plus "
      "the columns and sums, each moved once. Keys have rows rounded up to a "
      "power of two: where fewer were measured, the bandwidth is less than "
      "shown by that factor. Kernels whose rows stay in a cache lie above the "
      "roof of DRAM.");
  if (options.roofs.empty())
    out << "<p class=\"soft\">No roof was given (<code>--roof</code>), so only "
           "what was achieved is shown.</p>\n";
  for (auto &kernels : shown) {
    writeTarget(kernels);
    writeBandwidths(kernels);
  }
  out << "<h2 id=\"speedup\">Best against default</h2>\n";
  paragraph("How much faster the best schedule is than the one that the cost "
            "model chose, both timed in turns. Pale bars are the confidence "
            "intervals. Shapes are rows × width; rows are rounded up to a "
            "power of two.");
  for (auto &kernels : shown) {
    writeTarget(kernels);
    writeSpeedups(kernels);
  }
  writeKnobs();
  writeConvergence();
  writeDetails();
  writeTable();
  writePrograms();
  out << "</main>\n<script>" << getScript() << "</script>\n</body>\n</html>\n";
}

Error tuning::writeReport(ArrayRef<Measurement> measurements,
                          const ReportOptions &options, raw_ostream &out) {
  for (const Roof &roof : options.roofs)
    if (!std::isfinite(roof.bytesPerSecond) || roof.bytesPerSecond <= 0)
      return makeError("roof " + quote(roof.name) + " is " +
                       formatNumber(roof.bytesPerSecond / 1e9) +
                       " GB/s, but a positive number is expected");
  Page(measurements, options, out).write();
  return Error::success();
}
