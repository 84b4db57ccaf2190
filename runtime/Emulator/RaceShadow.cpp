//===- RaceShadow.cpp - Who touched each byte last ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each cell keeps its last plain write, and the reads and atomics since that
// are not ordered with one another: one access, or lists by warp, and once CTAs
// that nothing can order are among them, only that they are.
//
//===----------------------------------------------------------------------===//

#include "RaceShadow.h"
#include <thread>

using namespace seednorm::emulator;

namespace {

constexpr unsigned MaxCellShift = 4;

/// The lanes of one warp that made an access at one time.
struct WarpAccess {
  uint32_t cta, warp, time, site;
  uint64_t lanes;
};
using WarpAccesses = llvm::SmallVector<WarpAccess, 4>;

struct AccessSet {
  enum State : uint8_t {
    Empty,
    One,
    Many,
    /// Accesses by several CTAs that are in no cluster together.
    Everybody,
  };
  uint32_t cta, time, site;
  uint16_t thread;
  State state;
};

struct Cell {
  AccessSet writes, reads;
};

/// Whether the members of a set have all happened before an access.
class Order {
public:
  explicit Order(const RaceAccess &access) : access(access) {}

  bool isBefore(const RaceParty &earlier) const {
    if (earlier.cta == access.party.cta)
      return access.clocks->isOrdered(earlier.thread, earlier.time,
                                      access.party.thread);
    const Clocks *clocks = clocksOf(earlier.cta);
    return clocks &&
           clocks->isBeforeClusterBarrier(earlier.thread, earlier.time);
  }
  /// All of a warp's accesses of that time, whichever lane's.
  bool isWarpBefore(uint32_t cta, uint32_t warp, uint32_t time) const {
    return cta == access.party.cta && access.clocks->isKnownToAll(warp, time);
  }
  bool mayBeOrdered(uint32_t cta) const {
    return cta == access.party.cta || clocksOf(cta);
  }

private:
  const Clocks *clocksOf(uint32_t cta) const {
    if (access.cluster)
      for (const ClusterClocks::Member &member : access.cluster->members)
        if (member.cta == cta)
          return member.clocks.get();
    return nullptr;
  }

  const RaceAccess &access;
};

class SpinLock {
public:
  explicit SpinLock(std::atomic_flag &flag) : flag(flag) {
    while (flag.test_and_set(std::memory_order_acquire))
      std::this_thread::yield();
  }
  ~SpinLock() { flag.clear(std::memory_order_release); }

private:
  std::atomic_flag &flag;
};

} // namespace

struct RaceShadow::Page {
  std::atomic_flag lock = ATOMIC_FLAG_INIT;
  unsigned cellShift = MaxCellShift;
  std::vector<Cell> cells;
  /// By cell, its atomics; empty while the page has none.
  std::vector<AccessSet> atomics;
  /// Of the sets that have many members, by `AccessSet::site`.
  std::vector<WarpAccesses> lists;
  std::vector<uint32_t> freeLists;

  void makeFine(unsigned shift, unsigned pageShift);
  template <typename Element>
  void refine(std::vector<Element> &elements, unsigned difference);
  void copyLists(AccessSet &set);
  void copyLists(Cell &cell) {
    copyLists(cell.writes);
    copyLists(cell.reads);
  }

  std::optional<RaceConflict> access(size_t index, const RaceAccess &access,
                                     const Order &order);
  /// Looks for a conflict with a member of the set unless there is one.
  void check(std::optional<RaceConflict> &conflict, const AccessSet &set,
             AccessKind kind, const RaceAccess &access,
             const Order &order) const;
  std::optional<RaceParty> findUnordered(const AccessSet &set,
                                         const RaceAccess &access,
                                         const Order &order) const;
  void add(AccessSet &set, const RaceAccess &access, const Order &order);
  void addToList(AccessSet &set, const RaceAccess &access, const Order &order);
  void clear(AccessSet &set);
  void assign(AccessSet &set, const RaceParty &party);
};

