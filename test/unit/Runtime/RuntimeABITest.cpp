//===- RuntimeABITest.cpp - What compiled code calls ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calls seednorm_rt as compiled code does, and compares matrix products with
// sums in f64.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/RuntimeABI.h"
#include "gtest/gtest.h"
#include <atomic>
#include <cmath>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace {

seednorm_rt_statistics getStatistics() {
  seednorm_rt_statistics statistics;
  seednorm_rt_get_statistics(&statistics);
  return statistics;
}

TEST(Allocator, AlignsAndReuses) {
  void *first = _mlir_memref_to_llvm_aligned_alloc(64, 100000);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 64, 0u);
  std::memset(first, 1, 100000);
  uint64_t hits = getStatistics().pool_hits;
  _mlir_memref_to_llvm_free(first);
  void *second = _mlir_memref_to_llvm_alloc(99999);
  EXPECT_EQ(second, first);
  EXPECT_EQ(getStatistics().pool_hits, hits + 1);
  _mlir_memref_to_llvm_free(second);
  _mlir_memref_to_llvm_free(nullptr);
}

TEST(Allocator, EverySizeAndAlignmentIsUsable) {
  for (uint64_t alignment : {1, 8, 64, 128, 4096, 1 << 21})
    for (uint64_t bytes : {0ull, 1ull, 63ull, 64ull, 65ull, 127ull, 4095ull,
                           4097ull, 5ull << 20}) {
      auto *pointer = static_cast<char *>(
          _mlir_memref_to_llvm_aligned_alloc(alignment, bytes));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(pointer) % alignment, 0u);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(pointer) % 64, 0u);
      std::memset(pointer, 0xab, bytes);
      _mlir_memref_to_llvm_free(pointer);
    }
}

TEST(Allocator, KeepsNoMoreThanItsLimit) {
  seednorm_rt_set_pool_limit(1 << 20);
  std::vector<void *> pointers;
  for (int i = 0; i < 64; ++i)
    pointers.push_back(_mlir_memref_to_llvm_alloc(1000 * (i + 1)));
  for (void *pointer : pointers)
    _mlir_memref_to_llvm_free(pointer);
  EXPECT_LE(getStatistics().retained_bytes, uint64_t(1) << 20);
  EXPECT_GT(getStatistics().retained_bytes, 0u);
  seednorm_rt_set_pool_limit(0);
  EXPECT_EQ(getStatistics().retained_bytes, 0u);
  seednorm_rt_set_pool_limit(uint64_t(1) << 30);
}

