"""The database of measured schedules: processes that die, processes at once, and
what seednorm-run and seednorm-tune do with it."""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import time

import numpy as np
import pytest

from harness import BUILD

WRITER = BUILD / "test/unit/Tuning/SeeDNormDatabaseWriter"
OPT, RUN, TUNE = (BUILD / "bin" / f"seednorm-{name}" for name in ("opt", "run", "tune"))

MODEL = """func.func @norm(%x: tensor<?x{width}xf32>, %g: tensor<{width}xf32>) -> tensor<?x{width}xf32> {{
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x{width}xf32>
  %init = tensor.empty(%n) : tensor<?x{width}xf32>
  %y = seednorm.rms_norm ins(%x : tensor<?x{width}xf32>) gamma(%g : tensor<{width}xf32>)
      outs(%init : tensor<?x{width}xf32>) -> tensor<?x{width}xf32>
  return %y : tensor<?x{width}xf32>
}}
"""


def call(*command, code=0, env=None, **options):
    done = subprocess.run([str(c) for c in command], text=True, capture_output=True,
                          env={**os.environ, **(env or {})}, **options)
    assert done.returncode == code, done.stderr[-4000:]
    return done


def export(path):
    return json.loads(call(TUNE, "export", "--db", path).stdout)


# Processes that die, and many at once.


def check_saved(path, saved):
    """`saved`: what each run printed."""
    contents = export(path)
    found = {(m["run"], m["trial"]) for m in contents["measurements"]}
    choices = {c["time"] for c in contents["choices"]}
    for run, trials in saved.items():
        missing = [t for t in trials if (run, t) not in found]
        assert not missing, f"{run} lost {missing}"
        assert all(t in choices for t in trials if t % 4 == 0)


