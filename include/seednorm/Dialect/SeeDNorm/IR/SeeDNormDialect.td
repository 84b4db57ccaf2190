//===- SeeDNormDialect.td - The seednorm dialect -----------*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_TD
#define SEEDNORM_DIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def SeeDNorm_Dialect : Dialect {
  let name = "seednorm";
  let cppNamespace = "::mlir::seednorm";
  let summary = "Normalisation layers";
  let description = [{
    Says which normalisation is meant, on tensors or memrefs, and nothing of how
    it is computed. `seednorm-to-rowwise` gives every operation its meaning as a
    row program.

    Of an array `[..., D]` the last dimension is the row; the others, any number
    of them, are rows. Rows may be none; D is at least 1. Element types are f16,
    bf16, f32 and f64; reductions, statistics and everything between load and
    store are f32 (f64 for f64).

    Two attributes of function arguments belong to the dialect:
    `seednorm.param = "name"` binds an argument of an entry point to a named
    parameter of a weights file, `seednorm.name = "name"` names another argument
    or a result.
  }];
  let useDefaultAttributePrinterParser = 1;
}

def SeeDNorm_Activation : I32EnumAttr<"Activation",
    "activation of the dynamic coefficient", [
    I32EnumAttrCase<"tanh", 0>, I32EnumAttrCase<"sigmoid", 1>,
    I32EnumAttrCase<"hardtanh", 2>, I32EnumAttrCase<"identity", 3>]> {
  let cppNamespace = "::mlir::seednorm";
  let genSpecializedAttr = 0;
}
def SeeDNorm_ActivationAttr
    : EnumAttr<SeeDNorm_Dialect, SeeDNorm_Activation, "activation"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // SEEDNORM_DIALECT_TD
