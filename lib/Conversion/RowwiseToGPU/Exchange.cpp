//===- Exchange.cpp - Reductions across the threads of a row -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shuffles, shared memory and the shared memory of a cluster. Knows nothing of
// what is reduced.
//
//===----------------------------------------------------------------------===//

#include "RowKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::rowwise;

void RowKernel::barrier() {
  if (layout.ctas == 1) {
    gpu::BarrierOp::create(builder, loc);
    return;
  }
  NVVM::ClusterArriveOp::create(builder, loc,
                                /*aligned=*/builder.getUnitAttr());
  NVVM::ClusterWaitOp::create(builder, loc, /*aligned=*/builder.getUnitAttr());
}

Value RowKernel::makeShared(Type element, int64_t count) {
  auto space = gpu::AddressSpaceAttr::get(
      builder.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
  auto type =
      MemRefType::get({count}, element, MemRefLayoutAttrInterface(), space);
  return launch.addWorkgroupAttribution(type, loc);
}

/// The threads, of all CTAs of a cluster, that share an element of a value of
/// so many groups.
int64_t RowKernel::getSpan(int64_t groups) const {
  if (groups == 1)
    return layout.threads * layout.ctas;
  return layout.groups / groups * layout.team;
}

Value RowKernel::shuffleTree(ReduceKind kind, Value value, int64_t lanes) {
  for (int64_t offset = lanes / 2; offset >= 1; offset /= 2) {
    auto shuffle =
        gpu::ShuffleOp::create(builder, loc, value, int32_t(offset),
                               int32_t(layout.warp), gpu::ShuffleMode::XOR);
    value = combine(kind, value, shuffle.getShuffleResult());
  }
  return value;
}

/// Each contribution combined over the threads that share its element: one tree
/// of shuffles, and for those that more than a warp shares one exchange in
/// memory, whose two halves take turns from row to row.
RowKernel::Values RowKernel::exchange(ArrayRef<Contribution> contributions) {
  struct Pending {
    size_t index;
    Value memory;
    int64_t span, count;
    bool byThread;
  };
  SmallVector<Pending> pending;
  Values results;
  for (auto [i, contribution] : llvm::enumerate(contributions)) {
    int64_t span = getSpan(contribution.groups);
    // Rows and spans begin where shuffles do, or they are added up one by one.
    bool byThread =
        !(span <= std::gcd(layout.threads, layout.warp)
              ? llvm::isPowerOf2_64(span)
              : layout.threads % layout.warp == 0 && span % layout.warp == 0);
    Value value = contribution.value;
    if (!byThread)
      value =
          shuffleTree(contribution.kind, value, std::min(span, layout.warp));
    results.push_back(value);
    if (!byThread && span <= layout.warp)
      continue;
    int64_t count =
        layout.getCTASize() * layout.ctas / (byThread ? 1 : layout.warp);
    Value memory = makeShared(value.getType(), 2 * count);
    pending.push_back({i, memory, span, count, byThread});
  }
  if (pending.empty())
    return results;
  for (const Pending &one : pending)
    writeShared(one.memory, one.count, results[one.index], one.byThread);
  barrier();
  for (const Pending &one : pending)
    results[one.index] = readShared(contributions[one.index], one.memory,
                                    one.count, one.span, one.byThread);
  return results;
}

void RowKernel::writeShared(Value memory, int64_t count, Value value,
                            bool byThread) {
  Value half = math.mul(parity, math.constant(count));
  if (byThread) {
    memref::StoreOp::create(builder, loc, value, memory,
                            ValueRange{math.add(half, thread)});
    return;
  }
  Value warp = math.constant(layout.warp);
  Value lane = math.rem(thread, warp);
  if (layout.ctas == 1) {
    Value at = math.add(half, math.div(thread, warp));
    when(equal(lane, 0),
         [&] { memref::StoreOp::create(builder, loc, value, memory, at); });
    return;
  }
  // One lane for each CTA of the cluster.
  Value at = math.add(half, math.div(place, warp));
  when(less(lane, math.constant(layout.ctas)),
       [&] { storeToPeer(memory, at, value, lane); });
}

/// Stores into the shared memory of another CTA of the cluster.
void RowKernel::storeToPeer(Value memory, Value index, Value value,
                            Value peer) {
  MLIRContext *context = builder.getContext();
  auto i32 = builder.getI32Type();
  Type shared = LLVM::LLVMPointerType::get(
      context, unsigned(NVVM::NVVMMemorySpace::Shared));
  Type remote = LLVM::LLVMPointerType::get(
      context, unsigned(NVVM::NVVMMemorySpace::SharedCluster));
  auto toInt = [&](Value value, Type type) -> Value {
    return arith::IndexCastOp::create(builder, loc, type, value);
  };
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, memory);
  int64_t bytes = value.getType().getIntOrFloatBitWidth() / 8;
  Value address = math.add(base, math.mul(index, math.constant(bytes)));
  Value pointer = LLVM::IntToPtrOp::create(
      builder, loc, shared, toInt(address, builder.getI64Type()));
  pointer =
      NVVM::MapaOp::create(builder, loc, remote, pointer, toInt(peer, i32));
  LLVM::StoreOp::create(builder, loc, value, pointer);
}

