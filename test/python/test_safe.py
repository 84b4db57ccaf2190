"""`safe`: rows of any finite elements, forward and backward, against float64.

f32 rows from the largest finite number to the smallest subnormal one, with and
without eps; what float64 cannot tell is told by scales that must not matter.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harness import BUILD, Compiled, run  # noqa: E402

WIDTH = 96
LARGEST = float(np.finfo(np.float32).max)
SCALES = [LARGEST, 1e38, 1e30, 1e20, 1e17, 1.0, 1e-17, 1e-20, 1e-30, 1e-36, 1e-38,
          1e-42, 2.0**-149]
NAMES = {"norm": "alpha beta gamma", "rms_norm": "gamma", "layer_norm": "gamma beta"}


def formula(operation, eps, heads, x, *parameters):
    """In the type of x, without a thought of its range."""
    if operation == "layer_norm":
        gamma, beta = parameters
        x = x - x.mean(-1, keepdim=True)
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * gamma + beta
    r = torch.rsqrt(x.square().mean(-1, keepdim=True) + eps)
    if operation == "rms_norm":
        return x * r * parameters[0]
    alpha, beta, gamma = parameters
    s = torch.tanh((x * beta).unflatten(-1, (heads, -1)).sum(-1, keepdim=True))
    s = s.expand(*s.shape[:-1], WIDTH // heads).flatten(-2)
    return (s * alpha + gamma) * x * r


def compiled(operation, eps, folder, dtype="f32", safe=True, heads=4):
    x, p = f"tensor<?x{WIDTH}x{dtype}>", f"tensor<{WIDTH}x{dtype}>"
    names = NAMES[operation].split()
    arguments = "".join(f", %{n}: {p}" for n in names)
    operands = " ".join(f"{n}(%{n} : {p})" for n in names)
    attributes = [f"eps = {eps:e} : f64"] + ["safe"] * safe
    attributes += [f"heads = {heads}"] * (operation == "norm")
    text = run([BUILD / "bin/seednorm-opt", "--seednorm-to-rowwise",
                "--rowwise-differentiate"], f"""
      func.func @f(%x: {x}{arguments}) -> {x} {{
        %c0 = arith.constant 0 : index
        %n = tensor.dim %x, %c0 : {x}
        %init = tensor.empty(%n) : {x}
        %y = seednorm.{operation} ins(%x : {x}) {operands} outs(%init : {x})
            {{{", ".join(attributes)}}} -> {x}
        return %y : {x}
      }}""")
    return Compiled(text, folder)


def rows(scales, dtype=torch.float32):
    """For each scale a row whose largest element it is, one of equal elements and
    one with that element alone."""
    generator = torch.Generator().manual_seed(7)
    out = []
    for scale in scales:
        x = torch.randn(WIDTH, generator=generator, dtype=torch.float64)
        out.append(x / x.abs().max() * scale)
        out.append(torch.where(x > 0, 1.0, -1.0) * scale)
        out.append(torch.where(torch.arange(WIDTH) == 17, scale, 0.0))
    return torch.stack(out).to(dtype)


def parameters(operation, seed=3):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(WIDTH, generator=generator) *
            (WIDTH**-0.5 if (operation, name) == ("norm", "beta") else 1)
            for name in NAMES[operation].split()]


def check_rows(got, exact):
    """Row by row, but for what rounding to a subnormal number loses."""
    got, exact = torch.from_numpy(got).double(), exact.double()
    assert torch.isfinite(got).all()
    error = (got - exact).abs().amax(-1)
    bound = 4e-6 * exact.abs().amax(-1) + 3e-45
    assert (error <= bound).all(), (error / bound).tolist()


@pytest.mark.parametrize("operation", NAMES)
@pytest.mark.parametrize("eps", [1e-6, 0.0, 1e-60])
def test_forward(operation, eps, tmp_path):
    x, p = rows(SCALES), parameters(operation)
    if operation == "layer_norm" and eps != 1e-6:
        x = x[::3]  # A row without variance divides 0 by 0.
    (y,) = compiled(operation, eps, tmp_path)(
        "f", [t.numpy() for t in (x, *p)], [(2, np.float32)])
    check_rows(y, formula(operation, eps, 4, x.double(), *[t.double() for t in p]))


def gradients(operation, eps, x, p, g):
    leaves = [t.double().requires_grad_() for t in (x, *p)]
    y = formula(operation, eps, 4, *leaves)
    return torch.autograd.grad(y, leaves, g.double())


def call_backward(program, x, p, g):
    arguments = [t.numpy() for t in (x, *p, g)]
    return program("f_backward", arguments,
                   [(2, np.float32)] + [(1, np.float32)] * len(p))


@pytest.mark.parametrize("operation", NAMES)
@pytest.mark.parametrize("eps", [1e-6, 0.0])
def test_backward(operation, eps, tmp_path):
    # Without eps gradients of smaller rows than these are beyond f32.
    scales = SCALES if eps else [s for s in SCALES if s >= 1e-36]
    x, p = rows(scales), parameters(operation)
    if operation == "layer_norm" and not eps:
        x = x[::3]
    g = torch.randn(x.shape, generator=torch.Generator().manual_seed(1))
    dx, *sums = call_backward(compiled(operation, eps, tmp_path), x, p, g)
    exact = gradients(operation, eps, x, p, g)
    check_rows(dx, exact[0])
    for name, got, e in zip(NAMES[operation].split(), sums, exact[1:]):
        scale = e.abs().max()
        if (operation, name) == ("norm", "beta"):
            assert scale > 1  # Rows that do not saturate tanh.
        assert (torch.from_numpy(got).double() - e).abs().max() <= 1e-5 * scale, name


def test_backward_at_the_start_of_training(tmp_path):
    """beta is zero, so tanh' is 1 for rows of any size: what is multiplied by the
    unit must not overflow on its way to x."""
    x = rows([s for s in SCALES if s <= 1e30 or s == LARGEST])
    p = parameters("norm")
    p[1].zero_()
    g = torch.randn(x.shape, generator=torch.Generator().manual_seed(1)) * 100
    program = compiled("norm", 1e-6, tmp_path)
    exact = gradients("norm", 1e-6, x, p, g)
    dx, dalpha, _, dgamma = call_backward(program, x, p, g)
    check_rows(dx, exact[0])
    assert (dalpha == 0).all()
    assert (torch.from_numpy(dgamma).double() - exact[3]).abs().max() <= 1e-5 * exact[3].abs().max()
    # Its own gradient is as large as x, so without the largest rows.
    x, g = x[3:], g[3:]
    _, _, dbeta, _ = call_backward(program, x, p, g)
    e = gradients("norm", 1e-6, x, p, g)[2]
    assert (torch.from_numpy(dbeta).double() - e).abs().max() <= 1e-5 * e.abs().max()


@pytest.mark.parametrize("operation", NAMES)
def test_same_bits_in_range(operation, tmp_path):
    """A power of two rounds nothing: in the range of the default mode the result
    is the default mode's."""
    x, p = rows([1e15, 100.0, 1.0, 1e-3, 1e-15])[::3], parameters(operation)
    arguments = [t.numpy() for t in (x, *p)]
    (safe,) = compiled(operation, 0.0, tmp_path)("f", arguments, [(2, np.float32)])
    (default,) = compiled(operation, 0.0, tmp_path, safe=False)(
        "f", arguments, [(2, np.float32)])
    assert (safe == default).all()


