//===- Gemm.cpp - Matrix products by oneDNN ------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Brings any strides and element types into a form that oneDNN has a fast
// kernel for, and keeps the kernels. Throws inside; only seednorm_rt_gemm
// catches.
//
//===----------------------------------------------------------------------===//

#include "Gemm.h"
#include "Device.h"
#include "Failure.h"
#include "Matrix.h"
#include "PackedConstants.h"
#include "Threads.h"
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace seednorm::rt {

dnnl::engine &getEngine() {
  static dnnl::engine &engine =
      *new dnnl::engine(dnnl::engine::kind::cpu, /*index=*/0);
  return engine;
}

dnnl::stream &getStream() {
  thread_local dnnl::stream stream(getEngine());
  return stream;
}

dnnl::memory::data_type getOneDNNType(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return dnnl::memory::data_type::f32;
  case ElementType::BF16:
    return dnnl::memory::data_type::bf16;
  case ElementType::F16:
    return dnnl::memory::data_type::f16;
  }
  return dnnl::memory::data_type::undef;
}

dnnl::memory::desc describe(const Matrix &matrix) {
  dnnl::memory::data_type type = getOneDNNType(matrix.type);
  if (matrix.batch == 1)
    return {{matrix.rows, matrix.columns},
            type,
            {matrix.rowStride, matrix.columnStride}};
  return {{matrix.batch, matrix.rows, matrix.columns},
          type,
          {matrix.batchStride, matrix.rowStride, matrix.columnStride}};
}

namespace {

struct Product {
  Matrix a, b, c;
  bool accumulate;
};

/// A kernel for products of one shape, layout and thread count. Without one,
/// oneDNN has none for the element type on this CPU.
struct Kernel {
  std::optional<dnnl::matmul::primitive_desc> description;
  dnnl::matmul primitive;
};

Kernel createKernel(const Product &product, bool constantB) {
  dnnl::memory::desc b = describe(product.b);
  if (constantB)
    b = dnnl::memory::desc(b.dims(), b.data_type(),
                           dnnl::memory::format_tag::any);
  dnnl::primitive_attr attributes;
  // The library's own scratchpad is not safe for one primitive in two threads.
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (product.accumulate) {
    dnnl::post_ops sum;
    sum.append_sum(1.0f);
    attributes.set_post_ops(sum);
  }
  dnnl::matmul::desc operation(describe(product.a), b, describe(product.c));
  Kernel kernel;
  try {
    kernel.description.emplace(operation, attributes, getEngine());
  } catch (const dnnl::error &error) {
    if (error.status != dnnl_unimplemented ||
        product.a.type == ElementType::F32)
      throw;
    return kernel;
  }
  kernel.primitive = dnnl::matmul(*kernel.description);
  return kernel;
}

class KernelCache {
public:
  std::shared_ptr<const Kernel> get(const Product &product, bool constantB) {
    const Matrix &a = product.a, &b = product.b, &c = product.c;
    Key key = {int64_t(a.type), a.batch,
               a.rows,          a.columns,
               b.columns,       a.batchStride,
               a.rowStride,     a.columnStride,
               b.batchStride,   b.rowStride,
               b.columnStride,  c.batchStride,
               c.rowStride,     product.accumulate,
               constantB,       getThreads()};
    {
      std::lock_guard<std::mutex> lock(mutex);
      auto found = entries.find(key);
      if (found != entries.end()) {
        found->second.lastUse = ++clock;
        return found->second.kernel;
      }
    }
    // Outside the lock: generating code takes a fraction of a millisecond.
    auto kernel =
        std::make_shared<const Kernel>(createKernel(product, constantB));
    std::lock_guard<std::mutex> lock(mutex);
    if (entries.size() >= maxEntries)
      entries.erase(std::min_element(
          entries.begin(), entries.end(), [](const auto &x, const auto &y) {
            return x.second.lastUse < y.second.lastUse;
          }));
    entries[key] = {kernel, ++clock};
    return kernel;
  }

