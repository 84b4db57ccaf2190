//===- Observer.cpp - Watches a kernel run --------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The checks of each access in the order in which a device would stumble over
// them, and what is handed to the counters.
//
//===----------------------------------------------------------------------===//

#include "Observer.h"
#include "Clocks.h"
#include "RaceShadow.h"
#include "Traffic.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <mutex>

using namespace seednorm::emulator;
using llvm::StringRef;
using llvm::Twine;

static constexpr uint64_t SectorBytes = 32;
static constexpr unsigned GlobalPageShift = 12, SharedPageShift = 8;

namespace {

/// The sectors of a buffer that somebody has touched.
class SectorSet {
public:
  explicit SectorSet(const Buffer &buffer)
      : firstSector(buffer.begin() / SectorBytes),
        numWords((buffer.end() / SectorBytes - firstSector) / 64 + 1),
        words(new std::atomic<uint64_t>[numWords]()) {}

  void add(uint64_t address, uint64_t bytes) {
    uint64_t last = (address + bytes - 1) / SectorBytes - firstSector;
    for (uint64_t sector = address / SectorBytes - firstSector; sector <= last;
         ++sector) {
      std::atomic<uint64_t> &word = words[sector / 64];
      uint64_t bit = uint64_t(1) << (sector % 64);
      if (!(word.load(std::memory_order_relaxed) & bit))
        word.fetch_or(bit, std::memory_order_relaxed);
    }
  }
  uint64_t countBytes() const {
    uint64_t count = 0;
    for (uint64_t index = 0; index < numWords; ++index)
      count += llvm::popcount(words[index].load(std::memory_order_relaxed));
    return count * SectorBytes;
  }

private:
  uint64_t firstSector, numWords;
  std::unique_ptr<std::atomic<uint64_t>[]> words;
};

/// What a launch does to one buffer.
struct BufferShadow {
  explicit BufferShadow(const Buffer &buffer)
      : races(buffer.size(), GlobalPageShift), loaded(buffer), stored(buffer) {}
  RaceShadow races;
  SectorSet loaded, stored;
};

/// CTAs that can reach one another's shared memory.
struct Cluster {
  ClusterClocks clocks;
  std::vector<CtaObserver::State *> live;
};

} // namespace

struct KernelObserver::State {
  State(const Buffers &buffers, llvm::ArrayRef<Site> sites,
        const LaunchShape &shape, const ObserverOptions &options);
  ~State();

  BufferShadow &shadowOf(uint32_t buffer);
  uint32_t clusterOf(uint32_t cta) const;

  std::shared_ptr<const BufferSnapshot> buffers;
  const LaunchShape shape;
  const ObserverOptions options;
  /// By buffer, made when it is touched.
  std::unique_ptr<std::atomic<BufferShadow *>[]> shadows;

  std::mutex mutex;
  /// Its table of sites never changes and ends with one for no site.
  KernelReport report;
  llvm::DenseMap<uint32_t, std::shared_ptr<Cluster>> clusters;
};

struct CtaObserver::State {
  State(KernelObserver::State &kernel, uint32_t cta);

  bool accessGlobal(uint32_t thread, const Access &access);
  bool accessShared(uint32_t thread, const Access &access);
  void checkInitialised(uint32_t thread, const Access &access, State &owner);
  void checkDependency(uint32_t thread, const Access &access,
                       const Buffer &buffer);
  void checkRace(uint32_t thread, const Access &access, uint64_t offset,
                 RaceShadow &shadow);
  State *findShared(uint32_t owner);
  void synchronise(llvm::ArrayRef<uint32_t> threads);
  std::string describeRace(const Access &access,
                           const RaceConflict &conflict) const;

  /// Counts a finding; its message is made the first time only.
  template <typename Message>
  void note(FindingKind kind, uint32_t site, uint32_t thread, Message message) {
    for (Finding &finding : findings)
      if (finding.kind == kind && finding.site == site) {
        ++finding.count;
        return;
      }
    findings.push_back({kind, site, cta, thread, message(), 1});
  }

