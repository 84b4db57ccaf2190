"""seednorm-tune from end to end, on tiny shapes with few trials."""

import json
import os
import pty
import signal
import sqlite3
import subprocess
import time

import pytest

from harness import BUILD

TUNE = str(BUILD / "bin/seednorm-tune")
MODEL = """
func.func @norm(%x: tensor<?x64xf32>, %g: tensor<64xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %init = tensor.empty(%n) : tensor<?x64xf32>
  %y = seednorm.rms_norm ins(%x : tensor<?x64xf32>) gamma(%g : tensor<64xf32>)
      outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
func.func @fixed(%x: tensor<8x48xbf16>) -> tensor<8x48xbf16> {
  %init = tensor.empty() : tensor<8x48xbf16>
  %y = seednorm.softmax ins(%x : tensor<8x48xbf16>) outs(%init : tensor<8x48xbf16>)
      -> tensor<8x48xbf16>
  return %y : tensor<8x48xbf16>
}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.mlir").write_text(MODEL)
    return tmp_path


def command(*options):
    """Without a limit of time: a machine may be busy with other tests."""
    budget = [] if any(o.startswith("--budget") for o in options) else ["--budget=1h"]
    return [TUNE, "model.mlir", "--db=tuning.db", *budget, *options]


def tune(folder, *options, **environment):
    return subprocess.run(command(*options), cwd=folder, text=True, capture_output=True,
                          env={**os.environ, **environment})


def results(folder, *options):
    done = tune(folder, "--json", "--quiet", "--rows=64", "--threads=1", *options)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def count(folder):
    """The trials that the database has."""
    base = sqlite3.connect(folder / "tuning.db")
    tables = [name for name, in base.execute("select name from sqlite_master where type='table'")]
    table = next(name for name in tables if "measurement" in name)
    number, = base.execute(f"select count(*) from {table}").fetchone()
    base.close()
    return number


def test_every_program_is_tuned_and_kept(folder):
    rows = results(folder, "--trials=3")
    assert [(row["program"], row["shape"]) for row in rows] == [
        ("norm#0", "64x64"), ("fixed#0", "8x48")]
    for row in rows:
        assert row["measured"] + row["failed"] == 3 and row["failed"] == 0
        assert row["location"].startswith("model.mlir:")
        assert row["best"].startswith("#rowwise.schedule<")
        assert row["low"] <= row["speedup"] <= row["high"]
    assert count(folder) >= 2 * 4  # the defaults too


def test_one_that_fails_does_not_end_the_others(folder):
    # No memory is enough for that many rows.
    done = tune(folder, "--quiet", "--json", "--trials=1", "--rows=64,1099511627776",
                "--threads=1", "--program=norm")
    assert done.returncode == 1 and done.stderr == ""
    small, large = json.loads(done.stdout)
    assert small["measured"] + small["failed"] == 1 and "error" not in small
    assert large["error"] and "best" not in large
    done = tune(folder, "--quiet", "--trials=1", "--rows=1099511627776,64", "--threads=1",
                "--program=norm")
    header, large, small = done.stdout.splitlines()
    assert done.returncode == 1 and "failed: " in large and "failed" not in small


def test_programs_shapes_and_threads_are_chosen(folder):
    rows = results(folder, "--trials=1", "--program=fixed")
    assert [row["program"] for row in rows] == ["fixed#0"]
    done = tune(folder, "--json", "--quiet", "--trials=1", "--shape=3x64,5x64",
                "--threads=1,2,1")
    assert done.returncode == 0, done.stderr
    assert [(row["program"], row["shape"], row["threads"]) for row in json.loads(done.stdout)] == [
        ("norm#0", "3x64", 1), ("norm#0", "3x64", 2), ("norm#0", "5x64", 1), ("norm#0", "5x64", 2)]


def test_a_later_run_resumes(folder):
    first, = results(folder, "--program=norm", "--trials=4")
    before = count(folder)
    again, = results(folder, "--program=norm", "--trials=0")
    assert again["measured"] == 0 and again["best"] == first["best"]
    assert again["default_seconds"] > 0 and again["seconds"] > 0
    done = tune(folder, "--quiet", "--program=norm", "--rows=64", "--threads=1", "--trials=0")
    header, row = done.stdout.splitlines()
    assert header.split()[3] == "trials" and row.split()[3] == "0"
    assert "nothing tried: " in row and "?" not in row
    assert count(folder) == before
    # The same search knows all that it proposes at first.
    more, = results(folder, "--program=norm", "--trials=2")
    assert more["known"] >= 4 and more["measured"] + more["failed"] == 2
    assert count(folder) > before


def start(folder, *options):
    """A run without an end, of which a few trials are done."""
    process = subprocess.Popen(
        command("--program=norm", "--rows=64", "--threads=1", "--strategy=random", *options),
        cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        time.sleep(0.05)
        try:
            if count(folder) >= 4:
                return process
        except (sqlite3.OperationalError, StopIteration):
            pass
    process.kill()
    raise AssertionError(process.communicate())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupts_keep_what_is_done(folder, number):
    process = start(folder, "--rows=128")
    process.send_signal(number)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 128 + number
    assert "norm#0" in out  # the table is there all the same
    assert err.endswith("seednorm-tune: interrupted; not tuned: 1 of 2\n")
    assert count(folder) >= 4


def test_kill_loses_nothing(folder):
    process = start(folder)
    before = count(folder)
    process.kill()
    process.communicate()
    assert count(folder) >= before
    again, = results(folder, "--program=norm", "--strategy=random", "--trials=1")
    assert again["known"] >= before - 1


def test_progress_is_lines_where_there_is_no_terminal(folder):
    done = tune(folder, "--program=norm", "--rows=64", "--threads=1", "--trials=10")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("norm#0 64x64, 1 thread\n")
    assert "\r" not in done.stderr and "trial 10: " in done.stderr
    header, row = done.stdout.splitlines()
    assert header.split()[:3] == ["program", "shape", "threads"]
    assert row.split()[:3] == ["norm#0", "64x64", "1"] and "->" in row


def test_progress_is_a_bar_on_a_terminal(folder):
    screen, terminal = pty.openpty()
    done = subprocess.run(
        command("--program=norm", "--rows=64", "--threads=1", "--trials=2"), cwd=folder,
        stdout=subprocess.DEVNULL, stderr=terminal, timeout=600)
    os.close(terminal)
    shown = os.read(screen, 1 << 16).decode()
    os.close(screen)
    assert done.returncode == 0, shown
    bars = shown.split("\r")
    assert "norm#0 64x64, 1 thread  [" in bars[1] and "2 trials, best " in bars[-2]
    assert bars[-1] == "\x1b[K"  # and it is gone in the end


def test_the_model_alone_measures_nothing(folder):
    for target in ([], ["--target=aarch64-unknown-linux-gnu", "--cpu=neoverse-v2"],
                   ["--target=nvptx64-nvidia-cuda", "--cpu=sm_90"]):
        row, = results(folder, "--program=norm", "--strategy=model", *target)
        assert row["predicted"] and row["measured"] == 0 and row["speedup"] >= 1
        assert row["best"].startswith("#rowwise.schedule<")


@pytest.mark.parametrize("options, message", [
    (["--rows=0"], "--rows is '0', but a number from 1 to 1099511627776 is expected"),
    (["--trials=x"], "--trials is 'x', but a number from 0 to 1000000000 is expected"),
    (["--budget=fast"], "--budget is 'fast', but a time as 500ms, 60s, 5m or 1h is expected"),
    (["--budget=0s"], "--budget is '0s', but a time as 500ms, 60s, 5m or 1h is expected"),
    (["--confidence=2"], "--confidence is '2', but a number from 0.5 to 0.9999 is expected"),
    (["--strategy=luck"],
     "--strategy is 'luck', but evolution|exhaustive|random|model is expected"),
    (["--shape=4x"], "--shape is '4x', but a shape as 4096x2048 is expected"),
    (["--shape=4x63"], "shape 4x63 is not one of program 'norm#0', whose rows are ?x64"),
    (["--rows=4", "--shape=4x64"], "--rows and --shape exclude each other"),
    (["--program=other"],
     "the model has no row program 'other' (there are 'norm#0', 'fixed#0')"),
    (["more.mlir"], "one model is expected, but 'model.mlir' and 'more.mlir' are given"),
    (["--nonsense"], "Unknown command line argument '--nonsense'."),
    (["--target=nvptx64-nvidia-cuda", "--cpu=sm_90"],
     "candidates for 'nvptx64-nvidia-cuda' cannot be measured on this machine; only "
     "--strategy=model works without running anything"),
])
def test_bad_options_give_one_line(folder, options, message):
    done = tune(folder, *options)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("seednorm-tune: error: " + message), done.stderr


def test_bad_files_give_one_line(folder):
    for name, text, message in [
            ("none.mlir", None, "No such file or directory"),
            ("bad.mlir", "nonsense", "bad.mlir:1:1: "),
            ("empty.mlir", "", "'empty.mlir' has no row program")]:
        if text is not None:
            (folder / name).write_text(text)
        done = subprocess.run([TUNE, name, "--db=tuning.db"], cwd=folder, text=True,
                              capture_output=True)
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.count("\n") == 1 and message in done.stderr
    done = subprocess.run([TUNE], text=True, capture_output=True)
    assert done.stderr == "seednorm-tune: error: no model is given; see --help\n"


def test_help_has_examples(folder):
    done = subprocess.run([TUNE, "--help"], text=True, capture_output=True)
    assert done.returncode == 0 and "seednorm-tune model.mlir --rows=4096" in done.stdout
    assert "--budget" in done.stdout and "worker" not in done.stdout.split("OPTIONS")[0]
