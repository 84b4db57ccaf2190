//===- LinalgToRowwise.cpp - Element-wise operations as row programs -----===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns structured operations without reductions into row programs, so that
// fusion and vectorisation have one form to deal with. Knows nothing of
// normalisation.
//
//===----------------------------------------------------------------------===//

#include "SeparateGathers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_LINALGTOROWWISE
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {

/// How an operand of a structured operation is given to a row program.
struct Operand {
  OpOperand *source;
  bool isColumn = false; // read along the last loop alone
  bool isWhole = false;  // spans all loops
  bool isScalar = false; // read by no loop
};

/// The dimensions that a map reads, if it reads them in order.
std::optional<SmallVector<unsigned>> getOrderedDims(AffineMap map) {
  SmallVector<unsigned> dims;
  for (AffineExpr expr : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || (!dims.empty() && dim.getPosition() <= dims.back()))
      return std::nullopt;
    dims.push_back(dim.getPosition());
  }
  return dims;
}

std::optional<Operand> classify(linalg::LinalgOp op, OpOperand *operand) {
  auto type = dyn_cast<RankedTensorType>(operand->get().getType());
  unsigned loops = op.getNumLoops();
  Operand result{operand};
  if (!type) {
    result.isScalar =
        rowwise::ProgramOp::isElementType(operand->get().getType());
    return result.isScalar ? std::optional(result) : std::nullopt;
  }
  auto dims = getOrderedDims(op.getMatchingIndexingMap(operand));
  if (!dims || !rowwise::ProgramOp::isElementType(type.getElementType()))
    return std::nullopt;
  result.isScalar = dims->empty();
  result.isWhole = dims->size() == loops;
  result.isColumn = dims->size() == 1 && loops > 1 && dims->back() == loops - 1;
  return result;
}

/// The type of a value of the body in a row program, where indices are i64;
/// null if there is none.
Type convertElement(Type type) {
  if (type.isIndex())
    return IntegerType::get(type.getContext(), 64);
  return rowwise::ProgramOp::isElementType(type) ? type : Type();
}

/// An operation of the body that has its like in a row program.
bool isElementwise(Operation &op) {
  if (isa<linalg::IndexOp>(op))
    return true;
  if (!OpTrait::hasElementwiseMappableTraits(&op) || op.getNumRegions() ||
      op.getNumResults() != 1 ||
      !isa<arith::ArithDialect, math::MathDialect>(op.getDialect()))
    return false;
  return llvm::all_of(op.getResultTypes(), convertElement) &&
         llvm::all_of(op.getOperandTypes(), convertElement);
}

class GenericToProgram : public OpInterfaceRewritePattern<linalg::LinalgOp> {
public:
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (failed(match(op)))
      return failure();
    SmallVector<Operand> operands;
    for (OpOperand *input : op.getDpsInputOperands()) {
      if (op.getMatchingBlockArgument(input).use_empty())
        continue;
      std::optional<Operand> operand = classify(op, input);
      if (!operand)
        return failure();
      operands.push_back(*operand);
    }
    // The first row operand is one that spans every loop.
    auto whole = llvm::find_if(operands, [](auto &o) { return o.isWhole; });
    if (whole == operands.end())
      return failure();
    std::rotate(operands.begin(), whole, whole + 1);
    if (!haveSameRows(op, operands))
      return failure();
    rewrite(op, operands, rewriter);
    return success();
  }

