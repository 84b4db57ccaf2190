//===- Report.cpp - What was seen of a kernel -----------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums of launches, and the report as a table and as JSON.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace seednorm::emulator;
using llvm::StringRef;

StringRef seednorm::emulator::nameOf(FindingKind kind) {
  switch (kind) {
  case FindingKind::OutOfBounds:
    return "access out of bounds";
  case FindingKind::Misaligned:
    return "misaligned access";
  case FindingKind::UninitialisedShared:
    return "uninitialised shared memory";
  case FindingKind::UninitialisedGlobal:
    return "uninitialised global memory";
  case FindingKind::SharedRace:
    return "data race in shared memory";
  case FindingKind::GlobalRace:
    return "data race in global memory";
  case FindingKind::DeadShared:
    return "shared memory of no live CTA";
  case FindingKind::EarlyAccess:
    return "access before the dependency";
  case FindingKind::BarrierDivergence:
    return "barrier divergence";
  case FindingKind::InactiveLane:
    return "shuffle of an inactive lane";
  case FindingKind::Assertion:
    return "assertion";
  case FindingKind::Execution:
    return "execution";
  }
  return "unknown";
}

StringRef seednorm::emulator::nameOf(InstructionClass kind) {
  switch (kind) {
  case InstructionClass::Fp32:
    return "fp32";
  case InstructionClass::Fp64:
    return "fp64";
  case InstructionClass::Half:
    return "half";
  case InstructionClass::Integer:
    return "integer";
  case InstructionClass::Conversion:
    return "conversion";
  case InstructionClass::SpecialFunction:
    return "special";
  case InstructionClass::Branch:
    return "branch";
  case InstructionClass::Barrier:
    return "barrier";
  case InstructionClass::Shuffle:
    return "shuffle";
  case InstructionClass::Other:
    return "other";
  }
  return "unknown";
}

StringRef seednorm::emulator::nameOf(Space space) {
  switch (space) {
  case Space::Global:
    return "global";
  case Space::Shared:
    return "shared";
  case Space::Local:
    return "local";
  }
  return "unknown";
}

