//===- Gemm.cpp - Matrix products by cuBLASLt -----------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// cuBLASLt's matrices have their columns after each other, and ours as a rule
// their rows: the same memory is the transpose, and (A·B)' is B'·A'.
//
//===----------------------------------------------------------------------===//

#include "Gemm.h"
#include <algorithm>
#include <cstdlib>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

/// What NVIDIA recommends for its newest GPUs; older ones ask for less.
static constexpr uint64_t maxWorkspaceBytes = 32 << 20;
static constexpr size_t maxPlans = 4096;
/// cuBLASLt counts in 32 bits.
static constexpr int64_t maxBatch = INT32_MAX;

struct Gemm::Plan {
  explicit Plan(const CublasLt &functions) : functions(functions) {}
  ~Plan() {
    for (BlasLayout layout : {a, b, d})
      if (layout)
        functions.layoutDestroy(layout);
    if (description)
      functions.descriptionDestroy(description);
  }

  /// The GEMM's copy may go before the last of its plans.
  CublasLt functions;
  BlasDescription description = nullptr;
  BlasLayout a = nullptr, b = nullptr, d = nullptr;
  BlasHeuristic choice = {};
};

Gemm::~Gemm() {
  ContextScope scope(gpu);
  plans.clear();
  if (handle)
    functions->destroy(handle);
}

Error Gemm::load() {
  std::lock_guard<std::mutex> lock(mutex);
  if (handle)
    return Error::success();
  if (!functions) {
    Expected<CublasLt> loaded = CublasLt::load(gpu.driver.version);
    if (!loaded)
      return loaded.takeError();
    functions = *loaded;
  }
  return functions->check(functions->create(&handle), "cublasLtCreate");
}

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

namespace {

/// A matrix as the compiled code gives it.
struct Strided {
  const char *name;
  const void *data;
  int64_t rows, columns, batchStride, rowStride, columnStride;

  Strided transposed() const {
    return {name, data, columns, rows, batchStride, columnStride, rowStride};
  }
  /// Each row's elements side by side, the rows ascending and apart.
  bool isRowMajor() const {
    return (columnStride == 1 || columns == 1) &&
           (rows == 1 || rowStride >= columns);
  }
};

uint32_t getAlignment(const void *data) {
  auto address = reinterpret_cast<uintptr_t>(data) | 256;
  return static_cast<uint32_t>(address & -address);
}

Error refuse(const Strided &matrix) {
  return makeError(Twine("matrix ") + matrix.name + " has strides (" +
                   Twine(matrix.rowStride) + ", " + Twine(matrix.columnStride) +
                   ") for " + Twine(matrix.rows) + "x" + Twine(matrix.columns) +
                   ", but cuBLASLt takes matrices with adjacent elements in "
                   "rows or columns that do not overlap");
}

} // namespace

Expected<Gemm::Product> Gemm::makeProduct(const seednorm_rt_gemm_arguments &g) {
  if (g.batch > maxBatch)
    return makeError("there are " + Twine(g.batch) +
                     " matrices, but cuBLASLt takes " + Twine(maxBatch) +
                     " at most");
  Strided a = {"A",           g.a, g.m, g.k, g.a_batch_stride, g.a_row_stride,
               g.a_col_stride};
  Strided b = {"B",           g.b, g.k, g.n, g.b_batch_stride, g.b_row_stride,
               g.b_col_stride};
  Strided c = {"C",           g.c, g.m, g.n, g.c_batch_stride, g.c_row_stride,
               g.c_col_stride};
  if (!c.isRowMajor()) {
    if (!c.transposed().isRowMajor())
      return refuse(c);
    // C' = B'·A'
    c = c.transposed();
    std::swap(a, b);
    a = a.transposed();
    b = b.transposed();
  }
  for (const Strided &matrix : {a, b})
    if (!matrix.isRowMajor() && !matrix.transposed().isRowMajor())
      return refuse(matrix);
  auto describe = [](Strided matrix) -> Operand {
    BlasOperation operation = BlasNormal;
    if (!matrix.isRowMajor()) {
      matrix = matrix.transposed();
      operation = BlasTransposed;
    }
    int64_t leading = matrix.rows == 1 ? matrix.columns : matrix.rowStride;
    // A row of ours is a column of cuBLASLt's.
    return {matrix.data,
            matrix.columns,
            matrix.rows,
            leading,
            matrix.batchStride,
            operation,
            getAlignment(matrix.data)};
  };
  BlasType type = g.dtype == SEEDNORM_RT_F32    ? BlasF32
                  : g.dtype == SEEDNORM_RT_BF16 ? BlasBF16
                                                : BlasF16;
  return Product{type,        g.accumulate != 0, g.batch,
                 describe(b), describe(a),       describe(c)};
}