private:
  static LogicalResult match(linalg::LinalgOp op) {
    if (!op.hasPureTensorSemantics() || op.getNumLoops() == 0 ||
        op.getNumParallelLoops() != op.getNumLoops() ||
        op->getNumResults() == 0)
      return failure();
    for (OpOperand &init : op.getDpsInitsMutable()) {
      auto type = cast<RankedTensorType>(init.get().getType());
      if (!op.getMatchingIndexingMap(&init).isIdentity() ||
          !rowwise::ProgramOp::isElementType(type.getElementType()) ||
          type.getShape().back() == 0 ||
          !op.getMatchingBlockArgument(&init).use_empty())
        return failure();
    }
    Block *body = op.getBlock();
    for (Operation &nested : body->without_terminator())
      if (!nested.hasTrait<OpTrait::ConstantLike>() && !isElementwise(nested))
        return failure();
    // What comes from outside must be constants.
    for (Operation &nested : *body)
      for (Value value : nested.getOperands())
        if (value.getParentBlock() != body &&
            !matchPattern(value, m_Constant()))
          return failure();
    return success();
  }

  /// Whether numbers of rows that must be equal are known to be, or compared
  /// when they are not: to a row program a static 1 among others repeats.
  static bool haveSameRows(linalg::LinalgOp op, ArrayRef<Operand> operands) {
    auto getLeading = [](OpOperand *operand) {
      return cast<RankedTensorType>(operand->get().getType())
          .getShape()
          .drop_back();
    };
    ArrayRef<int64_t> whole = getLeading(operands.front().source);
    auto fits = [&](OpOperand *operand) {
      return llvm::all_of(llvm::zip(getLeading(operand), whole), [](auto dims) {
        auto [own, all] = dims;
        return own != 1 || all == 1;
      });
    };
    return llvm::all_of(operands,
                        [&](const Operand &operand) {
                          return !operand.isWhole || fits(operand.source);
                        }) &&
           llvm::all_of(op.getDpsInitsMutable(),
                        [&](OpOperand &init) { return fits(&init); });
  }

  /// Adds the dimensions that an operand repeats over, as ones.
  static Value expand(linalg::LinalgOp op, const Operand &operand,
                      PatternRewriter &rewriter) {
    Value value = operand.source->get();
    Location loc = op.getLoc();
    if (operand.isScalar) {
      Type element = getElementTypeOrSelf(value);
      if (isa<RankedTensorType>(value.getType()))
        return tensor::ExpandShapeOp::create(
            rewriter, loc, RankedTensorType::get({1}, element), value,
            ArrayRef<ReassociationIndices>{});
      return tensor::FromElementsOp::create(
          rewriter, loc, RankedTensorType::get({1}, element), value);
    }
    if (operand.isWhole || operand.isColumn)
      return value;
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<unsigned> dims =
        *getOrderedDims(op.getMatchingIndexingMap(operand.source));
    SmallVector<int64_t> shape(op.getNumLoops(), 1);
    SmallVector<OpFoldResult> sizes(op.getNumLoops(), rewriter.getIndexAttr(1));
    SmallVector<ReassociationIndices> reassociation(dims.size());
    for (auto [i, dim] : llvm::enumerate(dims)) {
      shape[dim] = type.getDimSize(i);
      sizes[dim] = tensor::getMixedSize(rewriter, loc, value, i);
      int64_t first = i == 0 ? 0 : dims[i - 1] + 1;
      int64_t last = i + 1 == dims.size() ? op.getNumLoops() - 1 : dim;
      for (int64_t d = first; d <= last; ++d)
        reassociation[i].push_back(d);
    }
    return tensor::ExpandShapeOp::create(
        rewriter, loc, RankedTensorType::get(shape, type.getElementType()),
        value, reassociation, sizes);
  }

  static void rewrite(linalg::LinalgOp op, ArrayRef<Operand> operands,
                      PatternRewriter &rewriter) {
    SmallVector<Value> rows, columns;
    SmallVector<OpOperand *> rowSources, columnSources;
    for (const Operand &operand : operands) {
      bool column = operand.isScalar || operand.isColumn;
      (column ? columns : rows).push_back(expand(op, operand, rewriter));
      (column ? columnSources : rowSources).push_back(operand.source);
    }
    rowSources.append(columnSources);
    int64_t width = cast<RankedTensorType>(rows[0].getType()).getShape().back();
    // As long as the row by their types too: another length would be a number
    // of groups.
    for (Value &value : llvm::concat<Value>(rows, columns)) {
      auto type = cast<RankedTensorType>(value.getType());
      SmallVector<int64_t> shape(type.getShape());
      if (shape.back() == 1 || shape.back() == width)
        continue;
      shape.back() = width;
      value = tensor::CastOp::create(rewriter, op.getLoc(), type.clone(shape),
                                     value);
    }
    auto program = rowwise::ProgramOp::create(
        rewriter, op.getLoc(), rows, columns, op.getDpsInits(),
        [&](OpBuilder &builder, Location loc, ValueRange arguments) {
          IRMapping mapping;
          for (auto [source, argument] : llvm::zip(rowSources, arguments))
            mapping.map(op.getMatchingBlockArgument(source),
                        toRow(builder, loc, argument, width));
          buildBody(op, builder, loc, mapping, width);
        });
    rewriter.replaceOp(op, program.getResults());
  }

  /// A value of one element repeated over the row.
  static Value toRow(OpBuilder &builder, Location loc, Value value,
                     int64_t width) {
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getDimSize(0) == width)
      return value;
    return rowwise::BroadcastOp::create(
        builder, loc, RankedTensorType::get({width}, type.getElementType()),
        value);
  }

  static Value constantRow(OpBuilder &builder, Location loc, Attribute value,
                           int64_t width) {
    if (auto integer = dyn_cast<IntegerAttr>(value))
      value = IntegerAttr::get(convertElement(integer.getType()),
                               integer.getValue());
    auto type = RankedTensorType::get({1}, cast<TypedAttr>(value).getType());
    auto scalar = DenseElementsAttr::get(type, value);
    return toRow(builder, loc, arith::ConstantOp::create(builder, loc, scalar),
                 width);
  }

  /// The value of an operation that gives or takes an index and is another one
  /// on i64; null for every other operation.
  static Value convertIndex(linalg::LinalgOp op, Operation &nested,
                            RankedTensorType type, OpBuilder &builder,
                            const IRMapping &mapping) {
    Location loc = nested.getLoc();
    if (auto index = dyn_cast<linalg::IndexOp>(nested)) {
      bool isColumn = index.getDim() + 1 == op.getNumLoops();
      auto own = isColumn ? type : type.clone({1}, type.getElementType());
      Value value = rowwise::IndexOp::create(builder, loc, own, index.getDim());
      return toRow(builder, loc, value, type.getDimSize(0));
    }
    if (!isa<arith::IndexCastOp, arith::IndexCastUIOp>(nested))
      return {};
    Value from = mapping.lookup(nested.getOperand(0));
    unsigned before = getElementTypeOrSelf(from).getIntOrFloatBitWidth();
    unsigned after = type.getElementTypeBitWidth();
    if (before == after)
      return from;
    if (before > after)
      return arith::TruncIOp::create(builder, loc, type, from);
    if (isa<arith::IndexCastOp>(nested))
      return arith::ExtSIOp::create(builder, loc, type, from);
    return arith::ExtUIOp::create(builder, loc, type, from);
  }

  static void buildBody(linalg::LinalgOp op, OpBuilder &builder, Location loc,
                        IRMapping &mapping, int64_t width) {
    auto lookup = [&](Value value) -> Value {
      Attribute constant;
      if (!mapping.contains(value) &&
          matchPattern(value, m_Constant(&constant)))
        mapping.map(value, constantRow(builder, loc, constant, width));
      return mapping.lookup(value);
    };
    for (Operation &nested : op.getBlock()->without_terminator()) {
      if (nested.hasTrait<OpTrait::ConstantLike>())
        continue;
      for (Value operand : nested.getOperands())
        lookup(operand);
      auto type = RankedTensorType::get(
          {width}, convertElement(nested.getResult(0).getType()));
      if (Value value = convertIndex(op, nested, type, builder, mapping)) {
        mapping.map(nested.getResult(0), value);
        continue;
      }
      builder.clone(nested, mapping)->getResult(0).setType(type);
    }
    SmallVector<Value> yields;
    for (Value value : op.getBlock()->getTerminator()->getOperands())
      yields.push_back(lookup(value));
    rowwise::YieldOp::create(builder, loc, yields);
  }
};

