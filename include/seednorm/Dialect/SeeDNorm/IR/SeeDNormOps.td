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

/// The base of every normalisation. `params` names the operands between the
/// input and the outs, in order.
class SeeDNorm_RowNormOp<string mnemonic, list<string> params = [],
                         list<Trait> traits = []>
    : Op<SeeDNorm_Dialect, mnemonic,
         traits # !if(!empty(params), []<Trait>, [AttrSizedOperandSegments]) # [
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<RowNormOpInterface>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<ConditionallySpeculatable>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                                  ["reifyResultShapes"]>]> {
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let hasVerifier = 1;
  /// Methods of the interface that one operation has its own version of.
  string ownMethods = "";
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutsMutable(); }
  }] # ownMethods;
  let extraClassDefinition = [{
    ::llvm::SmallVector<std::pair<::llvm::StringRef, ::mlir::Value>>
    $cppClass::getParameters() {
      return detail::collectParameters(
          {}] # !interleave(!foreach(p, params, "\"" # p # "\""), ", ") #
    [{}, [&](unsigned i) { return ::mlir::ValueRange(getODSOperands(i + 1)); });
    }
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

def SeeDNorm_NormOp : SeeDNorm_RowNormOp<"norm", ["alpha", "beta", "gamma"]> {
  let summary = "SeeDNorm: self-rescaled dynamic normalisation";
  let description = [{
    For every row x of D elements, with h the head of a column (arXiv 2510.22777,
    section 3.2; multi-head form: section 3.3):

        r   = 1 / sqrt(mean(x²) + eps)
        s_h = σ(sum over the head of x · beta)
        y   = (s · alpha + gamma) · x · r

    Heads are `heads` contiguous slices of the row; the RMS is over the whole
    row. With `scaled_dot` the sum is divided by the length of a head. With
    `elementwise`, s = σ(x · beta) column by column, without a sum.

    - `alpha`, `beta`, `gamma`: `[D]`, or `[1]` for a scalar. Missing alpha is 1,
      missing gamma 0; without beta s is 0.
    - outs: y like the input, then optionally r `[..., 1]` and s `[..., heads]`
      in f32 (f64 for f64), for a backward pass.
    - Errors: heads that do not divide D; neither beta nor gamma; `elementwise`
      with heads, `scaled_dot` or statistics; eps negative or not finite.

    A beta that is a constant zero is dropped unless σ is the sigmoid. This
    changes the result of rows with infinite elements alone: 0·∞ is NaN.

    ```mlir
    %y = seednorm.norm ins(%x : tensor<?x768xf32>) alpha(%a : tensor<768xf32>)
           beta(%b : tensor<768xf32>) gamma(%g : tensor<768xf32>)
           outs(%init : tensor<?x768xf32>) {heads = 16} -> tensor<?x768xf32>
    ```
  }];
  let arguments = (ins SeeDNorm_Array:$input, Optional<SeeDNorm_Array>:$alpha,
    Optional<SeeDNorm_Array>:$beta, Optional<SeeDNorm_Array>:$gamma,
    Variadic<SeeDNorm_Array>:$outs,
    DefaultValuedAttr<I64Attr, "1">:$heads,
    DefaultValuedAttr<SeeDNorm_ActivationAttr, "Activation::tanh">:$activation,
    DefaultValuedAttr<F64Attr, "1.0e-6">:$eps,
    UnitAttr:$scaled_dot, UnitAttr:$elementwise);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)`
    (`alpha` `(` $alpha^ `:` type($alpha) `)`)?
    (`beta` `(` $beta^ `:` type($beta) `)`)?
    (`gamma` `(` $gamma^ `:` type($gamma) `)`)?
    `outs` `(` $outs `:` type($outs) `)` attr-dict (`->` type($results)^)?
  }];
  let hasCanonicalizer = 1;
  let ownMethods = [{
    ::llvm::SmallVector<int64_t> getStatisticWidths();
    ::llvm::LogicalResult verifyVariant();
  }];
}

def SeeDNorm_RMSNormOp : SeeDNorm_RowNormOp<"rms_norm", ["gamma"]> {
  let summary = "RMSNorm: division by the root mean square";
  let description = [{
    `y = gamma · x / sqrt(mean(x²) + eps)` (arXiv 1910.07467, equation 4).
    `gamma` is `[D]` or `[1]`; missing, it is 1.

    ```mlir
    %y = seednorm.rms_norm ins(%x : tensor<4x64xbf16>) gamma(%g : tensor<64xf32>)
           outs(%init : tensor<4x64xbf16>) {eps = 1.0e-5 : f64} -> tensor<4x64xbf16>
    ```
  }];
  let arguments = (ins SeeDNorm_Array:$input, Optional<SeeDNorm_Array>:$gamma,
    Variadic<SeeDNorm_Array>:$outs, DefaultValuedAttr<F64Attr, "1.0e-6">:$eps);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)`
    (`gamma` `(` $gamma^ `:` type($gamma) `)`)?
    `outs` `(` $outs `:` type($outs) `)` attr-dict (`->` type($results)^)?
  }];
}

