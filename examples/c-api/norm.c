/* Compiles a SeeDNorm from C and runs it on two rows:
 *
 *   build/bin/c-api-norm
 *
 * prints the rows of y = [tanh(x·beta)·alpha + gamma] * x / RMS(x). */

#include "seednorm/Runtime/seednorm.h"
#include <stdio.h>
#include <string.h>

static const char *source =
    "func.func @norm(%x: tensor<?x4xf32>, %alpha: tensor<4xf32>,\n"
    "                %beta: tensor<4xf32>, %gamma: tensor<4xf32>)\n"
    "    -> tensor<?x4xf32> {\n"
    "  %c0 = arith.constant 0 : index\n"
    "  %n = tensor.dim %x, %c0 : tensor<?x4xf32>\n"
    "  %init = tensor.empty(%n) : tensor<?x4xf32>\n"
    "  %y = seednorm.norm ins(%x : tensor<?x4xf32>)\n"
    "      alpha(%alpha : tensor<4xf32>) beta(%beta : tensor<4xf32>)\n"
    "      gamma(%gamma : tensor<4xf32>)\n"
    "      outs(%init : tensor<?x4xf32>) -> tensor<?x4xf32>\n"
    "  return %y : tensor<?x4xf32>\n"
    "}\n";

static DLTensor view(float *data, int ndim, int64_t *shape) {
  DLTensor tensor = {data,  {kDLCPU, 0}, ndim, {kDLFloat, 32, 1},
                     shape, NULL,        0};
  return tensor;
}

int main(void) {
  float x[2][4] = {{1, 2, 3, 4}, {-1, 0, 0, 1}};
  float alpha[4] = {1, 1, 1, 1}, beta[4] = {0.1f, 0.1f, 0.1f, 0.1f},
        gamma[4] = {1, 1, 1, 1};
  int64_t rows[2] = {2, 4}, columns[1] = {4};
  DLTensor tensors[4];
  const DLTensor *inputs[4];
  DLManagedTensor *y = NULL;
  seednorm_module *module =
      seednorm_compile(source, strlen(source), "norm.mlir");
  int i, j, status = 1;

  tensors[0] = view(x[0], 2, rows);
  tensors[1] = view(alpha, 1, columns);
  tensors[2] = view(beta, 1, columns);
  tensors[3] = view(gamma, 1, columns);
  for (i = 0; i < 4; ++i)
    inputs[i] = &tensors[i];
  if (!module || seednorm_run(module, "norm", inputs, 4, &y, 1)) {
    fprintf(stderr, "error: %s\n", seednorm_last_error());
  } else {
    const float *values = y->dl_tensor.data;
    for (i = 0; i < 2; ++i)
      for (j = 0; j < 4; ++j)
        printf("%9.6f%c", values[4 * i + j], j == 3 ? '\n' : ' ');
    y->deleter(y);
    status = 0;
  }
  seednorm_close(module);
  return status;
}
