//===- Cluster.cpp - The threads that run together -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fibers and who runs next. What happens on the stack of a fiber may be left
// for good when the launch fails, so nothing there owns anything while others
// run. Operations of warps are in WarpOperations.cpp, barriers in Barriers.cpp.
//
//===----------------------------------------------------------------------===//

#include "Cluster.h"
#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include <boost/context/detail/fcontext.hpp>
#include <cstring>
#include <sys/mman.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;
namespace fibers = boost::context::detail;

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
/// Tells AddressSanitizer which stack is in use from now on.
static void noteLeaving(Fiber &from, const Fiber &to) {
  __sanitizer_start_switch_fiber(&from.fakeStack, to.stackBottom,
                                 to.stackBytes);
}
static void noteReturn(const Fiber &fiber) {
  __sanitizer_finish_switch_fiber(fiber.fakeStack, nullptr, nullptr);
}
/// The first fiber learns where the stack of the host's thread is.
static void noteEntry(Fiber &from) {
  const void *bottom;
  size_t bytes;
  __sanitizer_finish_switch_fiber(nullptr, &bottom, &bytes);
  from.stackBottom = bottom;
  from.stackBytes = bytes;
}
#else
static void noteLeaving(Fiber &, const Fiber &) {}
static void noteReturn(const Fiber &) {}
static void noteEntry(Fiber &) {}
#endif

/// What a thread may need beside its variables: ours, and the observer's.
static constexpr uint64_t kStackBytes = 64 << 10;
/// Turns of loops before others run.
static constexpr uint32_t kFuel = 1 << 12, kLeastFuel = 1 << 8;
static constexpr uint64_t kSharedAlignment = 1024;

Cluster::Cluster(Launch &launch)
    : launch(launch),
      stacks(launch.stacks.take(kStackBytes +
                                launch.program.getTables().stackBytes)) {
  scheduler.cluster = this;
}

Cluster::~Cluster() {
  launch.stacks.give(std::move(stacks));
  if (shared)
    munmap(shared, sharedBytes);
}