/// Where the values that a thread's result is made of begin, if each span of a
/// row has so many units, threads or warps. What is in no team takes the last
/// ones.
Value RowKernel::spanStart(Value unit, int64_t ofRow, int64_t ofSpan,
                           int64_t groups) {
  Value inRow = math.rem(unit, math.constant(ofRow));
  Value start = math.sub(inRow, math.rem(inRow, math.constant(ofSpan)));
  start = math.min(start, math.constant((groups - 1) * ofSpan));
  return math.add(math.sub(unit, inRow), start);
}

Value RowKernel::readShared(const Contribution &contribution, Value memory,
                            int64_t count, int64_t span, bool byThread) {
  ReduceKind kind = contribution.kind;
  Value half = math.mul(parity, math.constant(count));
  auto loadAt = [&](Value index) -> Value {
    return memref::LoadOp::create(builder, loc, memory,
                                  ValueRange{math.add(half, index)});
  };
  Type type = cast<MemRefType>(memory.getType()).getElementType();
  if (byThread) {
    Value first = spanStart(thread, layout.threads, span, contribution.groups);
    auto loop = scf::ForOp::create(
        builder, loc, zero, math.constant(span), math.constant(1),
        ValueRange{identity(kind, type)},
        [&](OpBuilder &, Location, Value i, ValueRange sum) {
          scf::YieldOp::create(
              builder, loc, combine(kind, sum[0], loadAt(math.add(first, i))));
        });
    return loop.getResult(0);
  }
  // The warps' values lie together; each lane takes some of them.
  int64_t values = span / layout.warp;
  Value lane = math.rem(thread, math.constant(layout.warp));
  Value warp = math.div(thread, math.constant(layout.warp));
  Value first = layout.ctas > 1 ? zero
                                : spanStart(warp, layout.threads / layout.warp,
                                            values, contribution.groups);
  int64_t lanes = std::min<int64_t>(llvm::PowerOf2Ceil(values), layout.warp);
  Value total;
  for (int64_t from = 0; from < values; from += lanes) {
    Value index =
        math.add(math.rem(lane, math.constant(lanes)), math.constant(from));
    Value value;
    if (from + lanes <= values) {
      value = loadAt(math.add(first, index));
    } else {
      Value exists = less(index, math.constant(values));
      index = math.min(index, math.constant(values - 1));
      value =
          choose(exists, loadAt(math.add(first, index)), identity(kind, type));
    }
    total = total ? combine(kind, total, value) : value;
  }
  return shuffleTree(kind, total, lanes);
}