  KernelObserver::State &kernel;
  const uint32_t cta;
  std::shared_ptr<Clocks> clocks;
  /// Null where clusters are single CTAs.
  std::shared_ptr<Cluster> cluster;
  RaceShadow sharedRaces;
  llvm::BitVector isSharedWritten;
  Traffic traffic;
  /// By site, the buffer that it accessed last.
  std::vector<uint32_t> lastBuffer;
  std::vector<bool> hasWaited;

  std::vector<Finding> findings;
  std::array<uint64_t, NumInstructionClasses> instructions{};
  uint64_t barriers = 0, clusterBarriers = 0, warpSyncs = 0;
};

//===----------------------------------------------------------------------===//
// A launch
//===----------------------------------------------------------------------===//

KernelObserver::State::State(const Buffers &live, llvm::ArrayRef<Site> sites,
                             const LaunchShape &shape,
                             const ObserverOptions &options)
    : buffers(live.snapshot()), shape(shape), options(options),
      shadows(new std::atomic<BufferShadow *>[buffers->size()]()) {
  report.kernel = options.kernel;
  report.launches = 1;
  report.rows = options.rows;
  report.minimumLoadBytes = options.minimumLoadBytes;
  report.minimumStoreBytes = options.minimumStoreBytes;
  report.sites.assign(sites.begin(), sites.end());
  report.sites.emplace_back();
}

KernelObserver::State::~State() {
  for (uint32_t index = 0; index < buffers->size(); ++index)
    delete shadows[index].load(std::memory_order_relaxed);
}

BufferShadow &KernelObserver::State::shadowOf(uint32_t buffer) {
  BufferShadow *shadow = shadows[buffer].load(std::memory_order_acquire);
  if (shadow)
    return *shadow;
  auto fresh = std::make_unique<BufferShadow>((*buffers)[buffer]);
  // Another thread may have been faster: then `shadow` is its.
  if (shadows[buffer].compare_exchange_strong(shadow, fresh.get(),
                                              std::memory_order_acq_rel))
    shadow = fresh.release();
  return *shadow;
}

uint32_t KernelObserver::State::clusterOf(uint32_t cta) const {
  uint32_t x = cta % shape.grid[0], y = cta / shape.grid[0] % shape.grid[1];
  uint32_t z = cta / shape.grid[0] / shape.grid[1];
  uint32_t across = shape.grid[0] / shape.cluster[0];
  uint32_t down = shape.grid[1] / shape.cluster[1];
  return x / shape.cluster[0] +
         across * (y / shape.cluster[1] + down * (z / shape.cluster[2]));
}

KernelObserver::KernelObserver(const Buffers &buffers,
                               llvm::ArrayRef<Site> sites,
                               const LaunchShape &shape,
                               const ObserverOptions &options)
    : state(std::make_unique<State>(buffers, sites, shape, options)) {}

KernelObserver::~KernelObserver() = default;

std::unique_ptr<CtaObserver> KernelObserver::beginCta(uint32_t cta) {
  auto observed = std::make_unique<CtaObserver::State>(*state, cta);
  if (state->shape.ctasPerCluster() > 1) {
    std::lock_guard<std::mutex> lock(state->mutex);
    std::shared_ptr<Cluster> &cluster = state->clusters[state->clusterOf(cta)];
    if (!cluster)
      cluster = std::make_shared<Cluster>();
    cluster->clocks.members.push_back({cta, observed->clocks});
    cluster->live.push_back(observed.get());
    observed->cluster = cluster;
  }
  return std::make_unique<CtaObserver>(std::move(observed));
}

