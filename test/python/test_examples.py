"""The examples: what is committed is what their scripts write, PyTorch gives the
stored results, and the programs that people run end as documented."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from harness import BUILD, ROOT

sys.path.insert(0, str(ROOT / "examples/common"))
from mlir_writer import Module, Value  # noqa: E402

torch = pytest.importorskip("torch")

TINY_LM = ROOT / "examples/tiny-lm"
VIT = ROOT / "examples/vit-block"


def run(*command, status=0):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


def in_folder(folder, code):
    """Each example has modules of the same names, so each gets a process."""
    return run(sys.executable, "-c", f"import sys; sys.path.insert(0, '{folder}')\n{code}")


@pytest.mark.parametrize("folder,script,name", [
    (TINY_LM, "export.py", "tiny-lm"), (TINY_LM, "export_train.py", "tiny-lm-train"),
    (VIT, "export.py", "vit-block")])
def test_export_is_what_is_committed(folder, script, name, tmp_path):
    written = tmp_path / "model.mlir"
    run(sys.executable, folder / script, "--output", written)
    assert written.read_bytes() == (folder / f"{name}.mlir").read_bytes()


def reshape(before, after):
    """The module that reshapes its only argument, as text."""
    module = Module("// A reshape.")
    x = Value("%x", before)
    function = module.function("f", [x])
    if before and isinstance(before[0], str):
        function.count_rows(x)
    function.give_back(function.reshape(x, after))
    return module.text()


@pytest.mark.parametrize("before,after", [
    ((4, 6), (24,)), ((24,), (4, 6)), ((4,), (1, 4)), ((4,), (4, 1)), ((2, 3), (2, 1, 3)),
    ((2, 3), (1, 2, 3)), ((1, 1, 4), (1, 4)), ((1,), ()), ((), (1, 1)), ((2, 3), (2, 3)),
    (("%n", 8), ("%n", 2, 4)), (("%n", 2, 4), ("%n", 8)), ((0, 4), (0, 2, 2)),
])
def test_writer_reshapes(before, after):
    done = subprocess.run([BUILD / "bin/seednorm-opt"], input=reshape(before, after),
                          text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("before,after", [
    ((4, 6), (6, 4)), ((6,), (4, 2)), ((6,), (2, 2)), ((6,), (6, 2)), ((2,), ()),
    ((2, 3), ("%n", 3)), (("%n", 8), ("%n", 2, 3)), (("%n", 8), (4, 2, 8)),
])
def test_writer_refuses_reshapes(before, after):
    with pytest.raises(ValueError, match="tensor<.*> cannot become tensor<.*>"):
        reshape(before, after)


def test_writer_functions():
    module = Module("// Two functions.")
    x = Value("%x", (2, 3))
    callee = module.function("callee", [(x, 'seednorm.name = "x"')], private=True)
    filled = callee.generic([], [], (2, 3), """
        %one = arith.constant 1.0 : f32
        linalg.yield %one : f32""")
    bias = callee.slice(filled, (0, 0), (1, 3))
    callee.give_back(callee.add(x, callee.reshape(bias, (3,))))
    caller = module.function("caller", [x])
    caller.give_back(*caller.call(callee, [x]))
    text = module.text()
    done = subprocess.run([BUILD / "bin/seednorm-opt", "--seednorm-cpu-pipeline"], input=text,
                          text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert text == module.text()  # writing changes nothing


def test_tiny_lm_parameters():
    from safetensors import safe_open

    path = TINY_LM / "model.safetensors"
    assert path.stat().st_size <= 4 << 20
    with safe_open(path, "numpy") as weights:
        names = set(weights.keys())
    used = re.findall(r'seednorm\.param = "([^"]+)"', (TINY_LM / "tiny-lm.mlir").read_text())
    assert names == set(used)


def test_tiny_lm_stored_results():
    done = in_folder(TINY_LM, """
import json, numpy as np, torch
from safetensors.torch import load_file
from model import TinyLM
from train import perplexity
folder = sys.path[0]
model = TinyLM()
model.load_state_dict(load_file(folder + "/model.safetensors"))
model.eval()
tokens = torch.from_numpy(np.load(folder + "/expected_tokens.npy").astype(np.int64)) % 256
expected = torch.from_numpy(np.load(folder + "/expected_logits.npy"))
with torch.no_grad():
    logits = model(tokens[None])[0]
text = torch.tensor(list(open(folder + "/heldout.txt", "rb").read()))
print(json.dumps([float((logits - expected).abs().max() / expected.abs().max()),
                  perplexity(model, text)]))
