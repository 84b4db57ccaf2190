//===- Passes.td - Conversions between the three levels ----*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_PASSES_TD
#define SEEDNORM_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def SeeDNormToRowwise : Pass<"seednorm-to-rowwise"> {
  let summary = "turns every normalisation into a row program";
  let description = [{
    The meaning of the `seednorm` operations, in one place: each becomes one
    `rowwise.program`, on tensors or on memrefs. Element types narrower than f32
    are computed in f32. A `*_backward` operation becomes the derivative of its
    forward's program.
  }];
  let dependentDialects = ["::mlir::rowwise::RowwiseDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LinalgToRowwise : Pass<"linalg-to-rowwise"> {
  let summary = "turns element-wise structured operations into row programs";
  let description = [{
    A `linalg` operation whose loops are all parallel, whose results are written
    in order and whose operands are read in order, with dimensions repeated at
    most, is a row program without reductions. As one it can be fused into a
    normalisation and is vectorised with it. Elements may be integers, and
    indices of the loops become those of rows and columns, in i64: a mask by
    position is part of the softmax after it.

    Element-wise operations of `arith` and `math` on tensors become structured
    operations first, and operations that stand for several, such as
    `linalg.softmax`, become those. Where a body also reads a tensor at computed
    indices, as for the logit of a target, the read becomes an operation of its
    own and the rest a row program.
  }];
  let dependentDialects = ["::mlir::rowwise::RowwiseDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def RowwiseToVector : Pass<"rowwise-to-vector"> {
  let summary = "lowers scheduled row programs on memrefs to loops over vectors";
  let description = [{
    Each program becomes an `scf.forall` over tasks of `rows_per_task` rows.
    Inside, rows are taken in blocks: each sweep over the columns is a loop of
    vectors with several rows and several accumulators in flight and a masked
    rest; the row scalars of a block are computed together as vectors. Stores
    bypass the cache where the outputs are large and aligned, which is tested at
    run time. Accumulations go to at most 64 partial sums for fixed ranges of
    rows, added up in order, so their bits do not depend on the threads.

    Dynamic sizes that the verifier cannot compare are compared by a `cf.assert`
    before anything is read or written.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def RowwiseToGPU : Pass<"rowwise-to-gpu"> {
  let summary = "lowers scheduled row programs on memrefs to GPU kernels";
  let description = [{
    Each program becomes a `gpu.launch` of persistent CTAs, which take row after
    row. A row has `threads_per_row` threads; groups of columns are divided over
    teams of them, so that a group's scalar is one register of its threads. With
    `keep_row` a row is read once, all loads first, and stays in registers from
    sweep to sweep; else each sweep reads it again. All reductions of a sweep
    share one tree of shuffles and, where a row has more threads than a warp,
    one exchange in shared memory with one barrier, or over the shared memory of
    a cluster.

    Vectors of up to 128 bits are accessed at once. Whether all arrays are
    aligned for that is tested at run time; where they are not, a second kernel
    accesses the same elements one by one.

    Sums over rows stay in registers (in memory without `keep_row`), one partial
    sum for each task; a second kernel adds them up in the order of the tasks, in
    f64, so that the bits do not depend on the order of the CTAs. With `atomics`
    they are added to the result as they come.

    Dynamic sizes that the verifier cannot compare are compared by a `cf.assert`
    on the host before anything is launched.
  }];
  let options = [
    Option<"subgroupSize", "subgroup-size", "int64_t", "32",
           "threads that shuffle: of a warp, a wavefront or a subgroup">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def LinalgToGemm : Pass<"linalg-to-gemm", "::mlir::ModuleOp"> {
  let summary = "turns matrix products on memrefs into calls of the runtime";
  let description = [{
    `linalg.matmul` and `linalg.batch_matmul` of f32, bf16 or f16, with or
    without transposed operands, become calls of `seednorm_rt_gemm`. A zero fill
    right before one is dropped: the product is then stored, not added.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LinalgSizeChecks : Pass<"linalg-size-checks"> {
  let summary = "compares the dynamic sizes of structured operations on memrefs";
  let description = [{
    Operands along which the same loop runs must have the same size; where that
    is not known, a `cf.assert` before the operation compares them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::memref::MemRefDialect"];
}

def IndexChecks : Pass<"index-checks"> {
  let summary = "compares indices and slices with the sizes of the memrefs they access";
  let description = [{
    A `memref.load` or `memref.store` of a model, also in the body of a
    structured operation, may have an index that comes from data. Unless the
    index is known to be within bounds, a `cf.assert` before the access compares
    it. Where the index is that of the loop around it, or does not change in it,
    the assertion is before the loop, so that the loop has no more to do.

    The same holds for the offsets, sizes and strides of a `memref.subview`, and
    for the dynamic sizes that a `memref.cast` takes for static ones.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::memref::MemRefDialect"];
}

def ForallToRuntime : Pass<"forall-to-runtime", "::mlir::ModuleOp"> {
  let summary = "outlines parallel loops into calls of the runtime";
  let description = [{
    The body of each one-dimensional `scf.forall` becomes a function of its
    index, and the loop a call of `seednorm_rt_parallel_for`, which divides the
    indices over the threads. Values of the surrounding code travel in a struct
    on the stack.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::scf::SCFDialect"];
}

def ExportEntries : Pass<"export-entries", "::mlir::ModuleOp"> {
  let summary = "describes a module's entry points for the runtime";
  let description = [{
    Every public function with a body is an entry point: it takes and returns
    ranked tensors of known element types, is given a C interface, and is
    described in the string global `seednorm_module_metadata`, JSON with the
    name, parameter name (`seednorm.param`), element type and shape of each
    argument and result. Its arguments are marked as not writable where the
    model does not say otherwise, so that the caller's arrays are only read.
    Runs on tensors, before bufferisation.
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"", "target triple to record">,
    Option<"cpu", "cpu", "std::string", "\"\"", "target CPU to record">,
    Option<"features", "features", "std::string", "\"\"",
           "target features to record">,
    Option<"device", "device", "std::string", "\"\"",
           "kind of device that the arrays are on, as 'nvvm', to record; empty: "
           "none">,
    Option<"chip", "chip", "std::string", "\"\"",
           "the device's architecture to record">,
    Option<"format", "format", "std::string", "\"\"",
           "format of the kernels' binaries to record">
  ];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

def CopyToLinalg : Pass<"copy-to-linalg"> {
  let summary = "turns copies of strided memrefs into structured operations";
  let description = [{
    `memref.copy` of arrays that are not contiguous would need a library
    function that copies element by element; as a structured operation it is
    compiled like everything else.
  }];
  let options = [
    Option<"all", "all", "bool", "false",
           "also those of contiguous memrefs, which else become a memcpy">
  ];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def ExpandShapes : Pass<"expand-shapes"> {
  let summary = "divides dimensions into several dynamic ones by the sizes given";
  let description = [{
    `memref.expand_shape` with two or more dynamic sizes in one group becomes a
    `memref.reinterpret_cast` with the operation's own output shape.
    `expand-strided-metadata` can only infer one.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def AssertToRuntime : Pass<"assert-to-runtime", "::mlir::ModuleOp"> {
  let summary = "makes a failed assertion an error of the invocation";
  let description = [{
    `cf.assert` becomes a test and a call of `seednorm_rt_fail`, which ends the
    invocation with the assertion's message instead of the process.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::scf::SCFDialect"];
}

def BF16Instructions : Pass<"bf16-instructions"> {
  let summary = "converts vectors of f32 to bf16 by the CPU's instruction";
  let description = [{
    On x86 with AVX512-BF16 `arith.truncf` of a vector becomes `vcvtneps2bf16`,
    which flushes subnormal numbers; a vector that has an element whose exponent
    is zero goes another way, so that the results, NaNs aside, are the same on
    every CPU. On other targets nothing changes, and `arith-expand` writes integer arithmetic.
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"",
           "target triple; empty: the host's">,
    Option<"cpu", "cpu", "std::string", "\"\"",
           "target CPU as llc names it; empty: the host's">,
    Option<"features", "features", "std::string", "\"\"",
           "target features, as +avx2,-fma">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def MathToIntrinsics : Pass<"math-to-intrinsics"> {
  let summary = "turns functions that a GPU has as instructions into intrinsics";
  let description = [{
    Square root and its inverse, fused multiply-add, absolute value, sign, the
    roundings and counts of bits, of scalars and vectors. The lowerings to NVVM and ROCDL would call a library of
    the vendor's for them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

def PTXInstructions : Pass<"ptx-instructions", "::mlir::gpu::GPUModuleOp"> {
  let summary = "writes what LLVM cannot select as inline PTX";
  let description = [{
    Twice in a pipeline, on either level: `math.tanh` of f32 with the fast-math
    flag `afn` becomes `tanh.approx.f32` (relative error 2^-11), and non-temporal
    loads and stores of vectors in the LLVM dialect become accesses of 128 bits
    (64, if they have no more) with `L1::evict_first`, where their alignment
    allows it; other vectors that such a kernel loads are read again, as
    parameters are, and get `L1::evict_last`. Kernels are marked to need one CTA for each processor, so that
    registers are used before anything spills.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::vector::VectorDialect"];
}

def DependentLaunches : Pass<"dependent-launches", "::mlir::ModuleOp"> {
  let summary = "marks launches of kernels that wait for those before them";
  let description = [{
    A kernel with `nvvm.griddepcontrol wait` may begin before the one ahead of
    it ends: its `gpu.launch_func` gets the attribute `seednorm.dependent`, which
    `launch-to-runtime` passes on.
  }];
}

def ParallelOutermost : Pass<"parallel-outermost"> {
  let summary = "puts the parallel loops of structured operations around the others";
  let description = [{
    The loops keep their order among those of a kind. A sum over a leading
    dimension is then one of each column, for which there are threads.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def RejectLibdevice : Pass<"reject-libdevice", "::mlir::ModuleOp"> {
  let summary = "an error for calls of NVIDIA's libdevice";
  let description = [{
    For a compilation that has no `libdevice.10.bc` to link: functions of f64 and
    a few others (`tan`, `exp2`, …) become calls of it.
  }];
}

def OwnershipToStack : Pass<"ownership-to-stack"> {
  let summary = "keeps the arrays in which ownership is noted on the host's stack";
  let description = [{
    `convert-bufferization-to-memref` allocates small arrays of addresses and
    flags for buffers whose owner is only known at run time. In a module whose
    arrays are in a GPU's memory they must be the host's own: they become
    `memref.alloca`.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def ROCDLInstructions : Pass<"rocdl-instructions", "::mlir::gpu::GPUModuleOp"> {
  let summary = "writes what needs a library of ROCm's without one";
  let description = [{
    Twice in a pipeline. Before the lowering to ROCDL, the size of the grid is
    read from the kernel's hidden arguments, and `cf.assert` becomes a trap.
    After it, a function that only ROCm's device libraries have, as the
    exponential of f64, is an error.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::scf::SCFDialect"];
}

def KernelsToOpenCL : Pass<"kernels-to-opencl", "::mlir::gpu::GPUModuleOp"> {
  let summary = "lowers kernels to the LLVM dialect in OpenCL's terms";
  let description = [{
    Arrays are pointers to global memory, workgroup memory has its own address
    space, and what threads ask and do together are calls of OpenCL's builtin
    functions, as LLVM's SPIR-V back end expects them. Subgroups must have the
    size that the shuffles are made for. Elements of bf16 are integers of 16
    bits: their arithmetic must have been expanded.
  }];
  let options = [
    Option<"subgroupSize", "subgroup-size", "int64_t", "32",
           "threads of a subgroup, which kernels then require">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def KernelsToSPIRV : Pass<"kernels-to-spirv", "::mlir::ModuleOp"> {
  let summary = "turns modules of kernels in the LLVM dialect into SPIR-V";
  let description = [{
    By LLVM's SPIR-V back end. Each `gpu.module` becomes a `gpu.binary` with one
    object: SPIR-V 1.4, the same as text, or the bitcode that it is made from.
  }];
  let options = [
    Option<"format", "format", "std::string", "\"bin\"",
           "llvm (bitcode), isa (text) or bin (SPIR-V)">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::spirv::SPIRVDialect"];
}

def ParallelLoopsToGPU : Pass<"parallel-loops-to-gpu"> {
  let summary = "turns loops over arrays that are left into GPU kernels";
  let description = [{
    The outermost parallel loops of each function become kernels in which every
    thread takes one iteration after the other. Loops and stores that are not
    parallel are done by one thread of a kernel. What reads an array's element
    on the host is an error, unless the array is on its stack.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::gpu::GPUDialect",
                           "::mlir::scf::SCFDialect"];
}

def LaunchToRuntime : Pass<"launch-to-runtime", "::mlir::ModuleOp"> {
  let summary = "turns launches of GPU kernels into calls of the runtime";
  let description = [{
    Each `gpu.binary`, which must have one object, becomes a constant of the
    module, and each `gpu.launch_func` a call of `seednorm_rt_launch` with that
    constant, the kernel's name, the sizes and the kernel's arguments. Constant
    arrays (`memref.get_global`) are taken from the device, where
    `seednorm_rt_constant` keeps copies of them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect"];
}

#endif // SEEDNORM_CONVERSION_PASSES_TD
