"""The differentiated row program against gradients derived by hand.

Every variant of SeeDNorm, and its relatives, in f64: the closed form in NumPy
and PyTorch's autograd of the plain formula to a few units in the last place, and
slopes of the compiled forward.
"""

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harness import BUILD, Compiled, run  # noqa: E402
from test_accuracy import seednorm  # noqa: E402

D, ROWS, EPS = 16, 5, 1e-6


#===-----------------------------------------------------------------------===#
# Closed forms. Parameters come as rows of D elements, a scalar repeated, and a
# gradient goes back as the sum over whatever was repeated.
#===-----------------------------------------------------------------------===#

ACTIVATIONS = {  # and the derivative
    "tanh": (np.tanh, lambda d: 1 - np.tanh(d) ** 2),
    "sigmoid": (lambda d: 1 / (1 + np.exp(-d)),
                lambda d: np.exp(-d) / (1 + np.exp(-d)) ** 2),
    "hardtanh": (lambda d: np.clip(d, -1, 1), lambda d: (np.abs(d) < 1) * 1.0),
    "identity": (lambda d: d, np.ones_like),
}


def seednorm_closed(x, g, p, heads=1, activation="tanh", scaled=False,
                    elementwise=False):
    """`elementwise` is one head for each column."""
    heads = D if elementwise else heads
    length = D // heads if scaled else 1
    sigma, slope = ACTIVATIONS[activation]

    def head_sums(v):
        return np.repeat(v.reshape(*v.shape[:-1], heads, -1).sum(-1), D // heads, -1)

    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + EPS)
    alpha, gamma = p.get("alpha", np.ones(D)), p.get("gamma", np.zeros(D))
    s = dd = np.zeros_like(x)
    if "beta" in p:
        d = head_sums(x * p["beta"]) / length
        s = sigma(d)
        dd = slope(d) * r * head_sums(g * alpha * x) / length
    total = (g * (gamma + s * alpha) * x).sum(-1, keepdims=True)
    dx = (s * alpha + gamma) * g * r - x * r**3 / D * total
    if "beta" in p:
        dx += dd * p["beta"]
    return dx, {"alpha": s * g * x * r, "beta": dd * x, "gamma": g * x * r}


def rms_norm_closed(x, g, p):
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + EPS)
    scaled = g * p.get("gamma", 1)
    dx = r * scaled - x * r**3 * (scaled * x).mean(-1, keepdims=True)
    return dx, {"gamma": g * x * r}


def layer_norm_closed(x, g, p):
    centred = x - x.mean(-1, keepdims=True)
    r = 1 / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    unit, scaled = centred * r, g * p.get("gamma", 1)
    dx = r * (scaled - scaled.mean(-1, keepdims=True)
              - unit * (scaled * unit).mean(-1, keepdims=True))
    return dx, {"gamma": g * unit, "beta": g}


def dyt_closed(x, g, p):
    a = p.get("a", np.ones(D))
    t = np.tanh(a * x)
    inner = g * p.get("gamma", 1) * (1 - t * t)
    return inner * a, {"a": inner * x, "gamma": g * t, "beta": g}


def softmax_closed(x, g, p):
    e = np.exp(x - x.max(-1, keepdims=True))
    y = e / e.sum(-1, keepdims=True)
    return y * (g - (g * y).sum(-1, keepdims=True)), {}


#===-----------------------------------------------------------------------===#
# The plain formulas, for autograd
#===-----------------------------------------------------------------------===#

def seednorm_plain(x, p, **options):
    if "beta" in p:
        return seednorm(x, p.get("alpha"), p["beta"], p.get("gamma"), **options)
    # Without a dot product there is nothing that alpha scales.
    r = torch.rsqrt(x.square().mean(-1, keepdim=True) + EPS)
    return p["gamma"] * x * r + 0 * p.get("alpha", torch.zeros(1)).sum()


def rms_norm_plain(x, p):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPS) * p.get("gamma", 1)


def layer_norm_plain(x, p):
    y = torch.nn.functional.layer_norm(x, x.shape[-1:])
    return y * p.get("gamma", 1) + p.get("beta", 0)


def dyt_plain(x, p):
    return torch.tanh(p.get("a", 1) * x) * p.get("gamma", 1) + p.get("beta", 0)