/// An operation on tensors without dimensions is one on rows of one element.
struct GiveDimension : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumLoops() != 0 || !op.hasPureTensorSemantics() ||
        op->getNumResults() == 0)
      return failure();
    Location loc = op.getLoc();
    SmallVector<Value> operands;
    SmallVector<AffineMap> maps;
    for (Value value : op->getOperands()) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      maps.push_back(type ? rewriter.getMultiDimIdentityMap(1)
                          : AffineMap::get(1, 0, op.getContext()));
      if (type)
        value = tensor::ExpandShapeOp::create(
            rewriter, loc, RankedTensorType::get({1}, type.getElementType()),
            value, ArrayRef<ReassociationIndices>{});
      operands.push_back(value);
    }
    ValueRange inputs = ValueRange(operands).take_front(op.getInputs().size());
    ValueRange inits = ValueRange(operands).drop_front(inputs.size());
    auto wide = linalg::GenericOp::create(
        rewriter, loc, inits.getTypes(), inputs, inits, maps,
        ArrayRef{utils::IteratorType::parallel});
    rewriter.inlineRegionBefore(op.getRegion(), wide.getRegion(),
                                wide.getRegion().end());
    SmallVector<Value> results;
    for (auto [result, type] :
         llvm::zip(wide->getResults(), op->getResultTypes()))
      results.push_back(tensor::CollapseShapeOp::create(
          rewriter, loc, cast<RankedTensorType>(type), result,
          ArrayRef<ReassociationIndices>{}));
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// An element-wise operation of `arith` or `math` on whole tensors, but not one
/// on the values of a row program.
bool isElementwiseOnTensors(Operation *op) {
  return OpTrait::hasElementwiseMappableTraits(op) &&
         llvm::any_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>) &&
         !op->getParentOfType<rowwise::ProgramOp>();
}

struct LinalgToRowwise : seednorm::impl::LinalgToRowwiseBase<LinalgToRowwise> {
  /// Operations that stand for several structured ones, as `linalg.softmax`.
  LogicalResult decomposeAggregates() {
    SmallVector<linalg::AggregatedOpInterface> aggregates;
    getOperation()->walk([&](linalg::AggregatedOpInterface op) {
      if (op->getNumResults()) // on memrefs it is a loop nest
        aggregates.push_back(op);
    });
    for (linalg::AggregatedOpInterface op : aggregates) {
      OpBuilder builder(op);
      FailureOr<SmallVector<Value>> values = op.decomposeOperation(builder);
      if (failed(values))
        return op->emitOpError("cannot be decomposed");
      op->replaceAllUsesWith(*values);
      op->erase();
    }
    return success();
  }

  LogicalResult convertElementwise() {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseToLinalgConversionPatterns(patterns);
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal(
        [](Operation *op) { return !isElementwiseOnTensors(op); });
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }

  void runOnOperation() override {
    if (failed(decomposeAggregates()) || failed(convertElementwise()))
      return signalPassFailure();
    RewritePatternSet simpler(&getContext()), patterns(&getContext());
    seednorm::populateSeparateGathersPatterns(simpler);
    simpler.add<GiveDimension>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(simpler))))
      return signalPassFailure();
    patterns.add<GenericToProgram>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
