// RUN: seednorm-opt %s --parallel-loops-to-gpu --canonicalize --cse -split-input-file | FileCheck %s

// Each thread takes one iteration after the other, a grid apart; their number is
// that of all dimensions together. Nothing is launched for none.
// CHECK-LABEL: func @two_dimensions
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?x?xf32>, %[[N:[a-z0-9]+]]: index, %[[M:[a-z0-9]+]]: index
// CHECK-DAG: %[[N0:.*]] = arith.maxsi %[[N]], %c0
// CHECK-DAG: %[[M0:.*]] = arith.maxsi %[[M]], %c0
// CHECK: %[[ALL:.*]] = arith.muli %[[N0]], %[[M0]]
// CHECK: %[[SOME:.*]] = arith.cmpi ne, %[[ALL]], %c0
// CHECK: scf.if %[[SOME]]
// CHECK: arith.ceildivui %[[ALL]], %c256
// CHECK: %[[CTAS:.*]] = arith.minui %{{.*}}, %c65536
// CHECK: gpu.launch blocks(%[[B:[a-z0-9]+]], %{{[a-z0-9]+}}, %{{[a-z0-9]+}}) in (%[[GRID:[a-z0-9]+]] = %[[CTAS]], {{.*}} threads(%[[T:[a-z0-9]+]], {{.*}} in (%{{[a-z0-9]+}} = %c256, {{.*}} module(@seednorm_kernels) function(@two_dimensions_loop_0)
// CHECK: %[[CTA:.*]] = arith.muli %[[B]], %c256
// CHECK: %[[FIRST:.*]] = arith.addi %[[CTA]], %[[T]]
// CHECK: %[[STEP:.*]] = arith.muli %[[GRID]], %c256
// CHECK: scf.for %[[I:[a-z0-9]+]] = %[[FIRST]] to %[[ALL]] step %[[STEP]]
// CHECK: %[[COLUMN:.*]] = arith.remui %[[I]], %[[M0]]
// CHECK: %[[ROW:.*]] = arith.divui %[[I]], %[[M0]]
// CHECK: memref.store %{{.*}}, %[[X]][%[[ROW]], %[[COLUMN]]]
func.func @two_dimensions(%x: memref<?x?xf32>, %n: index, %m: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  scf.parallel (%i, %j) = (%c0, %c0) to (%n, %m) step (%c1, %c1) {
    memref.store %one, %x[%i, %j] : memref<?x?xf32>
  }
  return
}

// -----

// Bounds and steps of any value; a constant range that ends before it begins is
// no launch at all.
// CHECK-LABEL: func @steps
// CHECK-NOT: function(@steps_loop_1)
// CHECK: gpu.launch {{.*}} function(@steps_loop_0)
// CHECK: scf.for %[[I:[a-z0-9]+]] = %{{.*}} to %c4
// CHECK: %[[AT:.*]] = arith.muli %[[I]], %c3
// CHECK: %[[PLACE:.*]] = arith.addi %[[AT]], %c5
// CHECK: memref.store %{{.*}}, %{{.*}}[%[[PLACE]]]
// CHECK-NOT: function(@steps_loop_1)
func.func @steps(%x: memref<?xf32>) {
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %c16 = arith.constant 16 : index
  %one = arith.constant 1.0 : f32
  scf.parallel (%i) = (%c5) to (%c16) step (%c3) {
    memref.store %one, %x[%i] : memref<?xf32>
  }
  scf.parallel (%i) = (%c16) to (%c5) step (%c3) {
    memref.store %one, %x[%i] : memref<?xf32>
  }
  return
}

// -----

// What reads arrays in order is done by one thread, also what is parallel inside
// of it.
// CHECK-LABEL: func @serial
// CHECK: gpu.launch {{.*}} threads({{.*}} in (%{{[a-z0-9]+}} = %c1, {{.*}} function(@serial_loop_0)
// CHECK: scf.for
// CHECK: scf.for
// CHECK-NOT: scf.parallel
// CHECK: memref.store
// CHECK: gpu.terminator
// CHECK: gpu.launch {{.*}} threads({{.*}} in (%{{[a-z0-9]+}} = %c1, {{.*}} function(@serial_loop_1)
// CHECK: memref.store
func.func @serial(%x: memref<8x8xf32>, %s: memref<f32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %one = arith.constant 1.0 : f32
  scf.for %i = %c0 to %c8 step %c1 {
    %v = memref.load %s[] : memref<f32>
    scf.parallel (%j) = (%c0) to (%c8) step (%c1) {
      memref.store %v, %x[%i, %j] : memref<8x8xf32>
    }
  }
  memref.store %one, %s[] : memref<f32>
  return
}

// -----

// A loop of the host's around parallel ones launches each time.
// CHECK-LABEL: func @host_loop
// CHECK: scf.for
// CHECK: gpu.launch {{.*}} = %c256{{.*}} function(@host_loop_loop_0)
func.func @host_loop(%x: memref<8x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %one = arith.constant 1.0 : f32
  scf.for %i = %c0 to %c8 step %c1 {
    scf.parallel (%j) = (%c0) to (%c8) step (%c1) {
      memref.store %one, %x[%i, %j] : memref<8x8xf32>
    }
  }
  return
}

// -----

// Names are what every assembler takes.
// CHECK-LABEL: func @"odd.name-1"
// CHECK: gpu.launch {{.*}} function(@odd_name_1_loop_0)
func.func @"odd.name-1"(%x: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  memref.store %one, %x[%c0] : memref<8xf32>
  return
}

// -----

// Reductions inside of an iteration are its thread's; assertions go along.
// CHECK-LABEL: func @inside
// CHECK: gpu.launch {{.*}} function(@inside_loop_0)
// CHECK: cf.assert
// CHECK: scf.for {{.*}} iter_args
// CHECK: memref.load
// CHECK: gpu.terminator
func.func @inside(%x: memref<?x8xf32>, %y: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %good = arith.cmpi ult, %i, %c8 : index
    cf.assert %good, "an index is out of bounds"
    %s = scf.for %j = %c0 to %c8 step %c1 iter_args(%a = %zero) -> f32 {
      %v = memref.load %x[%i, %j] : memref<?x8xf32>
      %b = arith.addf %a, %v : f32
      scf.yield %b : f32
    }
    memref.store %s, %y[%i] : memref<?xf32>
  }
  return
}

// -----

// The host's own control flow stays on the host, with the launches in it.
// CHECK-LABEL: func @host
// CHECK: scf.for
// CHECK: memref.alloc
// CHECK: gpu.launch {{.*}} function(@host_loop_0)
// CHECK: call @consume
func.func private @consume(memref<?xf32>)
func.func @host(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.alloc(%n) : memref<?xf32>
    scf.parallel (%j) = (%c0) to (%n) step (%c1) {
      memref.store %one, %x[%j] : memref<?xf32>
    }
    func.call @consume(%x) : (memref<?xf32>) -> ()
    memref.dealloc %x : memref<?xf32>
  }
  return
}
