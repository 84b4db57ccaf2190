//===- Print.cpp - The static report as table and as JSON ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A table of all kernels, then what each does to memory. What is not known is a
// dash in the table and null in JSON, never a zero.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/Report.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include <iterator>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

using Row = std::vector<std::string>;

/// The first two columns begin at the left, the others end at the right.
static void printRows(raw_ostream &stream, ArrayRef<Row> rows) {
  std::vector<size_t> widths(rows.front().size());
  for (const Row &row : rows)
    for (auto [width, cell] : zip_equal(widths, row))
      width = std::max(width, cell.size());
  for (const Row &row : rows) {
    std::string line;
    for (auto [column, cell] : enumerate(row)) {
      size_t space = widths[column] - cell.size();
      line += column < 2 ? cell + std::string(space, ' ')
                         : std::string(space, ' ') + cell;
      line += "  ";
    }
    stream << StringRef(line).rtrim() << "\n";
  }
}

static std::string formatFraction(double fraction) {
  std::string text;
  raw_string_ostream(text) << format("%.0f %%", 100 * fraction);
  return text;
}

static std::string joinLimits(const Occupancy &occupancy) {
  return join(map_range(occupancy.limits, [](Limit l) { return getName(l); }),
              ", ");
}

/// "8x128 1x32": how many of how many bits.
static std::string formatWidths(const PTXKernel &kernel, AccessKind kind) {
  std::string text;
  unsigned count = 0;
  ArrayRef<Access> accesses = kernel.accesses;
  for (auto [index, access] : enumerate(accesses)) {
    if (access.space != Space::Global || access.kind != kind)
      continue;
    count += access.count.total;
    // Those of one width stand side by side.
    if (index + 1 < accesses.size() &&
        accesses[index + 1].space == Space::Global &&
        accesses[index + 1].kind == kind &&
        accesses[index + 1].bits == access.bits)
      continue;
    text += (text.empty() ? "" : " ") + std::to_string(count) + "x" +
            std::to_string(access.bits);
    count = 0;
  }
  return text.empty() ? "0" : text;
}

static Row makeRow(const KernelReport &report) {
  const PTXKernel &ptx = report.ptx;
  auto number = [](uint64_t value) { return std::to_string(value); };
  Row row = {report.chip, ptx.name,
             report.threads ? number(report.threads) : "-"};
  if (const auto &assembled = report.assembled)
    row.insert(row.end(), {number(assembled->registers),
                           number(assembled->spillStores) + "/" +
                               number(assembled->spillLoads),
                           number(assembled->stack), number(assembled->shared),
                           number(assembled->codeBytes)});
  else
    row.insert(row.end(), 5, "-");
  row.push_back(report.occupancy ? formatFraction(report.occupancy->fraction)
                                 : "-");
  row.insert(row.end(),
             {formatWidths(ptx, AccessKind::Load),
              formatWidths(ptx, AccessKind::Store), number(ptx.barriers.total),
              number(ptx.shuffles.total), number(ptx.specialFunctions.total),
              number(ptx.instructions.total)});
  return row;
}

/// "13 (12 in loops, 1 in loops inside loops)".
static void printPlaces(raw_ostream &stream, const Count &count) {
  stream << count.total;
  StringRef separator = " (";
  std::string where = "in loops";
  for (unsigned number : drop_begin(count.byDepth)) {
    if (number) {
      stream << separator << number << " " << where;
      separator = ", ";
    }
    where += " inside loops";
  }
  stream << (separator == ", " ? ")\n" : "\n");
}

static void printAccess(raw_ostream &stream, const Access &access) {
  stream << "  " << getName(access.space) << " " << getName(access.kind)
         << ", ";
  if (access.bits)
    stream << access.bits << " bits";
  else
    stream << "a size of its own";
  if (!access.hints.empty())
    stream << ", " << access.hints;
  stream << ": ";
  printPlaces(stream, access.count);
}

static void printCount(raw_ostream &stream, StringRef name,
                       const Count &count) {
  if (count.total == 0)
    return;
  stream << "  " << name << ": ";
  printPlaces(stream, count);
}

static void printDetails(raw_ostream &stream, const KernelReport &report) {
  const PTXKernel &ptx = report.ptx;
  stream << "\n" << ptx.name << ", " << report.chip << "\n";
  if (const auto &occupancy = report.occupancy)
    stream << "  occupancy: " << occupancy->ctas << " CTAs and "
           << occupancy->warps << " warps an SM, limited by "
           << joinLimits(*occupancy) << "\n";
  for (const Access &access : ptx.accesses)
    printAccess(stream, access);
  printCount(stream, "barriers", ptx.barriers);
  printCount(stream, "cluster barriers", ptx.clusterBarriers);
  printCount(stream, "shuffles", ptx.shuffles);
  printCount(stream, "votes", ptx.votes);
  printCount(stream, "special functions", ptx.specialFunctions);
  printCount(stream, "packed arithmetic", ptx.packed);
  printCount(stream, "calls", ptx.calls);
  printCount(stream, "instructions", ptx.instructions);
  for (const auto &[device, estimate] : report.estimates)
    stream << "  " << device->title << ": "
           << format("%.2f us, %.0f %% of peak bandwidth, bound by ",
                     1e6 * estimate.seconds, 100 * estimate.fractionOfPeak)
           << getName(estimate.bound)
           << format(" (memory %.2f, latency %.2f, issue %.2f)\n",
                     1e6 * estimate.memorySeconds,
                     1e6 * estimate.latencySeconds,
                     1e6 * estimate.issueSeconds);
}

