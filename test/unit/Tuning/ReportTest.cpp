//===- ReportTest.cpp - Measurements as a page to look at ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pages of little, of too much and of hostile data. That a browser shows them
// is tested in test/python/test_tuning_report.py.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Report.h"
#include "../Runtime/Testing.h"
#include <chrono>
#include <limits>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

/// Without the page in the message, which is long.
#define EXPECT_HAS(page, text) EXPECT_TRUE(StringRef(page).contains(text))
#define EXPECT_LACKS(page, text) EXPECT_FALSE(StringRef(page).contains(text))

static constexpr const char *programText =
    "rows f32xD[*]\ncolumns f32xD f32xD f32xD\nouts f32xD[*]\n"
    "%4 = arith.mulf %0 %0 : f32xD\n";

static Measurement makeTrial(double speedup, int64_t trial = 0) {
  Measurement m;
  m.key = {"0123456789abcdef",
           "f32,f32,f32,f32->f32",
           1024,
           4096,
           64,
           "znver4+12345678",
           2,
           "1.0/llvm-22"};
  m.schedule = "#rowwise.schedule<vector_width = 16, vectors = " +
               std::to_string(1 + trial % 4) +
               ", prefetch_rows = " + std::to_string(trial / 4) + ">";
  m.seconds = 2e-3 / speedup;
  m.speedup = speedup;
  m.low = speedup * 0.99;
  m.high = speedup * 1.01;
  m.confidence = 0.95;
  m.time = 1700000000 + trial;
  m.run = "run";
  m.trial = trial;
  m.origin = trial == 0 ? "default" : "random";
  return m;
}

static std::string write(ArrayRef<Measurement> measurements,
                         ReportOptions options = {}) {
  options.programs.emplace_back("0123456789abcdef", programText);
  std::string page;
  raw_string_ostream out(page);
  EXPECT_FALSE(bool(writeReport(measurements, options, out)));
  return page;
}

static size_t countOf(StringRef page, StringRef text) {
  return page.count(text);
}

TEST(ReportTest, HasItsSectionsAndPictures) {
  std::vector<Measurement> trials;
  for (int64_t i = 0; i < 12; ++i)
    trials.push_back(makeTrial(1 + 0.01 * i, i));
  ReportOptions options;
  options.roofs = {{"best copy", 20e9, 2}};
  options.source = "my.db";
  std::string page = write(trials, options);
  for (const char *id : {"bandwidth", "speedup", "knobs", "search", "kernels"})
    EXPECT_EQ(countOf(page, ("<h2 id=\"" + Twine(id) + "\">").str()), 1u) << id;
  EXPECT_HAS(page, "my.db");
  EXPECT_HAS(page, "Measured 2023-11-14 22:13 UTC, in 1 run.");
  EXPECT_HAS(page, "znver4+12345678");
  EXPECT_HAS(page, "f32 (3 columns) → f32");
  // The best is the last: 2 · 4096 · 1024 · 4 bytes and three columns.
  EXPECT_HAS(page, "18.6 GB/s");
  EXPECT_HAS(page, "best copy");
  EXPECT_HAS(page,
             "<pre class=\"schedule\">#rowwise.schedule&#60;"
             "vector_width = 16, vectors = 4, prefetch_rows = 2&#62;</pre>");
  EXPECT_HAS(page, "vectors 1 → 4");
  // 18.63 of 20.
  EXPECT_HAS(page, "<td>0.931</td>");
  for (const char *label :
       {"bandwidth of kernels by width", "speedup of the best over the default",
        "which fields of schedules mattered", "how fast the searches converged",
        "history of the search", "what values of fields reached"})
    EXPECT_EQ(countOf(page, ("aria-label=\"" + Twine(label) + "\"").str()), 1u)
        << label;
}

