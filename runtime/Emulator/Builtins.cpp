//===- Builtins.cpp - What compiled kernels call -------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs on the small stack of an emulated thread: nothing here may own anything
// while the thread waits or fails.
//
//===----------------------------------------------------------------------===//

#include "Builtins.h"
#include "Cluster.h"
#include "seednorm/Runtime/Error.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cstring>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

static Thread &getThread(ThreadContext *context) {
  return static_cast<Thread &>(*context);
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// Where an address lies: code says so, or the address does.
static void classify(const Thread &thread, const AccessSite &site,
                     const char *pointer, Access &access) {
  Cluster &cluster = *thread.cluster;
  access.address = reinterpret_cast<uint64_t>(pointer);
  uint64_t inShared = pointer - cluster.getShared();
  uint64_t end = cluster.getSharedStride() * cluster.getNumCtas();
  using Declared = AccessSite::Declared;
  bool own = site.declared == Declared::Shared;
  bool shared = own || site.declared == Declared::Cluster ||
                (site.declared == Declared::Generic && inShared < end);
  if (shared) {
    access.space = Space::Shared;
    // Shared memory of others is reached by addresses of the cluster's alone.
    bool elsewhere = !own && inShared < end;
    uint32_t rank =
        elsewhere ? static_cast<uint32_t>(inShared / cluster.getSharedStride())
                  : thread[Register::ClusterCtaRank];
    const Cta &owner = cluster.getCta(rank);
    access.ownerCta = owner.index;
    access.address = pointer - owner.shared;
  } else if (site.declared == Declared::Local ||
             (site.declared == Declared::Generic &&
              cluster.isOnStack(thread, pointer))) {
    access.space = Space::Local;
  } else {
    access.space = Space::Global;
  }
}

static void observe(Thread &thread, const char *pointer, uint32_t index,
                    uint32_t bytes) {
  CtaObserver *observer = thread.cta->observer.get();
  if (!observer)
    return;
  const AccessSite &site =
      thread.cluster->getLaunch().program.getTables().accesses[index];
  Access access;
  access.site = site.site;
  access.kind = site.kind;
  access.bytes = bytes;
  access.alignment = site.alignment;
  classify(thread, site, pointer, access);
  if (!observer->access(thread.index, access)) {
    Launch &launch = thread.cluster->getLaunch();
    const Site &where = launch.program.getTables().sites[site.site];
    {
      // The observer has the finding; this is the launch's error.
      launch.fail("invalid access to memory by " +
                  (where.location.empty() ? where.text : where.location) +
                  ", in " + launch.describe(thread.cta->index, thread.index));
    }
    thread.cluster->leave(thread);
  }
}

static void accessMemory(ThreadContext *context, const char *pointer,
                         uint32_t index) {
  Thread &thread = getThread(context);
  observe(
      thread, pointer, index,
      thread.cluster->getLaunch().program.getTables().accesses[index].bytes);
}

/// A copy or a fill of a length that the code computes: by 16 bytes.
static void accessRange(ThreadContext *context, const char *pointer,
                        uint32_t index, uint64_t bytes) {
  for (uint64_t done = 0; done < bytes; done += 16)
    observe(getThread(context), pointer + done, index,
            static_cast<uint32_t>(std::min<uint64_t>(16, bytes - done)));
}

/// An access to a variable of the thread that lies at `variable`.
static void accessLocal(ThreadContext *context, const char *pointer,
                        uint32_t index, const char *variable, uint64_t bytes) {
  Thread &thread = getThread(context);
  const AccessSite &site =
      thread.cluster->getLaunch().program.getTables().accesses[index];
  uint64_t offset = pointer - variable;
  if (site.bytes <= bytes && offset <= bytes - site.bytes)
    return;
  thread.cluster->fail(thread, FindingKind::OutOfBounds, site.site,
                       "access to " + Twine(site.bytes) + " bytes at offset " +
                           Twine(static_cast<int64_t>(offset)) +
                           " of a local variable of " + Twine(bytes) +
                           " bytes");
}

//===----------------------------------------------------------------------===//
// Warps, barriers, clusters
//===----------------------------------------------------------------------===//

static uint64_t operateWarp(ThreadContext *context, uint32_t operation,
                            uint64_t mask, uint64_t value, uint32_t b,
                            uint32_t c, uint32_t site) {
  Thread &thread = getThread(context);
  thread.operation = static_cast<WarpOperation>(operation);
  thread.mask = mask;
  thread.value = value;
  thread.b = b;
  thread.c = c;
  thread.cluster->join(thread, site);
  return thread.result;
}

static uint32_t barrier(ThreadContext *context, uint32_t id, uint32_t count,
                        uint32_t operation, uint32_t aligned,
                        uint32_t predicate, uint32_t site) {
  Thread &thread = getThread(context);
  return thread.cluster->arrive(thread, id, count,
                                static_cast<BarrierOperation>(operation),
                                aligned, predicate & 1, site);
}

static void arriveAtCluster(ThreadContext *context, uint32_t site) {
  Thread &thread = getThread(context);
  thread.cluster->arriveAtCluster(thread, site);
}

static void waitForCluster(ThreadContext *context, uint32_t site) {
  Thread &thread = getThread(context);
  thread.cluster->waitForCluster(thread, site);
}

/// The address in another CTA of what has this address in one of the cluster.
static char *mapToRank(ThreadContext *context, char *pointer, uint32_t rank,
                       uint32_t site) {
  Thread &thread = getThread(context);
  Cluster &cluster = *thread.cluster;
  if (rank >= cluster.getNumCtas())
    cluster.fail(thread, FindingKind::DeadShared, site,
                 "shared memory of rank " + Twine(rank) + " of a cluster of " +
                     Twine(cluster.getNumCtas()));
  uint64_t offset = pointer - cluster.getShared();
  return cluster.getShared() + offset % cluster.getSharedStride() +
         rank * cluster.getSharedStride();
}

static uint32_t getRank(ThreadContext *context, char *pointer) {
  Cluster &cluster = *getThread(context).cluster;
  return static_cast<uint32_t>((pointer - cluster.getShared()) /
                               cluster.getSharedStride());
}

static void waitForDependency(ThreadContext *context) {
  Thread &thread = getThread(context);
  if (CtaObserver *observer = thread.cta->observer.get())
    observer->dependencyWait(thread.index);
}

static void yield(ThreadContext *context, uint32_t site) {
  Thread &thread = getThread(context);
  thread.cluster->yield(thread, site);
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

/// The rest of `bytes` beyond `copied` is filled with zeros. Reads now, which
/// is the earliest, and writes when the copy is waited for, the latest.
static void copyAsync(ThreadContext *context, char *to, const char *from,
                      uint32_t bytes, uint32_t copied, uint32_t loadAccess,
                      uint32_t storeAccess) {
  Thread &thread = getThread(context);
  AsyncCopy copy = {};
  copy.to = to;
  copy.from = from;
  copy.bytes = bytes;
  copy.copied = std::min(copied, bytes);
  copy.loadAccess = loadAccess;
  copy.storeAccess = storeAccess;
  copy.group = thread.copyGroup;
  if (copy.copied)
    observe(thread, from, loadAccess, copy.copied);
  std::memcpy(copy.data.data(), from, copy.copied);
  thread.copies.push_back(copy);
}

/// A GPU may read what a copy copies at any time until it is waited for.
static void checkSource(Thread &thread, const AsyncCopy &copy) {
  CtaObserver *observer = thread.cta->observer.get();
  if (!observer || !std::memcmp(copy.from, copy.data.data(), copy.copied))
    return;
  const AccessSite &site =
      thread.cluster->getLaunch().program.getTables().accesses[copy.loadAccess];
  observer->finding(
      {FindingKind::GlobalRace, site.site, thread.cta->index, thread.index,
       "what an asynchronous copy of " + std::to_string(copy.copied) +
           " bytes reads has changed before it is waited for",
       1});
}

static void commitCopies(ThreadContext *context) {
  ++getThread(context).copyGroup;
}

/// Completes all groups but the latest `pending`, or everything.
static void waitForCopies(ThreadContext *context, uint32_t pending,
                          uint32_t everything) {
  Thread &thread = getThread(context);
  auto isDue = [&](const AsyncCopy &copy) {
    return everything || copy.group + pending < thread.copyGroup;
  };
  size_t count = 0;
  while (count < thread.copies.size() && isDue(thread.copies[count])) {
    const AsyncCopy &copy = thread.copies[count++];
    checkSource(thread, copy);
    observe(thread, copy.to, copy.storeAccess, copy.bytes);
    std::memcpy(copy.to, copy.data.data(), copy.bytes);
  }
  thread.copies.erase(thread.copies.begin(), thread.copies.begin() + count);
}

//===----------------------------------------------------------------------===//
// Errors and output
//===----------------------------------------------------------------------===//

[[noreturn]] static void failAssertion(ThreadContext *context,
                                       const char *message, const char *file,
                                       uint32_t line, const char *function,
                                       uint64_t charSize, uint32_t site) {
  Thread &thread = getThread(context);
  StringRef where = file ? file : "";
  thread.cluster->fail(thread, FindingKind::Assertion, site,
                       Twine(message ? message : "assertion failed") +
                           (where.empty() || where == "(unknown)"
                                ? Twine("")
                                : Twine(" at ") + where + ":" + Twine(line)));
}

[[noreturn]] static void trap(ThreadContext *context, uint32_t site) {
  Thread &thread = getThread(context);
  thread.cluster->fail(thread, FindingKind::Execution, site,
                       "the kernel has executed a trap");
}

[[noreturn]] static void unreachable(ThreadContext *context, uint32_t site) {
  Thread &thread = getThread(context);
  thread.cluster->fail(thread, FindingKind::Execution, site,
                       "the kernel has reached code that it promises not to "
                       "reach");
}

[[noreturn]] static void failDivision(ThreadContext *context, uint32_t site) {
  Thread &thread = getThread(context);
  thread.cluster->fail(thread, FindingKind::Execution, site,
                       "an integer division by zero, or one that overflows");
}

/// One conversion of a format with its argument, which lies at `at` in the
/// buffer of arguments.
static void printConversion(raw_ostream &os, std::string spec,
                            const char *arguments, size_t &at) {
  auto take = [&](auto value) {
    at = alignTo(at, sizeof(value));
    std::memcpy(&value, arguments + at, sizeof(value));
    at += sizeof(value);
    return value;
  };
  char buffer[128];
  bool wide = spec.find('l') != std::string::npos;
  switch (spec.back()) {
  case 's':
    os << take(static_cast<const char *>(nullptr));
    return;
  case 'e':
  case 'E':
  case 'f':
  case 'F':
  case 'g':
  case 'G':
  case 'a':
  case 'A':
    std::snprintf(buffer, sizeof(buffer), spec.c_str(), take(double()));
    break;
  case 'p':
    std::snprintf(buffer, sizeof(buffer), "%p", take((void *)nullptr));
    break;
  default:
    if (wide)
      std::snprintf(buffer, sizeof(buffer), spec.c_str(), take(int64_t()));
    else
      std::snprintf(buffer, sizeof(buffer), spec.c_str(), take(int32_t()));
  }
  os << buffer;
}

static int32_t print(const char *format, const char *arguments) {
  std::string text;
  raw_string_ostream stream(text);
  size_t at = 0;
  int32_t conversions = 0;
  for (StringRef rest = format; !rest.empty();) {
    size_t percent = rest.find('%');
    stream << rest.take_front(percent);
    rest = percent == StringRef::npos ? "" : rest.drop_front(percent);
    if (rest.empty())
      break;
    if (rest.consume_front("%%")) {
      stream << '%';
      continue;
    }
    size_t end = rest.find_first_not_of("%-+ #0123456789.hlLzjt");
    if (end == StringRef::npos)
      break;
    printConversion(stream, rest.take_front(end + 1).str(), arguments, at);
    ++conversions;
    rest = rest.drop_front(end + 1);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return conversions;
}

static uint64_t readClock() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

template <typename F>
static void *addressOf(F *function) {
  return reinterpret_cast<void *>(function);
}

ArrayRef<Builtin> emulator::getThreadBuiltins() {
  static const Builtin table[] = {
      {"emu_access", addressOf(accessMemory)},
      {"emu_access_range", addressOf(accessRange)},
      {"emu_access_local", addressOf(accessLocal)},
      {"emu_warp", addressOf(operateWarp)},
      {"emu_barrier", addressOf(barrier)},
      {"emu_cluster_arrive", addressOf(arriveAtCluster)},
      {"emu_cluster_wait", addressOf(waitForCluster)},
      {"emu_mapa", addressOf(mapToRank)},
      {"emu_cta_rank", addressOf(getRank)},
      {"emu_dependency_wait", addressOf(waitForDependency)},
      {"emu_yield", addressOf(yield)},
      {"emu_copy_async", addressOf(copyAsync)},
      {"emu_copy_commit", addressOf(commitCopies)},
      {"emu_copy_wait", addressOf(waitForCopies)},
      {"emu_assert_fail", addressOf(failAssertion)},
      {"emu_trap", addressOf(trap)},
      {"emu_unreachable", addressOf(unreachable)},
      {"emu_division", addressOf(failDivision)},
      {"emu_print", addressOf(print)},
      {"emu_clock", addressOf(readClock)},
  };
  return table;
}