def test_f64(tmp_path):
    """Beyond float64 the reference is that the scale does not matter."""
    x = rows([1.0], torch.float64)
    program = compiled("rms_norm", 0.0, tmp_path, "f64")
    gamma = np.ones(WIDTH)
    (expected,) = program("f", [x.numpy(), gamma], [(2, np.float64)])
    assert np.isfinite(expected).all() and np.abs(expected).max() > 1
    # A subnormal number has fewer bits.
    for scale, tolerance in ((2.0**1023, 0), (2.0**600, 0), (2.0**-600, 0),
                             (2.0**-1000, 0), (2.0**-1060, 2.0**-12)):
        scaled = (x * scale).numpy()
        (y,) = program("f", [scaled, gamma], [(2, np.float64)])
        np.testing.assert_allclose(y, expected, rtol=0, atol=10 * tolerance)


@pytest.mark.parametrize("operation", NAMES)
def test_not_finite(operation, tmp_path):
    """Goes where the formula takes it, as in the default mode."""
    x, p = rows([1.0] * 3), parameters(operation)
    x[1, 5], x[2, 7], x[3, 2] = float("nan"), float("inf"), -float("inf")
    arguments = [t.numpy() for t in (x, *p)]
    (safe,) = compiled(operation, 1e-6, tmp_path)("f", arguments, [(2, np.float32)])
    (default,) = compiled(operation, 1e-6, tmp_path, safe=False)(
        "f", arguments, [(2, np.float32)])
    assert (np.isnan(safe) == np.isnan(default)).all()
    assert np.isnan(safe).any() and np.isfinite(safe[4:]).all()


@pytest.mark.parametrize("eps", [1e-6, 0.0])
def test_every_f16_in_default_mode(eps, tmp_path):
    """Reductions are in f32, so f16 needs no safe mode."""
    x = rows([65504, 1000, 1, 1e-3, 6e-5, 1e-6, 6e-8], torch.float16)
    p = [t.half() for t in parameters("norm")]
    (y,) = compiled("norm", eps, tmp_path, "f16", safe=False)(
        "f", [t.numpy() for t in (x, *p)], [(2, np.float16)])
    exact = formula("norm", eps, 4, x.double(), *[t.double() for t in p])
    error = (torch.from_numpy(y).double() - exact).abs().amax(-1)
    # Half a unit of the result's type, which is subnormal below 6e-5.
    assert (error <= exact.abs().amax(-1) * 2.0**-11 * 1.01 + 2.0**-25 * 1.01).all()
