//===- GPUEstimate.cpp - How fast a schedule should be on a GPU ----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pipeline up to PTX, and what a schedule adds to a kernel's estimate.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/GPUEstimate.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Dialect/Rowwise/Transforms/RowAnalysis.h"
#include "seednorm/Dialect/Rowwise/Transforms/Workspace.h"
#include "seednorm/Pipelines/Pipelines.h"
#include "seednorm/Runtime/Model.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::gpureport;
using namespace seednorm::tuning;

/// What is taken for a number of rows that is not known, and a width.
static constexpr int64_t usualRows = 8192, usualWidth = 4096;
/// Of the first-level cache, which spilled registers go to.
static constexpr double cacheBytesPerCycle = 128;

static int64_t getNumRows(const SearchSpace &space) {
  return space.getKey().rows ? space.getKey().rows : usualRows;
}

static int64_t getWidth(const SearchSpace &space) {
  return space.getKey().width ? space.getKey().width : usualWidth;
}

Expected<std::optional<GPUEstimator>>
GPUEstimator::create(const SearchSpace &space) {
  const Target &target = space.getTarget();
  if (!StringRef(target.triple).starts_with("nvptx"))
    return std::nullopt;
  GPUEstimator estimator(space);
  for (const Device &device : getDevices())
    if (device.chip == StringRef(target.cpu).rtrim("af"))
      estimator.device = estimator.device ? estimator.device : &device;
  Expected<std::optional<std::string>> assembler = findAssembler();
  if (!assembler)
    return assembler.takeError();
  if (!*assembler || !estimator.device)
    return std::nullopt;
  estimator.assembler = **assembler;
  return estimator;
}

/// PTX of all kernels.
static Expected<std::string> compile(const SearchSpace &space,
                                     ScheduleAttr schedule) {
  ProgramOp program = space.getProgram();
  program.setScheduleAttr(schedule);
  mlir::OwningOpRef<mlir::ModuleOp> module(
      program->getParentOfType<mlir::ModuleOp>().clone());
  program.removeScheduleAttr();
  FirstError error(module->getContext());
  mlir::PassManager passes(module->getContext());
  mlir::seednorm::NVVMPipelineOptions options;
  options.chip = space.getTarget().cpu;
  options.format = "none";
  mlir::seednorm::buildNVVMPipeline(passes, options);
  mlir::GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = "isa";
  passes.addPass(mlir::createGpuModuleToBinaryPass(binary));
  if (mlir::failed(passes.run(*module)))
    return error.take("the pipeline failed");
  std::string text;
  for (auto op : module->getOps<mlir::gpu::BinaryOp>())
    for (mlir::Attribute object : op.getObjects()) {
      StringRef ptx =
          cast<mlir::gpu::ObjectAttr>(object).getObject().getValue();
      // The driver wants an end that the text has not.
      ptx.consume_back(StringRef("\0", 1));
      text += ptx;
    }
  return text;
}

/// Bytes of the row-shaped values, for each column.
template <typename Range>
static int64_t addBytes(const RowAnalysis &analysis, Range values) {
  int64_t bytes = 0;
  for (mlir::Value value : values)
    if (analysis.isRow(value))
      bytes += divideCeil(
          mlir::getElementTypeOrSelf(value).getIntOrFloatBitWidth(), 8);
  return bytes;
}

/// Rows pass between DRAM and chip once; what is not kept in registers is read
/// again from caches.
Work GPUEstimator::getRowWork(ScheduleAttr schedule) const {
  ProgramOp program = space->getProgram();
  RowAnalysis analysis(program);
  int64_t elements = getNumRows(*space) * getWidth(*space);
  int64_t read = addBytes(analysis, program.getRowArguments());
  int64_t columns = addBytes(analysis, program.getColumnArguments());
  SmallVector<mlir::Value> stored;
  for (auto [i, value] : enumerate(program.getYield()->getOperands()))
    if (!program.isAccumulated(i))
      stored.push_back(value);
  int64_t written = addBytes(analysis, ArrayRef<mlir::Value>(stored));
  Work work;
  work.bytes = elements * (read + written);
  int64_t sweeps = schedule.getKeepRow() ? 1 : analysis.getSweeps().size();
  work.accessedBytes = elements * (sweeps * read + written +
                                   (schedule.getKeepColumns() ? 0 : columns));
  return work;
}

