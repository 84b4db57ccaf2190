"""AdaSeeDNorm: a norm whose result each sample's condition scales and shifts.

Forward and gradients against float64, PyTorch and finite differences, as the
other norms in test_accuracy.py and test_gradients.py; here the rows are [B, T]
and the modulation is [B, 1, D] or has another shape that repeats.
"""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harness import BUILD, Compiled, run  # noqa: E402
from test_accuracy import (DTYPES, FLOOR, NUMPY, from_numpy, relative_error, seednorm,  # noqa: E402
                           to_numpy, wide)

NAMES = "alpha beta gamma scale shift".split()
SHAPES = [(b, t) for b in (1, 3) for t in (1, 5, 300)]
WIDTH = 96
# Leading dimensions of scale and shift.
VARIANTS = {
    "sample": ("?1", "?1"),
    "position": ("1?", "1?"),
    "mixed": ("?1", "11"),
    "row": ("??", "?1"),
}


def array(leading, dtype, width=WIDTH):
    return "tensor<" + "x".join([*leading, str(width), dtype]) + ">"


def module(variant, dtype):
    """The norm as @f, its backward operation as @g."""
    x, p = array("??", dtype), array("", dtype)
    rows = [array(leading, dtype) for leading in VARIANTS[variant]]
    types = [x, p, p, p, *rows]
    sums = "f64" if dtype == "f64" else "f32"
    row_sums = [array(leading, dtype if leading == "??" else sums)
                for leading in VARIANTS[variant]]
    results = [x, *[array("", sums)] * 3, *row_sums]
    arguments = ", ".join(f"%{n}: {t}" for n, t in zip(["x", *NAMES], types))
    operands = " ".join(f"{n}(%{n} : {t})" for n, t in zip(NAMES, types[1:]))
    inits = []
    for kind in results:
        sizes = [f"%d{i}" for i, n in enumerate(kind[7:].split("x")[:2]) if n == "?"]
        inits.append(f"tensor.empty({', '.join(sizes)}) : {kind}")
    outs = "\n".join(f"%o{i} = {init}" for i, init in enumerate(inits))
    sizes = f"""%c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %d0 = tensor.dim %x, %c0 : {x}
        %d1 = tensor.dim %x, %c1 : {x}"""
    return f"""
      func.func @f({arguments}) -> {x} {{
        {sizes}
        %o = tensor.empty(%d0, %d1) : {x}
        %y = seednorm.norm ins(%x : {x}) {operands} outs(%o : {x}) {{heads = 4}} -> {x}
        return %y : {x}
      }}
      func.func @g({arguments}, %dy: {x}) -> ({", ".join(results)}) {{
        {sizes}
        {outs}
        %y:6 = seednorm.norm_backward ins(%x : {x}) {operands} grad(%dy : {x})
            outs({", ".join(f"%o{i}" for i in range(6))} : {", ".join(results)})
            {{heads = 4}} -> {", ".join(results)}
        return {", ".join(f"%y#{i}" for i in range(6))} : {", ".join(results)}
      }}"""


def formula(x, alpha, beta, gamma, scale, shift):
    y = seednorm(x, alpha, beta, gamma, heads=4)
    return y * (1 + wide(scale)) + wide(shift)


def inputs(variant, shape, dtype, seed=0):
    generator = torch.Generator().manual_seed(seed + 1000 * shape[0] + shape[1])
    random = lambda *s: torch.randn(*s, generator=generator, dtype=torch.float64)
    sizes = [[n if c == "?" else 1 for c, n in zip(leading, shape)]
             for leading in VARIANTS[variant]]
    leaves = [2 * random(*shape, WIDTH), random(WIDTH), random(WIDTH) * WIDTH ** -0.5,
              random(WIDTH), *[random(*s, WIDTH) for s in sizes]]
    return [t.to(DTYPES[dtype]) for t in (*leaves, random(*shape, WIDTH))]


def gradients(leaves, g, dtype):
    leaves = [t.to(dtype).detach().requires_grad_() for t in leaves]
    return torch.autograd.grad(formula(*leaves).to(dtype), leaves, g.to(dtype))


def backward(compiled, variant, leaves, g, dtype):
    sums = "f64" if dtype == "f64" else "f32"
    kinds = [dtype, *[sums] * 3,
             *[dtype if leading == "??" else sums for leading in VARIANTS[variant]]]
    got = compiled("g", [to_numpy(t, dtype) for t in (*leaves, g)],
                   [(t.dim(), NUMPY[k]) for t, k in zip(leaves, kinds)])
    return [from_numpy(a, k) for a, k in zip(got, kinds)]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("modulation")


