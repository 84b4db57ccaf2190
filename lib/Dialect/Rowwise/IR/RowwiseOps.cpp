//===- RowwiseOps.cpp - Operations of the rowwise dialect ----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verifiers, folders and canonicalisation of row programs. Knows nothing of
// schedules or targets.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rowwise;

#define GET_OP_CLASSES
#include "seednorm/Dialect/Rowwise/IR/RowwiseOps.cpp.inc"

static int64_t getWidth(Type type) {
  return cast<ShapedType>(type).getShape().back();
}

static bool isDynamic(int64_t width) { return ShapedType::isDynamic(width); }

/// Whether two dimensions may be the same at run time.
static bool mayEqual(int64_t a, int64_t b) {
  return a == b || isDynamic(a) || isDynamic(b);
}

/// A dimension as a user writes it.
static std::string dimText(int64_t dim) {
  return isDynamic(dim) ? "?" : std::to_string(dim);
}

static std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [i, dim] : llvm::enumerate(shape))
    text += (i ? ", " : "") + dimText(dim);
  return text + "]";
}

//===----------------------------------------------------------------------===//
// ProgramOp
//===----------------------------------------------------------------------===//

void ProgramOp::build(
    OpBuilder &builder, OperationState &state, ValueRange rows,
    ValueRange columns, ValueRange outs,
    function_ref<void(OpBuilder &, Location, ValueRange)> bodyBuilder) {
  SmallVector<Type> results;
  for (Type type : outs.getTypes())
    if (isa<RankedTensorType>(type))
      results.push_back(type);
  build(builder, state, results, rows, columns, outs, ScheduleAttr());
  SmallVector<Type> arguments;
  for (Type type :
       llvm::concat<const Type>(llvm::to_vector(rows.getTypes()),
                                llvm::to_vector(columns.getTypes())))
    arguments.push_back(getRegionType(type));
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(
      state.regions.front().get(), {}, arguments,
      SmallVector<Location>(arguments.size(), state.location));
  bodyBuilder(builder, state.location, block->getArguments());
}

RankedTensorType ProgramOp::getRegionType(Type operandType) {
  auto type = cast<ShapedType>(operandType);
  return RankedTensorType::get(type.getShape().take_back(),
                               type.getElementType());
}

bool ProgramOp::isElementType(Type type) {
  if (type.isSignlessInteger())
    return llvm::is_contained({1, 8, 16, 32, 64}, type.getIntOrFloatBitWidth());
  return type.isF16() || type.isBF16() || type.isF32() || type.isF64();
}

int64_t ProgramOp::getRowWidth() { return getWidth(getRows()[0].getType()); }

ArrayRef<int64_t> ProgramOp::getLeadingShape() {
  return cast<ShapedType>(getRows()[0].getType()).getShape().drop_back();
}

Block::BlockArgListType ProgramOp::getRowArguments() {
  return getBlock()->getArguments().take_front(getRows().size());
}

Block::BlockArgListType ProgramOp::getColumnArguments() {
  return getBlock()->getArguments().drop_front(getRows().size());
}

/// Whether an array with this leading dimension has one row for all of the
/// program's.
static bool isShared(int64_t own, int64_t whole) {
  return own == 1 && whole != 1;
}

bool ProgramOp::isRepeated(unsigned index) {
  auto type = cast<ShapedType>(getRows()[index].getType());
  return llvm::any_of(llvm::zip(type.getShape(), getLeadingShape()),
                      [](auto dims) { return std::apply(isShared, dims); });
}

bool ProgramOp::isAccumulated(unsigned index) {
  return getYield()->getOperand(index).getDefiningOp<AccumulateOp>() != nullptr;
}

std::optional<unsigned> ProgramOp::getSumDims(unsigned index) {
  auto type = cast<ShapedType>(getOuts()[index].getType());
  if (type.getRank() == 1)
    return 0;
  ArrayRef<int64_t> own = type.getShape().drop_back();
  while (!own.empty() && own.back() == 1)
    own = own.drop_back();
  for (auto [dim, whole] : llvm::zip(own, getLeadingShape()))
    if (isShared(dim, whole))
      return std::nullopt;
  return own.size();
}

