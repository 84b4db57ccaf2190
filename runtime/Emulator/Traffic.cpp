//===- Traffic.cpp - What a CTA's accesses cost ---------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Accesses are kept as runs of equal distance, so that a loop without
// synchronisation takes no memory, and none of the time if its distance brings
// the same sectors or banks again.
//
//===----------------------------------------------------------------------===//

#include "Traffic.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <array>

using namespace seednorm::emulator;

static constexpr uint64_t SectorBytes = 32, BankBytes = 4, NumBanks = 32;

/// Whether each lane's bytes follow those of the lane before.
static bool isContiguous(llvm::ArrayRef<LaneAddress> lanes, uint32_t bytes) {
  for (size_t index = 1; index < lanes.size(); ++index)
    if (lanes[index].address != lanes[index - 1].address + bytes)
      return false;
  return true;
}

static bool isUniform(llvm::ArrayRef<LaneAddress> lanes) {
  return llvm::all_of(lanes, [&](const LaneAddress &lane) {
    return lane.address == lanes.front().address;
  });
}

SectorCount seednorm::emulator::countSectors(llvm::ArrayRef<LaneAddress> lanes,
                                             uint32_t bytes) {
  if (lanes.empty() || bytes == 0)
    return {};
  if (isContiguous(lanes, bytes)) {
    uint64_t begin = lanes.front().address, end = lanes.back().address + bytes;
    return {(end - 1) / SectorBytes - begin / SectorBytes + 1, end - begin};
  }
  // Each sector with a bit for each byte.
  llvm::SmallVector<std::pair<uint64_t, uint32_t>, 64> parts;
  for (const LaneAddress &lane : lanes)
    for (uint64_t at = lane.address, end = at + bytes; at < end;) {
      uint64_t first = at % SectorBytes;
      uint64_t count = std::min(SectorBytes - first, end - at);
      uint32_t mask =
          static_cast<uint32_t>(((uint64_t(1) << count) - 1) << first);
      parts.push_back({at / SectorBytes, mask});
      at += count;
    }
  std::sort(parts.begin(), parts.end());
  SectorCount result;
  for (size_t index = 0; index < parts.size();) {
    uint64_t sector = parts[index].first;
    uint32_t mask = 0;
    for (; index < parts.size() && parts[index].first == sector; ++index)
      mask |= parts[index].second;
    ++result.sectors;
    result.usedBytes += llvm::popcount(mask);
  }
  return result;
}

WavefrontCount
seednorm::emulator::countWavefronts(llvm::ArrayRef<LaneAddress> lanes,
                                    uint32_t bytes) {
  if (bytes == 0)
    return {};
  uint32_t groupLanes = bytes <= 4 ? 32 : bytes <= 8 ? 16 : 8;
  WavefrontCount result;
  llvm::SmallVector<uint64_t, 64> words;
  while (!lanes.empty()) {
    uint32_t group = lanes.front().lane / groupLanes;
    size_t count = 1;
    while (count < lanes.size() && lanes[count].lane / groupLanes == group)
      ++count;
    // All lanes often want the same bytes, or bytes in their order.
    llvm::ArrayRef<LaneAddress> members = lanes.take_front(count);
    if (isUniform(members) || (members.front().address % BankBytes == 0 &&
                               isContiguous(members, bytes))) {
      ++result.wavefronts;
      lanes = lanes.drop_front(count);
      continue;
    }
    words.clear();
    for (const LaneAddress &lane : members)
      for (uint64_t word = lane.address / BankBytes,
                    last = (lane.address + bytes - 1) / BankBytes;
           word <= last; ++word)
        words.push_back(word);
    lanes = lanes.drop_front(count);
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    std::array<uint32_t, NumBanks> banks{};
    uint64_t wavefronts = 0;
    for (uint64_t word : words)
      wavefronts = std::max<uint64_t>(wavefronts, ++banks[word % NumBanks]);
    result.wavefronts += wavefronts;
    result.extra += wavefronts - 1;
  }
  return result;
}

Traffic::Traffic(uint32_t threads, uint32_t warpWidth, uint32_t numSites)
    : numThreads(threads), warpWidth(warpWidth), first(numSites, None),
      pending(llvm::divideCeil(threads, warpWidth)) {}

void Traffic::access(uint32_t thread, uint32_t site, Space space,
                     AccessKind kind, uint32_t bytes, uint32_t alignment,
                     uint64_t address) {
  // An access that its alignment does not allow at once is made in pieces, and
  // so is one wider than the hardware has. Each piece is a power of two.
  for (uint32_t piece = 0, offset = 0; offset < bytes; ++piece) {
    uint32_t width =
        std::min({alignment, llvm::bit_floor(bytes - offset), 32u});
    Stream &stream = findStream(site, space, kind, width, piece);
    record(&stream - streams.data(), thread, address + offset);
    offset += width;
  }
}

Traffic::Stream &Traffic::findStream(uint32_t site, Space space,
                                     AccessKind kind, uint32_t bytes,
                                     uint32_t piece) {
  uint32_t last = None;
  for (uint32_t index = first[site]; index != None;
       index = streams[index].next) {
    Stream &stream = streams[index];
    if (stream.piece == piece && stream.space == space && stream.kind == kind &&
        stream.bytes == bytes)
      return stream;
    last = index;
  }
  (last == None ? first[site] : streams[last].next) = streams.size();
  Stream stream;
  stream.site = site;
  stream.bytes = bytes;
  stream.space = space;
  stream.kind = kind;
  stream.piece = piece;
  stream.runs.resize(numThreads);
  stream.isPending.resize(pending.size());
  streams.push_back(std::move(stream));
  return streams.back();
}