def test_kill(tmp_path):
    """SIGKILL at 200 random points, some of them while the file is created."""
    rng = random.Random(7)
    path = tmp_path / "tuning.db"
    saved, kills, printed = {}, 0, 0
    while kills < 200:
        if kills % 20 == 0:
            if saved:
                check_saved(path, saved)
            saved, path = {}, tmp_path / f"tuning-{kills}.db"
        run = f"run-{kills}"
        writer = subprocess.Popen([WRITER, path, run, "1000000"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # Some before the first trial, most after the first ones.
        if rng.random() < 0.7:
            for _ in range(rng.randrange(1, 12)):
                writer.stdout.readline()
        time.sleep(rng.random() * 0.02)
        writer.send_signal(signal.SIGKILL)
        out, err = writer.communicate()
        assert writer.returncode == -signal.SIGKILL and not err, err
        trials = out.decode().splitlines(keepends=True)
        # The rest of what readline took is before it.
        last = [int(t) for t in trials if t.endswith("\n")]
        saved[run] = range(last[-1] + 1) if last else range(0)
        printed += len(saved[run])
        kills += 1
    check_saved(path, saved)
    assert printed > 200
    assert not list(tmp_path.glob("*damaged*"))


def test_many_processes(tmp_path):
    path = tmp_path / "tuning.db"
    writers = [subprocess.Popen([WRITER, path, f"run-{i}", "25"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True) for i in range(12)]
    for i, writer in enumerate(writers):
        out, err = writer.communicate()
        assert writer.returncode == 0, err
        assert out.split() == [str(t) for t in range(25)]
    check_saved(path, {f"run-{i}": range(25) for i in range(12)})
    assert len(export(path)["measurements"]) == 12 * 25
    assert os.listdir(tmp_path) == ["tuning.db"]


def test_many_processes_find_damage(tmp_path):
    """All of them find it, one of them sets it aside."""
    path = tmp_path / "tuning.db"
    call(WRITER, path, "damaged", 3)
    os.truncate(path, 4097)
    call(WRITER, tmp_path / "other.db", "run", 3)
    writers = [subprocess.Popen([TUNE, "merge", "--db", path, tmp_path / "other.db"],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
               for _ in range(8)]
    warnings = 0
    for writer in writers:
        _, err = writer.communicate()
        assert writer.returncode == 0, err
        warnings += "is damaged (" in err
    assert warnings == 1 and len(list(tmp_path.glob("*damaged*"))) == 1
    check_saved(path, {"run": range(3)})


# Files and folders that cannot be written to. root may write everywhere.

AS_USER = {"user": 65534} if os.geteuid() == 0 else {}


def test_read_only(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    call(WRITER, folder / "tuning.db", "run", 5)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        os.chmod(parent, 0o755)
    os.chmod(folder / "tuning.db", 0o444)
    os.chmod(folder, 0o555)
    try:
        done = call(TUNE, "export", "--db", folder / "tuning.db", **AS_USER)
        assert len(json.loads(done.stdout)["measurements"]) == 5 and not done.stderr
        assert os.listdir(folder) == ["tuning.db"]
        done = call(WRITER, folder / "tuning.db", "run", 1, code=1, **AS_USER)
        assert "it cannot be written to" in done.stderr
        os.chmod(folder, 0o755)
        (folder / "tuning.db").chmod(0o000)
        done = call(TUNE, "export", "--db", folder / "tuning.db", code=1, **AS_USER)
        assert "Permission denied" in done.stderr
        os.chmod(folder / "tuning.db", 0o644)
        (folder / "tuning.db").write_text("garbage")
        os.chmod(folder, 0o555)
        done = call(TUNE, "export", "--db", folder / "tuning.db", code=1, **AS_USER)
        assert "it is not a tuning database" in done.stderr
    finally:
        os.chmod(folder, 0o755)
        os.chmod(folder / "tuning.db", 0o644)


# seednorm-run and seednorm-opt.


@pytest.fixture
def model(tmp_path):
    (tmp_path / "norm.mlir").write_text(MODEL.format(width=256))
    np.save(tmp_path / "x.npy", np.random.default_rng(1).standard_normal((8, 256), np.float32))
    np.save(tmp_path / "g.npy", np.ones(256, np.float32))
    return tmp_path


def run(folder, *options, code=0, **env):
    return call(RUN, "norm.mlir", "--inputs=x.npy,g.npy", "--report", *options, code=code,
                cwd=folder, env={"SEEDNORM_CACHE_DIR": str(folder / "cache"),
                                 "SEEDNORM_TUNING_DB": str(folder / "tuning.db"), **env})


def told(done):
    """Where the schedule of the one program came from, and the schedule."""
    line, = re.findall(r"^tuning: @norm .*: (.*): (#rowwise.schedule<.*>)$", done.stderr, re.M)
    return line


def measure(folder, schedule, trial, speedup=1.5, **changes):
    """A measurement of the program as if it had been tuned."""
    recorded = folder / "recorded.db"
    if not recorded.exists():
        call(RUN, "norm.mlir", "--inputs=x.npy,g.npy", f"--tuning-db={recorded}",
             "--tuning-mode=record", cwd=folder, env={"SEEDNORM_CACHE": "off"})
    contents = export(recorded)
    key, = (choice["key"] for choice in contents["choices"])
    contents["choices"] = []
    contents["measurements"] = [{
        "key": {**key, **changes}, "schedule": schedule, "outcome": "measured",
        "seconds": 1e-3, "speedup": speedup, "low": speedup, "high": speedup,
        "confidence": 0.95, "time": 1, "run": "test", "trial": trial, "origin": "test",
        "message": ""}]
    (folder / "measured.json").write_text(json.dumps(contents))
    call(TUNE, "import", "--db", folder / "tuning.db", folder / "measured.json")


def make_schedule(vectors):
    return (f"#rowwise.schedule<vector_width = 16, vectors = {vectors}, rows_in_flight = 1, "
            f"rows_per_block = 4, rows_per_task = 64>")


def test_modes(model):
    first = told(run(model, SEEDNORM_PRINT_TUNING="1"))
    assert first[0] == "cost model"
    measure(model, make_schedule(2), 1)
    assert told(run(model, SEEDNORM_PRINT_TUNING="1")) == ("exact", make_schedule(2))
    assert told(run(model, "--tuning-mode=off", SEEDNORM_PRINT_TUNING="1"))[0] == "cost model"
    # What is recorded stays what pinned runs use, whatever is measured later.
    done = run(model, "--tuning-mode=pinned", code=1)
    assert "no schedule is recorded in" in done.stderr and "SEEDNORM_TUNING_MODE=record" in done.stderr
    assert re.search(r"norm.mlir:5:\d+: .*program [0-9a-f]{64}, f32,f32->f32, width 256", done.stderr)
    run(model, SEEDNORM_TUNING_MODE="record")
    measure(model, make_schedule(8), 2, speedup=2)
    assert told(run(model, SEEDNORM_PRINT_TUNING="1")) == ("exact", make_schedule(8))
    before = (model / "tuning.db").read_bytes()
    pinned = run(model, SEEDNORM_TUNING_MODE="pinned", SEEDNORM_PRINT_TUNING="1")
    assert told(pinned) == ("recorded", make_schedule(2))
    assert (model / "tuning.db").read_bytes() == before
    # Of exactly this key.
    done = run(model, "--tuning-mode=pinned", "--threads=7", code=1)
    assert "threads 7" in done.stderr


def test_nearest(model):
    measure(model, make_schedule(2), 1, width=512, rows=4096)
    origin, schedule = told(run(model, SEEDNORM_PRINT_TUNING="1"))
    assert schedule == make_schedule(2)
    assert re.fullmatch(r"nearest \(width 512, rows 4096, threads \d+\)", origin)


def test_what_does_not_fit_is_passed_over(model):
    """Not a schedule of this compiler, one for a GPU, one for other vectors."""
    for trial, schedule in enumerate(("#rowwise.schedule<warp_speed = 9>",
                                      "#rowwise.schedule<vector_width = 3>",
                                      "#rowwise.schedule<,,>",
                                      "#rowwise.schedule<vector_width = 99999999999999999999>",
                                      "#rowwise.schedule<vector_width = 4, rows_per_block = 1, "
                                      "threads_per_row = 256, ctas = 132>",
                                      "#rowwise.schedule<vector_width = 16, scalable = 1>")):
        measure(model, schedule, trial, speedup=9 - trial)
        done = run(model, SEEDNORM_PRINT_TUNING="1")
        assert told(done)[0] == "cost model" and "error" not in done.stderr
    measure(model, make_schedule(2), 100, width=512)
    assert told(run(model, SEEDNORM_PRINT_TUNING="1"))[0].startswith("nearest")


def test_given_schedules_win(model):
    measure(model, make_schedule(2), 1)
    rows = call(OPT, "norm.mlir", "--seednorm-row-programs=tuning-mode=off", cwd=model).stdout
    given = re.sub(r"schedule <[^>]*>", "schedule <vectors = 5>", rows)
    (model / "norm.mlir").write_text(given)
    origin, schedule = told(run(model, SEEDNORM_PRINT_TUNING="1"))
    assert origin == "given" and "vectors = 5," in schedule


def test_object_cache_follows(model):
    def compiled(**env):
        return "from the cache" not in run(model, **env).stderr
    assert compiled() and not compiled()
    measure(model, make_schedule(2), 1)
    assert compiled() and not compiled()
    measure(model, make_schedule(2), 1)  # nothing new
    assert not compiled()
    # Only pinned runs see what is recorded, and recording always compiles.
    assert compiled(SEEDNORM_TUNING_MODE="record") and compiled(SEEDNORM_TUNING_MODE="record")
    assert not compiled()
    assert compiled(SEEDNORM_TUNING_MODE="pinned") and not compiled(SEEDNORM_TUNING_MODE="pinned")
    assert compiled(SEEDNORM_TUNING_MODE="off") and not compiled(SEEDNORM_TUNING_MODE="off")
    assert compiled(OMP_NUM_THREADS="3") and not compiled(OMP_NUM_THREADS="3")
    measure(model, make_schedule(8), 2)
    assert not compiled(SEEDNORM_TUNING_MODE="pinned")
    assert not compiled(SEEDNORM_TUNING_MODE="off") and not compiled(SEEDNORM_TUNING_MODE="off", OMP_NUM_THREADS="3")
    assert compiled()


def test_messages(model):
    done = run(model, "--tuning-mode=best", code=1)
    assert done.stderr.strip().endswith("the tuning mode is 'best', but use, record, pinned or off is expected")
    done = run(model, SEEDNORM_TUNING_DB=str(model), code=1)
    assert f"error: cannot use the tuning database '{model}': it is not a file" in done.stderr
    assert run(model, "--tuning-mode=off", SEEDNORM_TUNING_DB=str(model))
    # One that nobody named is no reason to stop.
    (model / "seednorm/tuning.db").mkdir(parents=True)
    done = run(model, SEEDNORM_TUNING_DB="", XDG_CACHE_HOME=str(model))
    assert re.search("^seednorm-run: warning: cannot use the tuning database .*: it is not a file$", done.stderr, re.M)
    (model / "tuning.db").write_text("garbage")
    for mode in ("use", "pinned", "record"):
        done = run(model, f"--tuning-mode={mode}", code=1)
        assert f"cannot use the tuning database '{model}/tuning.db': it is not a tuning database (" in done.stderr
    assert (model / "tuning.db").read_text() == "garbage" and not list(model.glob("*damaged*"))
    done = run(model, "--target=reference", "--tuning-mode=use", code=1)
    assert "takes no" in done.stderr and "--tuning-mode" in done.stderr


# seednorm-tune.


def test_list_export_import_merge(model):
    measure(model, make_schedule(2), 1)
    measure(model, make_schedule(4), 2, speedup=0.5)
    measure(model, make_schedule(8), 3, speedup=1.25, threads=9)
    path = model / "tuning.db"
    listed = call(TUNE, "list", "--db", path).stdout.splitlines()
    assert len(listed) == 3 and "1.500" in listed[1] and make_schedule(2) in listed[1]
    assert len(call(TUNE, "list", "--trials", "--db", path).stdout.splitlines()) == 3
    contents = export(path)
    program = contents["programs"][0]
    assert program["text"] in call(TUNE, "list", f"--program={program['hash'][:8]}", "--db", path).stdout
    best = json.loads(call(TUNE, "export", "--best", "--db", path).stdout)
    assert [m["trial"] for m in best["measurements"]] == [1, 3]
    # The environment's, where none is named.
    env = {"SEEDNORM_TUNING_DB": str(path)}
    assert json.loads(call(TUNE, "export", env=env).stdout) == contents
    other = model / "other.db"
    call(TUNE, "merge", path, path, "--db", other)
    assert export(other) == contents
    # A mistake in the second file leaves nothing of the first.
    call(TUNE, "export", "--db", path, "-o", model / "good.json")
    text = (model / "good.json").read_text()
    (model / "bad.json").write_text(text.replace('"trial": 3', '"trial": -3'))
    done = call(TUNE, "import", model / "good.json", model / "bad.json", "--db", model / "new.db", code=1)
    assert re.search(r"bad.json': measurements\[\d\].trial is -3", done.stderr)
    assert not (model / "new.db").exists()
    done = call(TUNE, "merge", model / "none.db", "--db", other, code=1)
    assert "there is no database" in done.stderr
    assert "no file is given" in call(TUNE, "import", code=1).stderr


def test_other_files_are_left_alone(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "model.mlir").write_text("func.func @f()")
    call(WRITER, tmp_path / "good.db", "run", 1)
    for command in (("list", "--db=model.mlir"), ("export", "--db=model.mlir"), ("report", "--db=model.mlir"),
                    ("merge", "good.db", "--db=model.mlir"), ("merge", "a.json", "--db=good.db"), ("list", "--db=a.json")):
        done = call(TUNE, *command, code=1, cwd=tmp_path)
        assert "is not a tuning database" in done.stderr
        assert ("it looks like JSON" in done.stderr) == ("a.json" in "".join(command))
    for command in ("list", "export", "report"):
        assert "there is no database 'none.db'" in call(TUNE, command, "--db=none.db", code=1, cwd=tmp_path).stderr
    assert sorted(os.listdir(tmp_path)) == ["a.json", "good.db", "model.mlir"]
    assert (tmp_path / "a.json").read_text() == "{}"


def test_a_user_may_read_it_with_sqlite(model):
    """The schema is documented: other tools may read it."""
    measure(model, make_schedule(2), 1)
    with sqlite3.connect(model / "tuning.db") as connection:
        rows = connection.execute("SELECT width, schedule FROM measurements "
                                  "JOIN programs ON program = hash").fetchall()
    assert rows == [(256, make_schedule(2))]
