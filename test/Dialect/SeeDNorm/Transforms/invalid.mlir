// RUN: seednorm-opt %s --split-input-file --verify-diagnostics --seednorm-autodiff

// expected-error @below {{is the gradient of '@missing', which is no function of this module}}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @missing}

// -----

// expected-error @below {{'seednorm.gradient_of' must name a function}}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = "f"}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// expected-error @below {{is to be given a body, but has one}}
func.func private @g(%x: tensor<8xf32>, %d: tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f} {
  return %x : tensor<8xf32>
}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// expected-error @below {{has 1 arguments, but the gradient of '@f' has 2}}
func.func private @g(tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// expected-error @below {{argument 1 is 'tensor<7xf32>', but the gradient of '@f' needs 'tensor<8xf32>'}}
func.func private @g(tensor<8xf32>, tensor<7xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// expected-error @below {{result 1 is 'tensor<8xi32>', but the gradient of '@f' needs 'tensor<8xf32>'}}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xi32>)
    attributes {seednorm.gradient_of = @f, seednorm.with_values}

// -----

func.func private @f(%x: tensor<8xf32>, %n: tensor<8xi32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// expected-error @below {{'seednorm.wrt' names argument 1, which is 'tensor<8xi32>' and has no gradient}}
func.func private @g(tensor<8xf32>, tensor<8xi32>, tensor<8xf32>) -> tensor<8xi32>
    attributes {seednorm.gradient_of = @f, seednorm.wrt = array<i64: 1>}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// expected-error @below {{'seednorm.wrt' names argument 1, but '@f' has 1}}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    attributes {seednorm.gradient_of = @f, seednorm.wrt = array<i64: 1>}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// expected-error @below {{'seednorm.wrt' names argument 0 twice}}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
    attributes {seednorm.gradient_of = @f, seednorm.wrt = array<i64: 0, 0>}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// expected-error @below {{'seednorm.wrt' must be array<i64: ...>, but is 0 : i64}}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    attributes {seednorm.gradient_of = @f, seednorm.wrt = 0 : i64}

// -----

func.func private @f(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  // expected-error @below {{'scf.for' op has no gradient that is known here}}
  %y = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %x) -> tensor<2x8xf32> {
    %b = seednorm.softmax ins(%a : tensor<2x8xf32>) outs(%a : tensor<2x8xf32>) -> tensor<2x8xf32>
    scf.yield %b : tensor<2x8xf32>
  }
  return %y : tensor<2x8xf32>
}
func.func private @g(tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32> attributes {seednorm.gradient_of = @f}

// -----

func.func private @f(%x: tensor<2x8xf32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  // expected-error @below {{has a gradient only if it adds}}
  %s = linalg.reduce { arith.maximumf } ins(%x : tensor<2x8xf32>) outs(%e : tensor<8xf32>) dimensions = [0]
  return %s : tensor<8xf32>
}
func.func private @g(tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32> attributes {seednorm.gradient_of = @f}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{'func.call' op calls what has no body}}
  %y = call @elsewhere(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}
func.func private @elsewhere(tensor<8xf32>) -> tensor<8xf32>
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f}

// -----

// expected-error @below {{has no gradient: it calls itself}}
func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-remark @below {{called here}}
  %y = call @f(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f}

// -----

// expected-error @below {{has no gradient: it gives back 'f32', but only tensors have one}}
func.func private @f(%x: tensor<8xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %y = tensor.extract %x[%c0] : tensor<8xf32>
  return %y : f32
}
func.func private @g(tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f}

// -----

func.func private @h(%s: f32) -> tensor<8xf32> {
  %t = tensor.splat %s : tensor<8xf32>
  return %t : tensor<8xf32>
}
func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %s = tensor.extract %x[%c0] : tensor<8xf32>
  // expected-error @below {{has no gradient that is known here: it takes 'f32', which is no tensor}}
  %y = call @h(%s) : (f32) -> tensor<8xf32>
  return %y : tensor<8xf32>
}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %p = arith.constant 0.0 : f32
  %v0 = vector.transfer_read %x[%c0], %p {in_bounds = [true]} : tensor<8xf32>, vector<8xf32>
  %v = math.exp %v0 : vector<8xf32>
  %e = tensor.empty() : tensor<8xf32>
  // expected-error @below {{has no gradient that is known here: it takes 'vector<8xf32>', which is no tensor}}
  %y = vector.transfer_write %v, %e[%c0] {in_bounds = [true]} : vector<8xf32>, tensor<8xf32>
  return %y : tensor<8xf32>
}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f}

// -----

func.func private @f(%x: tensor<8xf32>, %m: memref<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %s = tensor.extract %x[%c0] : tensor<8xf32>
  // expected-error @below {{has no gradient that is known here}}
  memref.store %s, %m[%c0] : memref<8xf32>
  return %x : tensor<8xf32>
}
func.func private @g(tensor<8xf32>, memref<8xf32>, tensor<8xf32>) -> tensor<8xf32> attributes {seednorm.gradient_of = @f}

// -----

func.func private @f(%a: tensor<4x8xi8>, %b: tensor<8x8xf32>, %z: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // expected-error @below {{has a gradient only if both factors are floating-point}}
  %y = linalg.matmul ins(%a, %b : tensor<4x8xi8>, tensor<8x8xf32>) outs(%z : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
func.func private @g(tensor<4x8xi8>, tensor<8x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<8x8xf32>
    attributes {seednorm.gradient_of = @f, seednorm.wrt = array<i64: 1>}

// -----

func.func private @f(%x: tensor<2x8xf32>, %c: f32, %i: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{has a gradient only if it adds}}
  %y = linalg.reduce ins(%x : tensor<2x8xf32>) outs(%i : tensor<8xf32>) dimensions = [0]
    (%in: f32, %out: f32) {
      %s = arith.addf %in, %c : f32
      linalg.yield %s : f32
    }
  return %y : tensor<8xf32>
}
func.func private @g(tensor<2x8xf32>, f32, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
    attributes {seednorm.gradient_of = @f, seednorm.wrt = array<i64: 0>}

// -----

// expected-error @below {{has no gradient: it calls itself}}
func.func private @g() attributes {seednorm.gradient_of = @g}

// -----

func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
// expected-error @below {{'seednorm.with_values' stands without a value, but is false}}
func.func private @g(tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    attributes {seednorm.gradient_of = @f, seednorm.with_values = false}
