//===- SeeDNormOps.td - Normalisations ---------------------*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_OPS_TD
#define SEEDNORM_OPS_TD

include "seednorm/Dialect/SeeDNorm/IR/SeeDNormDialect.td"
include "seednorm/Dialect/SeeDNorm/IR/SeeDNormInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def SeeDNorm_Array : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef],
                               "ranked tensor or strided memref">;

/// How parameters are written: `alpha(%a : type) beta(%b : type)`, each optional.
class SeeDNorm_ParameterFormat<list<string> params> {
  string text = !interleave(!foreach(p, params,
      "(`" # p # "` `(` $" # p # "^ `:` type($" # p # ") `)`)?"), " ");
}

/// The interface's methods that collect the parameters and scalars that are
/// present; the first `numColumns` parameters are shared by all rows.
class SeeDNorm_OperandGetters<list<string> params, int numColumns,
                              list<string> scalars> {
  string text = [{
    ::llvm::SmallVector<::mlir::seednorm::Parameter> $cppClass::getParameters() {
      return detail::collectParameters(
          {}] # !interleave(!foreach(p, params, "\"" # p # "\""), ", ") #
    "}, " # numColumns #
    [{, [&](unsigned i) { return ::mlir::ValueRange(getODSOperands(i + 1)); });
    }
    ::llvm::SmallVector<::mlir::Value> $cppClass::getScalars() {
      ::llvm::SmallVector<::mlir::Value> scalars;
      }] # !interleave(!foreach(s, scalars,
          "::llvm::append_range(scalars, getODSOperands(odsIndex_" # s # "));"),
          " ") # [{
      return scalars;
    }
  }];
}

/// The base of every normalisation. `columns`, `rows` and `scalars` name the
/// operands between the input and the outs, in order: parameters that all rows
/// share, those that several rows may share, and integers that have no gradient;
/// `attributes` are the operation's.
class SeeDNorm_RowNormOp<string mnemonic, list<string> columns = [],
                         dag attributes = (ins), list<string> rows = [],
                         list<string> scalars = [],
                         list<string> params = !listconcat(columns, rows),
                         list<string> optional = !listconcat(params, scalars)>
    : Op<SeeDNorm_Dialect, mnemonic,
         !if(!empty(optional), []<Trait>, [AttrSizedOperandSegments]) # [
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<RowNormOpInterface>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<ConditionallySpeculatable>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                  ["reifyResultShapes"]>]> {
  let arguments = !con(
      (ins SeeDNorm_Array:$input),
      !dag(ins, !foreach(p, optional, Optional<SeeDNorm_Array>), optional),
      (ins Variadic<SeeDNorm_Array>:$outs), attributes);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = "`ins` `(` $input `:` type($input) `)` " #
      SeeDNorm_ParameterFormat<optional>.text #
      " `outs` `(` $outs `:` type($outs) `)` attr-dict (`->` type($results)^)?";
  let hasVerifier = 1;
  list<string> parameterNames = params;
  int numColumns = !size(columns);
  list<string> scalarNames = scalars;
  list<string> optionalNames = optional;
  dag attributeArguments = attributes;
  /// Methods of the interface that one operation has its own version of; its
  /// backward has them too.
  string ownMethods = "";
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutsMutable(); }
  }] # ownMethods;
  let extraClassDefinition =
      SeeDNorm_OperandGetters<params, !size(columns), scalars>.text # [{
    ::llvm::LogicalResult $cppClass::verify() {
      return detail::verifyRowNorm(*this);
    }
    void $cppClass::getEffects(
        ::llvm::SmallVectorImpl<::mlir::SideEffects::EffectInstance<
            ::mlir::MemoryEffects::Effect>> &effects) {
      detail::getRowNormEffects(*this, effects);
    }
    ::mlir::Speculation::Speculatability $cppClass::getSpeculatability() {
      return getNumResults() ? ::mlir::Speculation::Speculatable
                             : ::mlir::Speculation::NotSpeculatable;
    }
    ::llvm::LogicalResult $cppClass::reifyResultShapes(
        ::mlir::OpBuilder &builder,
        ::mlir::ReifiedRankedShapedTypeDims &shapes) {
      return detail::reifyRowNormShapes(*this, builder, shapes);
    }
  }];
}