TEST(ReportTest, AsksNothingOfANetwork) {
  std::string page = write({makeTrial(1.1)});
  EXPECT_HAS(page, "default-src 'none'");
  for (const char *text : {"http:", "https:", "src=", "url(", "@import",
                           "unsafe-inline", "unsafe-eval", " style=\""})
    EXPECT_LACKS(page, text) << text;
}

TEST(ReportTest, EscapesWhateverTextsSay) {
  const std::string attack = "<img src=x onerror=alert(1)>\"'&<script>";
  Measurement m = makeTrial(1.2);
  m.key.program = m.key.types = m.key.target = m.key.compiler = attack;
  m.schedule = "#rowwise.schedule<" + attack + " a</pre> = 3>";
  m.run = m.origin = m.message = attack;
  Measurement other = m, wrong = m;
  other.schedule = "x" + attack + " a = 4";
  other.trial = 1;
  wrong.outcome = Outcome::Wrong;
  ReportOptions options;
  options.title = options.source = attack;
  options.roofs = {{attack, 1e9, 0}};
  options.programs = {{attack, attack + "\n" + attack}};
  std::string page = write({m, other, wrong}, options);
  EXPECT_EQ(countOf(page, "<img"), 0u);
  EXPECT_EQ(countOf(page, "<script>"), 1u);
  EXPECT_EQ(countOf(page, "onerror=alert(1)&#62;&#34;&#39;&#38;&#60;script"),
            countOf(page, "onerror"));
  EXPECT_GE(countOf(page, "onerror"), 8u);
}

TEST(ReportTest, ShowsBytesThatAreNotText) {
  Measurement m = makeTrial(1.2);
  m.outcome = Outcome::Crashed;
  // Broken UTF-8, a terminal's escape, a NUL, an override of direction, a
  // noncharacter, and a good character.
  m.message =
      std::string("a\xff\x1b[31m\0b\xe2\x80\xae\xef\xbf\xbf\xc3\xa9", 17);
  std::string page = write({m});
  EXPECT_HAS(page, "a\\xff\\x1b[31m\\x00b\\xe2\\x80\\xae\\xef\\xbf"
                   "\\xbf\xc3\xa9<");
  for (char c : page)
    EXPECT_TRUE(c == '\n' || (unsigned char)c >= 0x20) << int(c);
}

TEST(ReportTest, IsAPageWithoutData) {
  std::string page = write({});
  EXPECT_HAS(page, "There are no measurements here");
  EXPECT_HAS(page, "</html>");
  EXPECT_LACKS(page, "geometric mean of");
}

TEST(ReportTest, IsHonestWithOneTrial) {
  std::string page = write({makeTrial(1)});
  EXPECT_HAS(page, "geometric mean of 1 kernel");
  EXPECT_HAS(page, "No field took more than one value");
  EXPECT_HAS(page, "No kernel has more than one trial");
  EXPECT_HAS(page, "the default schedule</span>");
}

TEST(ReportTest, IsHonestWhereAllFailed) {
  std::vector<Measurement> trials;
  for (Outcome outcome : {Outcome::Wrong, Outcome::Crashed, Outcome::TimedOut,
                          Outcome::Rejected}) {
    trials.push_back(makeTrial(1, trials.size()));
    trials.back().outcome = outcome;
    trials.back().message = "message " + std::to_string(trials.size());
  }
  std::string page = write(trials);
  EXPECT_HAS(page, "kernels, 0 with a result");
  for (const char *text : {"wrong</td><td>1</td>", "crashed</td><td>1</td>",
                           "timed out</td><td>1</td>", "message 1", "message 2",
                           "message 3", "none of 4 trials has a time"})
    EXPECT_HAS(page, text) << text;
  // A schedule that never ran is no failure.
  EXPECT_LACKS(page, "message 4");
  EXPECT_LACKS(page, "geometric mean of");
}

