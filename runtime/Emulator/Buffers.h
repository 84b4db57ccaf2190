//===- Buffers.h - The live memory of an emulated device --------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which allocations of a device are live, and which of their bytes anybody has
// written. It must not know kernels or threads.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_BUFFERS_H
#define SEEDNORM_RUNTIME_EMULATOR_BUFFERS_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace seednorm::emulator {

/// One allocation. Its extent never changes; the written bytes only grow, from
/// any number of threads.
class Buffer {
public:
  Buffer(uint64_t address, uint64_t bytes);

  uint64_t begin() const { return address; }
  uint64_t size() const { return bytes; }
  uint64_t end() const { return address + bytes; }
  bool contains(uint64_t from, uint64_t count) const {
    return from >= address && count <= bytes && from - address <= bytes - count;
  }

  void markWritten(uint64_t from, uint64_t count);
  /// Whether each byte has been written since the allocation.
  bool isWritten(uint64_t from, uint64_t count) const {
    return countWritten(from, count) == count;
  }
  /// How many bytes have been written before the first that has not.
  uint64_t countWritten(uint64_t from, uint64_t count) const;

  /// Whether launches that have begun load from it and store to it.
  void markTouchedByKernel(bool loads, bool stores);
  bool isLoadedByKernel() const { return loadedByKernel; }
  bool isStoredByKernel() const { return storedByKernel; }

private:
  uint64_t address, bytes;
  /// A bit a byte.
  std::unique_ptr<std::atomic<uint64_t>[]> written;
  std::atomic<bool> loadedByKernel{false}, storedByKernel{false};
};

/// Buffers by address, as they were at one moment.
class BufferSnapshot {
public:
  explicit BufferSnapshot(std::vector<std::shared_ptr<Buffer>> sorted);

  static constexpr uint32_t None = ~0u;
  /// The buffer that the address is in (an empty one has none), or None.
  uint32_t find(uint64_t address) const;
  /// The buffer that ends closest below the address, or None.
  uint32_t findBelow(uint64_t address) const;
  Buffer &operator[](uint32_t index) const { return *buffers[index]; }
  uint32_t size() const { return static_cast<uint32_t>(buffers.size()); }
  const std::vector<std::shared_ptr<Buffer>> &list() const { return buffers; }

private:
  std::vector<std::shared_ptr<Buffer>> buffers;
};

/// The live allocations of a device. Thread-safe.
class Buffers {
public:
  Buffers();

  /// Memory that nobody has written yet. `written` where it comes with its
  /// contents (a constant).
  void add(const void *pointer, uint64_t bytes, bool written = false);
  /// False where no live allocation begins there.
  bool remove(const void *pointer);
  /// The live allocation that the address is in, or null.
  std::shared_ptr<Buffer> find(uint64_t address) const;
  /// The host, or a matrix product, has written these bytes. False where they
  /// are not all in one live allocation.
  bool markWritten(const void *pointer, uint64_t bytes);
  std::shared_ptr<const BufferSnapshot> snapshot() const;

private:
  mutable std::mutex mutex;
  std::shared_ptr<const BufferSnapshot> current;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_BUFFERS_H