Error Cluster::prepare() {
  const LaunchShape &shape = launch.shape;
  uint32_t width = shape.warpWidth;
  uint32_t threadsPerCta = shape.threadsPerCta();
  warpsPerCta = static_cast<uint32_t>(divideCeil(threadsPerCta, width));
  ctas = std::vector<Cta>(shape.ctasPerCluster());
  threads = std::vector<Thread>(ctas.size() * threadsPerCta);
  warps.resize(ctas.size() * warpsPerCta);
  readyWarps.resize(divideCeil(warps.size(), 64));
  if (Error error = stacks->reserve(threads.size()))
    return error;
  // Below 4 GiB: code may hold addresses of shared memory in 32 bits.
  sharedStride =
      alignTo(std::max<uint64_t>(shape.sharedBytes(), 1), kSharedAlignment);
  sharedBytes = alignTo(sharedStride * ctas.size(), 4096);
  void *memory = mmap(nullptr, sharedBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (memory == MAP_FAILED)
    return makeError("out of memory: " + Twine(sharedBytes) +
                     " bytes of shared memory");
  shared = static_cast<char *>(memory);
  for (auto [rank, cta] : enumerate(ctas)) {
    cta.cluster = this;
    cta.shared = shared + rank * sharedStride;
    cta.threads = threads.data() + rank * threadsPerCta;
    cta.blocks.resize(launch.program.getTables().blocks.size());
    for (Barrier &barrier : cta.barriers)
      barrier.arrived.reserve(threadsPerCta);
    for (uint32_t i = 0; i < warpsPerCta; ++i) {
      Warp &warp = warps[rank * warpsPerCta + i];
      warp.cta = &cta;
      warp.lanes = cta.threads + i * width;
      uint32_t lanes = std::min(width, threadsPerCta - i * width);
      warp.present = maskTrailingOnes<uint64_t>(lanes);
    }
    for (uint32_t i = 0; i < threadsPerCta; ++i) {
      Thread &thread = cta.threads[i];
      thread.cluster = this;
      thread.cta = &cta;
      thread.index = i;
      thread.warp = static_cast<uint32_t>(rank * warpsPerCta + i / width);
      thread.lane = i % width;
    }
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

/// The coordinates of a number that counts with x running fastest.
static void split(uint32_t number, const uint32_t (&sizes)[3],
                  uint32_t (&coordinates)[3]) {
  coordinates[0] = number % sizes[0];
  coordinates[1] = number / sizes[0] % sizes[1];
  coordinates[2] = number / sizes[0] / sizes[1];
}

static void setThree(ThreadContext &context, Register first,
                     const uint32_t (&values)[3]) {
  for (unsigned i = 0; i < 3; ++i)
    context.registers[static_cast<unsigned>(first) + i] = values[i];
}

/// Those that all threads of a CTA share.
static void setCtaRegisters(ThreadContext &context, const LaunchShape &shape,
                            const Kernel &kernel, uint32_t rank,
                            const uint32_t (&clusterId)[3]) {
  uint32_t inCluster[3], ctaId[3], numClusters[3];
  split(rank, shape.cluster, inCluster);
  for (unsigned i = 0; i < 3; ++i) {
    ctaId[i] = clusterId[i] * shape.cluster[i] + inCluster[i];
    numClusters[i] = shape.grid[i] / shape.cluster[i];
  }
  using R = Register;
  setThree(context, R::NTidX, shape.block);
  setThree(context, R::CtaIdX, ctaId);
  setThree(context, R::NCtaIdX, shape.grid);
  setThree(context, R::ClusterIdX, clusterId);
  setThree(context, R::NClusterIdX, numClusters);
  setThree(context, R::ClusterCtaIdX, inCluster);
  setThree(context, R::ClusterNCtaIdX, shape.cluster);
  context[R::ClusterCtaRank] = rank;
  context[R::ClusterNCtaRank] = shape.ctasPerCluster();
  context[R::IsExplicitCluster] = shape.ctasPerCluster() > 1;
  context[R::NWarpId] =
      static_cast<uint32_t>(divideCeil(shape.threadsPerCta(), shape.warpWidth));
  context[R::WarpSize] = shape.warpWidth;
  context[R::SmId] = 0;
  context[R::NSmId] = 1;
  context[R::DynamicSharedOffset] = kernel.dynamicSharedOffset;
  context[R::DynamicSharedSize] = shape.dynamicSharedBytes;
  context[R::TotalSharedSize] = static_cast<uint32_t>(shape.sharedBytes());
}

static void setThreadRegisters(Thread &thread, const LaunchShape &shape) {
  uint32_t tid[3];
  split(thread.index, shape.block, tid);
  using R = Register;
  setThree(thread, R::TidX, tid);
  thread[R::WarpId] = thread.index / shape.warpWidth;
  thread[R::LaneId] = thread.lane;
  auto bit = static_cast<uint32_t>(thread.laneBit());
  thread[R::LaneMaskEq] = bit;
  thread[R::LaneMaskLt] = bit - 1;
  thread[R::LaneMaskLe] = bit | (bit - 1);
  thread[R::LaneMaskGe] = ~(bit - 1);
  thread[R::LaneMaskGt] = ~(bit | (bit - 1));
}

//===----------------------------------------------------------------------===//
// One cluster from beginning to end
//===----------------------------------------------------------------------===//

struct emulator::FiberEntry {
  static void enter(fibers::transfer_t transfer) {
    auto *from = static_cast<Fiber *>(transfer.data);
    from->context = transfer.fctx;
    noteEntry(*from);
    Cluster &cluster = *from->cluster;
    auto &thread = static_cast<Thread &>(*cluster.running);
    cluster.launch.kernel.entry(&thread, cluster.launch.arguments);
    cluster.finishThread(thread);
  }
};

void Cluster::beginCta(Cta &cta, uint32_t rank,
                       const uint32_t (&clusterId)[3]) {
  const LaunchShape &shape = launch.shape;
  ThreadContext common;
  setCtaRegisters(common, shape, launch.kernel, rank, clusterId);
  common.shared = cta.shared;
  common.blocks = cta.blocks.data();
  common.fuel = kFuel;
  cta.index = common[Register::CtaIdX] +
              shape.grid[0] * (common[Register::CtaIdY] +
                               shape.grid[1] * common[Register::CtaIdZ]);
  if (launch.observer)
    cta.observer = launch.observer->beginCta(cta.index);
  std::fill(cta.blocks.begin(), cta.blocks.end(), 0);
  cta.live = shape.threadsPerCta();
  cta.open = 0;
  for (Barrier &barrier : cta.barriers)
    barrier.arrived.clear();
  for (uint32_t i = 0; i < cta.live; ++i) {
    Thread &thread = cta.threads[i];
    static_cast<ThreadContext &>(thread) = common;
    setThreadRegisters(thread, shape);
    thread.exited = false;
    thread.wait = Wait::Nothing;
    thread.turns = thread.grant = kFuel;
    thread.clusterPhase = 0;
    thread.clusterArrived = false;
    thread.copyGroup = 0;
    thread.copies.clear();
    size_t stack = &thread - threads.data();
    stacks->reset(stack);
    thread.stackBottom = stacks->getBottom(stack);
    thread.stackBytes = stacks->getTop(stack) - stacks->getBottom(stack);
    thread.context = fibers::make_fcontext(
        stacks->getTop(stack), stacks->getSize(), FiberEntry::enter);
  }
}

void Cluster::begin(uint32_t cluster) {
  const LaunchShape &shape = launch.shape;
  uint32_t numClusters[3], clusterId[3];
  for (unsigned i = 0; i < 3; ++i)
    numClusters[i] = shape.grid[i] / shape.cluster[i];
  split(cluster, numClusters, clusterId);
  // Fresh memory holds anything.
  std::memset(shared, 0xcb, sharedBytes);
  state = (launch.seed + 1) * 0x9e3779b97f4a7c15u ^
          (cluster + 1) * 0xd1b54a32d192ed03u;
  phase = clusterArrived = 0;
  live = static_cast<uint32_t>(threads.size());
  for (auto [rank, cta] : enumerate(ctas))
    beginCta(cta, static_cast<uint32_t>(rank), clusterId);
  std::fill(readyWarps.begin(), readyWarps.end(), 0);
  for (auto [index, warp] : enumerate(warps)) {
    warp.exited = warp.waiting = warp.ready = 0;
    makeReady(static_cast<uint32_t>(index), warp.present);
  }
  current = static_cast<uint32_t>(random() % warps.size());
}

void Cluster::end() {
  for (Cta &cta : ctas) {
    if (!cta.observer)
      continue;
    std::array<uint64_t, NumInstructionClasses> counts{};
    for (auto [executions, block] :
         zip(cta.blocks, launch.program.getTables().blocks))
      for (unsigned i = 0; i < NumInstructionClasses; ++i)
        counts[i] += executions * block[i];
    for (unsigned i = 0; i < NumInstructionClasses; ++i)
      if (counts[i])
        cta.observer->count(static_cast<InstructionClass>(i), counts[i]);
    launch.observer->endCta(std::move(cta.observer));
  }
}

void Cluster::run(uint32_t cluster) {
  begin(cluster);
  while (live && !failed && !launch.hasStopped()) {
    if (Thread *thread = pick())
      switchTo(scheduler, *thread);
    else if (!converge())
      reportDeadlock();
  }
  end();
}

//===----------------------------------------------------------------------===//
// Who runs
//===----------------------------------------------------------------------===//

uint64_t Cluster::random() {
  // xorshift64*
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545f4914f6cdd1du;
}

void Cluster::makeReady(uint32_t warp, uint64_t lanes) {
  warps[warp].ready |= lanes;
  readyWarps[warp / 64] |= uint64_t(1) << warp % 64;
}

Thread *Cluster::pick() {
  while (!warps[current].ready) {
    readyWarps[current / 64] &= ~(uint64_t(1) << current % 64);
    uint64_t number = random();
    size_t numWords = readyWarps.size(), first = number % numWords;
    size_t step = 0;
    while (step < numWords && !readyWarps[(first + step) % numWords])
      ++step;
    if (step == numWords)
      return nullptr;
    size_t word = (first + step) % numWords;
    unsigned turn = number >> 32 & 63;
    unsigned bit =
        (countr_zero(llvm::rotr(readyWarps[word], turn)) + turn) & 63;
    current = static_cast<uint32_t>(word * 64 + bit);
    warps[current].rotation = number >> 40 & 63;
  }
  Warp &warp = warps[current];
  unsigned lane =
      (countr_zero(llvm::rotr(warp.ready, warp.rotation)) + warp.rotation) & 63;
  warp.ready &= ~(uint64_t(1) << lane);
  return &warp.lanes[lane];
}

void Cluster::switchTo(Fiber &from, Fiber &to) {
  running = &to;
  noteLeaving(from, to);
  fibers::transfer_t transfer = fibers::jump_fcontext(to.context, &from);
  noteReturn(from);
  static_cast<Fiber *>(transfer.data)->context = transfer.fctx;
}

void Cluster::suspend(Thread &thread, Wait wait, uint32_t site) {
  thread.wait = wait;
  thread.site = site;
  Thread *next = pick();
  if (next != &thread)
    switchTo(thread, next ? static_cast<Fiber &>(*next) : scheduler);
  thread.wait = Wait::Nothing;
}

void Cluster::yield(Thread &thread, uint32_t site) {
  if (thread.turns > launch.maxTurns)
    fail(thread, FindingKind::Execution, site,
         "the kernel does not come to an end: after " + Twine(launch.maxTurns) +
             " turns of its loops it still runs");
  // One that goes on and on may wait for another.
  thread.grant = std::max(thread.grant / 2, kLeastFuel);
  thread.fuel = thread.grant;
  thread.turns += thread.grant;
  // Others may wait for what lanes do that wait for all the rest.
  converge();
  makeReady(thread.warp, thread.laneBit());
  uint64_t number = random();
  current = static_cast<uint32_t>(number % warps.size());
  warps[current].rotation = number >> 40 & 63;
  // The scheduler sees whether the launch has failed elsewhere.
  switchTo(thread, scheduler);
}

void Cluster::fail(Thread &thread, FindingKind kind, uint32_t site,
                   const Twine &message) {
  Cta &cta = *thread.cta;
  {
    std::string text = message.str();
    launch.fail(text + ", in " + launch.describe(cta.index, thread.index));
    if (cta.observer)
      cta.observer->finding(
          {kind, site, cta.index, thread.index, std::move(text), 1});
  }
  leave(thread);
}

void Cluster::leave(Thread &thread) {
  failed = true;
  switchTo(thread, scheduler);
  llvm_unreachable("a thread that has failed runs again");
}

void Cluster::finishThread(Thread &thread) {
  Cta &cta = *thread.cta;
  Warp &warp = warps[thread.warp];
  thread.exited = true;
  warp.exited |= thread.laneBit();
  --live;
  --cta.live;
  if (cta.observer)
    cta.observer->exit(thread.index);
  // Others may have waited for this one alone.
  for (uint64_t rest = warp.waiting; rest;) {
    const Thread &other = warp.lanes[countr_zero(rest)];
    rest &= rest - 1;
    if (other.mask & thread.laneBit() && complete(warp, other.mask))
      rest &= warp.waiting;
  }
  for (uint32_t open = cta.open; open; open &= open - 1) {
    unsigned id = countr_zero(open);
    if (isComplete(cta, cta.barriers[id]))
      completeBarrier(cta, id);
  }
  if (thread.clusterArrived)
    --clusterArrived;
  if (live && clusterArrived == live)
    completeClusterBarrier();
  Thread *next = pick();
  switchTo(thread, next ? static_cast<Fiber &>(*next) : scheduler);
  llvm_unreachable("a thread that has returned runs again");
}

bool Cluster::isOnStack(const Thread &thread, const void *address) const {
  size_t index = &thread - threads.data();
  return address >= stacks->getBottom(index) && address < stacks->getTop(index);
}

//===----------------------------------------------------------------------===//
// Deadlocks
//===----------------------------------------------------------------------===//

std::string Cluster::describeWait(const Thread &thread) const {
  std::string text;
  raw_string_ostream stream(text);
  switch (thread.wait) {
  case Wait::Warp:
    stream << "in an operation of the lanes " << format_hex(thread.mask, 10);
    break;
  case Wait::Barrier:
    stream << "at barrier " << thread.barrier;
    if (uint32_t expected = thread.cta->barriers[thread.barrier].expected)
      stream << " of " << expected << " threads";
    break;
  case Wait::ClusterBarrier:
    stream << "at the cluster's barrier";
    break;
  case Wait::Nothing:
    stream << "for nothing";
    break;
  }
  const Site &site = launch.program.getTables().sites[thread.site];
  stream << " (" << (site.location.empty() ? site.text : site.location) << ")";
  return text;
}

static bool isWaitOfSame(const Thread &thread, const Thread &other) {
  return thread.wait == Wait::Warp ? thread.mask == other.mask
                                   : thread.barrier == other.barrier;
}

void Cluster::reportDeadlock() {
  // Neighbours that wait for the same are one group.
  std::string text;
  raw_string_ostream stream(text);
  const Thread *first = nullptr, *worst = nullptr;
  unsigned groups = 0;
  auto flush = [&](uint32_t end) {
    if (!first || ++groups > 8)
      return;
    stream << (groups > 1 ? "; " : "");
    if (ctas.size() > 1)
      stream << "block " << first->cta->index << ' ';
    if (end - first->index == 1)
      stream << "thread " << first->index << " waits ";
    else
      stream << "threads " << first->index << " to " << end - 1 << " wait ";
    stream << describeWait(*first);
  };
  for (const Cta &cta : ctas) {
    for (uint32_t i = 0; i < launch.shape.threadsPerCta(); ++i) {
      const Thread &thread = cta.threads[i];
      bool joins = first && !thread.exited && thread.wait == first->wait &&
                   thread.site == first->site && isWaitOfSame(thread, *first);
      if (joins)
        continue;
      flush(i);
      first = thread.exited ? nullptr : &thread;
      if (first && (!worst || thread.wait == Wait::Warp))
        worst = first;
    }
    flush(launch.shape.threadsPerCta());
    first = nullptr;
  }
  if (groups > 8)
    stream << "; and " << groups - 8 << " more groups";
  FindingKind kind = worst->wait == Wait::Warp ? FindingKind::InactiveLane
                                               : FindingKind::BarrierDivergence;
  if (CtaObserver *observer = worst->cta->observer.get())
    observer->finding({kind, worst->site, worst->cta->index, worst->index,
                       "deadlock: " + text, 1});
  launch.fail("deadlock in " +
              launch.describe(worst->cta->index, worst->index) + ": " + text);
  failed = true;
}