Work GPUEstimator::getSumWork(ScheduleAttr schedule) const {
  ProgramOp program = space->getProgram();
  program.setScheduleAttr(schedule);
  SmallVector<int64_t> shape(program.getLeadingShape().size(), 1);
  if (!shape.empty())
    shape.front() = getNumRows(*space);
  shape.push_back(getWidth(*space));
  Work work;
  work.bytes = getWorkspaceBytes(program, shape);
  program.removeScheduleAttr();
  return work;
}

Expected<std::vector<KernelReport>>
GPUEstimator::report(ScheduleAttr schedule) const {
  Expected<std::string> ptx = compile(*space, schedule);
  if (!ptx)
    return ptx.takeError();
  Expected<PTXModule> module = readPTX(*ptx, "the candidate's PTX");
  if (!module)
    return module.takeError();
  ReportOptions options;
  options.assembler = assembler;
  options.devices = {device};
  for (const PTXKernel &kernel : module->kernels)
    options.work[kernel.name] = StringRef(kernel.name).ends_with("_sums")
                                    ? getSumWork(schedule)
                                    : getRowWork(schedule);
  return makeReport(*module, *ptx, space->getTarget().cpu, options);
}

/// The time of the kernel that goes over the rows.
double GPUEstimator::addSchedule(const KernelReport &kernel,
                                 const Estimate &estimate,
                                 ScheduleAttr schedule) const {
  int64_t clusters = std::max<int64_t>(schedule.getCtasPerRow(), 1);
  int64_t threads = schedule.getThreadsPerRow() * clusters;
  int64_t rows = getNumRows(*space), perCTA = schedule.getRowsPerBlock();
  double resident = double(kernel.occupancy->ctas) * device->sms;
  double ctas =
      std::min<double>(schedule.getCtas(), divideCeil(rows, perCTA) * clusters);
  // Fewer CTAs have fewer bytes in flight and leave processors idle.
  double idle = std::max(resident / ctas, 1.0);
  double idleSMs = std::max(device->sms / ctas, 1.0);
  double lanes =
      double(alignTo(getWidth(*space), threads * schedule.getVectorWidth())) /
      double(getWidth(*space));
  double longest =
      std::max({estimate.memorySeconds, estimate.latencySeconds * idle,
                estimate.issueSeconds * idleSMs * lanes});
  // All wait for the rounds of those that have most rows.
  double atOnce = std::min(ctas, resident) * double(perCTA) / double(clusters);
  double rounds = double(rows) / atOnce;
  longest *= std::max(std::ceil(rounds) / rounds, 1.0);
  double spilled =
      double(kernel.assembled->spillStores + kernel.assembled->spillLoads) *
      double(rows * threads);
  return longest +
         spilled / (cacheBytesPerCycle * device->sms * device->clockHz);
}

Expected<GPUEstimate> GPUEstimator::estimate(ScheduleAttr schedule) const {
  Expected<std::vector<KernelReport>> reports = report(schedule);
  if (!reports)
    return reports.takeError();
  GPUEstimate result;
  for (const KernelReport &kernel : *reports) {
    StringRef name = kernel.ptx.name;
    if (name.ends_with("_unaligned") || kernel.estimates.empty())
      continue;
    const Estimate &estimate = kernel.estimates.front().second;
    double own = std::max({estimate.memorySeconds, estimate.latencySeconds,
                           estimate.issueSeconds});
    double launch = estimate.seconds - own;
    if (!name.ends_with("_sums")) {
      own = addSchedule(kernel, estimate, schedule);
      result.registers = kernel.assembled->registers;
      result.spilledBytes =
          kernel.assembled->spillStores + kernel.assembled->spillLoads;
      result.occupancy = kernel.occupancy->fraction;
    }
    result.seconds += launch + own;
  }
  if (result.seconds == 0)
    return makeError("no kernel of the candidate goes over the rows");
  return result;
}