def SeeDNorm_NormOp : SeeDNorm_RowNormOp<"norm", ["alpha", "beta", "gamma"], (ins
    DefaultValuedAttr<I64Attr, "1">:$heads,
    DefaultValuedAttr<SeeDNorm_ActivationAttr, "Activation::tanh">:$activation,
    DefaultValuedAttr<F64Attr, "1.0e-6">:$eps,
    UnitAttr:$scaled_dot, UnitAttr:$elementwise, UnitAttr:$safe,
    OptionalAttr<F64Attr>:$dropout), ["scale", "shift"], ["seed"]> {
  let summary = "SeeDNorm: self-rescaled dynamic normalisation";
  let description = [{
    For every row x of D elements, with h the head of a column (arXiv 2510.22777,
    section 3.2; multi-head form: section 3.3):

        r   = 1 / sqrt(mean(x²) + eps)
        s_h = σ(sum over the head of x · beta)
        y   = (s · alpha + gamma) · x · r
        y   = y · (1 + scale) + shift             where they are given

    Heads are `heads` contiguous slices of the row; the RMS is over the whole
    row. With `scaled_dot` the sum is divided by the length of a head. With
    `elementwise`, s = σ(x · beta) column by column, without a sum.

    - `alpha`, `beta`, `gamma`: `[D]`, or `[1]` for a scalar. Missing alpha is 1,
      missing gamma 0; without beta s is 0.
    - `scale`, `shift`: a condition's modulation of the result, `[..., D]` or
      `[..., 1]` with each leading dimension the input's or 1, as `[B, 1, D]` for
      one a sample of `[B, T, D]`. With a gamma of 1 that is AdaSeeDNorm of the
      paper's section 3.3.
    - `seed`: two i64, for `dropout` alone.
    - outs: y like the input, then optionally r `[..., 1]` and s `[..., heads]`
      in f32 (f64 for f64), for `seednorm.norm_backward`; s is that before any
      dropout.
    - Errors: `dropout` without seed or beta, or not in [0, 1); a seed without
      `dropout`; heads that do not divide D; neither beta nor gamma; `elementwise`
      with heads, `scaled_dot` or statistics; `safe` with statistics; eps
      negative or not finite.

    With `dropout = p` the dynamic coefficient is dropped out: s is multiplied by
    0 with the probability p and by 1/(1-p) else, once for each row and head, or
    for each element with `elementwise`. What is kept says the first word w of
    Philox 4x32-10 (Salmon et al., SC 2011): w >= floor(p · 2^32). Its key is
    seed[0]; its counter is, from the lowest word up, the row's index over all
    leading dimensions (64 bits), the index of the head or column, and the low
    32 bits of seed[1], an offset that a training loop counts up. So the same
    elements are dropped whatever the schedule, threads and target, and in the
    backward, which draws them again.

    Sums are made in f32 (f64 for f64). Squares of f32 elements beyond 1.8e19
    are infinite, those below 1e-19 lose bits and below 2.6e-23 are zero, unless
    eps is larger; the sums of a row of D elements end sqrt(D) times earlier.
    Every f16 is far inside, while bf16 has f32's range. With `safe` the row is
    divided by m first, the largest power of two up to max|x| or, if that is
    more, sqrt(eps) (but from 2^-126 to 2^96; f64: from 2^-1022 to 2^768):

        r   = 1 / sqrt(mean((x/m)²) + (sqrt(eps)/m)²)
        s_h = σ(m · sum over the head of x/m · beta)
        y   = (s · alpha + gamma) · x/m · r

    It is the same function, and inside the range of the default mode the same
    bits but for the rounding of eps; its gradient takes m as a constant. Any
    row of finite elements is normalised so, forward and backward. It costs one
    more sweep over each row, for the maximum, while the row is in cache.

    A beta that is a constant zero is dropped unless σ is the sigmoid. This
    changes the result of rows with infinite elements alone: 0·∞ is NaN.

    ```mlir
    %y = seednorm.norm ins(%x : tensor<?x768xf32>) alpha(%a : tensor<768xf32>)
           beta(%b : tensor<768xf32>) gamma(%g : tensor<768xf32>)
           outs(%init : tensor<?x768xf32>) {heads = 16} -> tensor<?x768xf32>
    ```
  }];
  let hasCanonicalizer = 1;
  let ownMethods = [{
    ::llvm::SmallVector<int64_t> getStatisticWidths();
    ::llvm::LogicalResult verifyVariant();
  }];
}

def SeeDNorm_RMSNormOp : SeeDNorm_RowNormOp<"rms_norm", ["gamma"],
    (ins DefaultValuedAttr<F64Attr, "1.0e-6">:$eps, UnitAttr:$safe)> {
  let summary = "RMSNorm: division by the root mean square";
  let description = [{
    `y = gamma · x / sqrt(mean(x²) + eps)` (arXiv 1910.07467, equation 4).
    `gamma` is `[D]` or `[1]`; missing, it is 1. For the range of elements and
    for `safe` see `seednorm.norm`.

    ```mlir
    %y = seednorm.rms_norm ins(%x : tensor<4x64xbf16>) gamma(%g : tensor<64xf32>)
           outs(%init : tensor<4x64xbf16>) {eps = 1.0e-5 : f64} -> tensor<4x64xbf16>
    ```
  }];
}

