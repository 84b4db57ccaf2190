//===- Adjoint.cpp - Adjoints of the tensors of a block ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Adjoint.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "seednorm/Dialect/Rowwise/Transforms/Differentiate.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::seednorm;

bool mlir::seednorm::isFloatTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && isa<FloatType>(tensor.getElementType());
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value Adjoint::getEmpty(Value like, Type element) {
  return tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, like),
      element ? element : getElementTypeOrSelf(like));
}

Value Adjoint::getZeros(Value like, Type element) {
  if (!element)
    element = getElementTypeOrSelf(like);
  Value zero = arith::ConstantOp::create(builder, loc, element,
                                         builder.getFloatAttr(element, 0));
  return linalg::FillOp::create(builder, loc, zero, getEmpty(like, element))
      .getResult(0);
}

Value Adjoint::convert(Value tensor, Type element) {
  auto type = cast<RankedTensorType>(tensor.getType());
  unsigned from = type.getElementTypeBitWidth(),
           to = element.getIntOrFloatBitWidth();
  if (type.getElementType() == element)
    return tensor;
  if (from < to)
    return arith::ExtFOp::create(builder, loc, type.clone(element), tensor);
  if (from > to)
    return arith::TruncFOp::create(builder, loc, type.clone(element), tensor);
  // Between bf16 and f16.
  return convert(convert(tensor, builder.getF32Type()), element);
}

/// What two adjoints are added in: f32 at least.
static Type getWiderType(Value a, Value b) {
  Type left = rowwise::getSumType(getElementTypeOrSelf(a)),
       right = rowwise::getSumType(getElementTypeOrSelf(b));
  return left.isF64() ? left : right;
}

void Adjoint::add(Value of, Value contribution) {
  if (!isActive(of))
    return;
  Value &sum = adjoints[of];
  if (!sum) {
    sum = contribution;
    return;
  }
  Type element = getWiderType(sum, contribution);
  sum = arith::AddFOp::create(builder, loc, convert(sum, element),
                              convert(contribution, element));
}

Value Adjoint::getOrZeros(Value of) {
  if (Value known = get(of))
    return known;
  return getZeros(of);
}

//===----------------------------------------------------------------------===//
// The sweep
//===----------------------------------------------------------------------===//

void Adjoint::findActive(Operation *op) {
  auto isActiveUse = [&](Operation *user) {
    return llvm::any_of(user->getOperands(),
                        [&](Value operand) { return isActive(operand); });
  };
  bool any = false;
  op->walk([&](Operation *nested) { any |= isActiveUse(nested); });
  // Whatever holds numbers: where a gradient would get lost is an error then.
  if (any)
    for (Value result : op->getResults())
      if (!getElementTypeOrSelf(result).isIntOrIndex())
        activate(result);
}

LogicalResult Adjoint::run(ArrayRef<Operation *> ops,
                           ArrayRef<std::pair<Value, Value>> seeds) {
  for (Operation *op : ops)
    findActive(op);
  for (auto [value, seed] : seeds)
    add(value, seed);
  for (Operation *op : llvm::reverse(ops)) {
    loc = op->getLoc();
    if (op->getNumResults() == 0 &&
        llvm::any_of(op->getOperands(),
                     [&](Value operand) { return isActive(operand); }))
      return op->emitOpError("has no gradient that is known here");
    bool reaches = llvm::any_of(op->getResults(), [&](Value result) {
      return isActive(result) && get(result);
    });
    if (reaches && failed(visit(op)))
      return failure();
  }
  return success();
}

