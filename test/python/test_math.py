"""The vector functions against float64 over the whole range of f32.

Every 61st bit pattern, in all 70 million values of either sign, every exponent,
subnormal numbers, infinities and NaN, and every value around the points where
an expansion changes its formula. The bounds are those that the description of
rowwise-expand-math states.
"""

import math

import numpy as np
import pytest

from harness import Compiled

# Function: the largest error in ulp, the function in f64, where formulas meet.
FUNCTIONS = {
    "exp": (1, np.exp, (-104.0, -87.3, 88.7)),
    "tanh": (2, np.tanh, (0.625, 9.01)),
    # A relative error of 2^-12 is at most 2^12 ulp of 24 bits.
    "tanh fastmath<afn>": (1 << 12, np.tanh, (4.7,)),
    "rsqrt": (1.5, lambda x: 1 / np.sqrt(x), ()),
    "sqrt": (0.5, np.sqrt, ()),
    "log": (1, np.log, (1.0, math.sqrt(0.5))),
    "erf": (4, np.vectorize(math.erf, otypes=[np.float64]), (0.875, 3.75)),
}
STEP = 61
CHUNK = 1 << 22


def module(function):
    name, _, flags = function.partition(" ")
    return f"""
      func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {{
        %c0 = arith.constant 0 : index
        %n = tensor.dim %x, %c0 : tensor<?xf32>
        %init = tensor.empty(%n) : tensor<?xf32>
        %y = linalg.generic {{indexing_maps = [affine_map<(i) -> (i)>,
                                              affine_map<(i) -> (i)>],
                             iterator_types = ["parallel"]}}
            ins(%x : tensor<?xf32>) outs(%init : tensor<?xf32>) {{
        ^bb0(%a: f32, %o: f32):
          %b = math.{name} %a {flags} : f32
          linalg.yield %b : f32
        }} -> tensor<?xf32>
        return %y : tensor<?xf32>
      }}"""


def samples(function, step):
    """Bit patterns in chunks, then the values around the meeting points."""
    for start in range(0, 1 << 32, step * CHUNK):
        stop = min(start + step * CHUNK, 1 << 32)
        yield np.arange(start, stop, step, dtype=np.uint64).astype(np.uint32)
    for point in FUNCTIONS[function][2]:
        bits = int(np.float32(abs(point)).view(np.uint32))
        around = np.arange(bits - (1 << 16), bits + (1 << 16), dtype=np.uint32)
        yield around
        yield around | np.uint32(1 << 31)


def largest_error(x, got, reference):
    """In units in the last place of the reference rounded to f32."""
    with np.errstate(all="ignore"):
        expected = reference(x.astype(np.float64))
        rounded = expected.astype(np.float32)
        np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
        # An overflow to infinity is right where rounding gives it.
        finite = np.isfinite(rounded) & np.isfinite(got)
        same = np.isnan(got) | (got == rounded) | finite
        largest = np.finfo(np.float32).max
        edge = ~same & (np.abs(np.where(np.isinf(got), rounded, got)) >= largest)
        assert (same | edge).all(), x[~(same | edge)][:4]
        ulp = np.spacing(np.abs(np.where(finite, rounded, 1)).astype(np.float32))
        error = np.where(finite, np.abs(got - expected) / ulp, 0)
    assert (np.signbit(got) == np.signbit(rounded))[finite & (rounded == 0)].all()
    return error.max(initial=0)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_whole_range(function, tmp_path):
    bound, reference, _ = FUNCTIONS[function]
    compiled = Compiled(module(function), tmp_path)
    # Python's own erf is slow.
    step = STEP * 101 if function == "erf" else STEP
    worst = 0.0
    for bits in samples(function, step):
        x = bits.view(np.float32)
        (got,) = compiled("f", [x], [(1, np.float32)])
        worst = max(worst, largest_error(x, got, reference))
    print(f"{function}: {worst:.3f} ulp")
    assert worst <= bound