RaceShadow::RaceShadow(uint64_t bytes, unsigned pageShift)
    : pageShift(pageShift),
      numPages((bytes + (uint64_t(1) << pageShift) - 1) >> pageShift),
      pages(new std::atomic<Page *>[numPages]()) {}

RaceShadow::~RaceShadow() {
  for (uint64_t index = 0; index < numPages; ++index)
    delete pages[index].load(std::memory_order_relaxed);
}

RaceShadow::Page &RaceShadow::page(uint64_t index) {
  Page *page = pages[index].load(std::memory_order_acquire);
  if (page)
    return *page;
  auto fresh = std::make_unique<Page>();
  // Another thread may have been faster: then `page` is its.
  if (pages[index].compare_exchange_strong(page, fresh.get(),
                                           std::memory_order_acq_rel))
    page = fresh.release();
  return *page;
}

std::optional<RaceConflict> RaceShadow::access(uint64_t offset, uint32_t bytes,
                                               const RaceAccess &access) {
  std::optional<RaceConflict> conflict;
  Order order(access);
  const uint64_t pageBytes = uint64_t(1) << pageShift;
  for (uint64_t end = offset + bytes; offset < end;) {
    uint64_t begin = offset & (pageBytes - 1);
    uint64_t count = std::min(end - offset, pageBytes - begin);
    Page &page = this->page(offset >> pageShift);
    SpinLock lock(page.lock);
    unsigned shift = llvm::countr_zero(begin | count | (1u << MaxCellShift));
    if (page.cells.empty() || shift < page.cellShift)
      page.makeFine(shift, pageShift);
    uint64_t last = (begin + count - 1) >> page.cellShift;
    for (uint64_t cell = begin >> page.cellShift; cell <= last; ++cell) {
      std::optional<RaceConflict> found = page.access(cell, access, order);
      if (!conflict)
        conflict = found;
    }
    offset += count;
  }
  return conflict;
}

void RaceShadow::Page::copyLists(AccessSet &set) {
  if (set.state != AccessSet::Many)
    return;
  lists.push_back(WarpAccesses(lists[set.site]));
  set.site = lists.size() - 1;
}

/// Each element becomes 2^difference of them, with lists of their own.
template <typename Element>
void RaceShadow::Page::refine(std::vector<Element> &elements,
                              unsigned difference) {
  std::vector<Element> coarse = std::move(elements);
  elements.assign(coarse.size() << difference, Element());
  for (size_t index = 0; index < elements.size(); ++index) {
    elements[index] = coarse[index >> difference];
    if (index & ((size_t(1) << difference) - 1))
      copyLists(elements[index]);
  }
}

void RaceShadow::Page::makeFine(unsigned shift, unsigned pageShift) {
  if (cells.empty()) {
    cells.assign(size_t(1) << (pageShift - shift), Cell());
  } else {
    refine(cells, cellShift - shift);
    refine(atomics, cellShift - shift);
  }
  cellShift = shift;
}

void RaceShadow::Page::check(std::optional<RaceConflict> &conflict,
                             const AccessSet &set, AccessKind kind,
                             const RaceAccess &access,
                             const Order &order) const {
  if (conflict)
    return;
  if (std::optional<RaceParty> party = findUnordered(set, access, order))
    conflict = {*party, kind, set.state == AccessSet::Everybody};
}

std::optional<RaceConflict> RaceShadow::Page::access(size_t index,
                                                     const RaceAccess &access,
                                                     const Order &order) {
  Cell &cell = cells[index];
  std::optional<RaceConflict> conflict;
  if (access.kind == AccessKind::Atomic && atomics.empty())
    atomics.assign(cells.size(), AccessSet());
  check(conflict, cell.writes, AccessKind::Store, access, order);
  if (access.kind != AccessKind::Atomic && !atomics.empty())
    check(conflict, atomics[index], AccessKind::Atomic, access, order);
  if (access.kind == AccessKind::Load) {
    add(cell.reads, access, order);
    return conflict;
  }
  check(conflict, cell.reads, AccessKind::Load, access, order);
  if (access.kind == AccessKind::Atomic) {
    add(atomics[index], access, order);
    return conflict;
  }
  // Who is ordered after this write is so after all before it.
  assign(cell.writes, access.party);
  clear(cell.reads);
  if (!atomics.empty())
    clear(atomics[index]);
  return conflict;
}

