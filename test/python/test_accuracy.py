"""Every normalisation, dtype, shape and view against float64 and PyTorch.

The largest error against float64, relative to the largest value, over all
numbers of rows of a width is at most twice PyTorch eager's own in the same type
(or one unit in the last place, where PyTorch happens to be closer than that).
f64 is compared with float64 itself, so only a few units are asked of it.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harness import Compiled  # noqa: E402

WIDTHS = [1, 3, 16, 64, 127, 128, 768, 1000, 2048, 4096, 8191]
ROWS = [0, 1, 2, 7, 64, 1000]
DTYPES = {"f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16,
          "f16": torch.float16}
NUMPY = {"f32": np.float32, "f64": np.float64, "bf16": np.int16, "f16": np.float16}
# The least error that is asked for; f64 is its own reference.
FLOOR = {"f32": 2.0**-23, "f64": 2.0**-49, "bf16": 2.0**-7, "f16": 2.0**-10}


def wide(x):
    """The type that reductions are made in."""
    return x if x.dtype == torch.float64 else x.float()


def seednorm(x, alpha, beta, gamma, heads=1, activation="tanh", scaled=False,
             elementwise=False):
    x = wide(x)
    r = torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)
    s = x * wide(beta)
    if not elementwise:
        s = s.unflatten(-1, (heads, -1))
        s = s.mean(-1, keepdim=True) if scaled else s.sum(-1, keepdim=True)
    s = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "identity": lambda v: v,
         "hardtanh": lambda v: v.clamp(-1, 1)}[activation](s)
    if not elementwise:
        s = s.expand(*s.shape[:-1], x.shape[-1] // heads).flatten(-2)
    scale = s if alpha is None else s * wide(alpha)
    return (scale if gamma is None else scale + wide(gamma)) * x * r


def rms_norm(x, gamma):
    x = wide(x)
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6) * wide(gamma)


def layer_norm(x, gamma, beta):
    x = wide(x)
    return torch.nn.functional.layer_norm(x, x.shape[-1:], wide(gamma), wide(beta))


def dyt(x, a, gamma, beta):
    return wide(gamma) * torch.tanh(wide(a) * wide(x)) + wide(beta)


def softmax(x):
    return torch.softmax(wide(x), -1)


NORM = ("norm", "alpha beta gamma")
VARIANTS = {
    "seednorm": (*NORM, "", seednorm, {}),
    "heads": (*NORM, "heads = 8", seednorm, {"heads": 8}),
    "sigmoid": (*NORM, "activation = #seednorm.activation<sigmoid>", seednorm,
                {"activation": "sigmoid"}),
    "hardtanh": (*NORM, "activation = #seednorm.activation<hardtanh>", seednorm,
                 {"activation": "hardtanh"}),
    "identity": (*NORM, "scaled_dot, activation = #seednorm.activation<identity>",
                 seednorm, {"activation": "identity", "scaled": True}),
    "scaled": (*NORM, "heads = 4, scaled_dot", seednorm, {"heads": 4, "scaled": True}),
    "elementwise": (*NORM, "elementwise", seednorm, {"elementwise": True}),
    "safe": (*NORM, "heads = 8, safe", seednorm, {"heads": 8}),
    "rms_norm": ("rms_norm", "gamma", "", rms_norm, {}),
    "layer_norm": ("layer_norm", "gamma beta", "", layer_norm, {}),
    "dyt": ("dyt", "a gamma beta", "", dyt, {}),
    "softmax": ("softmax", "", "", softmax, {}),
}


def module(variant, width, dtype):
    operation, names, attributes, _, _ = VARIANTS[variant]
    x, p = f"tensor<?x{width}x{dtype}>", f"tensor<{width}x{dtype}>"
    names = names.split()
    arguments = "".join(f", %{n}: {p}" for n in names)
    operands = " ".join(f"{n}(%{n} : {p})" for n in names)
    return f"""
      func.func @f(%x: {x}{arguments}) -> {x} {{
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %n = tensor.dim %x, %c0 : {x}
        %d = tensor.dim %x, %c1 : {x}
        %init = tensor.empty(%n{", %d" if width == "?" else ""}) : {x}
        %y = seednorm.{operation} ins(%x : {x}) {operands} outs(%init : {x})
            {{{attributes}}} -> {x}
        return %y : {x}
      }}"""


def to_numpy(tensor, dtype):
    return (tensor.view(torch.int16) if dtype == "bf16" else tensor).numpy()


def from_numpy(array, dtype):
    tensor = torch.from_numpy(array)
    return tensor.view(torch.bfloat16) if dtype == "bf16" else tensor


def relative_error(value, reference):
    if reference.numel() == 0:
        return 0.0
    return ((value.double() - reference).abs().max() /
            reference.abs().max().clamp(min=1e-30)).item()


def check(compiled, variant, cases, dtype):
    """Each case is a row operand and its parameters."""
    _, _, _, formula, options = VARIANTS[variant]
    ours = theirs = 0.0
    for x, parameters in cases:
        reference = formula(x.double(), *[p.double() for p in parameters], **options)
        eager = formula(x, *parameters, **options).to(x.dtype)
        arguments = [to_numpy(t, dtype) for t in (x, *parameters)]
        (got,) = compiled("f", arguments, [(2, NUMPY[dtype])])
        got = from_numpy(got, dtype)
        assert got.shape == x.shape
        assert torch.isfinite(got).all()
        ours = max(ours, relative_error(got, reference))
        theirs = max(theirs, relative_error(eager, reference))
    assert ours <= max(2 * theirs, FLOOR[dtype]), (ours, theirs)


def inputs(variant, width, rows, dtype, seed=0):
    generator = torch.Generator().manual_seed(seed + width * 7919 + rows)
    random = lambda *s: torch.randn(*s, generator=generator, dtype=torch.float64)
    parameters = []
    for name in VARIANTS[variant][1].split():
        scale = width ** -0.5 if name == "beta" else 1.0
        parameters.append((random(width) * scale).to(DTYPES[dtype]))
    return (2 * random(rows, width)).to(DTYPES[dtype]), parameters


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("compiled")



def divides(variant, width):
    """Else the verifier rejects it: test/Dialect/SeeDNorm/IR/invalid.mlir."""
    return width % VARIANTS[variant][4].get("heads", 1) == 0


CASES = [(v, w) for v in VARIANTS for w in WIDTHS if divides(v, w)]


@pytest.mark.parametrize("variant,width", CASES)
def test_f32(variant, width, folder):
    compiled = Compiled(module(variant, width, "f32"), folder)
    cases = [inputs(variant, width, rows, "f32") for rows in ROWS]
    check(compiled, variant, cases, "f32")
    # Views: rows with a gap between them, beginning off any alignment.
    backing, _ = inputs(variant, 2 * width + 3, 64, "f32")
    _, parameters = inputs(variant, width, 64, "f32")
    views = [backing[:, 1 : 1 + width], backing[::2, :width], backing[3:4, 5 : 5 + width]]
    views = [v for v in views if v.shape[1] == width]
    check(compiled, variant, [(v, parameters) for v in views], "f32")


@pytest.mark.parametrize("dtype", ["bf16", "f16", "f64"])
@pytest.mark.parametrize("variant,width",
                         [c for c in CASES if c[1] in (16, 127, 2048)])
def test_other_types(variant, width, dtype, folder):
    compiled = Compiled(module(variant, width, dtype), folder)
    cases = [inputs(variant, width, rows, dtype) for rows in (0, 1, 7, 64)]
    check(compiled, variant, cases, dtype)


@pytest.mark.parametrize("variant", ["seednorm", "heads", "layer_norm", "softmax"])
def test_dynamic_width(variant, folder):
    compiled = Compiled(module(variant, "?", "f32"), folder)
    cases = [inputs(variant, width, 130, "f32") for width in (8, 24, 128, 1000)]
    check(compiled, variant, cases, "f32")


@pytest.mark.parametrize("variant", VARIANTS)
def test_not_finite(variant, folder):
    """NaN and infinities go where the formula takes them, and only into their
    own rows."""
    _, _, _, formula, options = VARIANTS[variant]
    x, parameters = inputs(variant, 128, 4, "f32")
    x[1, 5], x[2, 7] = float("nan"), float("inf")
    compiled = Compiled(module(variant, 128, "f32"), folder)
    (got,) = compiled("f", [x.numpy(), *[p.numpy() for p in parameters]],
                      [(2, np.float32)])
    expected = formula(x, *parameters, **options).numpy()
    np.testing.assert_array_equal(np.isfinite(got), np.isfinite(expected))
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    assert np.isfinite(got[[0, 3]]).all()
