//===- ReportSVG.cpp - Parts of pictures and of pages --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All is written so that it is well-formed XML as well, which tests can parse.
// It must not know what is drawn.
//
//===----------------------------------------------------------------------===//

#include "ReportSVG.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Format.h"
#include <algorithm>
#include <cmath>

using namespace llvm;
using namespace seednorm::tuning;
using namespace seednorm::tuning::report;

/// Whether a character, given as its bytes, shows as what it is.
static bool isVisible(StringRef bytes) {
  unsigned char first = bytes[0];
  if (first < 0x80)
    return isPrint(first);
  UTF32 code = 0;
  const auto *source = reinterpret_cast<const UTF8 *>(bytes.begin());
  UTF32 *target = &code;
  if (ConvertUTF8toUTF32(&source, reinterpret_cast<const UTF8 *>(bytes.end()),
                         &target, &code + 1, strictConversion) != conversionOK)
    return false;
  bool isControl = code < 0xa0 || (code & 0xfffe) == 0xfffe;
  bool isReordering = code == 0x061c || code == 0x200e || code == 0x200f ||
                      (code >= 0x2028 && code <= 0x202e) ||
                      (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
  return !isControl && !isReordering;
}

std::string report::escape(StringRef text, size_t longest) {
  bool isCut = text.size() > longest;
  std::string result;
  for (size_t at = 0; at < text.size() && at < longest;) {
    size_t size =
        std::min<size_t>(getNumBytesForUTF8(text[at]), text.size() - at);
    StringRef character = text.substr(at, std::max<size_t>(size, 1));
    if (!isVisible(character)) {
      character = character.take_front(1);
      if (character == "\n" || character == "\t")
        result += ' ';
      else
        result += "\\x" + toHex(character, /*LowerCase=*/true);
    } else if (StringRef("<>&\"'").contains(character[0])) {
      result += "&#" + std::to_string(character[0]) + ";";
    } else {
      result += character;
    }
    at += character.size();
  }
  return isCut ? result + "…" : result;
}

static std::string formatDigits(double value, unsigned digits) {
  std::string text;
  raw_string_ostream(text) << format("%.*f", int(digits), value);
  return text;
}

std::string report::formatNumber(double value) {
  double size = std::abs(value);
  if (!std::isfinite(value) || size >= 1e15)
    return "–";
  if (size == 0)
    return "0";
  return formatDigits(value, size >= 100  ? 0
                             : size >= 10 ? 1
                             : size >= 1  ? 2
                                          : 3);
}

std::string report::formatTick(double value) {
  std::string text;
  raw_string_ostream(text) << format("%.6g", value);
  return text;
}

std::string report::formatSeconds(double seconds) {
  if (seconds < 1e-6)
    return formatNumber(seconds * 1e9) + " ns";
  if (seconds < 1e-3)
    return formatNumber(seconds * 1e6) + " µs";
  if (seconds < 1)
    return formatNumber(seconds * 1e3) + " ms";
  return formatNumber(seconds) + " s";
}

std::string report::formatBytes(double bytes) {
  static constexpr const char *units[] = {"B",   "KiB", "MiB", "GiB",
                                          "TiB", "PiB", "EiB"};
  size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < std::size(units)) {
    bytes /= 1024;
    ++unit;
  }
  bool isWhole = bytes == std::floor(bytes);
  return (isWhole ? formatDigits(bytes, 0) : formatNumber(bytes)) + " " +
         units[unit];
}

std::string report::formatRatio(double ratio, unsigned digits) {
  return (ratio < 1e6 ? formatDigits(ratio, digits) : "–") + "×";
}

void Range::add(double value) {
  if (!std::isfinite(value))
    return;
  low = isEmpty ? value : std::min(low, value);
  high = isEmpty ? value : std::max(high, value);
  isEmpty = false;
}

double Scale::operator()(double value) const {
  auto map = [&](double v) {
    return isLog ? std::log(std::max(v, 1e-300)) : v;
  };
  double size = map(high) - map(low);
  double part = size > 0 ? (map(value) - map(low)) / size : 0.5;
  if (!std::isfinite(part))
    part = 0;
  return from + std::clamp(part, 0.0, 1.0) * (to - from);
}

std::vector<double> Scale::getTicks(unsigned count) const {
  constexpr size_t most = 40;
  std::vector<double> ticks;
  if (!(high > low) || count == 0 || (isLog && low <= 0))
    return {low};
  // Over less than a decade even a logarithmic axis wants round differences.
  if (!isLog || high / low < 8) {
    double step = std::pow(10.0, std::floor(std::log10((high - low) / count)));
    for (double factor : {1., 2., 5., 10.})
      if ((high - low) / (step * factor) <= count) {
        step *= factor;
        break;
      }
    double first = std::ceil(low / step - 1e-9);
    for (size_t i = 0; i < most && (first + i) * step <= high + step * 1e-9;
         ++i)
      ticks.push_back((first + i) * step);
    return ticks;
  }
  bool isWide = std::log10(high / low) > 3;
  int lowest = std::floor(std::log10(low)), highest = std::log10(high);
  for (int exponent = lowest; exponent <= highest; ++exponent)
    for (double factor : {1., 2., 5.}) {
      double tick = std::pow(10.0, exponent) * factor;
      if ((!isWide || factor == 1) && tick >= low * (1 - 1e-9) &&
          tick <= high * (1 + 1e-9) && ticks.size() < most)
        ticks.push_back(tick);
    }
  return ticks;
}

namespace {
/// A length with one digit after the point where it needs one.
struct Length {
  double value;
};
} // namespace