std::optional<RaceParty>
RaceShadow::Page::findUnordered(const AccessSet &set, const RaceAccess &access,
                                const Order &order) const {
  RaceParty party{set.cta, set.thread, set.time, set.site};
  switch (set.state) {
  case AccessSet::Empty:
    return std::nullopt;
  case AccessSet::One:
    return order.isBefore(party) ? std::nullopt : std::optional(party);
  case AccessSet::Everybody:
    return party;
  case AccessSet::Many:
    break;
  }
  unsigned warpShift = access.clocks->getWarpShift();
  for (const WarpAccess &entry : lists[set.site]) {
    if (order.isWarpBefore(entry.cta, entry.warp, entry.time))
      continue;
    for (uint64_t lanes = entry.lanes; lanes; lanes &= lanes - 1) {
      uint32_t lane = llvm::countr_zero(lanes);
      party = {entry.cta, (entry.warp << warpShift) + lane, entry.time,
               entry.site};
      if (!order.isBefore(party))
        return party;
    }
  }
  return std::nullopt;
}

void RaceShadow::Page::clear(AccessSet &set) {
  if (set.state == AccessSet::Many)
    freeLists.push_back(set.site);
  set.state = AccessSet::Empty;
}

void RaceShadow::Page::assign(AccessSet &set, const RaceParty &party) {
  clear(set);
  set.cta = party.cta;
  set.thread = party.thread;
  set.time = party.time;
  set.site = party.site;
  set.state = AccessSet::One;
}

void RaceShadow::Page::add(AccessSet &set, const RaceAccess &access,
                           const Order &order) {
  switch (set.state) {
  case AccessSet::Everybody:
    return;
  case AccessSet::Empty:
    return assign(set, access.party);
  case AccessSet::Many:
    return addToList(set, access, order);
  case AccessSet::One:
    break;
  }
  // An access ordered before this one says nothing more than this one does.
  RaceParty earlier{set.cta, set.thread, set.time, set.site};
  if (order.isBefore(earlier))
    return assign(set, access.party);
  if (!order.mayBeOrdered(set.cta)) {
    set.state = AccessSet::Everybody;
    return;
  }
  uint32_t index;
  if (freeLists.empty()) {
    index = lists.size();
    lists.emplace_back();
  } else {
    index = freeLists.back();
    freeLists.pop_back();
    lists[index].clear();
  }
  unsigned warpShift = access.clocks->getWarpShift();
  lists[index].push_back(
      {earlier.cta, earlier.thread >> warpShift, earlier.time, earlier.site,
       uint64_t(1) << (earlier.thread & ((1u << warpShift) - 1))});
  set.site = index;
  set.state = AccessSet::Many;
  addToList(set, access, order);
}

void RaceShadow::Page::addToList(AccessSet &set, const RaceAccess &access,
                                 const Order &order) {
  const RaceParty &party = access.party;
  WarpAccesses &list = lists[set.site];
  unsigned warpShift = access.clocks->getWarpShift();
  uint32_t warp = party.thread >> warpShift;
  uint64_t lane = uint64_t(1) << (party.thread & ((1u << warpShift) - 1));
  // The lanes of a warp often come one after another.
  for (WarpAccess &entry : llvm::reverse(list))
    if (entry.cta == party.cta && entry.warp == warp &&
        entry.time == party.time) {
      entry.lanes |= lane;
      return;
    }
  for (const WarpAccess &entry : list)
    if (!order.mayBeOrdered(entry.cta)) {
      RaceParty other{entry.cta, entry.warp << warpShift, entry.time,
                      entry.site};
      assign(set, other);
      set.state = AccessSet::Everybody;
      return;
    }
  llvm::erase_if(list, [&](const WarpAccess &entry) {
    return order.isWarpBefore(entry.cta, entry.warp, entry.time);
  });
  list.push_back({party.cta, warp, party.time, party.site, lane});
}
