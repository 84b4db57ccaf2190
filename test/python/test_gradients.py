"""Every normalisation's backward, from the differentiated row program.

Compared with PyTorch autograd of the plain formula in float64; the largest error
in f32, on average over several arrays, is at most twice that of PyTorch's own f32
gradients (or 8 units in the last place, where PyTorch happens to be closer than
that). In f64 also with central finite differences of the compiled forward.
"""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harness import BUILD, Compiled, run  # noqa: E402
from test_accuracy import (FLOOR, NUMPY, VARIANTS, from_numpy, inputs, module,  # noqa: E402
                           relative_error, to_numpy)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gradients")


def backward(variant, width, dtype, folder):
    passes = ["--seednorm-to-rowwise", "--rowwise-differentiate=function=f"]
    text = run([BUILD / "bin/seednorm-opt", *passes], module(variant, width, dtype))
    return Compiled(text, folder)


def gradients(variant, x, parameters, g, dtype):
    leaves = [t.to(dtype).detach().requires_grad_() for t in (x, *parameters)]
    y = VARIANTS[variant][3](*leaves, **VARIANTS[variant][4])
    return torch.autograd.grad(y.to(dtype), leaves, g.to(dtype))


def call(compiled, x, parameters, g, dtype):
    arguments = [to_numpy(t, dtype) for t in (x, *parameters, g)]
    sums = np.float64 if dtype == "f64" else np.float32
    results = [(2, NUMPY[dtype])] + [(1, sums)] * len(parameters)
    dx, *rest = compiled("f_backward", arguments, results)
    return [from_numpy(dx, dtype), *map(torch.from_numpy, rest)]


