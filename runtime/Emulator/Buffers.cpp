//===- Buffers.cpp - The live memory of an emulated device ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lists of allocations are immutable and replaced as a whole, so that a launch
// looks addresses up without a lock.
//
//===----------------------------------------------------------------------===//

#include "Buffers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

using namespace seednorm::emulator;

static constexpr uint64_t WordBits = 64;

Buffer::Buffer(uint64_t address, uint64_t bytes)
    : address(address), bytes(bytes),
      written(new std::atomic<uint64_t>[(bytes + WordBits - 1) / WordBits]()) {}

/// Calls `visit` with each word that has bits in [from, to), and those bits.
template <typename Visit>
static bool forEachWord(uint64_t from, uint64_t to, Visit visit) {
  while (from < to) {
    uint64_t first = from % WordBits;
    uint64_t count = std::min(WordBits - first, to - from);
    uint64_t bits = count == WordBits ? ~uint64_t(0)
                                      : ((uint64_t(1) << count) - 1) << first;
    if (!visit(from / WordBits, bits))
      return false;
    from += count;
  }
  return true;
}

void Buffer::markWritten(uint64_t from, uint64_t count) {
  from -= address;
  forEachWord(from, from + count, [&](uint64_t word, uint64_t bits) {
    // Most bytes are written more than once, and a look is cheaper.
    if ((written[word].load(std::memory_order_relaxed) & bits) != bits)
      written[word].fetch_or(bits, std::memory_order_relaxed);
    return true;
  });
}

uint64_t Buffer::countWritten(uint64_t from, uint64_t count) const {
  from -= address;
  uint64_t result = count;
  forEachWord(from, from + count, [&](uint64_t word, uint64_t bits) {
    uint64_t missing = bits & ~written[word].load(std::memory_order_relaxed);
    if (missing)
      result = word * WordBits + llvm::countr_zero(missing) - from;
    return !missing;
  });
  return result;
}

void Buffer::markTouchedByKernel(bool loads, bool stores) {
  if (loads)
    loadedByKernel = true;
  if (stores)
    storedByKernel = true;
}

BufferSnapshot::BufferSnapshot(std::vector<std::shared_ptr<Buffer>> sorted)
    : buffers(std::move(sorted)) {}

/// How many buffers begin at or below the address.
static size_t countUpTo(const std::vector<std::shared_ptr<Buffer>> &buffers,
                        uint64_t address) {
  return llvm::upper_bound(buffers, address,
                           [](uint64_t address, const auto &buffer) {
                             return address < buffer->begin();
                           }) -
         buffers.begin();
}

uint32_t BufferSnapshot::find(uint64_t address) const {
  size_t count = countUpTo(buffers, address);
  if (count == 0 || !buffers[count - 1]->contains(address, 1))
    return None;
  return count - 1;
}

uint32_t BufferSnapshot::findBelow(uint64_t address) const {
  size_t count = countUpTo(buffers, address);
  return count == 0 ? None : count - 1;
}

Buffers::Buffers()
    : current(std::make_shared<BufferSnapshot>(
          std::vector<std::shared_ptr<Buffer>>())) {}

void Buffers::add(const void *pointer, uint64_t bytes, bool written) {
  auto buffer =
      std::make_shared<Buffer>(reinterpret_cast<uintptr_t>(pointer), bytes);
  if (written)
    buffer->markWritten(buffer->begin(), bytes);
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<std::shared_ptr<Buffer>> list = current->list();
  list.insert(list.begin() + countUpTo(list, buffer->begin()), buffer);
  current = std::make_shared<BufferSnapshot>(std::move(list));
}

bool Buffers::remove(const void *pointer) {
  uint64_t address = reinterpret_cast<uintptr_t>(pointer);
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<std::shared_ptr<Buffer>> list = current->list();
  size_t count = countUpTo(list, address);
  if (count == 0 || list[count - 1]->begin() != address)
    return false;
  list.erase(list.begin() + (count - 1));
  current = std::make_shared<BufferSnapshot>(std::move(list));
  return true;
}

std::shared_ptr<const BufferSnapshot> Buffers::snapshot() const {
  std::lock_guard<std::mutex> lock(mutex);
  return current;
}

std::shared_ptr<Buffer> Buffers::find(uint64_t address) const {
  std::shared_ptr<const BufferSnapshot> buffers = snapshot();
  uint32_t index = buffers->find(address);
  return index == BufferSnapshot::None ? nullptr : buffers->list()[index];
}

bool Buffers::markWritten(const void *pointer, uint64_t bytes) {
  uint64_t address = reinterpret_cast<uintptr_t>(pointer);
  if (bytes == 0)
    return true;
  std::shared_ptr<Buffer> buffer = find(address);
  if (!buffer || !buffer->contains(address, bytes))
    return false;
  buffer->markWritten(address, bytes);
  return true;
}