LogicalResult Adjoint::visit(Operation *op) {
  for (Value operand : op->getOperands())
    if (isActive(operand) && !isFloatTensor(operand.getType()))
      return op->emitOpError("has no gradient that is known here: it takes ")
             << operand.getType() << ", which is no tensor";
  if (auto call = dyn_cast<func::CallOp>(op))
    return callRule(*this, call);
  if (auto program = dyn_cast<rowwise::ProgramOp>(op))
    return visitProgram(program);
  if (auto reduce = dyn_cast<linalg::ReduceOp>(op))
    return visitReduce(reduce);
  if (op->getNumResults() != 1 || !isFloatTensor(op->getResult(0).getType()))
    return op->emitOpError("has no gradient that is known here");
  Value d = get(op->getResult(0));
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<linalg::MatmulOp, linalg::BatchMatmulOp>(
          [&](auto product) { return visitContraction(product, d); })
      .Case([&](linalg::GenericOp generic) { return visitGather(generic, d); })
      .Case([&](linalg::TransposeOp transpose) {
        auto inverse = invertPermutationVector(transpose.getPermutation());
        Value out = getEmpty(transpose.getInput(), getElementTypeOrSelf(d));
        add(transpose.getInput(),
            linalg::TransposeOp::create(builder, loc, d, out, inverse)
                .getResult()[0]);
        return success();
      })
      // Only what was filled is reached; it held nothing.
      .Case([&](linalg::FillOp) { return success(); })
      .Case([&](linalg::BroadcastOp broadcast) {
        visitBroadcast(broadcast, d);
        return success();
      })
      .Case([&](tensor::ExpandShapeOp expand) {
        auto type = cast<RankedTensorType>(expand.getSrc().getType());
        add(expand.getSrc(),
            tensor::CollapseShapeOp::create(
                builder, loc, type.clone(getElementTypeOrSelf(d)), d,
                expand.getReassociationIndices()));
        return success();
      })
      .Case([&](tensor::CollapseShapeOp collapse) {
        Value source = collapse.getSrc();
        auto type = cast<RankedTensorType>(source.getType());
        add(source, tensor::ExpandShapeOp::create(
                        builder, loc, type.clone(getElementTypeOrSelf(d)), d,
                        collapse.getReassociationIndices(),
                        tensor::getMixedSizes(builder, loc, source)));
        return success();
      })
      .Case([&](tensor::ExtractSliceOp slice) {
        visitSlice(slice, d);
        return success();
      })
      .Case([&](tensor::InsertSliceOp insertion) {
        visitInsertion(insertion, d);
        return success();
      })
      .Case([&](tensor::CastOp cast) {
        auto type = llvm::cast<RankedTensorType>(cast.getSource().getType());
        add(cast.getSource(),
            tensor::CastOp::create(builder, loc,
                                   type.clone(getElementTypeOrSelf(d)), d));
        return success();
      })
      .Default([](Operation *other) {
        return other->emitOpError("has no gradient that is known here");
      });
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

LogicalResult Adjoint::visitProgram(rowwise::ProgramOp op) {
  SmallVector<Value> cotangents;
  for (Value result : op.getResults()) {
    Value d = get(result);
    cotangents.push_back(d ? convert(d, getElementTypeOrSelf(result)) : d);
  }
  SmallVector<OpOperand *> wanted;
  for (OpOperand *input : op.getDpsInputOperands())
    if (isActive(input->get()))
      wanted.push_back(input);
  auto gradients = rowwise::differentiate(builder, op, cotangents, wanted);
  if (failed(gradients))
    return failure();
  for (auto [operand, gradient] : llvm::zip(wanted, gradients->getResults()))
    add(operand->get(), gradient);
  return success();
}

/// A product C = A · B in any layout: dA and dB are products again. The loops
/// of a gradient are the batch, the dimensions of what it is the gradient of,
/// and the one that is summed.
LogicalResult Adjoint::visitContraction(linalg::LinalgOp op, Value d) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  MLIRContext *context = op.getContext();
  unsigned loops = op.getNumLoops();
  for (AffineMap map : maps)
    if (!map.isProjectedPermutation() || map.getNumResults() != loops - 1)
      return op.emitOpError("has a gradient only if no operand is broadcast");
  add(op.getDpsInits()[0], d);
  // Products of one narrow type are added up in f32 and rounded once.
  Type element = getElementTypeOrSelf(op->getOperand(0));
  for (Value operand : op->getOperands()) {
    if (!isFloatTensor(operand.getType()))
      return op.emitOpError("has a gradient only if both factors are "
                            "floating-point");
    if (getElementTypeOrSelf(operand) != element)
      element = getWiderType(operand, operand);
  }
  for (unsigned i : {0, 1}) {
    Value target = op->getOperand(i), other = op->getOperand(1 - i);
    if (!isActive(target))
      continue;
    SmallVector<AffineExpr> renamed(loops);
    for (auto [position, expr] : llvm::enumerate(maps[i].getResults()))
      renamed[cast<AffineDimExpr>(expr).getPosition()] =
          getAffineDimExpr(position, context);
    for (AffineExpr &expr : renamed)
      if (!expr)
        expr = getAffineDimExpr(loops - 1, context);
    auto rename = [&](AffineMap map) {
      return map.replaceDimsAndSymbols(renamed, {}, loops, 0);
    };
    std::pair<Value, AffineMap> left{convert(d, element), rename(maps[2])},
        right{convert(other, element), rename(maps[1 - i])};
    // The rows of the result are those of the left factor.
    auto rows = getAffineDimExpr(loops - 3, context);
    if (!llvm::is_contained(left.second.getResults(), rows))
      std::swap(left, right);
    auto indexing = builder.getNamedAttr(
        "indexing_maps", builder.getAffineMapArrayAttr(
                             {left.second, right.second, rename(maps[i])}));
    SmallVector<Value, 2> factors = {left.first, right.first};
    // What is known of the adjoint already is what the product adds to.
    Value init = get(target);
    if (!init || getElementTypeOrSelf(init) != element ||
        rowwise::getSumType(element) != element)
      init = getZeros(target, element);
    Operation *product =
        isa<linalg::MatmulOp>(op)
            ? linalg::MatmulOp::create(builder, loc, init.getType(), factors,
                                       init, indexing)
            : linalg::BatchMatmulOp::create(builder, loc, init.getType(),
                                            factors, init, indexing)
                  .getOperation();
    if (init == get(target))
      adjoints[target] = product->getResult(0);
    else
      add(target, product->getResult(0));
  }
  return success();
}