StringRef seednorm::emulator::nameOf(AccessKind kind) {
  switch (kind) {
  case AccessKind::Load:
    return "load";
  case AccessKind::Store:
    return "store";
  case AccessKind::Atomic:
    return "atomic";
  }
  return "unknown";
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

void AccessCounters::add(const AccessCounters &other) {
  threads += other.threads;
  warps += other.warps;
  sectors += other.sectors;
  usedBytes += other.usedBytes;
  wavefronts += other.wavefronts;
  extraWavefronts += other.extraWavefronts;
}

double AccessCounters::efficiency() const {
  return sectors == 0 ? 1 : double(usedBytes) / double(movedBytes());
}

void KernelReport::addFinding(const Finding &finding) {
  auto same = llvm::find_if(findings, [&](const Finding &other) {
    return other.kind == finding.kind && other.site == finding.site;
  });
  if (same == findings.end()) {
    findings.push_back(finding);
    llvm::sort(findings, [](const Finding &left, const Finding &right) {
      return std::tie(left.site, left.kind) < std::tie(right.site, right.kind);
    });
    return;
  }
  uint64_t count = same->count + finding.count;
  if (std::tie(finding.cta, finding.thread) < std::tie(same->cta, same->thread))
    *same = finding;
  same->count = count;
}

/// Of two figures that may be unknown, one unknown makes the sum so.
static void addTo(std::optional<uint64_t> &sum,
                  const std::optional<uint64_t> &other) {
  sum = sum && other ? std::optional(*sum + *other) : std::nullopt;
}

void KernelReport::add(const KernelReport &other) {
  launches += other.launches;
  ctas += other.ctas;
  threads += other.threads;
  addTo(rows, other.rows);
  addTo(minimumLoadBytes, other.minimumLoadBytes);
  addTo(minimumStoreBytes, other.minimumStoreBytes);

  std::vector<uint32_t> siteOf;
  for (const auto &[index, site] : llvm::enumerate(other.sites)) {
    // Launches of one kernel have the same table.
    if (index < sites.size() && sites[index] == site) {
      siteOf.push_back(index);
      continue;
    }
    siteOf.push_back(llvm::find(sites, site) - sites.begin());
    if (siteOf.back() == sites.size())
      sites.push_back(site);
  }
  for (Finding finding : other.findings) {
    finding.site = siteOf[finding.site];
    addFinding(finding);
  }
  for (const auto &[key, counters] : other.accesses)
    accesses[{siteOf[key.first], key.second}].add(counters);
  for (unsigned index = 0; index < NumInstructionClasses; ++index)
    instructions[index] += other.instructions[index];
  barriers += other.barriers;
  clusterBarriers += other.clusterBarriers;
  warpSyncs += other.warpSyncs;
  loadedDramBytes += other.loadedDramBytes;
  storedDramBytes += other.storedDramBytes;
}

AccessCounters KernelReport::total(Space space) const {
  AccessCounters sum;
  for (AccessKind kind :
       {AccessKind::Load, AccessKind::Store, AccessKind::Atomic})
    sum.add(total(space, kind));
  return sum;
}

AccessCounters KernelReport::total(Space space, AccessKind kind) const {
  AccessCounters sum;
  for (const auto &[key, counters] : accesses)
    if (key.second.space == space && key.second.kind == kind)
      sum.add(counters);
  return sum;
}

std::map<AccessType, AccessCounters> KernelReport::byType() const {
  std::map<AccessType, AccessCounters> result;
  for (const auto &[key, counters] : accesses)
    result[key.second].add(counters);
  return result;
}

std::optional<double> KernelReport::dramRatio() const {
  if (!minimumLoadBytes || !minimumStoreBytes ||
      *minimumLoadBytes + *minimumStoreBytes == 0)
    return std::nullopt;
  return double(loadedDramBytes + storedDramBytes) /
         double(*minimumLoadBytes + *minimumStoreBytes);
}

void ExecutionReport::add(const KernelReport &launch) {
  for (KernelReport &report : reports)
    if (report.kernel == launch.kernel)
      return report.add(launch);
  reports.push_back(launch);
}

bool ExecutionReport::hasFindings() const {
  return llvm::any_of(reports, [](const KernelReport &report) {
    return !report.findings.empty();
  });
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Object toJSON(const AccessType &type,
                                 const AccessCounters &counters) {
  llvm::json::Object object{{"space", nameOf(type.space)},
                            {"kind", nameOf(type.kind)},
                            {"bytes", type.bytes},
                            {"threads", counters.threads},
                            {"warps", counters.warps}};
  if (type.space == Space::Global) {
    object["sectors"] = counters.sectors;
    object["used_bytes"] = counters.usedBytes;
    object["efficiency"] = counters.efficiency();
  } else if (type.space == Space::Shared) {
    object["wavefronts"] = counters.wavefronts;
    object["extra_wavefronts"] = counters.extraWavefronts;
  }
  return object;
}

static void setKnown(llvm::json::Object &object, StringRef key,
                     const std::optional<uint64_t> &value) {
  if (value)
    object[key] = *value;
}

static llvm::json::Array findingsToJSON(const KernelReport &report) {
  llvm::json::Array findings;
  for (const Finding &finding : report.findings) {
    const Site &site = report.sites[finding.site];
    findings.push_back(llvm::json::Object{{"kind", nameOf(finding.kind)},
                                          {"location", site.location},
                                          {"function", site.function},
                                          {"operation", site.text},
                                          {"cta", finding.cta},
                                          {"thread", finding.thread},
                                          {"message", finding.message},
                                          {"count", finding.count}});
  }
  return findings;
}

static llvm::json::Array accessesToJSON(const KernelReport &report) {
  llvm::json::Array accesses;
  for (const auto &[key, counters] : report.accesses) {
    const Site &site = report.sites[key.first];
    llvm::json::Object access = toJSON(key.second, counters);
    access["location"] = site.location;
    access["function"] = site.function;
    access["operation"] = site.text;
    accesses.push_back(std::move(access));
  }
  return accesses;
}

llvm::json::Value KernelReport::toJSON() const {
  llvm::json::Object dram{{"loaded_bytes", loadedDramBytes},
                          {"stored_bytes", storedDramBytes}};
  setKnown(dram, "minimum_loaded_bytes", minimumLoadBytes);
  setKnown(dram, "minimum_stored_bytes", minimumStoreBytes);
  if (std::optional<double> ratio = dramRatio())
    dram["ratio"] = *ratio;

  llvm::json::Object classes;
  for (unsigned index = 0; index < NumInstructionClasses; ++index)
    classes[nameOf(InstructionClass(index))] = instructions[index];
  llvm::json::Array types;
  for (const auto &[type, counters] : byType())
    types.push_back(::toJSON(type, counters));

  AccessCounters global = total(Space::Global), shared = total(Space::Shared);
  llvm::json::Object object{
      {"kernel", kernel},
      {"launches", launches},
      {"ctas", ctas},
      {"threads", threads},
      {"findings", findingsToJSON(*this)},
      {"dram", std::move(dram)},
      {"global", llvm::json::Object{{"sectors", global.sectors},
                                    {"used_bytes", global.usedBytes},
                                    {"moved_bytes", global.movedBytes()},
                                    {"efficiency", global.efficiency()}}},
      {"shared",
       llvm::json::Object{{"wavefronts", shared.wavefronts},
                          {"extra_wavefronts", shared.extraWavefronts}}},
      {"barriers", barriers},
      {"cluster_barriers", clusterBarriers},
      {"warp_synchronisations", warpSyncs},
      {"instructions", std::move(classes)},
      {"access_types", std::move(types)},
      {"accesses", accessesToJSON(*this)}};
  setKnown(object, "rows", rows);
  if (ctas)
    object["barriers_per_cta"] = double(barriers) / double(ctas);
  if (rows && *rows)
    object["barriers_per_row"] = double(barriers) / double(*rows);
  return object;
}

llvm::json::Value ExecutionReport::toJSON() const {
  llvm::json::Array kernels;
  for (const KernelReport &report : reports)
    kernels.push_back(report.toJSON());
  return llvm::json::Object{{"kernels", std::move(kernels)}};
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

namespace {
/// Rows of cells under headings: text to the left, numbers to the right.
class Table {
public:
  explicit Table(std::initializer_list<StringRef> headings) {
    addRow(std::vector<std::string>(headings.begin(), headings.end()));
  }
  void addRow(std::vector<std::string> cells) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (const auto &[index, cell] : llvm::enumerate(cells))
      widths[index] = std::max(widths[index], cell.size());
    rows.push_back(std::move(cells));
  }
  bool isEmpty() const { return rows.size() == 1; }
  void print(llvm::raw_ostream &os) const {
    for (const std::vector<std::string> &row : rows) {
      std::string line = " ";
      for (const auto &[index, cell] : llvm::enumerate(row)) {
        std::string space(widths[index] - cell.size(), ' ');
        line += ' ' + (isNumeric(index) ? space + cell : cell + space) + ' ';
      }
      os << StringRef(line).rtrim() << '\n';
    }
  }

private:
  bool isNumeric(size_t column) const {
    return llvm::all_of(llvm::drop_begin(rows), [&](const auto &row) {
      StringRef cell = row[column];
      return cell == "-" || (!cell.empty() && llvm::isDigit(cell.front()));
    });
  }

  std::vector<std::vector<std::string>> rows;
  std::vector<size_t> widths;
};
} // namespace

static std::string number(uint64_t value) { return llvm::utostr(value); }
static std::string decimal(double value) {
  return llvm::formatv("{0:f3}", value);
}
static std::string known(const std::optional<uint64_t> &value) {
  return value ? number(*value) : "-";
}
static std::string ratio(uint64_t count, const std::optional<uint64_t> &of) {
  return of && *of ? decimal(double(count) / double(*of)) : "-";
}
static StringRef locationOf(const Site &site) {
  if (!site.location.empty())
    return site.location;
  return site.function.empty() ? "?" : StringRef(site.function);
}

void KernelReport::printFindings(llvm::raw_ostream &os) const {
  for (const Finding &finding : findings) {
    const Site &site = sites[finding.site];
    os << locationOf(site) << ": " << nameOf(finding.kind) << ": kernel '"
       << kernel << "', CTA " << finding.cta << ", thread " << finding.thread
       << ": " << finding.message;
    if (finding.count > 1)
      os << " (" << finding.count << " times)";
    os << '\n';
    if (!site.text.empty())
      os << "  " << StringRef(site.text).trim() << '\n';
  }
}

static void printDram(const KernelReport &report, llvm::raw_ostream &os) {
  Table table{"DRAM (distinct sectors)", "bytes", "minimum", "ratio"};
  table.addRow({"loaded", number(report.loadedDramBytes),
                known(report.minimumLoadBytes),
                ratio(report.loadedDramBytes, report.minimumLoadBytes)});
  table.addRow({"stored", number(report.storedDramBytes),
                known(report.minimumStoreBytes),
                ratio(report.storedDramBytes, report.minimumStoreBytes)});
  table.print(os);
}

/// The columns that depend on the space; "-" where they say nothing.
static std::vector<std::string> accessCells(const AccessType &type,
                                            const AccessCounters &counters) {
  bool isGlobal = type.space == Space::Global;
  bool isShared = type.space == Space::Shared;
  return {number(type.bytes),
          number(counters.warps),
          isGlobal ? number(counters.sectors) : "-",
          isGlobal ? decimal(counters.efficiency()) : "-",
          isShared ? number(counters.wavefronts) : "-",
          isShared ? number(counters.extraWavefronts) : "-"};
}

static void printAccesses(const KernelReport &report, llvm::raw_ostream &os) {
  Table types{"access",     "bytes",      "by warps", "sectors",
              "efficiency", "wavefronts", "conflicts"};
  for (const auto &[type, counters] : report.byType()) {
    std::vector<std::string> row = accessCells(type, counters);
    row.insert(row.begin(),
               (nameOf(type.space) + " " + nameOf(type.kind)).str());
    types.addRow(std::move(row));
  }
  if (types.isEmpty())
    return;
  os << '\n';
  types.print(os);

  Table sites{"access",     "bytes",      "by warps",  "sectors",
              "efficiency", "wavefronts", "conflicts", "at"};
  for (const auto &[key, counters] : report.accesses) {
    const AccessType &type = key.second;
    std::vector<std::string> row = accessCells(type, counters);
    row.insert(row.begin(),
               (nameOf(type.space) + " " + nameOf(type.kind)).str());
    row.push_back(locationOf(report.sites[key.first]).str());
    sites.addRow(std::move(row));
  }
  os << '\n';
  sites.print(os);
}

static void printInstructions(const KernelReport &report,
                              llvm::raw_ostream &os) {
  Table table{"instructions", "by threads", "a thread"};
  for (unsigned index = 0; index < NumInstructionClasses; ++index)
    if (uint64_t count = report.instructions[index])
      table.addRow({nameOf(InstructionClass(index)).str(), number(count),
                    ratio(count, report.threads)});
  if (table.isEmpty())
    return;
  os << '\n';
  table.print(os);
}

void KernelReport::print(llvm::raw_ostream &os) const {
  os << "kernel '" << kernel << "': " << launches
     << (launches == 1 ? " launch, " : " launches, ") << ctas << " CTAs, "
     << threads << " threads";
  if (rows)
    os << ", " << *rows << " rows";
  os << '\n';
  if (findings.empty())
    os << "  no findings\n";
  else
    printFindings(os);
  printDram(*this, os);
  AccessCounters global = total(Space::Global);
  os << "  global sectors requested: " << global.sectors << ", "
     << global.usedBytes << " of " << global.movedBytes()
     << " bytes used (efficiency " << decimal(global.efficiency()) << ")\n"
     << "  shared memory wavefronts added by bank conflicts: "
     << extraWavefronts() << '\n'
     << "  barriers: " << barriers << " (" << ratio(barriers, ctas)
     << " a CTA, " << ratio(barriers, rows) << " a row)";
  if (clusterBarriers)
    os << ", of the cluster: " << clusterBarriers;
  os << '\n';
  printAccesses(*this, os);
  printInstructions(*this, os);
}

void ExecutionReport::print(llvm::raw_ostream &os) const {
  llvm::interleave(
      reports, [&](const KernelReport &report) { report.print(os); },
      [&] { os << '\n'; });
}
