//===- WarpOperations.cpp - What lanes do together -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shuffles, votes, matches and reductions: each waits for exactly the lanes of
// its mask that have not returned, and the last of them computes for all.
//
//===----------------------------------------------------------------------===//

#include "Cluster.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

/// What a lane reads that nobody has written: as a float it is no number.
static constexpr uint32_t kGarbage = 0x7fc0dead;

static float toFloat(uint64_t bits) {
  return llvm::bit_cast<float>(static_cast<uint32_t>(bits));
}

template <typename F>
static void forEachLane(uint64_t lanes, F body) {
  for (; lanes; lanes &= lanes - 1)
    body(static_cast<uint32_t>(countr_zero(lanes)));
}

/// The source of a shuffle, and whether the lane is inside of its segment.
static std::pair<uint32_t, bool> findSource(const Thread &thread) {
  uint32_t lane = thread.lane, b = thread.b & 31, clamp = thread.c & 31;
  uint32_t segment = thread.c >> 8 & 31;
  uint32_t max = (lane & segment) | (clamp & ~segment), min = lane & segment;
  switch (thread.operation) {
  case WarpOperation::ShuffleUp: {
    int32_t source = static_cast<int32_t>(lane) - static_cast<int32_t>(b);
    return {static_cast<uint32_t>(source), source >= static_cast<int32_t>(max)};
  }
  case WarpOperation::ShuffleDown:
    return {lane + b, lane + b <= max};
  case WarpOperation::ShuffleButterfly:
    return {lane ^ b, (lane ^ b) <= max};
  default: {
    uint32_t source = min | (b & ~segment);
    return {source, source <= max};
  }
  }
}

static void reportInactive(const Thread &thread, uint32_t source) {
  if (CtaObserver *observer = thread.cta->observer.get())
    observer->finding({FindingKind::InactiveLane, thread.site,
                       thread.cta->index, thread.index,
                       (Twine("lane ") + Twine(thread.lane) + " reads lane " +
                        Twine(source) + ", which does not take part")
                           .str(),
                       1});
}

/// The value in the low half of the result, the predicate in bit 32.
static void shuffle(Warp &warp, uint64_t lanes) {
  forEachLane(lanes, [&](uint32_t lane) {
    Thread &thread = warp.lanes[lane];
    auto [source, inside] = findSource(thread);
    if (!inside)
      source = lane;
    uint32_t value = kGarbage;
    if (lanes >> source & 1)
      value = static_cast<uint32_t>(warp.lanes[source].value);
    else if (CtaObserver *observer = thread.cta->observer.get())
      observer->finding({FindingKind::InactiveLane, thread.site,
                         thread.cta->index, thread.index,
                         (Twine("lane ") + Twine(lane) + " reads lane " +
                          Twine(source) + ", which does not take part")
                             .str(),
                         1});
    thread.result = value | uint64_t(inside) << 32;
  });
}

/// Reads the lane that each lane names, or the first of them. What hardware
/// gives for lanes that are not there is zero.
static void readLane(Warp &warp, uint64_t lanes, uint32_t width) {
  uint32_t first = countr_zero(lanes);
  forEachLane(lanes, [&](uint32_t lane) {
    Thread &thread = warp.lanes[lane];
    uint32_t source = thread.operation == WarpOperation::ReadFirstLane
                          ? first
                          : thread.b % width;
    bool takesPart = lanes >> source & 1;
    thread.result = takesPart ? warp.lanes[source].value : 0;
    if (!takesPart)
      reportInactive(thread, source);
  });
}

static uint64_t combine(WarpOperation operation, uint64_t left,
                        uint64_t right) {
  auto l = static_cast<uint32_t>(left), r = static_cast<uint32_t>(right);
  auto ls = static_cast<int32_t>(l), rs = static_cast<int32_t>(r);
  float lf = toFloat(left), rf = toFloat(right);
  switch (operation) {
  case WarpOperation::ReduceAdd:
    return l + r;
  case WarpOperation::ReduceMin:
    return ls < rs ? l : r;
  case WarpOperation::ReduceMax:
    return ls > rs ? l : r;
  case WarpOperation::ReduceUnsignedMin:
    return std::min(l, r);
  case WarpOperation::ReduceUnsignedMax:
    return std::max(l, r);
  case WarpOperation::ReduceAnd:
    return l & r;
  case WarpOperation::ReduceOr:
    return l | r;
  case WarpOperation::ReduceXor:
    return l ^ r;
  case WarpOperation::ReduceFloatMinNaN:
  case WarpOperation::ReduceFloatMaxNaN:
    if (std::isnan(lf) || std::isnan(rf))
      return 0x7fffffff;
    [[fallthrough]];
  default: {
    bool min = operation == WarpOperation::ReduceFloatMin ||
               operation == WarpOperation::ReduceFloatMinNaN;
    return llvm::bit_cast<uint32_t>(min ? std::fmin(lf, rf)
                                        : std::fmax(lf, rf));
  }
  }
}

static void reduce(Warp &warp, uint64_t lanes) {
  uint64_t first = countr_zero(lanes);
  uint64_t value = warp.lanes[first].value;
  forEachLane(lanes & (lanes - 1), [&](uint32_t lane) {
    value = combine(warp.lanes[lane].operation, value, warp.lanes[lane].value);
  });
  forEachLane(lanes, [&](uint32_t lane) { warp.lanes[lane].result = value; });
}