static raw_ostream &operator<<(raw_ostream &out, Length length) {
  double rounded = std::round(length.value * 10) / 10;
  if (rounded == std::floor(rounded))
    return out << int64_t(rounded);
  return out << format("%.1f", rounded);
}

SVG::SVG(raw_ostream &out, double width, double height, StringRef description)
    : out(out) {
  out << "<svg viewBox=\"0 0 " << Length{width} << ' ' << Length{height}
      << "\" width=\"" << Length{width} << "\" height=\"" << Length{height}
      << "\" role=\"img\" aria-label=\"" << escape(description) << "\">\n";
}

SVG::~SVG() { out << "</svg>\n"; }

void SVG::line(double x1, double y1, double x2, double y2, StringRef style) {
  out << "<path class=\"" << style << "\" d=\"M" << Length{x1} << ' '
      << Length{y1} << 'L' << Length{x2} << ' ' << Length{y2} << "\"/>\n";
}

/// The end of an element that may have a tip.
static void finish(raw_ostream &out, StringRef element, StringRef tip) {
  if (tip.empty())
    out << "/>\n";
  else
    out << "><title>" << escape(tip, 400) << "</title></" << element << ">\n";
}

void SVG::rect(double x, double y, double width, double height, StringRef style,
               StringRef tip) {
  out << "<rect class=\"" << style << "\" x=\"" << Length{x} << "\" y=\""
      << Length{y} << "\" width=\"" << Length{std::max(width, 0.0)}
      << "\" height=\"" << Length{std::max(height, 0.0)} << '"';
  finish(out, "rect", tip);
}

void SVG::text(double x, double y, StringRef text, StringRef style,
               Anchor anchor) {
  out << "<text x=\"" << Length{x} << "\" y=\"" << Length{y} << '"';
  if (!style.empty())
    out << " class=\"" << style << '"';
  if (anchor != Anchor::Start)
    out << " text-anchor=\"" << (anchor == Anchor::End ? "end" : "middle")
        << '"';
  out << '>' << escape(text) << "</text>\n";
}

void SVG::verticalText(double x, double y, StringRef text) {
  out << "<text class=\"name\" text-anchor=\"middle\" transform=\"translate("
      << Length{x} << ' ' << Length{y} << ") rotate(-90)\">" << escape(text)
      << "</text>\n";
}

void SVG::mark(Mark mark, double x, double y, double size, StringRef style,
               StringRef tip) {
  double s = size;
  out << "<path class=\"" << style << "\" d=\"M";
  switch (mark) {
  case Mark::Circle:
    out << Length{x - s} << ' ' << Length{y};
    for (double width : {2 * s, -2 * s})
      out << 'a' << Length{s} << ' ' << Length{s} << " 0 0 1 " << Length{width}
          << " 0";
    break;
  case Mark::Square:
    s *= 0.9;
    out << Length{x - s} << ' ' << Length{y - s} << 'h' << Length{2 * s} << 'v'
        << Length{2 * s} << 'h' << Length{-2 * s} << 'z';
    break;
  case Mark::Diamond:
    s *= 1.25;
    out << Length{x} << ' ' << Length{y - s} << 'l' << Length{s} << ' '
        << Length{s} << 'l' << Length{-s} << ' ' << Length{s} << 'l'
        << Length{-s} << ' ' << Length{-s} << 'z';
    break;
  case Mark::Triangle:
    s *= 1.15;
    out << Length{x} << ' ' << Length{y - s} << 'l' << Length{s} << ' '
        << Length{1.8 * s} << 'h' << Length{-2 * s} << 'z';
    break;
  case Mark::Cross:
    out << Length{x - s} << ' ' << Length{y - s} << 'l' << Length{2 * s} << ' '
        << Length{2 * s} << "m0 " << Length{-2 * s} << 'l' << Length{-2 * s}
        << ' ' << Length{2 * s};
    break;
  }
  out << '"';
  finish(out, "path", tip);
}

void SVG::dots(ArrayRef<std::pair<double, double>> places, StringRef style) {
  if (places.empty())
    return;
  out << "<path class=\"" << style << "\" d=\"";
  // A line without length and with round ends is a dot.
  for (auto [x, y] : places)
    out << 'M' << Length{x} << ' ' << Length{y} << "h0";
  out << "\"/>\n";
}

void SVG::polyline(ArrayRef<std::pair<double, double>> places,
                   StringRef style) {
  if (places.size() < 2)
    return;
  out << "<path class=\"" << style << "\" d=\"";
  char command = 'M';
  for (auto [x, y] : places) {
    out << command << Length{x} << ' ' << Length{y};
    command = 'L';
  }
  out << "\"/>\n";
}

void SVG::xAxis(const Scale &x, ArrayRef<double> ticks, double top,
                double bottom, StringRef name,
                function_ref<std::string(double)> format) {
  for (double tick : ticks) {
    line(x(tick), top, x(tick), bottom, "grid");
    text(x(tick), bottom + 17, format(tick), "tick", Anchor::Middle);
  }
  line(x.from, bottom, x.to, bottom, "axis");
  text((x.from + x.to) / 2, bottom + 37, name, "name", Anchor::Middle);
}

void SVG::yAxis(const Scale &y, ArrayRef<double> ticks, double left,
                double right, StringRef name,
                function_ref<std::string(double)> format) {
  for (double tick : ticks) {
    line(left, y(tick), right, y(tick), "grid");
    text(left - 7, y(tick) + 4, format(tick), "tick", Anchor::End);
  }
  verticalText(14, (y.from + y.to) / 2, name);
}