/// What a parallel operation yields if it reads a tensor at computed indices.
static tensor::ExtractOp getGathered(linalg::GenericOp op) {
  Block *body = op.getBlock();
  auto extract =
      body->getTerminator()->getOperand(0).getDefiningOp<tensor::ExtractOp>();
  if (!extract || extract->getBlock() != body ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !body->getArguments().back().use_empty() ||
      !op.getIndexingMapsArray().back().isIdentity())
    return {};
  for (AffineMap map : op.getIndexingMapsArray())
    if (!map.isProjectedPermutation())
      return {};
  return extract;
}

/// The gradient of a gather adds every element where it was read, one after the
/// other, so that the sums do not depend on threads.
LogicalResult Adjoint::visitGather(linalg::GenericOp op, Value d) {
  tensor::ExtractOp extract = getGathered(op);
  if (!extract)
    return op.emitOpError("has no gradient that is known here: it is neither "
                          "element-wise nor a gather");
  Value table = extract.getTensor();
  for (Value input : op.getDpsInputs())
    if (isActive(input))
      return op.emitOpError("gathers at indices that depend on floating-point "
                            "arguments");
  Type element = rowwise::getSumType(getElementTypeOrSelf(table));
  d = convert(d, element);
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  SmallVector<Value> from(op.getNumLoops(), zero), step(from.size(), one), to;
  for (int64_t i = 0, e = op.getNumLoops(); i < e; ++i)
    to.push_back(builder.createOrFold<tensor::DimOp>(loc, d, i));
  auto body = [&](OpBuilder &inner, Location, ValueRange index,
                  ValueRange sums) -> scf::ValueVector {
    IRMapping mapping;
    for (OpOperand *input : op.getDpsInputOperands()) {
      SmallVector<Value> at;
      for (AffineExpr expr : op.getMatchingIndexingMap(input).getResults())
        at.push_back(index[cast<AffineDimExpr>(expr).getPosition()]);
      BlockArgument argument = op.getMatchingBlockArgument(input);
      Value element = input->get();
      if (isa<RankedTensorType>(element.getType()))
        element = tensor::ExtractOp::create(inner, loc, element, at);
      mapping.map(argument, element);
    }
    for (Operation &nested : op.getBlock()->without_terminator())
      if (auto loop = dyn_cast<linalg::IndexOp>(nested))
        mapping.map(loop.getResult(), index[loop.getDim()]);
      else if (&nested != extract)
        inner.clone(nested, mapping);
    SmallVector<Value> at =
        llvm::map_to_vector(extract.getIndices(), [&](Value value) {
          return mapping.lookupOrDefault(value);
        });
    Value old = tensor::ExtractOp::create(inner, loc, sums[0], at);
    Value more = tensor::ExtractOp::create(inner, loc, d, index);
    Value sum = arith::AddFOp::create(inner, loc, old, more);
    return {tensor::InsertOp::create(inner, loc, sum, sums[0], at)};
  };
  scf::LoopNest nest = scf::buildLoopNest(builder, loc, from, to, step,
                                          getZeros(table, element), body);
  add(table, nest.results[0]);
  return success();
}