void Traffic::record(uint32_t streamIndex, uint32_t thread, uint64_t address) {
  Stream &stream = streams[streamIndex];
  uint32_t warp = thread / warpWidth;
  if (!stream.isPending[warp]) {
    stream.isPending[warp] = true;
    pending[warp].push_back(streamIndex);
  }
  Run &run = stream.runs[thread];
  if (run.count == 0) {
    run = {address, 0, 1};
  } else if (run.count == 1) {
    run.stride = address - run.address;
    run.count = 2;
  } else if (address == run[run.count]) {
    ++run.count;
  } else {
    stream.earlier[thread].push_back(run);
    run = {address, 0, 1};
  }
}

void Traffic::synchronise(uint32_t warp, uint64_t lanes) {
  uint32_t firstThread = warp * warpWidth;
  uint32_t width = std::min(warpWidth, numThreads - firstThread);
  llvm::erase_if(pending[warp], [&](uint32_t index) {
    Stream &stream = streams[index];
    flush(stream, firstThread, lanes);
    bool isEmpty = true;
    for (uint32_t lane = 0; lane < width && isEmpty; ++lane)
      isEmpty = stream.runs[firstThread + lane].count == 0;
    stream.isPending[warp] = !isEmpty;
    return isEmpty;
  });
}

void Traffic::synchroniseAll() {
  for (uint32_t warp = 0; warp < pending.size(); ++warp)
    synchronise(warp, ~uint64_t(0));
}

void Traffic::count(Stream &stream, llvm::ArrayRef<LaneAddress> lanes,
                    uint64_t repeats) {
  AccessCounters &counters = stream.counters;
  counters.threads += lanes.size() * repeats;
  counters.warps += repeats;
  if (stream.space == Space::Global) {
    SectorCount sectors = countSectors(lanes, stream.bytes);
    counters.sectors += sectors.sectors * repeats;
    counters.usedBytes += sectors.usedBytes * repeats;
  } else if (stream.space == Space::Shared) {
    WavefrontCount wavefronts = countWavefronts(lanes, stream.bytes);
    counters.wavefronts += wavefronts.wavefronts * repeats;
    counters.extraWavefronts += wavefronts.extra * repeats;
  }
}

/// Lanes that all repeat one pattern: it is counted once.
bool Traffic::flushRegular(Stream &stream, uint32_t firstThread,
                           uint64_t lanes) {
  if (!stream.earlier.empty())
    return false;
  llvm::SmallVector<LaneAddress, 64> addresses;
  const Run *pattern = nullptr;
  for (; lanes; lanes &= lanes - 1) {
    uint32_t lane = llvm::countr_zero(lanes);
    const Run &run = stream.runs[firstThread + lane];
    if (run.count == 0)
      continue;
    if (!pattern)
      pattern = &run;
    else if (run.count != pattern->count || run.stride != pattern->stride)
      return false;
    addresses.push_back({lane, run.address});
  }
  if (!pattern)
    return true;
  if (pattern->stride % int64_t(BankBytes * NumBanks) != 0 &&
      pattern->count > 1)
    return false;
  count(stream, addresses, pattern->count);
  return true;
}

/// Lanes in general: for each, its accesses in their order.
void Traffic::flushIrregular(Stream &stream, uint32_t firstThread,
                             uint64_t lanes) {
  struct Reader {
    uint32_t lane;
    std::vector<Run> runs;
    size_t run;
    uint64_t index;
  };
  llvm::SmallVector<Reader, 64> readers;
  for (; lanes; lanes &= lanes - 1) {
    uint32_t lane = llvm::countr_zero(lanes), thread = firstThread + lane;
    if (stream.runs[thread].count == 0)
      continue;
    Reader reader{lane, {}, 0, 0};
    if (auto it = stream.earlier.find(thread); it != stream.earlier.end())
      reader.runs = std::move(it->second);
    reader.runs.push_back(stream.runs[thread]);
    readers.push_back(std::move(reader));
  }
  while (!readers.empty()) {
    llvm::SmallVector<LaneAddress, 64> addresses;
    for (Reader &reader : readers) {
      const Run &run = reader.runs[reader.run];
      addresses.push_back({reader.lane, run[reader.index]});
      if (++reader.index == run.count) {
        reader.index = 0;
        ++reader.run;
      }
    }
    count(stream, addresses, 1);
    llvm::erase_if(readers, [](const Reader &reader) {
      return reader.run == reader.runs.size();
    });
  }
}

void Traffic::flush(Stream &stream, uint32_t firstThread, uint64_t lanes) {
  uint32_t width = std::min(warpWidth, numThreads - firstThread);
  if (width < 64)
    lanes &= (uint64_t(1) << width) - 1;
  if (!flushRegular(stream, firstThread, lanes))
    flushIrregular(stream, firstThread, lanes);
  for (; lanes; lanes &= lanes - 1) {
    uint32_t thread = firstThread + llvm::countr_zero(lanes);
    stream.runs[thread].count = 0;
    stream.earlier.erase(thread);
  }
}