TEST(Allocator, ServesManyThreads) {
  uint64_t live = getStatistics().live_bytes;
  std::vector<std::thread> threads;
  std::atomic<int> clashes{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t, &clashes] {
      std::mt19937 random(t);
      std::vector<std::pair<char *, size_t>> held;
      for (int i = 0; i < 2000; ++i) {
        size_t bytes = 1 + random() % 3000;
        auto *pointer = static_cast<char *>(_mlir_memref_to_llvm_alloc(bytes));
        std::memset(pointer, t, bytes);
        held.push_back({pointer, bytes});
        if (held.size() < 20)
          continue;
        auto [old, size] = held[random() % held.size()];
        for (size_t at = 0; at < size; ++at)
          clashes += old[at] != t;
        std::swap(held[0], held.back());
        _mlir_memref_to_llvm_free(held.back().first);
        held.pop_back();
      }
      for (auto [pointer, bytes] : held)
        _mlir_memref_to_llvm_free(pointer);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(clashes, 0);
  EXPECT_EQ(getStatistics().live_bytes, live);
}

void askForTooMuch(void **args) {
  _mlir_memref_to_llvm_alloc(1000);
  args[0] = _mlir_memref_to_llvm_alloc(uint64_t(1) << 61);
}

void keepOne(void **args) {
  _mlir_memref_to_llvm_free(_mlir_memref_to_llvm_alloc(10));
  args[0] = _mlir_memref_to_llvm_alloc(10);
}

void nest(void **args) {
  char message[100];
  args[0] = reinterpret_cast<void *>(uintptr_t(
      seednorm_rt_invoke(askForTooMuch, args, message, sizeof(message))));
  // The inner failure must not have touched this invocation.
  askForTooMuch(args + 1);
}

TEST(Failure, ReturnsFromTheInvocationAndReleasesItsBuffers) {
  uint64_t live = getStatistics().live_bytes;
  void *args[2] = {};
  char message[100] = "";
  EXPECT_EQ(seednorm_rt_invoke(askForTooMuch, args, message, sizeof(message)),
            1);
  EXPECT_STREQ(message, "out of memory: a buffer of 2305843009213693952 bytes");
  EXPECT_EQ(getStatistics().live_bytes, live);
  EXPECT_EQ(seednorm_rt_invoke(nest, args, message, sizeof(message)), 1);
  EXPECT_EQ(args[0], reinterpret_cast<void *>(1));
  EXPECT_EQ(getStatistics().live_bytes, live);
  EXPECT_EQ(seednorm_rt_invoke(askForTooMuch, args, nullptr, 0), 1);
}

TEST(Failure, ResultsOutliveTheInvocation) {
  uint64_t live = getStatistics().live_bytes;
  void *args[1];
  ASSERT_EQ(seednorm_rt_invoke(keepOne, args, nullptr, 0), 0);
  EXPECT_GT(getStatistics().live_bytes, live);
  std::thread([&] { _mlir_memref_to_llvm_free(args[0]); }).join();
  EXPECT_EQ(getStatistics().live_bytes, live);
}

TEST(ParallelFor, CoversTheRangeOnceForAnyThreadCount) {
  for (int threads : {1, 2, 3, 8})
    for (int64_t count : {-1, 0, 1, 2, 7, 1000}) {
      seednorm_rt_set_num_threads(threads);
      EXPECT_EQ(seednorm_rt_get_num_threads(), threads);
      std::vector<std::atomic<int>> seen(std::max<int64_t>(count, 0));
      seednorm_rt_parallel_for(
          [](void *context, int64_t begin, int64_t end) {
            auto &seen = *static_cast<std::vector<std::atomic<int>> *>(context);
            for (int64_t i = begin; i < end; ++i)
              ++seen[i];
          },
          &seen, count);
      for (std::atomic<int> &times : seen)
        EXPECT_EQ(times, 1);
    }
  seednorm_rt_set_num_threads(0);
  EXPECT_GE(seednorm_rt_get_num_threads(), 1);
}

/// Fails at two indices after allocating something.
void failInParallel(void **args) {
  seednorm_rt_parallel_for(
      [](void *context, int64_t begin, int64_t end) {
        auto *seen = static_cast<std::atomic<int> *>(context);
        for (int64_t i = begin; i < end; ++i) {
          void *block = _mlir_memref_to_llvm_alloc(100);
          if (i == 300 || i == 900)
            seednorm_rt_fail(i == 300 ? "at 300" : "at 900");
          _mlir_memref_to_llvm_free(block);
          ++*seen;
        }
      },
      args[0], 1000);
  ADD_FAILURE() << "the loop has returned";
}

TEST(ParallelFor, FailsWithTheFirstMessage) {
  uint64_t live = getStatistics().live_bytes;
  for (int threads : {1, 2, 3, 8}) {
    seednorm_rt_set_num_threads(threads);
    std::atomic<int> seen = 0;
    void *args[] = {&seen};
    char message[100] = "";
    EXPECT_EQ(
        seednorm_rt_invoke(failInParallel, args, message, sizeof(message)), 1);
    EXPECT_STREQ(message, "at 300");
    EXPECT_GE(seen, 300 / threads);
    EXPECT_LT(seen, 1000);
    EXPECT_EQ(getStatistics().live_bytes, live);
  }
  seednorm_rt_set_num_threads(0);
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

float decode(int dtype, const char *element) {
  if (dtype == SEEDNORM_RT_F32) {
    float value;
    std::memcpy(&value, element, 4);
    return value;
  }
  uint16_t bits;
  std::memcpy(&bits, element, 2);
  if (dtype == SEEDNORM_RT_F16) {
    _Float16 value;
    std::memcpy(&value, &bits, 2);
    return value;
  }
  uint32_t wide = uint32_t(bits) << 16;
  float value;
  std::memcpy(&value, &wide, 4);
  return value;
}

void encode(int dtype, char *element, float value) {
  if (dtype == SEEDNORM_RT_F32) {
    std::memcpy(element, &value, 4);
  } else if (dtype == SEEDNORM_RT_F16) {
    _Float16 half = value;
    std::memcpy(element, &half, 2);
  } else { // Test values are chosen to be exact.
    uint32_t wide;
    std::memcpy(&wide, &value, 4);
    std::memcpy(element, reinterpret_cast<char *>(&wide) + 2, 2);
  }
}

/// A strided batch of matrices inside a larger buffer.
struct TestMatrix {
  enum Layout { Rows, Columns, Gaps, Interleaved, Repeated, numLayouts };

  TestMatrix(int dtype, int64_t batch, int64_t rows, int64_t columns,
             Layout layout, unsigned seed)
      : dtype(dtype), batch(batch), rows(rows), columns(columns),
        width(dtype == SEEDNORM_RT_F32 ? 4 : 2) {
    switch (layout) {
    case Rows:
    case Repeated:
      strides[2] = 1, strides[1] = columns + 3, strides[0] = rows * strides[1];
      if (layout == Repeated)
        strides[0] = 0;
      break;
    case Columns:
      strides[1] = 1, strides[2] = rows, strides[0] = columns * strides[2];
      break;
    case Gaps:
      strides[2] = 2, strides[1] = 2 * columns + 1;
      strides[0] = rows * strides[1] + 5;
      break;
    case Interleaved:
      strides[2] = 1, strides[0] = columns, strides[1] = batch * columns;
      break;
    default:
      break;
    }
    bytes.resize((batch * rows * (2 * columns + 9) + 16) * width, 0x55);
    std::mt19937 random(seed);
    for (int64_t i = 0; i < batch; ++i)
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < columns; ++column)
          encode(dtype, at(i, row, column), (int(random() % 33) - 16) / 16.0f);
  }

  char *at(int64_t i, int64_t row, int64_t column) {
    return bytes.data() +
           (i * strides[0] + row * strides[1] + column * strides[2]) * width;
  }
  float get(int64_t i, int64_t row, int64_t column) {
    return decode(dtype, at(i, row, column));
  }

  int dtype;
  int64_t batch, rows, columns;
  int64_t width;
  int64_t strides[3];
  std::vector<char> bytes;
};

struct Case {
  int dtype;
  int64_t batch, m, n, k;
  TestMatrix::Layout a, b, c;
  bool accumulate;
};

void callGemm(const Case &test, TestMatrix &a, TestMatrix &b, TestMatrix &c) {
  seednorm_rt_gemm(test.dtype, test.batch, test.m, test.n, test.k,
                   a.bytes.data(), a.strides[0], a.strides[1], a.strides[2],
                   b.bytes.data(), b.strides[0], b.strides[1], b.strides[2],
                   c.bytes.data(), c.strides[0], c.strides[1], c.strides[2],
                   test.accumulate);
}

void check(const Case &test, bool constant) {
  SCOPED_TRACE(testing::Message()
               << "dtype " << test.dtype << " batch " << test.batch << " m "
               << test.m << " n " << test.n << " k " << test.k << " layouts "
               << test.a << test.b << test.c << " accumulate "
               << test.accumulate << " constant " << constant);
  TestMatrix a(test.dtype, test.batch, test.m, test.k, test.a, 1);
  TestMatrix b(test.dtype, test.batch, test.k, test.n, test.b, 2);
  TestMatrix c(test.dtype, test.batch, test.m, test.n, test.c, 3);
  TestMatrix expected = c;
  for (int64_t i = 0; i < test.batch; ++i)
    for (int64_t row = 0; row < test.m; ++row)
      for (int64_t column = 0; column < test.n; ++column) {
        double sum = test.accumulate ? c.get(i, row, column) : 0;
        for (int64_t l = 0; l < test.k; ++l)
          sum += double(a.get(i, row, l)) * b.get(i, l, column);
        // The products are exact in f32; only the result is rounded.
        encode(test.dtype, expected.at(i, row, column), float(sum));
      }
  if (constant)
    seednorm_rt_register_constant(b.bytes.data(), b.bytes.size());
  TestMatrix again = c;
  callGemm(test, a, b, c);
  callGemm(test, a, b, again);
  if (constant)
    seednorm_rt_unregister_constant(b.bytes.data());
  ASSERT_EQ(c.bytes, again.bytes) << "two runs differ";
  for (int64_t i = 0; i < test.batch; ++i)
    for (int64_t row = 0; row < test.m; ++row)
      for (int64_t column = 0; column < test.n; ++column) {
        float want = expected.get(i, row, column), got = c.get(i, row, column);
        // encode() truncates to bf16, oneDNN rounds.
        float slack =
            test.dtype == SEEDNORM_RT_BF16 ? std::fabs(want) / 128 : 0;
        ASSERT_LE(std::fabs(want - got), slack)
            << "at " << i << ", " << row << ", " << column << ": " << got
            << " instead of " << want;
        std::memcpy(c.at(i, row, column), expected.at(i, row, column), c.width);
      }
  EXPECT_EQ(c.bytes, expected.bytes) << "wrote between the elements";
}

TEST(Gemm, AgreesWithSumsForAllLayouts) {
  using M = TestMatrix;
  for (int dtype : {0, 1, 2})
    for (int a = 0; a < M::numLayouts; ++a)
      for (int b = 0; b < M::numLayouts; ++b)
        for (int c = 0; c < M::Repeated; ++c)
          for (int64_t batch : {1, 3})
            check({dtype, batch, 5, 7, 9, M::Layout(a), M::Layout(b),
                   M::Layout(c), (a + b + c) % 2 == 0},
                  /*constant=*/(a + c) % 3 == 0);
}

TEST(Gemm, AgreesWithSumsForAllShapes) {
  using M = TestMatrix;
  for (int dtype : {0, 1, 2})
    for (int64_t m : {0, 1, 3, 33})
      for (int64_t n : {0, 1, 17, 64})
        for (int64_t k : {0, 1, 16, 100})
          for (int64_t batch : {0, 1, 2})
            for (bool constant : {false, true})
              check({dtype, batch, m, n, k, M::Rows, M::Rows, M::Rows,
                     (m + n + k) % 2 == 0},
                    constant);
}

TEST(Gemm, OverwritesGarbageAndPropagatesNaN) {
  float a[2] = {1, 2}, b[2] = {3, 4}, c[1] = {NAN};
  seednorm_rt_gemm(0, 1, 1, 1, 2, a, 0, 2, 1, b, 0, 1, 1, c, 0, 1, 1, 0);
  EXPECT_EQ(c[0], 11);
  b[1] = NAN;
  seednorm_rt_gemm(0, 1, 1, 1, 2, a, 0, 2, 1, b, 0, 1, 1, c, 0, 1, 1, 0);
  EXPECT_TRUE(std::isnan(c[0]));
}

TEST(Gemm, PacksConstantsOnceAndForgetsThem) {
  std::vector<float> a(64 * 64, 1), b(64 * 64, 2), c(64 * 64);
  auto multiply = [&](int64_t m) {
    seednorm_rt_gemm(0, 1, m, 64, 64, a.data(), 0, 64, 1, b.data(), 0, 64, 1,
                     c.data(), 0, 64, 1, 0);
  };
  seednorm_rt_register_constant(b.data(), b.size() * sizeof(float));
  seednorm_rt_register_constant(b.data(), b.size() * sizeof(float));
  for (int i = 0; i < 3; ++i)
    multiply(64);
  EXPECT_LE(getStatistics().packed_constants, 1u);
  seednorm_rt_unregister_constant(b.data());
  multiply(64);
  seednorm_rt_unregister_constant(b.data());
  EXPECT_EQ(getStatistics().packed_constants, 0u);
  // The same address with other contents must not meet the old copy.
  std::fill(b.begin(), b.end(), 3);
  seednorm_rt_register_constant(b.data(), b.size() * sizeof(float));
  multiply(64);
  EXPECT_EQ(c[0], 3 * 64);
  seednorm_rt_unregister_constant(b.data());
}

TEST(Gemm, ManyThreadsMayMultiply) {
  std::vector<float> b(64 * 64, 2);
  seednorm_rt_register_constant(b.data(), b.size() * sizeof(float));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int64_t m = 1; m < 20; ++m) {
        std::vector<float> a(m * 64, t), c(m * 64);
        seednorm_rt_gemm(0, 1, m, 64, 64, a.data(), 0, 64, 1, b.data(), 0, 64,
                         1, c.data(), 0, 64, 1, 0);
        for (float value : c)
          wrong += value != 128.0f * t;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
  seednorm_rt_unregister_constant(b.data());
}

TEST(Gemm, RefusesNonsense) {
  static auto bad = [](void **args) {
    seednorm_rt_gemm(args[0] ? 0 : 7, 1, -1, 1, 1, nullptr, 0, 1, 1, nullptr, 0,
                     1, 1, nullptr, 0, 1, 1, 0);
  };
  char message[200];
  void *args[1] = {nullptr};
  ASSERT_EQ(seednorm_rt_invoke(+bad, args, message, sizeof(message)), 1);
  EXPECT_STREQ(message, "matrix product of unknown element type 7");
  args[0] = message;
  ASSERT_EQ(seednorm_rt_invoke(+bad, args, message, sizeof(message)), 1);
  EXPECT_STREQ(message, "matrix product of negative size: batch 1, m -1, n 1, "
                        "k 1");
}

} // namespace
