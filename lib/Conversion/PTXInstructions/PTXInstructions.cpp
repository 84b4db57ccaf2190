//===- PTXInstructions.cpp - What LLVM has no name for in PTX ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cache hints and approximate functions as inline PTX. Knows nothing of why an
// access or a function is marked.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_PTXINSTRUCTIONS
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {

Value inlinePTX(OpBuilder &builder, Location loc, Type result,
                ValueRange operands, StringRef text, StringRef constraints,
                bool sideEffects) {
  auto op = LLVM::InlineAsmOp::create(
      builder, loc, result ? TypeRange(result) : TypeRange(), operands, text,
      constraints, sideEffects, /*is_align_stack=*/false,
      LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
      /*operand_attrs=*/ArrayAttr());
  return result ? op.getResult(0) : Value();
}

/// tanh.approx.f32, for each lane.
void lowerTanh(math::TanhOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Type f32 = builder.getF32Type();
  auto scalar = [&](Value value) {
    return inlinePTX(builder, loc, f32, value, "tanh.approx.f32 $0, $1;",
                     "=f,f", /*sideEffects=*/false);
  };
  Value result;
  if (auto type = dyn_cast<VectorType>(op.getType())) {
    SmallVector<Value> lanes;
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      lanes.push_back(
          scalar(vector::ExtractOp::create(builder, loc, op.getOperand(), i)));
    result = vector::FromElementsOp::create(builder, loc, type, lanes);
  } else {
    result = scalar(op.getOperand());
  }
  op.replaceAllUsesWith(result);
  op.erase();
}

/// How a vector is accessed in pieces of 128 bits, or as it is if it is less.
struct Pieces {
  VectorType words; // of one access, in 32-bit words
  int64_t count = 0;

  /// None if an access of that type and alignment has no such form.
  static std::optional<Pieces> get(Type type, std::optional<uint64_t> align) {
    auto vector = dyn_cast<VectorType>(type);
    if (!vector || vector.getRank() != 1 || vector.isScalable())
      return std::nullopt;
    uint64_t bits = vector.getNumElements() * vector.getElementTypeBitWidth();
    if (bits % 64 || (bits > 128 && bits % 128))
      return std::nullopt;
    uint64_t piece = std::min<uint64_t>(bits, 128);
    if (!align || *align * 8 < piece)
      return std::nullopt;
    Type word = IntegerType::get(type.getContext(), 32);
    return Pieces{VectorType::get({int64_t(piece / 32)}, word),
                  int64_t(bits / piece)};
  }
  int64_t size() const { return words.getNumElements(); }
};

/// "{$0, $1, …}" from `first` on.
std::string registerList(int64_t first, int64_t count) {
  std::string text = "{";
  for (int64_t i = 0; i < count; ++i)
    text += (i ? ", $" : "$") + std::to_string(first + i);
  return text + "}";
}

Value addressOf(OpBuilder &builder, Location loc, Value base, int64_t word) {
  auto global = LLVM::LLVMPointerType::get(
      builder.getContext(), unsigned(NVVM::NVVMMemorySpace::Global));
  Value pointer = LLVM::AddrSpaceCastOp::create(builder, loc, global, base);
  return LLVM::GEPOp::create(builder, loc, global, builder.getI32Type(),
                             pointer, ArrayRef<LLVM::GEPArg>{int32_t(word)});
}

/// With the hint that its cache line is the first, or the last, to go.
void lowerLoad(LLVM::LoadOp op, StringRef hint) {
  std::optional<Pieces> pieces = Pieces::get(op.getType(), op.getAlignment());
  if (!pieces)
    return;
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Type i32 = builder.getI32Type();
  int64_t size = pieces->size();
  auto whole = VectorType::get({size * pieces->count}, i32);
  Value words = LLVM::PoisonOp::create(builder, loc, whole);
  auto results = LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                                  SmallVector<Type>(size, i32));
  std::string text = ("ld.global.L1::" + hint + ".v" + Twine(size) + ".b32 " +
                      registerList(0, size) + ", [$" + Twine(size) + "];")
                         .str();
  std::string constraints;
  for (int64_t i = 0; i < size; ++i)
    constraints += "=r,";
  constraints += "l";
  for (int64_t p = 0; p < pieces->count; ++p) {
    Value loaded = inlinePTX(builder, loc, results,
                             addressOf(builder, loc, op.getAddr(), p * size),
                             text, constraints, /*sideEffects=*/true);
    for (int64_t i = 0; i < size; ++i) {
      Value word = LLVM::ExtractValueOp::create(builder, loc, loaded, i);
      Value at = LLVM::ConstantOp::create(builder, loc, i32, p * size + i);
      words = LLVM::InsertElementOp::create(builder, loc, words, word, at);
    }
  }
  op.replaceAllUsesWith(
      LLVM::BitcastOp::create(builder, loc, op.getType(), words).getResult());
  op.erase();
}