void gpureport::printTable(raw_ostream &stream,
                           ArrayRef<KernelReport> kernels) {
  std::vector<Row> rows = {{"chip", "kernel", "threads", "registers",
                            "spills B", "stack B", "shared B", "code B",
                            "occupancy", "loads", "stores", "barriers",
                            "shuffles", "special", "instructions"}};
  for (const KernelReport &report : kernels)
    rows.push_back(makeRow(report));
  printRows(stream, rows);
  bool estimates = false;
  for (const KernelReport &report : kernels) {
    printDetails(stream, report);
    estimates |= !report.estimates.empty();
  }
  if (!estimates)
    return;
  stream << "\nAssumptions of the estimates:\n";
  for (StringRef assumption : getAssumptions())
    stream << "- " << assumption << "\n";
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static json::Value toJSON(const Count &count) {
  return json::Object{{"total", count.total},
                      {"in_loops", count.inLoops},
                      {"by_depth", json::Array(count.byDepth)}};
}

static json::Value toJSON(const Access &access) {
  return json::Object{{"space", getName(access.space)},
                      {"kind", getName(access.kind)},
                      {"bits", access.bits},
                      {"hints", access.hints},
                      {"total", access.count.total},
                      {"in_loops", access.count.inLoops}};
}

static json::Value toJSON(const AssembledKernel &kernel) {
  return json::Object{{"registers", kernel.registers},
                      {"barriers", kernel.barriers},
                      {"stack", kernel.stack},
                      {"spill_stores", kernel.spillStores},
                      {"spill_loads", kernel.spillLoads},
                      {"shared", kernel.shared},
                      {"code_bytes", kernel.codeBytes}};
}

static json::Value toJSON(const Occupancy &occupancy) {
  json::Array limits;
  for (Limit limit : occupancy.limits)
    limits.push_back(getName(limit));
  return json::Object{{"ctas", occupancy.ctas},
                      {"warps", occupancy.warps},
                      {"fraction", occupancy.fraction},
                      {"limits", std::move(limits)}};
}

static json::Value toJSON(const Device &device, const Estimate &estimate) {
  return json::Object{{"gpu", device.name},
                      {"seconds", estimate.seconds},
                      {"bound", getName(estimate.bound)},
                      {"fraction_of_peak", estimate.fractionOfPeak},
                      {"memory_seconds", estimate.memorySeconds},
                      {"latency_seconds", estimate.latencySeconds},
                      {"issue_seconds", estimate.issueSeconds}};
}

static json::Value toJSON(const KernelReport &report) {
  const PTXKernel &ptx = report.ptx;
  json::Array accesses, estimates;
  for (const Access &access : ptx.accesses)
    accesses.push_back(toJSON(access));
  for (const auto &[device, estimate] : report.estimates)
    estimates.push_back(toJSON(*device, estimate));
  json::Object object{{"chip", report.chip},
                      {"name", json::fixUTF8(ptx.name)},
                      {"threads", nullptr},
                      {"cluster_ctas", ptx.clusterCTAs},
                      {"dynamic_shared", report.dynamicShared},
                      {"bytes_in_flight", ptx.bytesInFlight},
                      {"accesses", std::move(accesses)},
                      {"instructions", toJSON(ptx.instructions)},
                      {"barriers", toJSON(ptx.barriers)},
                      {"cluster_barriers", toJSON(ptx.clusterBarriers)},
                      {"shuffles", toJSON(ptx.shuffles)},
                      {"votes", toJSON(ptx.votes)},
                      {"special_functions", toJSON(ptx.specialFunctions)},
                      {"packed", toJSON(ptx.packed)},
                      {"calls", toJSON(ptx.calls)},
                      {"assembled", nullptr},
                      {"occupancy", nullptr},
                      {"estimates", std::move(estimates)}};
  if (report.threads)
    object["threads"] = report.threads;
  if (report.assembled)
    object["assembled"] = toJSON(*report.assembled);
  if (report.occupancy)
    object["occupancy"] = toJSON(*report.occupancy);
  return object;
}

json::Value gpureport::toJSON(ArrayRef<KernelReport> kernels) {
  json::Array array, assumptions;
  for (const KernelReport &report : kernels)
    array.push_back(::toJSON(report));
  for (StringRef assumption : getAssumptions())
    assumptions.push_back(assumption);
  return json::Object{{"kernels", std::move(array)},
                      {"assumptions", std::move(assumptions)}};
}
