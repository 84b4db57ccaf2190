//===- Report.cpp - seednorm-tune report ---------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a database to a page. Knows nothing of what is on the page.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Report.h"
#include "Command.h"
#include "OpenDatabase.h"
#include "Subcommands.h"
#include "Version.h"
#include "seednorm/Runtime/Files.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Path.h"
#include <utility>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

static constexpr const char *overview =
    R"(Writes what a database of measurements says as one HTML page with pictures:
bandwidth against the roof, best against default schedule, which fields of
schedules mattered, how the searches went, and every best schedule.

  seednorm-tune report
  seednorm-tune report --output=page.html --roof=copy=19.5@2 --roof=copy=12.3@1

The page needs no network and no other file.
)";

namespace {

/// The declarations; each stores into a field.
struct Declarations {
  using Text = cl::opt<std::string>;

  cl::OptionCategory category{"Options of seednorm-tune report"};
  Text database{
      "db", cl::cat(category), cl::value_desc("file"),
      cl::desc("The database (default: SEEDNORM_TUNING_DB, or tuning.db in "
               "seednorm in XDG_CACHE_HOME or ~/.cache)")};
  Text output{"output", cl::cat(category), cl::value_desc("file"),
              cl::init("report.html"),
              cl::desc("The page; - is stdout (default: report.html)")};
  cl::alias outputAlias{"o", cl::aliasopt(output), cl::cat(category),
                        cl::desc("The same as --output")};
  Text program{"program", cl::cat(category), cl::value_desc("hash"),
               cl::desc("Only programs whose hash begins with this")};
  Text target{"target", cl::cat(category), cl::value_desc("name"),
              cl::desc("Only this target, as the page and seednorm-tune list "
                       "name it")};
  Text title{"title", cl::cat(category), cl::value_desc("text"),
             cl::init("Tuning report"), cl::desc("The page's heading")};
  cl::list<std::string> roofs{
      "roof", cl::cat(category), cl::value_desc("name=GB/s[@threads]"),
      cl::desc("A bandwidth that memory reaches, to compare with; with @, only "
               "for kernels of so many threads")};
};

} // namespace

static Expected<Roof> parseRoof(StringRef text) {
  auto [name, rest] = text.rsplit('=');
  auto [number, threads] = rest.split('@');
  Roof roof;
  roof.name = name.str();
  double gigabytes = 0;
  bool isWrong = name.empty() || name.size() == text.size() ||
                 number.getAsDouble(gigabytes) || !(gigabytes > 0) ||
                 gigabytes > 1e9;
  if (rest.contains('@'))
    isWrong |= threads.getAsInteger(10, roof.threads) || roof.threads < 1;
  if (isWrong)
    return makeError("--roof is " + quote(text) +
                     ", but name=GB/s or name=GB/s@threads is expected, as "
                     "copy=19.5@2");
  roof.bytesPerSecond = gigabytes * 1e9;
  return roof;
}

/// An error where there are measurements but none that the options ask for.
static Error checkFilter(const Database &database, const Filter &filter) {
  Expected<std::vector<Measurement>> all = database.getMeasurements();
  if (!all)
    return all.takeError();
  if (all->empty())
    return Error::success();
  std::string what;
  if (!filter.program.empty())
    what += " of program " + quote(filter.program);
  if (!filter.target.empty())
    what += " on target " + quote(filter.target);
  return makeError(quote(database.getPath()) + " has no measurement" + what);
}

static Error writePage(const Declarations &options) {
  Expected<Database> database =
      tune::openDatabase(options.database, Database::Access::Read);
  if (!database)
    return database.takeError();
  Filter filter;
  filter.program = options.program;
  filter.target = options.target;
  Expected<std::vector<Measurement>> measurements =
      database->getMeasurements(filter);
  if (!measurements)
    return measurements.takeError();
  if (measurements->empty())
    if (Error error = checkFilter(*database, filter))
      return error;
  Expected<Contents> contents = database->getContents();
  if (!contents)
    return contents.takeError();

  ReportOptions report;
  report.title = options.title;
  report.source = sys::path::filename(database->getPath()).str();
  report.programs = std::move(contents->programs);
  for (StringRef text : options.roofs) {
    Expected<Roof> roof = parseRoof(text);
    if (!roof)
      return roof.takeError();
    report.roofs.push_back(std::move(*roof));
  }
  auto print = [&](raw_ostream &out) {
    return writeReport(*measurements, report, out);
  };
  return options.output == "-" ? print(outs())
                               : writeFile(options.output, print);
}

Expected<int> tune::runReport(int argc, char **argv) {
  cl::SetVersionPrinter(printVersion);
  Declarations options;
  if (Error error = parseCommandLine(argc, argv, overview))
    return error;
  if (Error error = writePage(options))
    return error;
  return 0;
}