  uint64_t size() {
    std::lock_guard<std::mutex> lock(mutex);
    return entries.size();
  }

private:
  using Key = std::array<int64_t, 16>;
  struct Entry {
    std::shared_ptr<const Kernel> kernel;
    uint64_t lastUse;
  };
  static constexpr size_t maxEntries = 1024;

  static int64_t getThreads() { return seednorm_rt_get_num_threads(); }

  std::mutex mutex;
  std::map<Key, Entry> entries;
  uint64_t clock = 0;
};

KernelCache &getKernels() {
  static KernelCache &cache = *new KernelCache;
  return cache;
}

void execute(const Kernel &kernel, const Product &product, void *b) {
  const dnnl::matmul::primitive_desc &description = *kernel.description;
  const dnnl::engine &engine = getEngine();
  dnnl::memory::desc scratchpad = description.scratchpad_desc();
  Memory scratch = allocateMemory(scratchpad.get_size());
  kernel.primitive.execute(
      getStream(),
      {{DNNL_ARG_SRC, {description.src_desc(), engine, product.a.data}},
       {DNNL_ARG_WEIGHTS, {description.weights_desc(), engine, b}},
       {DNNL_ARG_DST, {description.dst_desc(), engine, product.c.data}},
       {DNNL_ARG_SCRATCHPAD, {scratchpad, engine, scratch.get()}}});
  getStream().wait();
}

/// Runs a product whose matrices have layouts that oneDNN likes; a constant B
/// may have any.
void runPrepared(const Product &product, Constant *constant) {
  std::shared_ptr<const Kernel> kernel = getKernels().get(product, constant);
  if (kernel->description) {
    std::shared_ptr<const PackedMatrix> packed;
    if (constant)
      packed =
          constant->getPacked(product.b, kernel->description->weights_desc());
    return execute(*kernel, product,
                   packed ? packed->memory.get() : product.b.data);
  }
  DenseMatrix a = makeDense(product.a, ElementType::F32);
  DenseMatrix c = makeUninitialized(product.c, ElementType::F32);
  if (product.accumulate)
    copyMatrix(product.c, c.matrix);
  if (constant) {
    std::shared_ptr<const PackedMatrix> b = constant->getWidened(product.b);
    runPrepared({a.matrix, b->dense, c.matrix, product.accumulate}, constant);
  } else {
    DenseMatrix b = makeDense(product.b, ElementType::F32);
    runPrepared({a.matrix, b.matrix, c.matrix, product.accumulate}, nullptr);
  }
  copyMatrix(c.matrix, product.c);
}

/// One B for the whole batch: the rows of all A are those of one matrix.
void collapseBatch(Product &product) {
  Matrix &a = product.a, &b = product.b, &c = product.c;
  if (c.batch == 1 || b.batchStride != 0)
    return;
  int64_t rows = c.rows;
  if (rows > 1 && (a.batchStride != rows * a.rowStride ||
                   c.batchStride != rows * c.rowStride))
    return;
  for (Matrix *matrix : {&a, &c}) {
    if (rows == 1)
      matrix->rowStride = matrix->batchStride;
    matrix->rows *= matrix->batch;
    matrix->batch = 1;
  }
  b.batch = 1;
}

void run(Product product) {
  collapseBatch(product);
  Matrix &a = product.a, &b = product.b, &c = product.c;
  if (c.batch > 1 && (a.batchStride == 0 || b.batchStride == 0)) {
    // oneDNN repeats a matrix only in its slow reference kernel.
    for (int64_t i = 0; i < c.batch; ++i)
      run({a.slice(i), b.slice(i), c.slice(i), product.accumulate});
    return;
  }
  for (Matrix *matrix : {&a, &b, &c})
    matrix->normalizeStrides();
  if (!c.isRowMajor() && c.transposed().isRowMajor())
    return run(
        {b.transposed(), a.transposed(), c.transposed(), product.accumulate});
  if (!c.isRowMajor()) {
    DenseMatrix dense = makeUninitialized(c, c.type);
    if (product.accumulate)
      copyMatrix(c, dense.matrix);
    run({a, b, dense.matrix, product.accumulate});
    return copyMatrix(dense.matrix, c);
  }
  std::shared_ptr<Constant> constant = findConstant(b);
  DenseMatrix denseA, denseB;
  if (!a.isRowMajor() && !a.transposed().isRowMajor()) {
    denseA = makeDense(a, a.type);
    a = denseA.matrix;
  }
  if (!constant && !b.isRowMajor() && !b.transposed().isRowMajor()) {
    denseB = makeDense(b, b.type);
    b = denseB.matrix;
  }
  runPrepared(product, constant.get());
}

/// Runs the product; false with a text in `message` if that fails.
bool tryRun(const Product &product, char *message, size_t capacity) {
  ThreadCount threads(seednorm_rt_get_num_threads());
  try {
    run(product);
    return true;
  } catch (const std::exception &error) {
    std::snprintf(message, capacity, "%s", error.what());
    return false;
  }
}

void zero(const Matrix &c) {
  size_t bytes = getBytes(c.type);
  for (int64_t i = 0; i < c.batch; ++i)
    for (int64_t row = 0; row < c.rows; ++row)
      for (int64_t column = 0; column < c.columns; ++column)
        std::memset(c.at(i, row, column), 0, bytes);
}

} // namespace

