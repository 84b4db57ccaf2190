"""Dropout of the dynamic coefficient: the mask bit for bit, forward and backward.

The generator is written here a second time, in NumPy, and checked against the
known answers of its authors; compiled code and the interpreter must draw its bits.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harness import BUILD, Compiled, run  # noqa: E402
from test_run import ok  # noqa: E402


def philox(counter, key):
    """Philox 4x32-10 on arrays of 32-bit words (Salmon et al., SC 2011)."""
    c = [np.asarray(w, np.uint64) for w in counter]
    k = [np.asarray(w, np.uint64) for w in key]
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ k[0], p1 & low,
             (p0 >> np.uint64(32)) ^ c[3] ^ k[1], p0 & low]
        k = [(k[0] + np.uint64(0x9E3779B9)) & low, (k[1] + np.uint64(0xBB67AE85)) & low]
    return c


@pytest.mark.parametrize("counter,key,answer", [
    # kat_vectors of Random123.
    ([0] * 4, [0] * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
])
def test_known_answers(counter, key, answer):
    assert [f"{int(w):08x}" for w in philox(counter, key)] == answer.split()


def keep(rows, columns, p, seed, offset):
    """Whether s is kept, for each row and head (or column)."""
    row, column = np.ogrid[:rows, :columns]
    words = philox([row & 0xFFFFFFFF, row >> 32, column, offset & 0xFFFFFFFF],
                   [seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF])
    return words[0] >= np.uint64(int(p * 2**32))


def source(attributes, width=64, dtype="f32", leading="?"):
    """s itself is the result: x is a row of ones, alpha 1, gamma 0."""
    x, p = f"tensor<{leading}x{width}x{dtype}>", f"tensor<{width}x{dtype}>"
    dims = "".join(f"%d{i}, " for i, n in enumerate((leading + f"x{width}").split("x"))
                   if n == "?").rstrip(", ")
    sizes = "\n".join(f"""%c{i} = arith.constant {i} : index
        %d{i} = tensor.dim %x, %c{i} : {x}""" for i in range(leading.count("x") + 2))
    return f"""
      func.func @f(%x: {x}, %alpha: {p}, %beta: {p}, %gamma: {p},
                   %seed: tensor<2xi64>) -> {x} {{
        {sizes}
        %init = tensor.empty({dims}) : {x}
        %y = seednorm.norm ins(%x : {x}) alpha(%alpha : {p}) beta(%beta : {p})
            gamma(%gamma : {p}) seed(%seed : tensor<2xi64>) outs(%init : {x})
            {{{attributes}}} -> {x}
        return %y : {x}
      }}"""


def ones(rows, width, seed, offset, dtype=np.float32):
    """Arguments for which y is the mask over 1 - p."""
    return [np.ones((rows, width), dtype), np.ones(width, dtype),
            np.full(width, 100, dtype), np.zeros(width, dtype),
            np.array([seed, offset], np.int64)]


SEEDS = [(0, 0), (1, 0), (0, 1), (0x299F31D0A4093822, 0x13198A2E03707344),
         (-1, -1), (-(2**63), 2**32 - 1)]


@pytest.mark.parametrize("heads,width", [(1, 64), (4, 64), (16, 48), (1, 37)])
def test_mask_is_philox(heads, width, tmp_path):
    compiled = Compiled(source(f"dropout = 0.3, heads = {heads}", width), tmp_path)
    for seed, offset in SEEDS:
        (y,) = compiled("f", ones(77, width, seed, offset), [(2, np.float32)])
        kept = np.repeat(keep(77, heads, 0.3, seed, offset), width // heads, 1)
        assert ((y != 0) == kept).all(), (seed, offset)
        np.testing.assert_allclose(y[kept], 1 / 0.7, rtol=1e-5)


@pytest.mark.parametrize("width", [64, 37, "?"])
def test_mask_of_elements(width, tmp_path):
    compiled = Compiled(source("dropout = 0.5, elementwise", width), tmp_path)
    for columns in (width,) if width != "?" else (1, 16, 100):
        (y,) = compiled("f", ones(19, columns, 5, 6), [(2, np.float32)])
        assert ((y != 0) == keep(19, columns, 0.5, 5, 6)).all()


def test_every_bit_of_a_word_counts(tmp_path):
    """The first known answer, with thresholds on both sides of it."""
    word = 0x6627E8D5
    for threshold, kept in ((word, True), (word + 1, False)):
        compiled = Compiled(source(f"dropout = {threshold / 2**32!r}"), tmp_path)
        (y,) = compiled("f", ones(1, 64, 0, 0), [(2, np.float32)])
        assert (y[0, 0] != 0) == kept


def test_rows_are_counted_over_all_leading_dimensions(tmp_path):
    compiled = Compiled(source("dropout = 0.5", 32, leading="3x?"), tmp_path)
    x, *rest = ones(3 * 50, 32, 11, 12)
    (y,) = compiled("f", [x.reshape(3, 50, 32), *rest], [(3, np.float32)])
    assert ((y != 0)[..., 0].ravel() == keep(150, 1, 0.5, 11, 12)[:, 0]).all()


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_rate(p, tmp_path):
    """Within five standard deviations, over rows, heads, seeds and offsets."""
    compiled = Compiled(source(f"dropout = {p}, heads = 8"), tmp_path)
    masks = [compiled("f", ones(4096, 64, *pair), [(2, np.float32)])[0][:, ::8] != 0
             for pair in ((3, 0), (3, 1), (4, 0), (4, 1))]
    count = masks[0].size
    deviation = (p * (1 - p) / count) ** 0.5
    for mask in masks:
        assert abs(mask.mean() - (1 - p)) <= 5 * deviation
        assert (abs(mask.mean(0) - (1 - p)) <= 5 * deviation * 8**0.5).all()
    for a in range(4):
        for b in range(a):
            both = (masks[a] & masks[b]).mean()
            assert abs(both - (1 - p) ** 2) <= 5 * (0.25 / count) ** 0.5
    assert p != 0 or masks[0].all()


def formula(x, alpha, beta, gamma, factor, heads, elementwise):
    r = torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)
    s = x * beta
    if not elementwise:
        s = s.unflatten(-1, (heads, -1)).sum(-1)
    s = torch.tanh(s) * factor
    if not elementwise:
        s = s.repeat_interleave(x.shape[-1] // heads, -1)
    return (s * alpha + gamma) * x * r


def random(rows, width, dtype):
    generator = torch.Generator().manual_seed(0)
    normal = lambda *s: torch.randn(*s, generator=generator, dtype=torch.float64)
    x, alpha, beta, gamma = normal(rows, width), normal(width), normal(width), normal(width)
    return [t.to(dtype) for t in (x, alpha, beta * width**-0.5, gamma, normal(rows, width))]


@pytest.mark.parametrize("attributes,heads", [("", 1), ("heads = 4", 4), ("elementwise", 0),
                                              ("heads = 4, safe", 4)])
@pytest.mark.parametrize("dtype", ["f32", "f64"])
def test_gradients(attributes, heads, dtype, tmp_path):
    """The backward draws the forward's mask: PyTorch, given the mask, agrees."""
    text = source("dropout = 0.25" + (", " + attributes if attributes else ""), 64, dtype)
    text = run([BUILD / "bin/seednorm-opt", "--seednorm-to-rowwise",
                "--rowwise-differentiate"], text)
    kind = {"f32": torch.float32, "f64": torch.float64}[dtype]
    x, alpha, beta, gamma, g = random(101, 64, kind)
    seed = np.array([123456789012345, 42], np.int64)
    kept = torch.from_numpy(keep(101, heads or 64, 0.25, *seed.tolist()))
    leaves = [t.double().clone().requires_grad_() for t in (x, alpha, beta, gamma)]
    y = formula(*leaves, kept.double() / 0.75, heads, heads == 0)
    exact = torch.autograd.grad(y, leaves, g.double())
    number = np.float32 if dtype == "f32" else np.float64
    compiled = Compiled(text, tmp_path)
    arrays = [t.numpy() for t in (x, alpha, beta, gamma)] + [seed]
    (got,) = compiled("f", arrays, [(2, number)])
    tolerance = 1e-5 if dtype == "f32" else 1e-12
    assert abs(torch.from_numpy(got) - y.detach()).max() <= tolerance * y.abs().max()
    results = compiled("f_backward", arrays + [g.numpy()],
                       [(2, number)] + [(1, number)] * 3)
    for got, e in zip(results, exact):
        assert abs(torch.from_numpy(got) - e).max() <= tolerance * e.abs().max()