static void vote(Warp &warp, uint64_t lanes) {
  uint64_t ballot = 0;
  forEachLane(lanes, [&](uint32_t lane) {
    ballot |= uint64_t(warp.lanes[lane].value & 1) << lane;
  });
  forEachLane(lanes, [&](uint32_t lane) {
    Thread &thread = warp.lanes[lane];
    switch (thread.operation) {
    case WarpOperation::VoteAll:
      thread.result = ballot == lanes;
      break;
    case WarpOperation::VoteAny:
      thread.result = ballot != 0;
      break;
    case WarpOperation::VoteUniform:
      thread.result = ballot == 0 || ballot == lanes;
      break;
    default:
      thread.result = ballot;
    }
  });
}

static void match(Warp &warp, uint64_t lanes) {
  forEachLane(lanes, [&](uint32_t lane) {
    Thread &thread = warp.lanes[lane];
    uint64_t equal = 0;
    forEachLane(lanes, [&](uint32_t other) {
      equal |= uint64_t(warp.lanes[other].value == thread.value) << other;
    });
    if (thread.operation == WarpOperation::MatchAny)
      thread.result = equal;
    else
      thread.result = equal == lanes ? lanes | uint64_t(1) << 32 : 0;
  });
}

static void compute(Warp &warp, uint64_t lanes, uint32_t width) {
  uint32_t first = countr_zero(lanes);
  switch (warp.lanes[first].operation) {
  case WarpOperation::Sync:
    return;
  case WarpOperation::ShuffleUp:
  case WarpOperation::ShuffleDown:
  case WarpOperation::ShuffleButterfly:
  case WarpOperation::ShuffleIndex:
    return shuffle(warp, lanes);
  case WarpOperation::VoteAll:
  case WarpOperation::VoteAny:
  case WarpOperation::VoteUniform:
  case WarpOperation::Ballot:
    return vote(warp, lanes);
  case WarpOperation::MatchAny:
  case WarpOperation::MatchAll:
    return match(warp, lanes);
  case WarpOperation::Elect:
    return forEachLane(lanes, [&](uint32_t lane) {
      warp.lanes[lane].result = first | uint64_t(lane == first) << 32;
    });
  case WarpOperation::ReadLane:
  case WarpOperation::ReadFirstLane:
    return readLane(warp, lanes, width);
  case WarpOperation::ActiveMask:
    return forEachLane(lanes,
                       [&](uint32_t lane) { warp.lanes[lane].result = lanes; });
  default:
    return reduce(warp, lanes);
  }
}

/// Whether lanes that wait do the same thing together.
static bool agree(const Thread &thread, const Thread &other) {
  return thread.operation == other.operation && thread.mask == other.mask;
}

bool Cluster::complete(Warp &warp, uint64_t mask) {
  uint64_t lanes = mask & warp.present & ~warp.exited;
  if (!lanes || (warp.waiting & lanes) != lanes)
    return false;
  const Thread &first = warp.lanes[countr_zero(lanes)];
  if (isImplicit(first.operation) || first.mask != mask)
    return false;
  for (uint64_t rest = lanes & (lanes - 1); rest; rest &= rest - 1)
    if (!agree(first, warp.lanes[countr_zero(rest)]))
      return false;
  compute(warp, lanes, launch.shape.warpWidth);
  if (CtaObserver *observer = warp.cta->observer.get())
    observer->warpSync(first.index / launch.shape.warpWidth, lanes,
                       first.operation == WarpOperation::Sync);
  warp.waiting &= ~lanes;
  makeReady(first.warp, lanes);
  return true;
}

bool Cluster::converge() {
  // Of each warp the lanes at one place at a time: those that came together.
  bool any = false;
  for (Warp &warp : warps)
    for (uint64_t rest = warp.waiting; rest; rest &= rest - 1) {
      const Thread &first = warp.lanes[countr_zero(rest)];
      if (!isImplicit(first.operation))
        continue;
      uint64_t lanes = 0;
      forEachLane(rest, [&](uint32_t lane) {
        const Thread &other = warp.lanes[lane];
        if (other.operation == first.operation && other.site == first.site)
          lanes |= other.laneBit();
      });
      compute(warp, lanes, launch.shape.warpWidth);
      warp.waiting &= ~lanes;
      makeReady(first.warp, lanes);
      any = true;
      break;
    }
  return any;
}

void Cluster::checkMask(Thread &thread, uint64_t lanes) {
  if (lanes & thread.laneBit())
    return;
  fail(thread, FindingKind::InactiveLane, thread.site,
       "lane " + Twine(thread.lane) +
           " takes part in an operation of the lanes 0x" +
           Twine::utohexstr(lanes) + ", which it is not one of");
}

void Cluster::join(Thread &thread, uint32_t site) {
  Warp &warp = warps[thread.warp];
  thread.site = site;
  if (isImplicit(thread.operation))
    thread.mask = thread.laneBit();
  else
    checkMask(thread, thread.mask);
  warp.waiting |= thread.laneBit();
  if (complete(warp, thread.mask)) {
    // The others may run, but this one is running already.
    warp.ready &= ~thread.laneBit();
    return;
  }
  suspend(thread, Wait::Warp, site);
}