/// Of a product without terms, which cuBLASLt does not take.
Error Gemm::zero(const Product &product, const Stream &stream) {
  const Operand &d = product.d;
  int64_t bytes = product.type == BlasF32 ? 4 : 2;
  auto address = reinterpret_cast<Address>(d.data);
  for (int64_t i = 0; i < product.batch; ++i)
    if (Error error = gpu.driver.check(
            gpu.driver.memorySet2DAsync(address + i * d.batchStride * bytes,
                                        d.leading * bytes, 0, d.rows * bytes,
                                        d.columns, stream.handle),
            "cuMemsetD2D8Async"))
      return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

Expected<BlasLayout> Gemm::createLayout(const Product &product,
                                        const Operand &operand) {
  BlasLayout layout = nullptr;
  if (Error error = functions->check(
          functions->layoutCreate(&layout, product.type, operand.rows,
                                  operand.columns, operand.leading),
          "cublasLtMatrixLayoutCreate"))
    return error;
  if (product.batch == 1)
    return layout;
  auto batch = static_cast<int32_t>(product.batch);
  BlasStatus status =
      functions->layoutSet(layout, BlasBatchCount, &batch, sizeof(batch));
  if (status == BlasSuccess)
    status = functions->layoutSet(layout, BlasBatchStride, &operand.batchStride,
                                  sizeof(operand.batchStride));
  if (Error error =
          functions->check(status, "cublasLtMatrixLayoutSetAttribute")) {
    functions->layoutDestroy(layout);
    return error;
  }
  return layout;
}

Error Gemm::choose(Plan &plan, const Product &product) {
  BlasPreference preference = nullptr;
  if (Error error = functions->check(functions->preferenceCreate(&preference),
                                     "cublasLtMatmulPreferenceCreate"))
    return error;
  BlasStatus status =
      functions->preferenceSet(preference, BlasMaxWorkspaceBytes,
                               &maxWorkspaceBytes, sizeof(maxWorkspaceBytes));
  for (auto [attribute, alignment] :
       {std::pair(BlasAlignmentA, product.a.alignment),
        {BlasAlignmentB, product.b.alignment},
        {BlasAlignmentC, product.d.alignment},
        {BlasAlignmentD, product.d.alignment}})
    if (status == BlasSuccess)
      status = functions->preferenceSet(preference, attribute, &alignment,
                                        sizeof(alignment));
  int found = 0;
  if (status == BlasSuccess)
    status = functions->getHeuristic(handle, plan.description, plan.a, plan.b,
                                     plan.d, plan.d, preference,
                                     /*requested=*/1, &plan.choice, &found);
  functions->preferenceDestroy(preference);
  if (status == BlasNotSupported || (status == BlasSuccess && found == 0))
    return makeError("cuBLASLt has no algorithm for it");
  return functions->check(status, "cublasLtMatmulAlgoGetHeuristic");
}

Error Gemm::fillPlan(Plan &plan, const Product &product) {
  const char *text = std::getenv("SEEDNORM_CUDA_TF32");
  bool tf32 = product.type == BlasF32 && text && StringRef(text) == "1";
  if (Error error = functions->check(
          functions->descriptionCreate(&plan.description,
                                       tf32 ? BlasComputeTF32 : BlasComputeF32,
                                       BlasF32),
          "cublasLtMatmulDescCreate"))
    return error;
  for (auto [attribute, operation] :
       {std::pair(BlasTransposeA, product.a.operation),
        {BlasTransposeB, product.b.operation}})
    if (Error error = functions->check(
            functions->descriptionSet(plan.description, attribute, &operation,
                                      sizeof(operation)),
            "cublasLtMatmulDescSetAttribute"))
      return error;
  for (auto [layout, operand] : {std::pair(&plan.a, &product.a),
                                 {&plan.b, &product.b},
                                 {&plan.d, &product.d}}) {
    Expected<BlasLayout> created = createLayout(product, *operand);
    if (!created)
      return created.takeError();
    *layout = *created;
  }
  return choose(plan, product);
}

Gemm::Key Gemm::makeKey(const Product &product) {
  Key key = {product.type, product.accumulate, product.batch};
  static_assert(std::tuple_size_v<Key> == 3 + 3 * 5);
  size_t next = 3;
  for (const Operand *operand : {&product.a, &product.b, &product.d})
    for (int64_t value :
         {operand->rows, operand->columns, operand->leading,
          product.batch == 1 ? 0 : operand->batchStride,
          // An alignment is at most 256.
          int64_t(operand->operation) << 16 | operand->alignment})
      key[next++] = value;
  return key;
}

Expected<std::shared_ptr<const Gemm::Plan>>
Gemm::getPlan(const Product &product) {
  Key key = makeKey(product);
  std::lock_guard<std::mutex> lock(mutex);
  auto found = plans.find(key);
  if (found != plans.end())
    return found->second;
  auto plan = std::make_shared<Plan>(*functions);
  if (Error error = fillPlan(*plan, product))
    return error;
  if (plans.size() >= maxPlans)
    plans.clear();
  plans[key] = plan;
  return plan;
}

Error Gemm::multiply(const seednorm_rt_gemm_arguments &arguments,
                     const Stream &stream) {
  Expected<Product> product = makeProduct(arguments);
  if (!product)
    return product.takeError();
  if (arguments.k == 0)
    return product->accumulate ? Error::success() : zero(*product, stream);
  if (Error error = load())
    return error;
  Expected<std::shared_ptr<const Plan>> plan = getPlan(*product);
  if (!plan)
    return plan.takeError();
  const Plan &p = **plan;
  Address workspace = 0;
  if (p.choice.workspaceBytes) {
    Expected<Address> memory =
        this->memory.allocate(p.choice.workspaceBytes, stream);
    if (!memory)
      return memory.takeError();
    workspace = *memory;
  }
  const float one = 1, beta = product->accumulate ? 1 : 0;
  auto *d = const_cast<void *>(product->d.data);
  BlasStatus status = functions->multiply(
      handle, p.description, &one, product->a.data, p.a, product->b.data, p.b,
      &beta, d, p.d, d, p.d, &p.choice.algorithm,
      reinterpret_cast<void *>(workspace), p.choice.workspaceBytes,
      stream.handle);
  Error error = functions->check(status, "cublasLtMatmul");
  if (!workspace)
    return error;
  Error released = memory.release(workspace, stream);
  if (!error)
    return released;
  // The first failure is the one to tell.
  consumeError(std::move(released));
  return error;
}
