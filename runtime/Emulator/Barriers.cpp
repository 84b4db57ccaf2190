//===- Barriers.cpp - Barriers of CTAs and of clusters -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A barrier of all threads waits for those that have not returned; one with a
// count for exactly so many.
//
//===----------------------------------------------------------------------===//

#include "Cluster.h"
#include "llvm/Support/Format.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

bool Cluster::isComplete(const Cta &cta, const Barrier &barrier) const {
  if (barrier.arrived.empty())
    return false;
  return barrier.expected ? barrier.arrived.size() >= barrier.expected
                          : barrier.arrived.size() >= cta.live;
}

/// All lanes of a warp must come to an aligned barrier by the same instruction.
void Cluster::checkAlignment(Cta &cta, uint32_t id) {
  Barrier &barrier = cta.barriers[id];
  if (!barrier.aligned || !cta.observer)
    return;
  for (uint32_t index : barrier.arrived) {
    const Thread &thread = cta.threads[index];
    const Warp &warp = warps[thread.warp];
    const Thread &first = warp.lanes[countr_zero(warp.present & ~warp.exited)];
    if (thread.wait != Wait::Barrier || first.wait != Wait::Barrier ||
        first.barrier != id || first.site == thread.site)
      continue;
    cta.observer->finding(
        {FindingKind::BarrierDivergence, thread.site, cta.index, index,
         "lanes of one warp come to barrier " + std::to_string(id) +
             " by different instructions",
         1});
    return;
  }
}

void Cluster::completeBarrier(Cta &cta, uint32_t id) {
  Barrier &barrier = cta.barriers[id];
  checkAlignment(cta, id);
  if (cta.observer)
    cta.observer->barrier(id, barrier.arrived);
  uint32_t total = static_cast<uint32_t>(barrier.arrived.size());
  uint32_t result = barrier.trueCount;
  if (barrier.operation == BarrierOperation::And)
    result = barrier.trueCount == total;
  else if (barrier.operation == BarrierOperation::Or)
    result = barrier.trueCount != 0;
  for (uint32_t index : barrier.arrived) {
    Thread &thread = cta.threads[index];
    if (thread.wait != Wait::Barrier || thread.barrier != id)
      continue;
    thread.wait = Wait::Nothing;
    thread.result = result;
    makeReady(thread.warp, thread.laneBit());
  }
  barrier.arrived.clear();
  barrier.expected = barrier.trueCount = 0;
  cta.open &= ~(1u << id);
}

uint32_t Cluster::arrive(Thread &thread, uint32_t id, uint32_t count,
                         BarrierOperation operation, bool aligned,
                         bool predicate, uint32_t site) {
  Cta &cta = *thread.cta;
  if (id >= 16)
    fail(thread, FindingKind::BarrierDivergence, site,
         "barrier " + Twine(id) + " of the 16 that a block has");
  if (count % launch.shape.warpWidth)
    fail(thread, FindingKind::BarrierDivergence, site,
         "barrier " + Twine(id) + " of " + Twine(count) +
             " threads, which is no multiple of a warp's " +
             Twine(launch.shape.warpWidth));
  Barrier &barrier = cta.barriers[id];
  if (!barrier.arrived.empty() && barrier.expected != count)
    fail(thread, FindingKind::BarrierDivergence, site,
         "barrier " + Twine(id) + " is awaited by " + Twine(count) +
             " threads, but others wait for " + Twine(barrier.expected) +
             " (0: all)");
  if (operation != BarrierOperation::Arrive)
    barrier.operation = operation;
  barrier.expected = count;
  barrier.aligned = aligned;
  barrier.trueCount += predicate;
  barrier.arrived.push_back(thread.index);
  cta.open |= 1u << id;
  if (operation == BarrierOperation::Arrive) {
    if (isComplete(cta, barrier))
      completeBarrier(cta, id);
    return 0;
  }
  thread.barrier = id;
  thread.wait = Wait::Barrier;
  thread.site = site;
  if (isComplete(cta, barrier)) {
    completeBarrier(cta, id);
    warps[thread.warp].ready &= ~thread.laneBit();
  } else {
    suspend(thread, Wait::Barrier, site);
  }
  return static_cast<uint32_t>(thread.result);
}

//===----------------------------------------------------------------------===//
// Clusters
//===----------------------------------------------------------------------===//

void Cluster::completeClusterBarrier() {
  for (Cta &cta : ctas)
    if (cta.observer)
      cta.observer->clusterBarrier();
  ++phase;
  clusterArrived = 0;
  for (Thread &thread : threads) {
    thread.clusterArrived = false;
    if (thread.wait == Wait::ClusterBarrier)
      makeReady(thread.warp, thread.laneBit());
  }
}

void Cluster::arriveAtCluster(Thread &thread, uint32_t site) {
  if (thread.clusterArrived || thread.clusterPhase > phase)
    fail(thread, FindingKind::BarrierDivergence, site,
         "a thread arrives at the cluster's barrier again without waiting for "
         "it");
  thread.clusterArrived = true;
  thread.clusterPhase = phase + 1;
  if (++clusterArrived == live)
    completeClusterBarrier();
}

void Cluster::waitForCluster(Thread &thread, uint32_t site) {
  if (thread.clusterPhase == 0)
    fail(thread, FindingKind::BarrierDivergence, site,
         "a thread waits for the cluster's barrier without having arrived");
  while (phase < thread.clusterPhase)
    suspend(thread, Wait::ClusterBarrier, site);
  thread.clusterPhase = 0;
}