""")
    error, perplexity = json.loads(done.stdout)
    assert error <= 1e-5
    stored = json.loads((TINY_LM / "expected.json").read_text())["perplexity"]
    assert perplexity == pytest.approx(stored, rel=5e-5)


def test_tiny_lm_is_finite_at_every_step():
    done = run(BUILD / "bin/seednorm-run", TINY_LM / "tiny-lm.mlir", "--entry=logits",
               "--weights", TINY_LM / "model.safetensors",
               "--inputs", TINY_LM / "expected_tokens.npy", "--check-numerics")
    assert done.stdout == "no non-finite value\n"


def test_tiny_lm_help():
    text = run(BUILD / "bin/tiny-lm", "--help").stdout
    for option in ("folder", "length", "prompt", "threads"):
        assert f"--{option}=" in text


def test_tiny_lm_agrees_with_pytorch():
    text = run(BUILD / "bin/tiny-lm").stdout
    assert float(re.search(r"relative error (\S+) of PyTorch", text)[1]) <= 1e-4
    ours, theirs = re.search(r"perplexity +(\S+) on .* PyTorch (\S+)", text).groups()
    assert f"{float(ours):.4g}" == f"{float(theirs):.4g}"
    for what in ("compile time", "tokens/s"):
        assert what in text


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1000])


@pytest.mark.parametrize("damage,expected", [
    (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors"),
    (lambda folder: (folder / "model.safetensors").write_bytes(b"\x08"), "model.safetensors"),
    (lambda folder: truncate(folder / "model.safetensors"), "model.safetensors"),
    (lambda folder: (folder / "tiny-lm.mlir").write_text("func.func @"), "tiny-lm.mlir:1"),
    (lambda folder: (folder / "expected.json").write_text("{"), "expected.json"),
    (lambda folder: shutil.rmtree(folder), "expected.json"),
])
def test_tiny_lm_bad_folder(damage, expected, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(TINY_LM, folder)
    damage(folder)
    done = run(BUILD / "bin/tiny-lm", f"--folder={folder}", status=1)
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ") and expected in done.stderr


@pytest.mark.parametrize("value", [np.nan, 9.0], ids=["NaN", "too far"])
def test_tiny_lm_notices_a_difference(value, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(TINY_LM, folder)
    logits = np.load(folder / "expected_logits.npy")
    logits[0, 0] = value  # the first, which later ones must not hide
    np.save(folder / "expected_logits.npy", logits)
    done = run(BUILD / "bin/tiny-lm", f"--folder={folder}", "--length=1", status=1)
    assert re.search(r"^logits .*TOO FAR", done.stdout, re.M)


def test_tiny_lm_bad_option():
    assert "--threads" in run(BUILD / "bin/tiny-lm", "--threads=-3", status=1).stderr


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """What PyTorch computes for tiny-lm-train."""
    folder = tmp_path_factory.mktemp("training")
    run(sys.executable, TINY_LM / "train_compare.py", folder)
    return folder


def test_tiny_lm_training_follows_pytorch(training, tmp_path):
    from safetensors.numpy import load_file

    text = run(BUILD / "bin/tiny-lm-train", training, f"--losses={tmp_path}/losses.csv",
               f"--weights={tmp_path}/trained.safetensors").stdout
    assert float(re.search(r"relative difference (\S+) of PyTorch", text)[1]) <= 1e-3
    ours = np.loadtxt(tmp_path / "losses.csv", delimiter=",", skiprows=1)
    theirs = np.loadtxt(training / "losses.csv", delimiter=",", skiprows=1)
    assert len(ours) == 200 and theirs[-1, 1] < 0.5 * theirs[0, 1]
    np.testing.assert_allclose(ours[:, 1], theirs[:, 1], rtol=1e-3)
    initial, trained = (load_file(path) for path in (training / "initial.safetensors",
                                                     tmp_path / "trained.safetensors"))
    assert initial.keys() == trained.keys()
    for name in initial:
        assert np.array_equal(initial[name], trained[name]) == name.startswith("rope"), name


def test_tiny_lm_training_is_kept():
    """The committed curve is one of as many steps that agreed."""
    kept = np.loadtxt(TINY_LM / "training.csv", delimiter=",", skiprows=1)
    assert len(kept) == 200
    np.testing.assert_allclose(kept[:, 1], kept[:, 2], rtol=1e-3)


def replace_loss(value):
    def damage(folder):
        lines = (folder / "losses.csv").read_text().splitlines()
        lines[1] = f"0,{value}"  # the first, which later ones must not hide
        (folder / "losses.csv").write_text("\n".join(lines))
    return damage


@pytest.mark.parametrize("value", ["nan", "5.8"])
def test_tiny_lm_training_notices_a_difference(value, training, tmp_path):
    folder = tmp_path / "training"
    shutil.copytree(training, folder)
    replace_loss(value)(folder)
    done = run(BUILD / "bin/tiny-lm-train", folder, "--steps=2", status=1)
    assert re.search(r"^loss curve .* at step 0 of 2  TOO FAR", done.stdout, re.M)


def change_tensors(name, change):
    def damage(folder):
        from safetensors.numpy import load_file, save_file

        tensors = load_file(folder / name)
        change(tensors)
        save_file(tensors, folder / name)
    return damage


def change_initial(change):
    return change_tensors("initial.safetensors", change)


def change_batches(change):
    return change_tensors("batches.safetensors", change)


@pytest.mark.parametrize("damage,expected", [
    (shutil.rmtree, "losses.csv"),
    (lambda folder: (folder / "losses.csv").write_text("step,loss\n0,1.5\n1,x\n"),
     "losses.csv:3: '1,x', but step 1 and its loss is expected"),
    (lambda folder: (folder / "losses.csv").write_text(""),
     "losses.csv:1: '', but the heading 'step,loss' is expected"),
    (lambda folder: (folder / "losses.csv").write_text("step,loss\n0,1.5\n"),
     "cannot take 2 steps: there are 200 batches and 1 of PyTorch's losses"),
    (lambda folder: truncate(folder / "initial.safetensors"), "initial.safetensors"),
    (lambda folder: (folder / "batches.safetensors").unlink(), "batches.safetensors"),
    (change_initial(lambda t: t.pop("rope_cos")),
     "argument 'rope_cos' of @train_step is neither in the initial weights nor in the "
     "batches, and not computed by a step"),
    (change_initial(lambda t: t.update(extra=t["rope_cos"])),
     "the initial weights have 'extra', which is no argument of @train_step"),
    (change_initial(lambda t: t.update({"head.weight": t["rope_cos"]})),
     "'head.weight' of the weights is 256x16xf32"),
    (change_initial(lambda t: t.update(lr=np.ones((), np.float32))),
     "'lr' is both in the initial weights and in the batches"),
    (change_batches(dict.clear), "the batches' file has no tensors"),
    (change_batches(lambda t: t.update(lr=t["lr"][:0])),
     "of the batches is for 200 steps, but another for 0"),
    (change_batches(lambda t: t.update(lr=np.array(1.0))),
     "'lr' of the batches has no dimension of steps"),
    (change_batches(lambda t: t.update(extra=t["lr"])),
     "the batches have 'extra', which is no argument of @train_step"),
    (change_batches(lambda t: t.update(tokens=t["tokens"][:, :2].copy())),
     "2x128xi8"),
])
def test_tiny_lm_training_bad_folder(damage, expected, training, tmp_path):
    folder = tmp_path / "training"
    shutil.copytree(training, folder)
    damage(folder)
    done = run(BUILD / "bin/tiny-lm-train", folder, "--steps=2", status=1)
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ") and expected in done.stderr


@pytest.mark.parametrize("model,expected", [
    ("func.func @train_step(%x: tensor<f32>) -> tensor<f32> {\n"
     "  return %x : tensor<f32>\n}", "result 'result0' of @train_step is neither"),
    ("func.func @train_step(%x: tensor<f32>) -> (tensor<1xf32> {seednorm.name = \"loss\"}) {\n"
     "  %y = tensor.expand_shape %x [] output_shape [1] : tensor<f32> into tensor<1xf32>\n"
     "  return %y : tensor<1xf32>\n}",
     "the loss of @train_step is 1xf32, but must be one float"),
    ("func.func @train_step(%x: tensor<f32>) -> (tensor<f32> {seednorm.name = \"arg0\"}) {\n"
     "  return %x : tensor<f32>\n}", "no result of @train_step is named 'loss'"),
    ("func.func @f(%x: tensor<f32>) -> tensor<f32> {\n"
     "  return %x : tensor<f32>\n}", "train_step"),
])
def test_tiny_lm_training_bad_model(model, expected, training, tmp_path):
    (tmp_path / "model.mlir").write_text(model)
    done = run(BUILD / "bin/tiny-lm-train", training, f"--model={tmp_path}/model.mlir",
               status=1)
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ") and expected in done.stderr


def test_tiny_lm_train_help():
    text = run(BUILD / "bin/tiny-lm-train", "--help").stdout
    for option in ("model", "steps", "losses", "weights", "threads"):
        assert f"--{option}=" in text


def test_vit_block_agrees_with_pytorch(tmp_path):
    run(sys.executable, VIT / "make_weights.py", tmp_path)
    run(BUILD / "bin/seednorm-run", VIT / "vit-block.mlir", "--no-cache",
        f"--weights={tmp_path}/block.safetensors", f"--inputs={tmp_path}/image.npy",
        f"--outputs={tmp_path}/out.npy")
    run(sys.executable, VIT / "reference.py", tmp_path, "--compare", tmp_path / "out.npy")
    # The comparison can fail.
    np.save(tmp_path / "wrong.npy", np.load(tmp_path / "out.npy") * np.float32(1.001))
    run(sys.executable, VIT / "reference.py", tmp_path, "--compare",
        tmp_path / "wrong.npy", status=1)


def test_c_api():
    rows = [line.split() for line in run(BUILD / "bin/c-api-norm").stdout.splitlines()]
    x = np.array([[1, 2, 3, 4], [-1, 0, 0, 1]])
    scale = np.tanh(x.sum(-1, keepdims=True) / 10) + 1
    expected = scale * x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(np.array(rows, float), expected, atol=1e-5)
