"""Norms between operations of every other kind: mixes/*.mlir compile, agree with
the interpreter where it knows the operations, and leave their inputs alone."""

import re

import numpy as np
import pytest

from harness import Compiled, ROOT
from test_run import ok

MIXES = sorted((ROOT / "test/python/mixes").glob("*.mlir"))
NUMPY = {"f32": np.float32, "f64": np.float64, "i1": np.bool_, "i8": np.int8,
         "i32": np.int32, "i64": np.int64}


def signature(source):
    """What @f takes, and what it returns."""
    return source[source.index("@f("):].split(" {")[0].split(") ->")


def tensors(text):
    return re.findall(r"tensor<((?:[\d?]+x)*)(\w+)>", text)


def inputs(source):
    """Arrays for the arguments of @f, with 5 for every '?'."""
    generator = np.random.default_rng(0)
    for shape, dtype in tensors(signature(source)[0]):
        sizes = [5 if s == "?" else int(s) for s in shape.split("x")[:-1]]
        values = np.asarray(generator.standard_normal(sizes))
        if dtype == "i1":
            values = values > 0
        elif dtype[0] == "i":
            values = np.round(values * 1000)
        yield values.astype(NUMPY[dtype])


@pytest.mark.parametrize("path", MIXES, ids=lambda p: p.stem)
def test_agrees_with_reference(path, tmp_path):
    source = path.read_text()
    names = []
    if "bf16" in source or "tensor.pad" in source:
        # NumPy has no bf16; the interpreter knows no pad: that it compiles counts.
        ok(tmp_path, path, "--emit=obj", "-o", "mix.o")
        return
    for i, array in enumerate(inputs(source)):
        names.append(f"x{i}.npy")
        np.save(tmp_path / names[-1], array)
    results = len(tensors(signature(source)[1]))
    outputs = ",".join(f"y{i}.npy" for i in range(results))
    ok(tmp_path, path, "--inputs=" + ",".join(names), "--outputs=" + outputs)
    ok(tmp_path, path, "--inputs=" + ",".join(names), "--compare=" + outputs,
       "--target=reference", "--rtol=1e-5", "--atol=1e-6")


def test_pad_softmax_concat(tmp_path):
    path = ROOT / "test/python/mixes/pad-softmax-concat.mlir"
    x, gamma = inputs(path.read_text())
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "g.npy", gamma)
    ok(tmp_path, path, "--inputs=x.npy,g.npy", "--outputs=y.npy,r.npy,c.npy")
    p = np.pad(x.astype(np.float64), ((1, 1), (2, 2)))
    y = (p - p.mean(-1, keepdims=True)) / np.sqrt(p.var(-1, keepdims=True) + 1e-5) * gamma
    s = np.exp(y) / np.exp(y).sum(-1, keepdims=True)
    np.testing.assert_allclose(np.load(tmp_path / "c.npy"), np.hstack([y, s]),
                               rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.load(tmp_path / "r.npy"), np.ones(6), rtol=1e-6)


READ_ONLY = """
func.func @exp(%a: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %r = linalg.exp ins(%a : tensor<?x8xf32>) outs(%a : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}
func.func @norm(%a: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %r = seednorm.rms_norm ins(%a : tensor<?x8xf32>) outs(%a : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}
func.func @insert(%a: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %v = arith.constant 5.0 : f32
  %r = tensor.insert %v into %a[%c0, %c0] : tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}
func.func @pass(%a: tensor<?x8xf32>) -> tensor<?x8xf32> {
  return %a : tensor<?x8xf32>
}"""


def test_inputs_are_only_read(tmp_path):
    compiled = Compiled(READ_ONLY, tmp_path)
    x = np.full((3, 8), 2, np.float32)
    for entry, expected in (("exp", np.exp(2)), ("norm", 1), ("insert", 5), ("pass", 2)):
        (y,) = compiled(entry, [x], [(2, np.float32)])
        assert y[0, 0] == pytest.approx(expected, rel=1e-6)
        assert (x == 2).all(), entry
