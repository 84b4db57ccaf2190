//===- ReportSVG.h - Parts of pictures and of pages -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Escaped text, numbers with units, axes and marks. Colours and fonts are
// classes of the style sheet. It must not know what is drawn.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_REPORTSVG_H
#define SEEDNORM_LIB_TUNING_REPORTSVG_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace seednorm::tuning::report {

/// For text and for attributes in quotes, of HTML and of XML: markup, control
/// characters, marks that reorder text and bytes that are not UTF-8 become
/// visible and harmless. At most `longest` bytes of the text.
std::string escape(llvm::StringRef text, size_t longest = 200);

/// "1.06", "0.874", "19.3", "1830": three digits that matter.
std::string formatNumber(double value);
/// No more digits than a round value needs.
std::string formatTick(double value);
/// "12.3 µs".
std::string formatSeconds(double seconds);
/// "16 MiB", for powers of two and near them.
std::string formatBytes(double bytes);
/// "1.10×"; `digits` after the point.
std::string formatRatio(double ratio, unsigned digits = 2);

/// From values to places.
struct Scale {
  bool isLog = false;
  double low = 0, high = 1;
  double from = 0, to = 1;

  double operator()(double value) const;
  /// Round values in the range, about `count` of them.
  std::vector<double> getTicks(unsigned count) const;
};

/// Extends the range to the value and, where it is a point, beyond it.
struct Range {
  double low = 0, high = 0;
  bool isEmpty = true;
  void add(double value);
};

enum class Anchor { Start, Middle, End };
/// Different shapes, so that no colour has to be told from another.
enum class Mark { Circle, Square, Diamond, Triangle, Cross };

/// A picture of the given size, which shrinks with the page.
class SVG {
public:
  SVG(llvm::raw_ostream &out, double width, double height,
      llvm::StringRef description);
  ~SVG();
  SVG(const SVG &) = delete;
  SVG &operator=(const SVG &) = delete;

  void line(double x1, double y1, double x2, double y2, llvm::StringRef style);
  void rect(double x, double y, double width, double height,
            llvm::StringRef style, llvm::StringRef tip = "");
  /// The text is escaped here.
  void text(double x, double y, llvm::StringRef text,
            llvm::StringRef style = "", Anchor anchor = Anchor::Start);
  /// Upwards, for the name of an axis.
  void verticalText(double x, double y, llvm::StringRef text);
  void mark(Mark mark, double x, double y, double size, llvm::StringRef style,
            llvm::StringRef tip = "");
  /// Many equal dots in few bytes.
  void dots(llvm::ArrayRef<std::pair<double, double>> places,
            llvm::StringRef style);
  void polyline(llvm::ArrayRef<std::pair<double, double>> places,
                llvm::StringRef style);

  /// Lines over the picture and labels for these values of an axis.
  void xAxis(const Scale &x, llvm::ArrayRef<double> ticks, double top,
             double bottom, llvm::StringRef name,
             llvm::function_ref<std::string(double)> format);
  void yAxis(const Scale &y, llvm::ArrayRef<double> ticks, double left,
             double right, llvm::StringRef name,
             llvm::function_ref<std::string(double)> format);

private:
  llvm::raw_ostream &out;
};

} // namespace seednorm::tuning::report

#endif // SEEDNORM_LIB_TUNING_REPORTSVG_H