def SeeDNorm_LayerNormOp : SeeDNorm_RowNormOp<"layer_norm", ["gamma", "beta"]> {
  let summary = "LayerNorm: zero mean and unit variance";
  let description = [{
    `y = gamma · (x - mean(x)) / sqrt(var(x) + eps) + beta` with the biased
    variance, taken of the centred row (arXiv 1607.06450, equation 4). `gamma`
    and `beta` are `[D]` or `[1]`; missing, they are 1 and 0.
  }];
  let arguments = (ins SeeDNorm_Array:$input, Optional<SeeDNorm_Array>:$gamma,
    Optional<SeeDNorm_Array>:$beta, Variadic<SeeDNorm_Array>:$outs,
    DefaultValuedAttr<F64Attr, "1.0e-5">:$eps);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)`
    (`gamma` `(` $gamma^ `:` type($gamma) `)`)?
    (`beta` `(` $beta^ `:` type($beta) `)`)?
    `outs` `(` $outs `:` type($outs) `)` attr-dict (`->` type($results)^)?
  }];
}

def SeeDNorm_DyTOp : SeeDNorm_RowNormOp<"dyt", ["a", "gamma", "beta"]> {
  let summary = "Dynamic Tanh, a normalisation without statistics";
  let description = [{
    `y = gamma · tanh(a · x) + beta` (arXiv 2503.10622, equation 1). `a` is `[1]`
    or `[D]`; `gamma` and `beta` are `[D]` or `[1]`, 1 and 0 if missing.
  }];
  let arguments = (ins SeeDNorm_Array:$input, Optional<SeeDNorm_Array>:$a,
    Optional<SeeDNorm_Array>:$gamma, Optional<SeeDNorm_Array>:$beta,
    Variadic<SeeDNorm_Array>:$outs);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)` (`a` `(` $a^ `:` type($a) `)`)?
    (`gamma` `(` $gamma^ `:` type($gamma) `)`)?
    (`beta` `(` $beta^ `:` type($beta) `)`)?
    `outs` `(` $outs `:` type($outs) `)` attr-dict (`->` type($results)^)?
  }];
}

def SeeDNorm_SoftmaxOp : SeeDNorm_RowNormOp<"softmax"> {
  let summary = "softmax over the row";
  let description = [{
    `y = exp(x - max(x)) / sum(exp(x - max(x)))`. A row with NaN, with +∞ or of
    -∞ alone gives NaN, as the formula says.
  }];
  let arguments = (ins SeeDNorm_Array:$input, Variadic<SeeDNorm_Array>:$outs);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)`
    `outs` `(` $outs `:` type($outs) `)` attr-dict (`->` type($results)^)?
  }];
}

#endif // SEEDNORM_OPS_TD