void KernelObserver::endCta(std::unique_ptr<CtaObserver> observer) {
  CtaObserver::State &cta = *observer->state;
  if (state->options.count)
    cta.traffic.synchroniseAll();
  std::lock_guard<std::mutex> lock(state->mutex);
  KernelReport &report = state->report;
  ++report.ctas;
  report.threads += state->shape.threadsPerCta();
  for (const Finding &finding : cta.findings)
    report.addFinding(finding);
  for (unsigned index = 0; index < NumInstructionClasses; ++index)
    report.instructions[index] += cta.instructions[index];
  report.barriers += cta.barriers;
  report.clusterBarriers += cta.clusterBarriers;
  report.warpSyncs += cta.warpSyncs;
  cta.traffic.forEach([&](uint32_t site, const AccessType &type,
                          const AccessCounters &counters) {
    report.accesses[{site, type}].add(counters);
  });
  if (!cta.cluster)
    return;
  llvm::erase(cta.cluster->live, &cta);
  if (cta.cluster->live.empty() &&
      cta.cluster->clocks.members.size() == state->shape.ctasPerCluster())
    state->clusters.erase(state->clusterOf(cta.cta));
}

KernelReport KernelObserver::finish() {
  for (uint32_t index = 0; index < state->buffers->size(); ++index) {
    BufferShadow *shadow = state->shadows[index].load();
    if (!shadow)
      continue;
    uint64_t loaded = shadow->loaded.countBytes();
    uint64_t stored = shadow->stored.countBytes();
    state->report.loadedDramBytes += loaded;
    state->report.storedDramBytes += stored;
    (*state->buffers)[index].markTouchedByKernel(loaded, stored);
  }
  return std::move(state->report);
}

//===----------------------------------------------------------------------===//
// A CTA
//===----------------------------------------------------------------------===//

CtaObserver::State::State(KernelObserver::State &kernel, uint32_t cta)
    : kernel(kernel), cta(cta),
      clocks(std::make_shared<Clocks>(kernel.shape.threadsPerCta(),
                                      kernel.shape.warpWidth)),
      sharedRaces(kernel.shape.sharedBytes(), SharedPageShift),
      isSharedWritten(kernel.shape.sharedBytes()),
      traffic(kernel.shape.threadsPerCta(), kernel.shape.warpWidth,
              kernel.report.sites.size()),
      lastBuffer(kernel.report.sites.size(), BufferSnapshot::None),
      hasWaited(kernel.shape.threadsPerCta()) {}

CtaObserver::CtaObserver(std::unique_ptr<State> state)
    : state(std::move(state)) {}

CtaObserver::~CtaObserver() = default;

static std::string describe(const Access &access) {
  StringRef article = access.kind == AccessKind::Atomic ? "an " : "a ";
  return (article + nameOf(access.kind) + " of " + Twine(access.bytes) +
          (access.bytes == 1 ? " byte" : " bytes"))
      .str();
}

static std::string hexadecimal(uint64_t address) {
  return "0x" + llvm::utohexstr(address, /*LowerCase=*/true);
}

static std::string describePlace(const Site &site) {
  if (!site.location.empty())
    return " at " + site.location;
  return site.text.empty() ? ""
                           : " '" + StringRef(site.text).trim().str() + "'";
}

/// Where an address is that is in no buffer, or an access that leaves one.
static std::string describePlace(const Access &access,
                                 const BufferSnapshot &buffers) {
  std::string place = describe(access) + " at " + hexadecimal(access.address);
  uint32_t index = buffers.findBelow(access.address);
  if (index == BufferSnapshot::None)
    return place + " is in no live buffer";
  const Buffer &buffer = buffers[index];
  std::string of = (" of a buffer of " + Twine(buffer.size()) + " bytes").str();
  if (access.address < buffer.end())
    return (place + " crosses the end" + of + " by " +
            Twine(access.address + access.bytes - buffer.end()) + " bytes")
        .str();
  return (place + " is " + Twine(access.address - buffer.end()) +
          " bytes past the end" + of)
      .str();
}

bool CtaObserver::access(uint32_t thread, const Access &original) {
  Access access = original;
  access.site = std::min<size_t>(access.site, state->lastBuffer.size() - 1);
  access.alignment = std::max(1u, llvm::bit_floor(access.alignment));
  if (access.bytes == 0)
    return true;
  bool isValid =
      access.space == Space::Global   ? state->accessGlobal(thread, access)
      : access.space == Space::Shared ? state->accessShared(thread, access)
                                      : true;
  if (isValid && access.address % access.alignment != 0) {
    state->note(FindingKind::Misaligned, access.site, thread, [&] {
      return (describe(access) + " at " +
              (access.space == Space::Shared ? "offset " : "") +
              hexadecimal(access.address) + ", which is no multiple of " +
              Twine(access.alignment))
          .str();
    });
    isValid = false;
  }
  if (isValid && state->kernel.options.count)
    state->traffic.access(thread, access.site, access.space, access.kind,
                          access.bytes, access.alignment, access.address);
  return isValid;
}