@pytest.mark.parametrize("dtype", ["f32", "bf16"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_forward(variant, dtype, folder):
    compiled = Compiled(module(variant, dtype), folder)
    ours = theirs = 0.0
    for shape in SHAPES:
        *leaves, _ = inputs(variant, shape, dtype)
        exact = formula(*[t.double() for t in leaves])
        (got,) = compiled("f", [to_numpy(t, dtype) for t in leaves], [(3, NUMPY[dtype])])
        got = from_numpy(got, dtype)
        assert got.shape == exact.shape
        ours = max(ours, relative_error(got, exact))
        theirs = max(theirs, relative_error(formula(*leaves).to(DTYPES[dtype]), exact))
    assert ours <= max(2 * theirs, FLOOR[dtype]), (ours, theirs)


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_f32(variant, folder):
    compiled = Compiled(module(variant, "f32"), folder)
    ours, theirs = [0.0] * 6, [0.0] * 6
    for shape in SHAPES:
        *leaves, g = inputs(variant, shape, "f32")
        exact = gradients(leaves, g, torch.float64)
        eager = gradients(leaves, g, torch.float32)
        for i, (a, b, e) in enumerate(zip(backward(compiled, variant, leaves, g, "f32"),
                                          eager, exact)):
            assert a.shape == e.shape
            ours[i] = max(ours[i], relative_error(a, e))
            theirs[i] = max(theirs[i], relative_error(b, e))
    for a, b in zip(ours, theirs):
        assert a <= max(2 * b, 8 * FLOOR["f32"]), (ours, theirs)


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_bf16(variant, folder):
    compiled = Compiled(module(variant, "bf16"), folder)
    for shape in SHAPES:
        *leaves, g = inputs(variant, shape, "bf16")
        exact = gradients(leaves, g, torch.float64)
        for i, (a, e) in enumerate(zip(backward(compiled, variant, leaves, g, "bf16"), exact)):
            # Sums are f32: only what is stored in bf16 is rounded to it.
            bound = FLOOR["bf16"] if a.dtype == torch.bfloat16 else 64 * FLOOR["f32"]
            assert relative_error(a, e) <= bound, (i, shape)


@pytest.mark.parametrize("variant", VARIANTS)
def test_finite_differences(variant, folder):
    compiled = Compiled(module(variant, "f64"), folder)
    *leaves, g = inputs(variant, (2, 3), "f64")
    got = backward(compiled, variant, leaves, g, "f64")
    arrays = [t.numpy().copy() for t in leaves]
    step = 1e-6
    generator = np.random.default_rng(0)

    def loss():
        (y,) = compiled("f", arrays, [(3, np.float64)])
        return (y * g.numpy()).sum()

    for array, gradient in zip(arrays, got):
        for flat in generator.choice(array.size, 24, replace=False):
            index = np.unravel_index(flat, array.shape)
            value = array[index]
            array[index] = value + step
            above = loss()
            array[index] = value - step
            below = loss()
            array[index] = value
            assert abs((above - below) / (2 * step) - gradient[index].item()) < 1e-6


def test_no_rows(folder):
    compiled = Compiled(module("sample", "f32"), folder)
    for shape in ((0, 3), (2, 0)):
        *leaves, g = inputs("sample", shape, "f32")
        for a, t in zip(backward(compiled, "sample", leaves, g, "f32"), leaves):
            assert a.shape == t.shape and (a == 0).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_agrees_with_reference(variant, tmp_path):
    source = tmp_path / "ada.mlir"
    source.write_text(module(variant, "f32"))
    names, outs = [], ",".join(str(tmp_path / f"y{i}.npy") for i in range(6))
    for i, t in enumerate(inputs(variant, (3, 5), "f32")):
        names.append(str(tmp_path / f"{i}.npy"))
        np.save(names[-1], t.numpy())
    common = [BUILD / "bin/seednorm-run", source, "--entry=g", "--inputs=" + ",".join(names)]
    run([*common, "--outputs=" + outs], "")
    run([*common, "--target=reference", "--compare=" + outs, "--rtol=1e-4", "--atol=1e-5"], "")


@pytest.mark.parametrize("variant", VARIANTS)
def test_same_bits_for_any_threads(variant, tmp_path):
    source = tmp_path / "ada.mlir"
    source.write_text(module(variant, "f32"))
    names, seen = [], []
    for i, t in enumerate(inputs(variant, (3, 700), "f32")):
        names.append(str(tmp_path / f"{i}.npy"))
        np.save(names[-1], t.numpy())
    for attempt, threads in enumerate((1, 1, 2, 3, 5)):
        outs = [str(tmp_path / f"{attempt}-{i}.npy") for i in range(6)]
        run([BUILD / "bin/seednorm-run", source, "--entry=g", f"--threads={threads}",
             "--inputs=" + ",".join(names), "--outputs=" + ",".join(outs)], "")
        seen.append([Path(out).read_bytes() for out in outs])
        assert seen[attempt] == seen[0], threads
