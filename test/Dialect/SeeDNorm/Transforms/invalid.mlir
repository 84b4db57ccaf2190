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