bool CtaObserver::State::accessGlobal(uint32_t thread, const Access &access) {
  const BufferSnapshot &buffers = *kernel.buffers;
  uint32_t &index = lastBuffer[access.site];
  if (index == BufferSnapshot::None ||
      !buffers[index].contains(access.address, access.bytes))
    index = buffers.find(access.address);
  if (index == BufferSnapshot::None ||
      !buffers[index].contains(access.address, access.bytes)) {
    note(FindingKind::OutOfBounds, access.site, thread,
         [&] { return describePlace(access, buffers); });
    return false;
  }
  Buffer &buffer = buffers[index];
  BufferShadow &shadow = kernel.shadowOf(index);
  if (kernel.options.dependent && !hasWaited[thread])
    checkDependency(thread, access, buffer);
  if (kernel.options.checkUninitialised && access.kind != AccessKind::Store &&
      !buffer.isWritten(access.address, access.bytes))
    note(FindingKind::UninitialisedGlobal, access.site, thread, [&] {
      return (describe(access) + " at byte " +
              Twine(access.address - buffer.begin()) + " of a buffer of " +
              Twine(buffer.size()) + " bytes, some of which nobody has written")
          .str();
    });
  if (kernel.options.checkRaces)
    checkRace(thread, access, access.address - buffer.begin(), shadow.races);
  if (access.kind != AccessKind::Load)
    buffer.markWritten(access.address, access.bytes);
  if (kernel.options.count && access.kind != AccessKind::Store)
    shadow.loaded.add(access.address, access.bytes);
  if (kernel.options.count && access.kind != AccessKind::Load)
    shadow.stored.add(access.address, access.bytes);
  return true;
}

CtaObserver::State *CtaObserver::State::findShared(uint32_t owner) {
  if (owner == cta)
    return this;
  if (cluster)
    for (State *other : cluster->live)
      if (other->cta == owner)
        return other;
  return nullptr;
}

bool CtaObserver::State::accessShared(uint32_t thread, const Access &access) {
  State *owner = findShared(access.ownerCta);
  if (!owner) {
    note(FindingKind::DeadShared, access.site, thread, [&] {
      return (describe(access) + " of the shared memory of CTA " +
              Twine(access.ownerCta) +
              ", which has ended or is not of this cluster")
          .str();
    });
    return false;
  }
  uint64_t size = kernel.shape.sharedBytes();
  if (access.address > size || access.bytes > size - access.address) {
    note(FindingKind::OutOfBounds, access.site, thread, [&] {
      return (describe(access) + " at offset " + Twine(access.address) +
              " of " + Twine(size) + " bytes of shared memory")
          .str();
    });
    return false;
  }
  if (kernel.options.checkUninitialised)
    checkInitialised(thread, access, *owner);
  if (kernel.options.checkRaces)
    checkRace(thread, access, access.address, owner->sharedRaces);
  return true;
}

void CtaObserver::State::checkInitialised(uint32_t thread, const Access &access,
                                          State &owner) {
  unsigned begin = access.address, end = begin + access.bytes;
  if (access.kind != AccessKind::Store) {
    int missing = owner.isSharedWritten.find_first_unset_in(begin, end);
    if (missing >= 0)
      note(FindingKind::UninitialisedShared, access.site, thread, [&] {
        return (describe(access) + " at offset " + Twine(access.address) +
                " of shared memory: nobody has written byte " + Twine(missing))
            .str();
      });
  }
  if (access.kind != AccessKind::Load)
    owner.isSharedWritten.set(begin, end);
}

