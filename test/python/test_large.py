"""Arrays of more than 2^31 elements: counts of rows and offsets have 64 bits.

The arrays take little memory: dimensions that repeat have a stride of zero, and
rows that lie far apart are in a file of which only the pages that are touched
exist. The one large result is in f16.
"""

import mmap
import tempfile

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harness import Compiled  # noqa: E402
from test_accuracy import FLOOR, VARIANTS, inputs, module, relative_error  # noqa: E402
from test_gradients import backward, call, cotangent, gradients  # noqa: E402

LIMIT = 2**31


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("large")


def tile(rows, width, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).standard_normal((rows, width)).astype(dtype)


def repeated(block, size):
    """The block as often as it takes to exceed so many elements, in the memory
    of one."""
    return np.broadcast_to(block, (size // block.size + 1, *block.shape))


def far_apart(rows, stride):
    """The rows, so many elements apart; what is between them is never touched."""
    size = ((len(rows) - 1) * stride + rows.shape[1]) * rows.itemsize
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        memory = mmap.mmap(file.fileno(), size)
    view = np.ndarray(rows.shape, rows.dtype, memory,
                      strides=(stride * rows.itemsize, rows.itemsize))
    view[...] = rows
    return view


# ---------------------------------------------------------------------------
# Many rows
# ---------------------------------------------------------------------------

# What RMSNorm's backward needs of a row, and the gradient of its gamma.
GAMMA_GRADIENT = """
func.func @f(%x: tensor<?x?x{width}xf32>, %g: tensor<?x?x{width}xf32>,
             %rs: tensor<?x?x1xf32>, %sums: tensor<{width}xf32>)
    -> (tensor<?x?x1xf32>, tensor<{width}xf32>) {{
  %r, %s = rowwise.program
      rows(%x, %g : tensor<?x?x{width}xf32>, tensor<?x?x{width}xf32>)
      outs(%rs, %sums : tensor<?x?x1xf32>, tensor<{width}xf32>) {{
  ^bb0(%xr: tensor<{width}xf32>, %gr: tensor<{width}xf32>):
    %square = arith.mulf %xr, %xr : tensor<{width}xf32>
    %mean = rowwise.reduce mean %square : tensor<{width}xf32> -> tensor<1xf32>
    %rms = math.rsqrt %mean : tensor<1xf32>
    %b = rowwise.broadcast %rms : tensor<1xf32> -> tensor<{width}xf32>
    %n = arith.mulf %xr, %b : tensor<{width}xf32>
    %t = arith.mulf %n, %gr : tensor<{width}xf32>
    %sum = rowwise.accumulate %t : tensor<{width}xf32>
    rowwise.yield %rms, %sum : tensor<1xf32>, tensor<{width}xf32>
  }} -> tensor<?x?x1xf32>, tensor<{width}xf32>
  return %r, %s : tensor<?x?x1xf32>, tensor<{width}xf32>
}}"""


@pytest.mark.parametrize("width", [128, 4099])
def test_gradient_of_many_rows(width, folder):
    """More than 2^32 elements, narrow and wide rows; no two of a block agree."""
    block, cotangents = tile(1001, width), tile(1001, width, seed=1)
    x, g = repeated(block, 2 * LIMIT), repeated(cotangents, 2 * LIMIT)
    times = len(x)
    out = np.zeros((times, 1001, 1), np.float32), np.zeros(width, np.float32)
    statistics, sums = Compiled(GAMMA_GRADIENT.format(width=width), folder)(
        "f", [x, g, *out], [(3, np.float32), (1, np.float32)])
    exact = block.astype(np.float64)
    r = 1 / np.sqrt((exact * exact).mean(-1, keepdims=True))
    terms = exact * r * cotangents * times
    assert statistics.shape == (times, 1001, 1)
    assert (statistics == statistics[0]).all()
    np.testing.assert_allclose(statistics[0], r, rtol=1e-6)
    error = np.abs(sums - terms.sum(0)) / np.abs(terms).sum(0)
    assert error.max() <= 2e-7


def test_rows_beyond_32_bits_of_one_element(folder):
    """The number of rows alone exceeds 2^31."""
    source = """
      func.func @f(%x: tensor<?x?x1xf32>, %out: tensor<1xf32>) -> tensor<1xf32> {
        %s = rowwise.program rows(%x : tensor<?x?x1xf32>) outs(%out : tensor<1xf32>) {
        ^bb0(%r: tensor<1xf32>):
          %sum = rowwise.accumulate %r : tensor<1xf32>
          rowwise.yield %sum : tensor<1xf32>
        } -> tensor<1xf32>
        return %s : tensor<1xf32>
      }"""
    x = repeated(np.ones((4096, 1), np.float32), LIMIT)
    (total,) = Compiled(source, folder)("f", [x, np.zeros(1, np.float32)], [(1, np.float32)])
    assert total == LIMIT + 4096


# ---------------------------------------------------------------------------
# Distant rows
# ---------------------------------------------------------------------------

STRIDE = 2**30 + 1


@pytest.mark.parametrize("variant", ["seednorm", "softmax"])
def test_distant_rows(variant, folder):
    """Of x, forward, and of x and the cotangent, backward: offsets to 3·2^31."""
    compiled = backward(variant, 100, "f32", folder)
    x, parameters = inputs(variant, 100, 7, "f32")
    g = cotangent(x)
    distant = far_apart(x.numpy(), STRIDE)
    assert 6 * STRIDE > 3 * LIMIT
    (y,) = compiled("f", [distant, *[p.numpy() for p in parameters]], [(2, np.float32)])
    _, _, _, formula, options = VARIANTS[variant]
    reference = formula(x.double(), *[p.double() for p in parameters], **options)
    assert relative_error(torch.from_numpy(y), reference) <= 4 * FLOOR["f32"]
    exact = gradients(variant, x, parameters, g, torch.float64)
    distant_g = torch.from_numpy(far_apart(g.numpy(), STRIDE))
    got = call(compiled, torch.from_numpy(distant), parameters, distant_g, "f32")
    for a, e in zip(got, exact):
        assert relative_error(a, e) <= 16 * FLOOR["f32"]


def test_distant_matrices(folder):
    """Through the runtime's matrix product, and through a plain loop nest."""
    source = """
      func.func @f(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>, %c: tensor<?x?xf32>)
          -> (tensor<?x?xf32>, tensor<?x?xf32>) {
        %p = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>)
            outs(%c : tensor<?x?xf32>) -> tensor<?x?xf32>
        %t = linalg.transpose ins(%a : tensor<?x?xf32>) outs(%b : tensor<?x?xf32>)
            permutation = [1, 0]
        return %p, %t : tensor<?x?xf32>, tensor<?x?xf32>
      }"""
    a, b = tile(5, 9), tile(9, 5, seed=1)
    product, transposed = Compiled(source, folder)(
        "f", [far_apart(a, STRIDE), far_apart(b, STRIDE), np.zeros((5, 5), np.float32)],
        [(2, np.float32)] * 2)
    np.testing.assert_allclose(product, a.astype(np.float64) @ b, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(transposed, a.T)


# ---------------------------------------------------------------------------
# Large results
# ---------------------------------------------------------------------------


def test_large_result(folder):
    """Every element of a result that has more than 2^31."""
    source = module("rms_norm", 1024, "f16").replace("tensor<?x", "tensor<?x?x").replace(
        "%init = tensor.empty(%n)", "%init = tensor.empty(%n, %d)")
    block, gamma = tile(1001, 1024, np.float16), tile(1, 1024, np.float16, seed=1)[0]
    x = repeated(block, LIMIT)
    exact = block.astype(np.float64)
    exact *= gamma / np.sqrt((exact * exact).mean(-1, keepdims=True) + 1e-6)

    def compare(y):
        assert y.shape == x.shape and y.size > LIMIT
        assert np.abs(y[0] - exact).max() <= FLOOR["f16"] * np.abs(exact).max()
        first = y[0].view(np.int16)
        for again in y:
            assert np.array_equal(again.view(np.int16), first)

    Compiled(source, folder).visit("f", [x, gamma], [(3, np.float16)], compare)