TEST(ReportTest, CountsTimesThatCannotBe) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::vector<Measurement> trials{makeTrial(1.25)};
  for (double bad : {nan, 0.0, -1.0, infinity, -infinity}) {
    trials.push_back(makeTrial(2, trials.size()));
    trials.back().seconds = bad;
    trials.push_back(makeTrial(2, trials.size()));
    trials.back().speedup = bad;
  }
  std::string page = write(trials);
  EXPECT_HAS(page, "10 measurements</span> without a time");
  EXPECT_HAS(page, "<b>1.25×</b>");
  for (const char *text : {"nan", "inf\"", "inf<", "-nan"})
    EXPECT_LACKS(page, text) << text;
}

TEST(ReportTest, SurvivesExtremeNumbers) {
  std::vector<Measurement> trials;
  for (double speedup : {1e-300, 1e300, 1.0, 5e-324}) {
    Measurement m = makeTrial(1, trials.size());
    m.speedup = speedup;
    m.seconds = 1 / speedup;
    m.low = m.high = speedup;
    m.key.width = m.key.rows = std::numeric_limits<int64_t>::max();
    m.key.threads = std::numeric_limits<int64_t>::min();
    m.time = trials.size() % 2 ? std::numeric_limits<int64_t>::max() : -7;
    m.schedule =
        "a = 9223372036854775807, b = " + std::to_string(trials.size());
    trials.push_back(m);
  }
  std::string page = write(trials);
  EXPECT_HAS(page, "</html>");
  EXPECT_LACKS(page, "nan");
}

TEST(ReportTest, RefusesARoofThatIsNone) {
  ReportOptions options;
  options.roofs = {{"copy", 0, 0}};
  std::string page;
  raw_string_ostream out(page);
  Error error = writeReport({}, options, out);
  ASSERT_TRUE(bool(error));
  EXPECT_EQ(toString(std::move(error)),
            "roof 'copy' is 0 GB/s, but a positive number is expected");
}

/// Many trials of few kernels, one of many, and texts as long as can be.
static std::vector<Measurement> makeMany(unsigned kernels, size_t textSize) {
  std::vector<Measurement> trials;
  for (int64_t i = 0; i < 10000; ++i) {
    Measurement m = makeTrial(0.5 + 0.0001 * ((i * 7919) % 10000), i);
    m.key.width = 64 + i % kernels;
    if (i % 10 == 9) {
      m.outcome = Outcome(1 + i / 10 % 4);
      m.message = "message " + std::to_string(i) + std::string(textSize, '<');
    }
    m.schedule += std::string(textSize, '<');
    if (kernels > 1000)
      m.key.program = std::to_string(i) + std::string(textSize, '<');
    trials.push_back(m);
  }
  return trials;
}

TEST(ReportTest, StaysSmallAndFast) {
  for (unsigned kernels : {1, 24, 10000})
    for (size_t textSize : {0, 3000}) {
      std::vector<Measurement> trials = makeMany(kernels, textSize);
      auto start = std::chrono::steady_clock::now();
      std::string page = write(trials);
      std::chrono::duration<double> time =
          std::chrono::steady_clock::now() - start;
      EXPECT_LT(page.size(), 5000000u) << kernels << " " << textSize;
      // It takes a tenth of a second; machines are loaded, though.
      EXPECT_LT(time.count(), 20) << kernels << " " << textSize;
      EXPECT_HAS(page, "</html>");
    }
}

TEST(ReportTest, SaysWhatItLeavesOut) {
  std::string page = write(makeMany(10000, 0));
  EXPECT_HAS(page, "Only the first 60 of 10000 kernels are drawn");
  EXPECT_HAS(page, "more kernels are only in the table");
  EXPECT_HAS(page, "more kernels are not shown");
}

TEST(ReportTest, DoesNotDependOnTheOrder) {
  std::vector<Measurement> trials;
  for (int64_t i = 0; i < 40; ++i) {
    trials.push_back(makeTrial(1 + 0.01 * ((i * 13) % 40), i));
    trials.back().key.width = 64 << (i % 3);
  }
  std::string page = write(trials);
  std::reverse(trials.begin(), trials.end());
  EXPECT_EQ(page, write(trials));
}