void CtaObserver::State::checkDependency(uint32_t thread, const Access &access,
                                         const Buffer &buffer) {
  bool isWrite = access.kind != AccessKind::Load;
  if (!buffer.isStoredByKernel() && !(isWrite && buffer.isLoadedByKernel()))
    return;
  note(FindingKind::EarlyAccess, access.site, thread, [&] {
    return describe(access) + " of a buffer that a kernel before this one " +
           (buffer.isStoredByKernel() ? "writes" : "reads") +
           ", without waiting for it";
  });
}

void CtaObserver::State::checkRace(uint32_t thread, const Access &access,
                                   uint64_t offset, RaceShadow &shadow) {
  RaceAccess race;
  race.party = {cta, thread, clocks->now(thread), access.site};
  race.kind = access.kind;
  race.clocks = clocks.get();
  race.cluster = cluster ? &cluster->clocks : nullptr;
  std::optional<RaceConflict> conflict =
      shadow.access(offset, access.bytes, race);
  if (conflict)
    note(access.space == Space::Shared ? FindingKind::SharedRace
                                       : FindingKind::GlobalRace,
         access.site, thread, [&] { return describeRace(access, *conflict); });
}

std::string
CtaObserver::State::describeRace(const Access &access,
                                 const RaceConflict &conflict) const {
  const RaceParty &earlier = conflict.earlier;
  const Site &site = kernel.report.sites[earlier.site];
  std::string text = describe(access) + " races with the " +
                     nameOf(conflict.kind).str() + describePlace(site);
  if (conflict.isByManyCtas)
    return text + " by several CTAs: nothing orders CTAs";
  text += (" by thread " + Twine(earlier.thread)).str();
  if (earlier.cta != cta)
    return (text + " of CTA " + Twine(earlier.cta) +
            (cluster && llvm::any_of(cluster->clocks.members,
                                     [&](const ClusterClocks::Member &member) {
                                       return member.cta == earlier.cta;
                                     })
                 ? ": no cluster barrier between them"
                 : ": nothing orders CTAs"))
        .str();
  return text + ": no barrier between them";
}

void CtaObserver::warpSync(uint32_t warp, uint64_t lanes, bool ordersMemory) {
  if (state->kernel.options.count)
    state->traffic.synchronise(warp, lanes);
  if (!ordersMemory)
    return;
  ++state->warpSyncs;
  state->clocks->warpSync(warp, lanes);
}

void CtaObserver::State::synchronise(llvm::ArrayRef<uint32_t> threads) {
  uint32_t width = kernel.shape.warpWidth;
  while (!threads.empty()) {
    uint32_t warp = threads.front() / width;
    uint64_t lanes = 0;
    for (; !threads.empty() && threads.front() / width == warp;
         threads = threads.drop_front())
      lanes |= uint64_t(1) << (threads.front() % width);
    traffic.synchronise(warp, lanes);
  }
}

void CtaObserver::barrier(uint32_t, llvm::ArrayRef<uint32_t> threads) {
  if (state->kernel.options.count)
    state->synchronise(threads);
  ++state->barriers;
  state->clocks->barrier(threads);
  // What one of them has waited for is done for all.
  if (llvm::any_of(threads, [&](uint32_t t) { return state->hasWaited[t]; }))
    for (uint32_t thread : threads)
      state->hasWaited[thread] = true;
}

void CtaObserver::clusterBarrier() {
  if (state->kernel.options.count)
    state->traffic.synchroniseAll();
  ++state->clusterBarriers;
  state->clocks->clusterBarrier();
}

void CtaObserver::dependencyWait(uint32_t thread) {
  state->hasWaited[thread] = true;
}

void CtaObserver::exit(uint32_t thread) { state->clocks->exit(thread); }

void CtaObserver::count(InstructionClass kind, uint64_t executions) {
  state->instructions[static_cast<unsigned>(kind)] += executions;
}

void CtaObserver::finding(Finding finding) {
  finding.cta = state->cta;
  finding.site = std::min<size_t>(finding.site, state->lastBuffer.size() - 1);
  for (Finding &other : state->findings)
    if (other.kind == finding.kind && other.site == finding.site) {
      other.count += finding.count;
      return;
    }
  state->findings.push_back(std::move(finding));
}