/// Checks of the operands by themselves, before the region may be looked at.
static LogicalResult verifyOperands(ProgramOp op) {
  if (op.getRows().empty())
    return op.emitOpError("needs at least one row operand");
  bool tensors = isa<RankedTensorType>(op.getRows()[0].getType());
  for (Value operand : op->getOperands()) {
    if (isa<RankedTensorType>(operand.getType()) != tensors)
      return op.emitOpError(
          "operands must be all tensors or all memrefs, but got both");
    auto type = cast<ShapedType>(operand.getType());
    if (!ProgramOp::isElementType(type.getElementType()))
      return op.emitOpError("element types are f16, bf16, f32, f64, i1, i8, "
                            "i16, i32 and i64, but an operand has ")
             << type.getElementType();
  }
  for (auto [i, operand] : llvm::enumerate(op.getRows())) {
    auto type = cast<ShapedType>(operand.getType());
    if (type.getRank() == 0)
      return op.emitOpError("row operand ")
             << i << " has no dimension; its last one is the row";
    ArrayRef<int64_t> leading = type.getShape().drop_back();
    bool fits = leading.size() == op.getLeadingShape().size();
    if (fits)
      for (auto [dim, whole] : llvm::zip(leading, op.getLeadingShape()))
        fits &= mayEqual(dim, whole) || dim == 1;
    if (!fits)
      return op.emitOpError("row operand ")
             << i << " has the leading dimensions " << shapeText(leading)
             << " but the program has " << shapeText(op.getLeadingShape());
  }
  for (auto [i, operand] : llvm::enumerate(op.getColumns()))
    if (cast<ShapedType>(operand.getType()).getRank() != 1)
      return op.emitOpError("column operand ")
             << i << " must have one dimension, but has "
             << cast<ShapedType>(operand.getType()).getRank();
  if (op.getRowWidth() == 0)
    return op.emitOpError("rows must have at least one element, but D is 0");
  return success();
}

LogicalResult ProgramOp::verify() {
  if (failed(verifyOperands(*this)))
    return failure();
  bool tensors = isa<RankedTensorType>(getRows()[0].getType());
  if (getNumResults() != (tensors ? getOuts().size() : 0))
    return emitOpError("has ")
           << getNumResults() << " results but " << getOuts().size()
           << (tensors ? " outs" : " memref outs, which give no results");
  for (auto [result, out] : llvm::zip(getResultTypes(), getOuts().getTypes()))
    if (result != out)
      return emitOpError("result type ")
             << result << " differs from the type of its out, " << out;
  for (auto operand : getOperands()) {
    auto memref = dyn_cast<MemRefType>(operand.getType());
    if (memref && !memref.isStrided())
      return emitOpError("operands must be strided memrefs, but got ")
             << memref;
  }
  return success();
}

static LogicalResult verifyYieldedValue(ProgramOp op, unsigned i) {
  Value value = op.getYield()->getOperand(i);
  auto type = cast<RankedTensorType>(value.getType());
  auto out = cast<ShapedType>(op.getOuts()[i].getType());
  if (out.getElementType() != type.getElementType())
    return op.emitOpError("out ")
           << i << " has elements of " << out.getElementType()
           << " but the region yields " << type.getElementType();
  int64_t rank = op.getLeadingShape().size() + 1;
  bool isSum = op.isAccumulated(i);
  if (out.getRank() != rank && !(isSum && out.getRank() == 1)) {
    InFlightDiagnostic error = op.emitOpError("out ")
                               << i << " must have " << rank << " dimensions";
    if (isSum)
      error << ", or 1 for a sum over all rows";
    return error << ", but has " << out.getRank();
  }
  // A row may turn out to be as long as the out is wide; groups are counted.
  int64_t width = type.getDimSize(0), outWidth = getWidth(out);
  if (width == op.getRowWidth() ? !mayEqual(outWidth, width)
                                : outWidth != width)
    return op.emitOpError("out ")
           << i << " has " << dimText(outWidth)
           << " elements in a row but the region yields " << dimText(width);
  if (out.getRank() != rank)
    return success();
  for (auto [dim, whole] :
       llvm::zip(out.getShape().drop_back(), op.getLeadingShape()))
    if (isShared(dim, whole) ? !isSum : !mayEqual(dim, whole)) {
      InFlightDiagnostic error = op.emitOpError("out ")
                                 << i << " has the leading dimensions "
                                 << shapeText(out.getShape().drop_back())
                                 << " but the program has "
                                 << shapeText(op.getLeadingShape());
      if (isSum)
        error << ", of which a sum may have 1 in place of any";
      else if (isShared(dim, whole))
        error << ", and only sums of rows may share one";
      return error;
    }
  return success();
}

