// RUN: seednorm-opt %s --export-entries -split-input-file -verify-diagnostics

// expected-error@+1 {{entry point '@f' has argument 1 of type 'index', but entry points take and return ranked tensors}}
func.func @f(%x: tensor<4xf32>, %n: index) {
  return
}

// -----

// expected-error@+1 {{entry point '@f' has result 0 of type 'tensor<*xf32>'}}
func.func @f(%x: tensor<4xf32>) -> tensor<*xf32> {
  %y = tensor.cast %x : tensor<4xf32> to tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// expected-error@+1 {{already defines 'seednorm_module_metadata'}}
module {
  func.func private @seednorm_module_metadata()
}