void lowerStore(LLVM::StoreOp op) {
  Type type = op.getValue().getType();
  std::optional<Pieces> pieces = Pieces::get(type, op.getAlignment());
  if (!pieces)
    return;
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Type i32 = builder.getI32Type();
  int64_t size = pieces->size();
  auto whole = VectorType::get({size * pieces->count}, i32);
  Value words = LLVM::BitcastOp::create(builder, loc, whole, op.getValue());
  std::string text = ("st.global.L1::evict_first.v" + Twine(size) +
                      ".b32 [$0], " + registerList(1, size) + ";")
                         .str();
  std::string constraints = "l";
  for (int64_t i = 0; i < size; ++i)
    constraints += ",r";
  for (int64_t p = 0; p < pieces->count; ++p) {
    SmallVector<Value> operands = {
        addressOf(builder, loc, op.getAddr(), p * size)};
    for (int64_t i = 0; i < size; ++i) {
      Value at = LLVM::ConstantOp::create(builder, loc, i32, p * size + i);
      operands.push_back(
          LLVM::ExtractElementOp::create(builder, loc, words, at));
    }
    inlinePTX(builder, loc, Type(), operands, text, constraints,
              /*sideEffects=*/true);
  }
  op.erase();
}

struct PTXInstructions : seednorm::impl::PTXInstructionsBase<PTXInstructions> {
  void runOnOperation() override {
    SmallVector<math::TanhOp> functions;
    getOperation().walk([&](math::TanhOp tanh) {
      bool approximate = arith::bitEnumContainsAll(tanh.getFastmath(),
                                                   arith::FastMathFlags::afn);
      if (approximate && getElementTypeOrSelf(tanh.getType()).isF32())
        functions.push_back(tanh);
    });
    llvm::for_each(functions, lowerTanh);
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>()) {
      // Else ptxas spills rather than take more than 64 registers.
      if (function->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()))
        function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                          Builder(function).getI32IntegerAttr(1));
      lowerAccesses(function);
    }
  }

  void lowerAccesses(LLVM::LLVMFuncOp function) {
    SmallVector<LLVM::LoadOp> streams, others;
    SmallVector<LLVM::StoreOp> stores;
    function.walk([&](Operation *op) {
      if (auto load = dyn_cast<LLVM::LoadOp>(op)) {
        auto address = cast<LLVM::LLVMPointerType>(load.getAddr().getType());
        if (address.getAddressSpace() == 0)
          (load.getNontemporal() ? streams : others).push_back(load);
      } else if (auto store = dyn_cast<LLVM::StoreOp>(op)) {
        if (store.getNontemporal())
          stores.push_back(store);
      }
    });
    // Where rows are to go first, what is read beside them is read again.
    if (!streams.empty() || !stores.empty())
      for (LLVM::LoadOp load : others)
        lowerLoad(load, "evict_last");
    for (LLVM::LoadOp load : streams)
      lowerLoad(load, "evict_first");
    llvm::for_each(stores, lowerStore);
  }
};

} // namespace