/// A value of the region is row-shaped or group-shaped, and whatever computes
/// it does so element by element.
static LogicalResult verifyRegionOp(ProgramOp program, Operation &op) {
  for (Type type : op.getResultTypes()) {
    auto value = dyn_cast<RankedTensorType>(type);
    if (!value || value.getRank() != 1)
      return op.emitOpError("in a row program must give rank-1 tensors");
    if (!ProgramOp::isElementType(value.getElementType()))
      return op.emitOpError("gives elements of ")
             << value.getElementType() << ", which no row program has";
    int64_t width = value.getDimSize(0), d = program.getRowWidth();
    if (width != d &&
        (isDynamic(width) || width == 0 || (!isDynamic(d) && d % width)))
      return op.emitOpError("gives ")
             << dimText(width)
             << " elements, which is neither a row nor a number of groups that "
                "divides its "
             << dimText(d) << " elements";
  }
  if (isa<RowwiseDialect>(op.getDialect()))
    return success();
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (isa<SplatElementsAttr>(constant.getValue()))
      return success();
    return op.emitOpError("in a row program must be a splat");
  }
  if (!OpTrait::hasElementwiseMappableTraits(&op))
    return op.emitOpError("is not element-wise and cannot stand in a row "
                          "program");
  if (op.getNumResults() != 1)
    return op.emitOpError("has ") << op.getNumResults()
                                  << " results, but one is what an operation "
                                     "of a row program has";
  return success();
}

LogicalResult ProgramOp::verifyRegions() {
  Block *block = getBlock();
  if (block->getNumArguments() != getRows().size() + getColumns().size())
    return emitOpError("has ") << getRows().size() + getColumns().size()
                               << " row and column operands but its region has "
                               << block->getNumArguments() << " arguments";
  for (auto [i, argument, operand] :
       llvm::enumerate(block->getArguments(), getOperands()))
    if (argument.getType() != getRegionType(operand.getType()))
      return emitOpError("region argument ")
             << i << " must be " << getRegionType(operand.getType())
             << ", but is " << argument.getType();
  for (auto [i, argument] : llvm::enumerate(block->getArguments())) {
    int64_t width = getWidth(argument.getType()), d = getRowWidth();
    if (width != d &&
        (isDynamic(width) || width == 0 || (!isDynamic(d) && d % width)))
      return emitOpError("operand ")
             << i << " has " << dimText(width)
             << " elements, which is neither the " << dimText(d)
             << " of a row nor a number of groups that divides it";
  }
  auto yield = dyn_cast<YieldOp>(block->getTerminator());
  if (!yield)
    return emitOpError("region must end with rowwise.yield");
  if (yield.getNumOperands() != getOuts().size())
    return emitOpError("has ") << getOuts().size() << " outs but yields "
                               << yield.getNumOperands() << " values";
  for (Operation &op : *block)
    if (failed(verifyRegionOp(*this, op)))
      return failure();
  for (unsigned i = 0, e = getOuts().size(); i < e; ++i)
    if (failed(verifyYieldedValue(*this, i)))
      return failure();
  return success();
}

void ProgramOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : (*this)->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    if (isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
    else
      effects.emplace_back(MemoryEffects::Read::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
}

Speculation::Speculatability ProgramOp::getSpeculatability() {
  return hasBufferSemantics() ? Speculation::NotSpeculatable
                              : Speculation::Speculatable;
}

LogicalResult
ProgramOp::reifyResultShapes(OpBuilder &builder,
                             ReifiedRankedShapedTypeDims &shapes) {
  for (auto [i, out] : llvm::enumerate(getOuts())) {
    // The rows are where the shape comes from; outs are often erased as dead.
    Value first = getRows()[0];
    auto type = cast<ShapedType>(out.getType());
    SmallVector<OpFoldResult> dims;
    for (int64_t dim = 0; dim + 1 < type.getRank(); ++dim)
      dims.push_back(isShared(type.getDimSize(dim), getLeadingShape()[dim])
                         ? OpFoldResult(builder.getIndexAttr(1))
                         : tensor::getMixedSize(builder, getLoc(), first, dim));
    bool isRow = getWidth(type) == getRowWidth();
    dims.push_back(tensor::getMixedSize(
        builder, getLoc(), isRow ? first : out,
        (isRow ? getLeadingShape().size() : type.getRank() - 1)));
    shapes.push_back(std::move(dims));
  }
  return success();
}

namespace {
/// Drops results nobody uses, region arguments nobody reads, and operands that
/// are given twice.
struct DropUnused : OpRewritePattern<ProgramOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ProgramOp op,
                                PatternRewriter &rewriter) const override {
    if (op.hasBufferSemantics())
      return failure();
    Block *block = op.getBlock();
    // The first row operand spans the iteration space and stays.
    SmallVector<Value> rows, columns, outs, yields;
    SmallVector<BlockArgument> kept;
    BitVector unused(block->getNumArguments());
    auto keep = [&](BlockArgument argument, Value operand,
                    SmallVectorImpl<Value> &list, unsigned first) {
      for (unsigned j = 0; j < list.size(); ++j)
        if (list[j] == operand) {
          rewriter.replaceAllUsesWith(argument, kept[first + j]);
          unused.set(argument.getArgNumber());
          return;
        }
      if (argument.use_empty() && argument.getArgNumber() != 0) {
        unused.set(argument.getArgNumber());
        return;
      }
      list.push_back(operand);
      kept.push_back(argument);
    };
    for (auto [argument, operand] :
         llvm::zip(op.getRowArguments(), op.getRows()))
      keep(argument, operand, rows, 0);
    unsigned firstColumn = kept.size();
    for (auto [argument, operand] :
         llvm::zip(op.getColumnArguments(), op.getColumns()))
      keep(argument, operand, columns, firstColumn);
    SmallVector<unsigned> results;
    for (OpResult result : op.getResults())
      if (!result.use_empty()) {
        results.push_back(result.getResultNumber());
        outs.push_back(op.getOuts()[result.getResultNumber()]);
        yields.push_back(op.getYield()->getOperand(result.getResultNumber()));
      }
    if (results.empty() ||
        (unused.none() && results.size() == op.getNumResults()))
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getYield()->setOperands(yields);
      block->eraseArguments(unused);
    });
    SmallVector<Type> types =
        llvm::map_to_vector(outs, [](Value out) { return out.getType(); });
    auto replacement = ProgramOp::create(rewriter, op.getLoc(), types, rows,
                                         columns, outs, op.getScheduleAttr());
    replacement->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    rewriter.inlineRegionBefore(op.getBody(), replacement.getBody(),
                                replacement.getBody().end());
    for (auto [i, result] : llvm::enumerate(results))
      rewriter.replaceAllUsesWith(op.getResult(result),
                                  replacement.getResult(i));
    rewriter.eraseOp(op);
    return success();
  }
};

/// A result that is a row operand as it stands, or what another result is, need
/// not be written.
struct ForwardResult : OpRewritePattern<ProgramOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ProgramOp op,
                                PatternRewriter &rewriter) const override {
    bool changed = false;
    for (OpResult result : op.getResults()) {
      Value known = find(op, result);
      if (!known || result.use_empty())
        continue;
      rewriter.replaceAllUsesWith(result, known);
      changed = true;
    }
    return success(changed);
  }

private:
  /// Of the same type: neither repeated nor of other sizes.
  static Value find(ProgramOp op, OpResult result) {
    OperandRange yields = op.getYield()->getOperands();
    Value yielded = yields[result.getResultNumber()];
    if (auto argument = dyn_cast<BlockArgument>(yielded))
      if (argument.getArgNumber() < op.getRows().size())
        if (Value operand = op.getRows()[argument.getArgNumber()];
            operand.getType() == result.getType())
          return operand;
    for (OpResult other : op.getResults().take_front(result.getResultNumber()))
      if (yields[other.getResultNumber()] == yielded &&
          other.getType() == result.getType())
        return other;
    return {};
  }
};