def test_same_bits_for_threads_schedules_and_the_interpreter(tmp_path):
    """And for another vector length, through the whole runtime."""
    model = tmp_path / "model.mlir"
    model.write_text(source("dropout = 0.5, heads = 4"))
    program = run([BUILD / "bin/seednorm-opt", "--seednorm-to-rowwise", model], "")
    assert program.count(" {\n    ^bb0") == 1
    files = []
    for i, schedule in enumerate(["", "vector_width = 4, rows_per_block = 1",
                                  "vectors = 3, rows_in_flight = 4, rows_per_block = 12",
                                  "vector_width = 32, rows_per_block = 64, rows_per_task = 64"]):
        files.append(tmp_path / f"schedule{i}.mlir")
        files[-1].write_text(program.replace(
            " {\n    ^bb0", (f" schedule <{schedule}>" if schedule else "") + " {\n    ^bb0"))
    names = []
    for i, array in enumerate(ones(1003, 64, 77, 88)):
        names.append(f"{i}.npy")
        np.save(tmp_path / names[-1], array)
    kept = np.repeat(keep(1003, 4, 0.5, 77, 88), 16, 1)
    runs = [(f, f"--threads={n}") for f in files for n in (1, 2, 3)]
    runs += [(model, "--target=reference")]
    seen = []
    for i, (path, option) in enumerate(runs):
        ok(tmp_path, path, option, "--inputs=" + ",".join(names), f"--outputs=y{i}.npy")
        y = np.load(tmp_path / f"y{i}.npy")
        assert ((y != 0) == kept).all(), (path, option)
        seen.append(y)
    for i in range(3, len(files) * 3, 3):
        assert (seen[i] == seen[i + 1]).all() and (seen[i] == seen[i + 2]).all()