def softmax_plain(x, p):
    return torch.softmax(x, -1)


#===-----------------------------------------------------------------------===#
# Variants: the operation, the widths of its parameters, attributes, options
#===-----------------------------------------------------------------------===#

def widths(*names):
    """Every choice of a row, a scalar or nothing for each parameter."""
    for sizes in itertools.product((D, 1, None), repeat=len(names)):
        yield {name: size for name, size in zip(names, sizes) if size}


def seednorm_variants():
    structures = [
        ("", {}),
        ("heads = 4", {"heads": 4}),
        ("scaled_dot", {"scaled": True}),
        ("heads = 4, scaled_dot", {"heads": 4, "scaled": True}),
        ("elementwise", {"elementwise": True}),
    ]
    every = list(widths("alpha", "beta", "gamma"))
    for (attributes, options), activation in itertools.product(structures, ACTIVATIONS):
        # Parameters come and go independently of the activation and of how the
        # dot product is scaled: elsewhere all are rows, or all are scalars.
        whole = activation == "tanh" and attributes in ("", "heads = 4")
        for parameters in every if whole else every[:1] + every[13:14]:
            if "beta" not in parameters and "gamma" not in parameters:
                continue  # an error of the operation
            yield ("norm", parameters,
                   ", ".join(filter(None, [
                       attributes, f"activation = #seednorm.activation<{activation}>"])),
                   {**options, "activation": activation})


RELATIVES = {"rms_norm": ("gamma",), "layer_norm": ("gamma", "beta"),
             "dyt": ("a", "gamma", "beta"), "softmax": ()}
FORMULAS = {"norm": (seednorm_closed, seednorm_plain),
            "rms_norm": (rms_norm_closed, rms_norm_plain),
            "layer_norm": (layer_norm_closed, layer_norm_plain),
            "dyt": (dyt_closed, dyt_plain), "softmax": (softmax_closed, softmax_plain)}
VARIANTS = [*seednorm_variants(),
            *((operation, parameters, "", {}) for operation, names in RELATIVES.items()
              for parameters in widths(*names))]


def function(index):
    operation, parameters, attributes, _ = VARIANTS[index]
    x = f"tensor<?x{D}xf64>"
    arguments = "".join(f", %{n}: tensor<{w}xf64>" for n, w in parameters.items())
    operands = " ".join(f"{n}(%{n} : tensor<{w}xf64>)" for n, w in parameters.items())
    return f"""
      func.func @f{index}(%x: {x}, %init: {x}{arguments}) -> {x} {{
        %y = seednorm.{operation} ins(%x : {x}) {operands} outs(%init : {x})
            {{{attributes}}} -> {x}
        return %y : {x}
      }}"""


def name(index):
    operation, parameters, attributes, _ = VARIANTS[index]
    shown = "".join(f" {n}[{w}]" for n, w in parameters.items())
    return f"{operation} {attributes.replace('#seednorm.activation', '')}{shown}"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """All variants in one library: the compilers start once."""
    text = run([BUILD / "bin/seednorm-opt", "--seednorm-to-rowwise",
                "--rowwise-differentiate"], "".join(map(function, range(len(VARIANTS)))))
    return Compiled(text, tmp_path_factory.mktemp("closed-form"))


def draw(index):
    _, parameters, _, options = VARIANTS[index]
    random = np.random.default_rng(index)
    x, g = random.standard_normal((2, ROWS, D))
    values = {n: random.standard_normal(w) for n, w in parameters.items()}
    if "beta" in values and VARIANTS[index][0] == "norm":
        # The dot products lie on both sides of where hardtanh saturates.
        values["beta"] *= 1 if options.get("scaled") or options.get("elementwise") else 0.4
    return x, values, g


def backward(compiled, index, x, values, g):
    results = [(2, np.float64)] + [(1, np.float64)] * len(values)
    dx, *rest = compiled(f"f{index}_backward",
                         [x, np.empty_like(x), *values.values(), g], results)
    return [dx, *rest]


def assert_close(got, expected):
    scale = max(np.abs(expected).max(), 1)
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= 64 * np.finfo(np.float64).eps * scale