/// A cast that was folded into an operand says how long a row is: then all rows
/// are that long, and the region with them.
struct RefineWidth : OpRewritePattern<ProgramOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ProgramOp op,
                                PatternRewriter &rewriter) const override {
    Block *block = op.getBlock();
    auto isRefined = [&](BlockArgument argument) {
      return isDynamic(getWidth(argument.getType())) &&
             !isDynamic(
                 getWidth(op->getOperand(argument.getArgNumber()).getType()));
    };
    auto refined = llvm::find_if(block->getArguments(), isRefined);
    if (op.hasBufferSemantics() || refined == block->args_end())
      return failure();
    int64_t width = getWidth(op->getOperand(refined->getArgNumber()).getType());
    auto refine = [&](Type type) -> RankedTensorType {
      auto tensor = cast<RankedTensorType>(type);
      if (!isDynamic(getWidth(tensor)))
        return tensor;
      SmallVector<int64_t> shape(tensor.getShape());
      shape.back() = width;
      return tensor.clone(shape);
    };
    auto isRow = [&](OpOperand &operand) {
      Value value = op.isDpsInit(&operand)
                        ? op.getYield()->getOperand(operand.getOperandNumber() -
                                                    block->getNumArguments())
                        : block->getArgument(operand.getOperandNumber());
      return isDynamic(getWidth(value.getType()));
    };
    rewriter.setInsertionPoint(op);
    SmallVector<Value> operands;
    for (OpOperand &operand : op->getOpOperands())
      operands.push_back(
          isRow(operand)
              ? rewriter.createOrFold<tensor::CastOp>(
                    op.getLoc(), refine(operand.get().getType()), operand.get())
              : operand.get());
    rewriter.modifyOpInPlace(op, [&] {
      op->setOperands(operands);
      for (BlockArgument argument : block->getArguments())
        argument.setType(refine(argument.getType()));
      for (Operation &inner : *block)
        for (Value result : inner.getResults())
          result.setType(refine(result.getType()));
    });
    rewriter.setInsertionPointAfter(op);
    for (auto [result, out] : llvm::zip(op.getResults(), op.getOuts())) {
      Type before = result.getType();
      if (before == out.getType())
        continue;
      result.setType(cast<RankedTensorType>(out.getType()));
      auto back = tensor::CastOp::create(rewriter, op.getLoc(), before, result);
      rewriter.replaceAllUsesExcept(result, back, back);
    }
    return success();
  }
};
} // namespace

void ProgramOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<DropUnused, ForwardResult, RefineWidth>(context);
}

//===----------------------------------------------------------------------===//
// ReduceOp, BroadcastOp, AccumulateOp
//===----------------------------------------------------------------------===//

static LogicalResult verifyGroups(Operation *op, Type narrow, Type wide,
                                  StringRef narrowName) {
  int64_t groups = getWidth(narrow), width = getWidth(wide);
  if (getElementTypeOrSelf(narrow) != getElementTypeOrSelf(wide))
    return op->emitOpError("source and result must have the same element type");
  if (isDynamic(groups) ? !isDynamic(width) : groups == 0)
    return op->emitOpError("needs a static number of groups, but the ")
           << narrowName << " has " << dimText(groups) << " elements";
  if (!isDynamic(width) && !isDynamic(groups) && width % groups)
    return op->emitOpError("cannot divide ")
           << width << " elements into " << groups << " groups";
  return success();
}

LogicalResult ReduceOp::verify() {
  return verifyGroups(*this, getType(), getSource().getType(), "result");
}

/// Groups of one element are what they were. In a program every dynamic width
/// is D.
static bool isIdentity(Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  return type == op->getOperand(0).getType() &&
         (type.hasStaticShape() ||
          isa_and_present<ProgramOp>(op->getParentOp()));
}

OpFoldResult ReduceOp::fold(FoldAdaptor adaptor) {
  if (isIdentity(*this))
    return getSource();
  return {};
}

LogicalResult BroadcastOp::verify() {
  return verifyGroups(*this, getSource().getType(), getType(), "source");
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (isIdentity(*this))
    return getSource();
  auto type = cast<RankedTensorType>(getType());
  if (auto splat = dyn_cast_if_present<SplatElementsAttr>(adaptor.getSource()))
    if (type.hasStaticShape())
      return splat.resizeSplat(type);
  return {};
}

LogicalResult AccumulateOp::verify() {
  for (Operation *user : (*this)->getUsers())
    if (!isa<YieldOp>(user))
      return emitOpError("is complete only after the last row and can only be "
                         "yielded, but is used by '")
             << user->getName() << "'";
  return success();
}

//===----------------------------------------------------------------------===//
// IndexOp
//===----------------------------------------------------------------------===//

bool IndexOp::isInRow() {
  auto program = cast<ProgramOp>((*this)->getParentOp());
  return getDimension() == program.getLeadingShape().size();
}

LogicalResult IndexOp::verify() {
  auto program = cast<ProgramOp>((*this)->getParentOp());
  int64_t last = program.getLeadingShape().size();
  int64_t dimension = getDimension();
  if (dimension < 0 || dimension > last)
    return emitOpError("of dimension ")
           << dimension << ", but the program's are 0 to " << last;
  if (dimension != last && getWidth(getType()) != 1)
    return emitOpError("of a leading dimension is one element for a row, but "
                       "the result has ")
           << dimText(getWidth(getType()));
  return success();
}
