// RUN: seednorm-opt %s --ownership-to-stack | FileCheck %s
// RUN: seednorm-opt %s --ownership-to-stack --parallel-loops-to-gpu | FileCheck %s --check-prefix=HOST

// Addresses and flags, in a loop as well, are on the stack once; they are the
// host's, and the array itself stays where it is.
// CHECK-LABEL: func.func @deallocate
// CHECK-DAG: memref.alloca() : memref<2xindex>
// CHECK-DAG: memref.alloca() : memref<2xi1>
// CHECK: scf.for
// CHECK: memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK-NOT: memref.alloc
// CHECK: call @dealloc_helper
// CHECK: memref.dealloc %{{.*}} : memref<?xf32>
// CHECK-NOT: memref.dealloc
// HOST-LABEL: func.func @deallocate
// HOST-NOT: gpu.launch
// HOST: memref.store %{{.*}} : memref<2xindex>
// HOST-NOT: gpu.launch
// HOST: memref.load %{{.*}} : memref<2xi1>
// HOST-NOT: gpu.launch
// HOST: call @dealloc_helper
func.func @deallocate(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.alloc(%n) : memref<?xf32>
    %list = memref.alloc() : memref<2xindex>
    %flags = memref.alloc() : memref<2xi1>
    %p = memref.extract_aligned_pointer_as_index %x : memref<?xf32> -> index
    memref.store %p, %list[%c0] : memref<2xindex>
    %flag = memref.load %flags[%c0] : memref<2xi1>
    %l = memref.cast %list : memref<2xindex> to memref<?xindex>
    %f = memref.cast %flags : memref<2xi1> to memref<?xi1>
    func.call @dealloc_helper(%l, %f) : (memref<?xindex>, memref<?xi1>) -> ()
    scf.if %flag {
      memref.dealloc %x : memref<?xf32>
    }
    memref.dealloc %list : memref<2xindex>
    memref.dealloc %flags : memref<2xi1>
  }
  return
}

// It may go over them, in loops of its own.
// HOST-LABEL: func.func private @dealloc_helper
// HOST-NOT: gpu.launch
// HOST: scf.for
// HOST: memref.load
// HOST: memref.store
func.func private @dealloc_helper(%list: memref<?xindex>, %flags: memref<?xi1>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %list, %c0 : memref<?xindex>
  scf.for %i = %c0 to %n step %c1 {
    %p = memref.load %list[%i] : memref<?xindex>
    %some = arith.cmpi ne, %p, %c0 : index
    memref.store %some, %flags[%i] : memref<?xi1>
  }
  return
}

// An array of the model's, even of flags and cast, is no such one.
// CHECK-LABEL: func.func @model
// CHECK: memref.alloc() : memref<2xi1>
// CHECK: memref.dealloc
// HOST-LABEL: func.func @model
// HOST: gpu.launch
func.func private @consume(memref<?xi1>)
func.func @model(%b: i1) {
  %c0 = arith.constant 0 : index
  %x = memref.alloc() : memref<2xi1>
  memref.store %b, %x[%c0] : memref<2xi1>
  %y = memref.cast %x : memref<2xi1> to memref<?xi1>
  call @consume(%y) : (memref<?xi1>) -> ()
  memref.dealloc %x : memref<2xi1>
  return
}