def cotangent(x, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(x.shape, generator=generator, dtype=torch.float64).to(x.dtype)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("width", [1, 3, 64, 127, 768, 8191])
def test_f32(variant, width, folder):
    if width % VARIANTS[variant][4].get("heads", 1):
        pytest.skip("heads do not divide the row")
    compiled = backward(variant, width, "f32", folder)
    ours, theirs = {}, {}
    # Several single rows: one dot product's rounding is a matter of luck.
    for seed, rows in enumerate((1, 1, 1, 1, 1, 1, 2, 7, 64, 1000)):
        x, parameters = inputs(variant, width, rows, "f32", seed)
        g = cotangent(x)
        exact = gradients(variant, x, parameters, g, torch.float64)
        eager = gradients(variant, x, parameters, g, torch.float32)
        got = call(compiled, x, parameters, g, "f32")
        for i, (a, b, e) in enumerate(zip(got, eager, exact)):
            assert torch.isfinite(a).all()
            # Rows of one element cancel to nothing: compare with what cancels.
            floor = g.double().abs().max()
            scale = max(e.abs().max(), 1e-3 * floor)
            ours.setdefault(i, []).append(((a.double() - e).abs().max() / scale).item())
            theirs.setdefault(i, []).append(((b.double() - e).abs().max() / scale).item())
    for i in ours:
        mean = sum(ours[i]) / len(ours[i])
        bound = 2 * sum(theirs[i]) / len(theirs[i])
        assert mean <= max(bound, 8 * FLOOR["f32"]), (i, ours[i], theirs[i])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dtype", ["f64", "bf16", "f16"])
def test_other_types(variant, dtype, folder):
    compiled = backward(variant, 128, dtype, folder)
    x, parameters = inputs(variant, 128, 33, dtype)
    g = cotangent(x)
    exact = gradients(variant, x, parameters, g, torch.float64)
    for a, e in zip(call(compiled, x, parameters, g, dtype), exact):
        assert relative_error(a, e) <= 4 * FLOOR[dtype]


@pytest.mark.parametrize("variant", VARIANTS)
def test_finite_differences(variant, folder):
    compiled = backward(variant, 16, "f64", folder)
    x, parameters = inputs(variant, 16, 3, "f64")
    g = cotangent(x)
    got = call(compiled, x, parameters, g, "f64")
    arrays = [t.numpy().copy() for t in (x, *parameters)]
    step = 1e-6

    def loss():
        (y,) = compiled("f", arrays, [(2, np.float64)])
        return (y * g.numpy()).sum()

    for array, gradient in zip(arrays, got):
        for index in np.ndindex(array.shape):
            value = array[index]
            array[index] = value + step
            above = loss()
            array[index] = value - step
            below = loss()
            array[index] = value
            assert abs((above - below) / (2 * step) - gradient[index].item()) < 1e-6


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_rows(variant, folder):
    compiled = backward(variant, 64, "f32", folder)
    x, parameters = inputs(variant, 64, 0, "f32")
    dx, *rest = call(compiled, x, parameters, x, "f32")
    assert dx.shape == (0, 64) and all((p == 0).all() for p in rest)


@pytest.mark.parametrize("variant", ["seednorm", "heads", "layer_norm", "softmax"])
def test_dynamic_width(variant, folder):
    compiled = backward(variant, "?", "f32", folder)
    for width in (8, 24, 1000):
        x, parameters = inputs(variant, width, 130, "f32")
        g = cotangent(x)
        exact = gradients(variant, x, parameters, g, torch.float64)
        for a, e in zip(call(compiled, x, parameters, g, "f32"), exact):
            assert relative_error(a, e) <= 64 * FLOOR["f32"]


def test_strided_views(folder):
    """Rows with gaps, off any alignment, of x and of the cotangent."""
    compiled = backward("seednorm", 64, "f32", folder)
    backing, _ = inputs("seednorm", 131, 50, "f32")
    _, parameters = inputs("seednorm", 64, 50, "f32")
    x, g = backing[:, 1:65], backing[:, 66:130]
    exact = gradients("seednorm", x, parameters, g, torch.float64)
    for a, e in zip(call(compiled, x, parameters, g, "f32"), exact):
        assert relative_error(a, e) <= 16 * FLOOR["f32"]


def test_same_bits_for_any_threads(folder, tmp_path):
    """Run to run and for 1, 2 and 3 threads; 1003 rows are several chunks."""
    source = tmp_path / "backward.mlir"
    source.write_text(run([BUILD / "bin/seednorm-opt", "--seednorm-to-rowwise",
                           "--rowwise-differentiate"], module("heads", 768, "f32")))
    x, parameters = inputs("heads", 768, 1003, "f32")
    names = []
    for i, array in enumerate((x, *parameters, cotangent(x))):
        names.append(str(tmp_path / f"{i}.npy"))
        np.save(names[-1], array.numpy())
    seen = []
    for attempt, threads in enumerate((1, 1, 2, 2, 3)):
        outs = [str(tmp_path / f"{attempt}-{i}.npy") for i in range(4)]
        run([BUILD / "bin/seednorm-run", source, "--entry=f_backward",
             f"--threads={threads}", "--inputs=" + ",".join(names),
             "--outputs=" + ",".join(outs)], "")
        seen.append([Path(out).read_bytes() for out in outs])
        assert seen[attempt] == seen[0], threads


@pytest.mark.parametrize("rows", [10**4, 10**6])
def test_sums_do_not_lose_with_rows(rows, folder):
    """The error relative to the sum of magnitudes is one rounding's at any N."""
    compiled = backward("rms_norm", 64, "f32", folder)
    x, parameters = inputs("rms_norm", 64, rows, "f32")
    g = cotangent(x).abs()
    x = x.abs()
    _, exact = gradients("rms_norm", x, parameters, g, torch.float64)
    _, got = call(compiled, x, parameters, g, "f32")
    assert ((got.double() - exact) / exact).abs().max() <= 2 * FLOOR["f32"]


def operations(variant, width, dtype, saved):
    """A function @f_backward made of the forward, which saves statistics if it is
    to, and of the backward operation."""
    operation, names, attributes, _, options = VARIANTS[variant]
    names, wide = names.split(), "f64" if dtype == "f64" else "f32"
    x, p, sums = (f"tensor<{s}>" for s in (f"?x{width}x{dtype}", f"{width}x{dtype}",
                                           f"{width}x{wide}"))
    heads = options.get("heads", 1)
    statistics = [f"tensor<?x1x{wide}>", f"tensor<?x{heads}x{wide}>"]
    operands = f"ins(%x : {x}) " + " ".join(f"{n}(%{n} : {p})" for n in names)
    forward = given = ""
    if saved:
        forward = f"""
        %r0 = tensor.empty(%n) : {statistics[0]}
        %s0 = tensor.empty(%n) : {statistics[1]}
        %y, %r, %s = seednorm.{operation} {operands} outs(%init, %r0, %s0 : {x}, {", ".join(statistics)})
            {{{attributes}}} -> {x}, {", ".join(statistics)}"""
        given = f"statistics(%r, %s : {', '.join(statistics)})"
    results = ", ".join([x] + [sums] * len(names))
    outs = ", ".join(["%init"] + ["%sum"] * len(names))
    back = ", ".join(["%g0"] + [f"%g{i + 1}" for i in range(len(names))])
    arguments = "".join(f", %{n}: {p}" for n in names)
    return f"""
      func.func @f_backward(%x: {x}{arguments}, %dy: {x}) -> ({results}) {{
        %c0 = arith.constant 0 : index
        %n = tensor.dim %x, %c0 : {x}
        %init = tensor.empty(%n) : {x}
        %sum = tensor.empty() : {sums}
        {forward}
        {back} = seednorm.{operation}_backward {operands} grad(%dy : {x}) {given}
            outs({outs} : {results}) {{{attributes}}} -> {results}
        return {back} : {results}
      }}"""


@pytest.mark.parametrize("saved", [False, True], ids=["recomputed", "saved"])
@pytest.mark.parametrize("dtype", ["f32", "f64", "bf16"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_operations(variant, dtype, saved, folder):
    operation, _, attributes, _, _ = VARIANTS[variant]
    if saved and (operation != "norm" or "elementwise" in attributes or "safe" in attributes):
        pytest.skip("saves no statistics")
    compiled = Compiled(operations(variant, 64, dtype, saved), folder)
    x, parameters = inputs(variant, 64, 33, dtype)
    g = cotangent(x)
    exact = gradients(variant, x, parameters, g, torch.float64)
    for a, e in zip(call(compiled, x, parameters, g, dtype), exact):
        assert relative_error(a, e) <= (16 if dtype == "f32" else 4) * FLOOR[dtype]


def test_one_value_as_several_parameters(folder):
    """Each gets its own gradient."""
    text = operations("seednorm", 64, "f32", False)
    text = text.replace("beta(%beta", "beta(%alpha").replace("gamma(%gamma", "gamma(%alpha")
    x, (p, _, _) = inputs("seednorm", 64, 33, "f32")
    p = p / 8
    g = cotangent(x)
    exact = gradients("seednorm", x, [p, p, p], g, torch.float64)
    for a, e in zip(call(Compiled(text, folder), x, [p, p, p], g, "f32"), exact):
        assert relative_error(a, e) <= 16 * FLOOR["f32"]