def SeeDNorm_LayerNormOp : SeeDNorm_RowNormOp<"layer_norm", ["gamma", "beta"],
    (ins DefaultValuedAttr<F64Attr, "1.0e-5">:$eps, UnitAttr:$safe)> {
  let summary = "LayerNorm: zero mean and unit variance";
  let description = [{
    `y = gamma · (x - mean(x)) / sqrt(var(x) + eps) + beta` with the biased
    variance, taken of the centred row (arXiv 1607.06450, equation 4). `gamma`
    and `beta` are `[D]` or `[1]`; missing, they are 1 and 0. For the range of
    elements and for `safe` see `seednorm.norm`.
  }];
}

def SeeDNorm_DyTOp : SeeDNorm_RowNormOp<"dyt", ["a", "gamma", "beta"]> {
  let summary = "Dynamic Tanh, a normalisation without statistics";
  let description = [{
    `y = gamma · tanh(a · x) + beta` (arXiv 2503.10622, equation 1). `a` is `[1]`
    or `[D]`; `gamma` and `beta` are `[D]` or `[1]`, 1 and 0 if missing.
  }];
}

def SeeDNorm_SoftmaxOp : SeeDNorm_RowNormOp<"softmax"> {
  let summary = "softmax over the row";
  let description = [{
    `y = exp(x - max(x)) / sum(exp(x - max(x)))`. A row with NaN, with +∞ or of
    -∞ alone gives NaN, as the formula says.
  }];
}

/// The gradients of one normalisation, whatever it is.
class SeeDNorm_BackwardOp<SeeDNorm_RowNormOp forward>
    : Op<SeeDNorm_Dialect, forward.opName # "_backward", [
        AttrSizedOperandSegments, Pure, DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<RowNormOpInterface>, RowNormBackwardOpInterface,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                  ["reifyResultShapes"]>]> {
  let summary = "gradients of `seednorm." # forward.opName # "`";
  let description = [{
    From `grad`, the gradient of a loss with respect to the result y, those with
    respect to the input and to each parameter that is present, in that order.
    It is the derivative of the forward's row program, so everything said of the
    forward holds; attributes and parameters must be the forward's.

    - `grad`: like the input.
    - `statistics`: what the forward saved, all of it or nothing; without them
      they are computed again.
    - outs: the input's gradient like the input; a parameter's has its shape and
      is summed over the rows that share it, in f32 (f64 if the parameter is
      f64). A parameter that has a row for every row of the input is no sum and
      its gradient is of its own type.
  }];
  let arguments = !con(
      (ins AnyRankedTensor:$input),
      !dag(ins, !foreach(p, forward.optionalNames, Optional<AnyRankedTensor>),
           forward.optionalNames),
      (ins AnyRankedTensor:$grad, Variadic<AnyRankedTensor>:$statistics,
           Variadic<AnyRankedTensor>:$outs), forward.attributeArguments);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = "`ins` `(` $input `:` type($input) `)` " #
      SeeDNorm_ParameterFormat<forward.optionalNames>.text #
      " `grad` `(` $grad `:` type($grad) `)`" #
      " (`statistics` `(` $statistics^ `:` type($statistics) `)`)?" #
      " `outs` `(` $outs `:` type($outs) `)` attr-dict `->` type($results)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    using Forward = }] # !subst("SeeDNorm_", "", !cast<string>(forward)) # [{;
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutsMutable(); }
  }] # forward.ownMethods;
  let extraClassDefinition =
      SeeDNorm_OperandGetters<forward.parameterNames, forward.numColumns,
                              forward.scalarNames>.text # [{
    ::llvm::LogicalResult $cppClass::verify() {
      return detail::verifyRowNormBackward(*this);
    }
    ::llvm::LogicalResult $cppClass::reifyResultShapes(
        ::mlir::OpBuilder &builder,
        ::mlir::ReifiedRankedShapedTypeDims &shapes) {
      return detail::reifyRowNormBackwardShapes(*this, builder, shapes);
    }
  }];
}

foreach forward = !instances<SeeDNorm_RowNormOp>() in
  def !subst("Op", "BackwardOp", !cast<string>(forward))
      : SeeDNorm_BackwardOp<forward>;

#endif // SEEDNORM_OPS_TD
