//===- CublasLt.cpp - cuBLASLt's functions --------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interface is the same in the releases that are looked for.
//
//===----------------------------------------------------------------------===//

#include "CublasLt.h"
#include "Library.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

ArrayRef<const char *> CublasLt::getNames(int driverVersion) {
  static constexpr const char *names[] = {"libcublasLt.so.13",
                                          "libcublasLt.so.12"};
  return ArrayRef(names).drop_front(driverVersion < 13000 ? 1 : 0);
}

Expected<CublasLt> CublasLt::load(int driverVersion) {
  Expected<Library> library =
      Library::open("cuBLASLt, which multiplies matrices",
                    "SEEDNORM_LIBCUBLASLT", getNames(driverVersion));
  if (!library)
    return library.takeError();
  CublasLt functions;
  if (Error error =
          library->lookup("cublasLtGetStatusName", functions.getStatusName))
    return error;
#define X(member, symbol, arguments)                                           \
  if (Error error = library->lookup(#symbol, functions.member))                \
    return error;
  SEEDNORM_CUBLASLT_FUNCTIONS(X)
#undef X
  return functions;
}

Error CublasLt::check(BlasStatus status, const Twine &function) const {
  if (status == BlasSuccess)
    return Error::success();
  const char *name = getStatusName(status);
  return makeError(function + " failed: " +
                   (status == BlasAllocationFailed ? "out of memory: " : "") +
                   (name ? name : "status " + std::to_string(int(status))));
}