LogicalResult Adjoint::visitReduce(linalg::ReduceOp op) {
  Block *body = op.getBlock();
  auto sum =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  auto isArgument = [&](Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && argument.getOwner() == body;
  };
  bool adds = op->getNumResults() == 1 && body->getOperations().size() == 2 &&
              sum && llvm::all_of(sum->getOperands(), isArgument) &&
              sum.getLhs() != sum.getRhs();
  if (!adds)
    return op.emitOpError("has a gradient only if it adds");
  Value d = get(op->getResult(0)), input = op.getInputs()[0];
  add(op.getInits()[0], d);
  if (isActive(input))
    add(input, linalg::BroadcastOp::create(
                   builder, loc, d, getEmpty(input, getElementTypeOrSelf(d)),
                   op.getDimensions())
                   .getResult()[0]);
  return success();
}

void Adjoint::visitBroadcast(linalg::BroadcastOp op, Value d) {
  Type element = rowwise::getSumType(getElementTypeOrSelf(d));
  auto reduce = linalg::ReduceOp::create(
      builder, loc, convert(d, element), getZeros(op.getInput(), element),
      op.getDimensions(),
      [](OpBuilder &inner, Location loc, ValueRange values) {
        Value sum = arith::AddFOp::create(inner, loc, values[0], values[1]);
        linalg::YieldOp::create(inner, loc, sum);
      });
  add(op.getInput(), reduce.getResult(0));
}

void Adjoint::visitSlice(tensor::ExtractSliceOp op, Value d) {
  Value source = op.getSource();
  if (!isActive(source))
    return;
  auto offsets = op.getMixedOffsets(), sizes = op.getMixedSizes(),
       strides = op.getMixedStrides();
  // Several slices of one tensor share its adjoint.
  Value whole = get(source);
  if (!whole) {
    whole = getZeros(source, getElementTypeOrSelf(d));
  } else {
    Type element = getWiderType(whole, d);
    whole = convert(whole, element);
    d = convert(d, element);
    Value old = tensor::ExtractSliceOp::create(
        builder, loc, cast<RankedTensorType>(d.getType()), whole, offsets,
        sizes, strides);
    d = arith::AddFOp::create(builder, loc, old, d);
  }
  adjoints[source] = tensor::InsertSliceOp::create(builder, loc, d, whole,
                                                   offsets, sizes, strides);
}

void Adjoint::visitInsertion(tensor::InsertSliceOp op, Value d) {
  auto offsets = op.getMixedOffsets(), sizes = op.getMixedSizes(),
       strides = op.getMixedStrides();
  auto type = cast<RankedTensorType>(op.getSource().getType())
                  .clone(getElementTypeOrSelf(d));
  add(op.getSource(), tensor::ExtractSliceOp::create(builder, loc, type, d,
                                                     offsets, sizes, strides));
  if (isActive(op.getDest()))
    add(op.getDest(),
        tensor::InsertSliceOp::create(
            builder, loc, getZeros(op.getSource(), type.getElementType()), d,
            offsets, sizes, strides));
}