void getGemmStatistics(seednorm_rt_statistics &statistics) {
  statistics.gemm_primitives = getKernels().size();
  getConstantStatistics(statistics);
}

} // namespace seednorm::rt

using namespace seednorm::rt;

void seednorm_rt_gemm(int32_t dtype, int64_t batch, int64_t m, int64_t n,
                      int64_t k, const void *a, int64_t aBatchStride,
                      int64_t aRowStride, int64_t aColStride, const void *b,
                      int64_t bBatchStride, int64_t bRowStride,
                      int64_t bColStride, void *c, int64_t cBatchStride,
                      int64_t cRowStride, int64_t cColStride,
                      int32_t accumulate) {
  if (dtype < SEEDNORM_RT_F32 || dtype > SEEDNORM_RT_F16)
    fail("matrix product of unknown element type %d", int(dtype));
  if (batch < 0 || m < 0 || n < 0 || k < 0)
    fail("matrix product of negative size: batch %lld, m %lld, n %lld, k %lld",
         (long long)batch, (long long)m, (long long)n, (long long)k);
  if (batch == 0 || m == 0 || n == 0)
    return;
  if (const seednorm_rt_device *device = getDevice())
    return multiplyOnDevice(*device, {dtype, accumulate != 0, batch, m, n, k, a,
                                      aBatchStride, aRowStride, aColStride, b,
                                      bBatchStride, bRowStride, bColStride, c,
                                      cBatchStride, cRowStride, cColStride});
  auto type = static_cast<ElementType>(dtype);
  Product product = {
      {type, const_cast<void *>(a), batch, m, k, aBatchStride, aRowStride,
       aColStride},
      {type, const_cast<void *>(b), batch, k, n, bBatchStride, bRowStride,
       bColStride},
      {type, c, batch, m, n, cBatchStride, cRowStride, cColStride},
      accumulate != 0};
  if (k == 0) {
    if (!accumulate)
      zero(product.c);
    return;
  }
  // Longer than any text of oneDNN's. No destructor may be pending at fail().
  char message[256];
  if (!tryRun(product, message, sizeof(message)))
    fail("matrix product of %lld x %lldx%lld by %lldx%lld: %s",
         (long long)batch, (long long)m, (long long)k, (long long)k,
         (long long)n, message);
}

void seednorm_rt_get_statistics(seednorm_rt_statistics *statistics) {
  getPoolStatistics(*statistics);
  getGemmStatistics(*statistics);
}