everything = pytest.mark.parametrize("index", range(len(VARIANTS)), ids=name)


@everything
def test_closed_form(index, compiled):
    operation, _, _, options = VARIANTS[index]
    x, values, g = draw(index)
    repeated = {n: np.broadcast_to(v, D) for n, v in values.items()}
    dx, sums = FORMULAS[operation][0](x, g, repeated, **options)
    got = backward(compiled, index, x, values, g)
    assert_close(got[0], dx)
    for gradient, (n, value) in zip(got[1:], values.items()):
        expected = sums[n].sum(0)
        assert_close(gradient, expected if value.size == D else expected.sum(keepdims=True))


@everything
def test_autograd(index, compiled):
    operation, _, _, options = VARIANTS[index]
    x, values, g = draw(index)
    leaf = torch.tensor(x, requires_grad=True)
    leaves = {n: torch.tensor(v, requires_grad=True) for n, v in values.items()}
    y = FORMULAS[operation][1](leaf, leaves, **options)
    expected = torch.autograd.grad(y, [leaf, *leaves.values()], torch.tensor(g))
    for gradient, e in zip(backward(compiled, index, x, values, g), expected):
        assert_close(gradient, e.numpy())


@everything
def test_slopes(index, compiled):
    x, values, g = draw(index)
    arrays = [x, *values.values()]
    random = np.random.default_rng(index)
    step = 1e-5

    def loss(arguments):
        first, *rest = arguments
        (y,) = compiled(f"f{index}", [first, np.empty_like(first), *rest], [(2, np.float64)])
        return (y * g).sum()

    for i, gradient in enumerate(backward(compiled, index, x, values, g)):
        direction = random.standard_normal(arrays[i].shape)
        above, below = (loss([a + by * direction if i == j else a
                              for j, a in enumerate(arrays)]) for by in (step, -step))
        slope = (above - below) / (2 * step)
        assert abs(slope - (gradient * direction).sum()) < 1e-6 * max(1, abs(slope))


EDGES = {
    # x^p where the base is 0, as PyTorch has it: both limits are 0 for p >= 0.
    "powf": ("math.powf", torch.pow, [0.0, 0.0, 0.0, 2.0, 3.0], [0.0, 1.0, 2.0, 0.0, 2.0]),
    "atan2": ("math.atan2", torch.atan2, [0.0, 0.0, 1.0], [0.0, 1.0, 2.0]),
    "maximum": ("arith.maximumf", torch.maximum, [1.0, 2.0, 3.0], [1.0, 3.0, 2.0]),
    # Beside a NaN the number is the result, and gets the gradient.
    "maxnum": ("arith.maxnumf", torch.fmax, [float("nan"), 1.0, 2.0], [1.0, float("nan"), 1.0]),
    "minnum": ("arith.minnumf", torch.fmin, [float("nan"), 1.0, 2.0], [1.0, float("nan"), 1.0]),
}


@pytest.mark.parametrize("name", EDGES)
def test_edges_of_binary_functions(name, tmp_path):
    operation, function, a, b = EDGES[name]
    row = f"tensor<{len(a)}xf64>"
    rows = f"tensor<1x{len(a)}xf64>"
    text = f"""
      func.func @f(%a: {rows}, %b: {rows}, %o: {rows}) -> {rows} {{
        %y = rowwise.program rows(%a, %b : {rows}, {rows}) outs(%o : {rows}) {{
        ^bb0(%p: {row}, %q: {row}):
          %r = {operation} %p, %q : {row}
          rowwise.yield %r : {row}
        }} -> {rows}
        return %y : {rows}
      }}"""
    text = run([BUILD / "bin/seednorm-opt", "--rowwise-differentiate"], text)
    arrays = [np.array([v]) for v in (a, b)]
    da, db = Compiled(text, tmp_path)("f_backward", [*arrays, np.zeros((1, len(a))), np.ones((1, len(a)))],
                                      [(2, np.float64)] * 2)
    leaves = [torch.from_numpy(v).requires_grad_() for v in arrays]
    for got, exact in zip((da, db), torch.autograd.grad(function(*leaves).sum(), leaves)):
        np.testing.assert_allclose(got, exact.numpy(), rtol=1e-12)
