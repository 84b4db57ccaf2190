"""scripts/benchmark.sh: tiny runs, its report and its verdicts on targets."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from harness import BUILD, ROOT

sys.path.insert(0, str(ROOT))
from benchmark import cases, measure, report, run, targets  # noqa: E402
from benchmark.peers import Contender  # noqa: E402

SCRIPT = ROOT / "scripts/benchmark.sh"
needs_library = pytest.mark.skipif(not (BUILD / "lib/libseednorm_benchmark.so").exists(),
                                   reason="benchmark/ is not in this build")


def benchmark(*options, **environment):
    return subprocess.run([SCRIPT, "--no-build", *map(str, options)], text=True,
                          capture_output=True,
                          env={**os.environ, "SEEDNORM_BUILD_DIR": str(BUILD), **environment})


def installed(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"],
                          capture_output=True).returncode == 0


# ===-----------------------------------------------------------------------===#
# Whole runs
# ===-----------------------------------------------------------------------===#

TINY = ("--widths", 64, "--dtypes", "f32", "--threads", 1, "--rounds", 3, "--array-mib", 1)


@needs_library
def test_run_with_installed_peers(tmp_path):
    done = benchmark(*TINY, "--directions", "forward", "--residencies", "cache",
                     "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "results.json").read_text())
    [record] = document["comparisons"]
    found = {(c["peer"], c["name"]): c for c in record["contenders"]}
    assert ("SeeDNorm-MLIR", "tuned") in found and ("oneDNN", "LayerNorm") in found
    assert ("streams", "copy/memcpy") in found
    for contender in found.values():
        assert len(contender["samples"]) == 3
        assert 0 < contender["q1"] <= contender["median"] <= contender["q3"]
        assert contender["error"] < 1e-5 and contender["page_faults"] < 1
        assert (contender.get("one_row") is None) == (contender["peer"] == "streams")
    skipped = " ".join(s["name"] for s in record["skipped"])
    text = (tmp_path / "report.md").read_text()
    for module, peer in (("torch", "PyTorch"), ("jax", "JAX"), ("onnx", "ONNX Runtime")):
        if installed(module):
            assert any(key[0] == peer for key in found) and f"{peer} " in text
        else:
            assert peer in skipped and f"- {peer}: the Python module '{module}'" in text
    # One OpenMP runtime for all of them.
    assert len(record["openmp"]) == 1
    assert (tmp_path / "forward-cache.svg").exists() == installed("matplotlib")


@needs_library
def test_run_without_peers_and_resume(tmp_path):
    """A module that is not there is named with the reason; a finished run is kept."""
    absent = tmp_path / "absent"
    absent.mkdir()
    for module in ("jax", "onnx", "matplotlib"):
        (absent / f"{module}.py").write_text(
            f"raise ModuleNotFoundError('none', name='{module}')\n")
    options = (*TINY, "--directions", "backward", "residual", "--residencies", "dram",
               "--peers", "jax", "onnxruntime", "onednn", "--output", tmp_path / "out")
    done = benchmark(*options, PYTHONPATH=str(absent))
    assert done.returncode == 0, done.stderr
    for name, module in (("JAX", "jax"), ("ONNX Runtime", "onnx")):
        assert f"skipped {name}: the Python module '{module}' is not installed" in done.stdout
    assert "no plots: the Python module 'matplotlib' is not installed" in done.stdout
    before = (tmp_path / "out/results.json").read_text()
    kinds = [{c["computes"] for c in r["contenders"] if c["role"] == "stream"}
             for r in json.loads(before)["comparisons"]]
    assert kinds == [{"copy", "triad", "sum"}, {"copy", "triad", "both"}]

    again = benchmark(*options, "--resume", PYTHONPATH=str(absent))
    assert "2 of 2 comparisons are there already" in again.stdout
    assert (tmp_path / "out/results.json").read_text() == before
    other = benchmark(*options, "--resume", "--rounds", 4)
    assert other.returncode == 2 and "has other settings than asked for" in other.stderr


@needs_library
def test_failed_comparison(tmp_path):
    """One that takes too long is a failure of its own, and no success."""
    done = benchmark(*TINY, "--directions", "forward", "--residencies", "dram", "--peers",
                     "none", "--time-limit", 1, "--rounds", 4000, "--output", tmp_path)
    assert done.returncode == 1 and "no comparison succeeded" in done.stderr
    assert "forward-f32-64" in done.stdout and "took more than 1 s" in done.stdout
    assert "took more than 1 s" in (tmp_path / "report.md").read_text()


@pytest.mark.parametrize("options, message", [
    (("--threads", "0"), "must be at least 1, got 0"),
    (("--threads", "100000"), "--threads asks for 100000, but there are"),
    (("--widths", "wide"), "'wide' is no whole number"),
    (("--rounds", "2"), "must be at least 3, got 2"),
    (("--dtypes", "f16"), "invalid choice: 'f16'"),
    (("--peers", "none", "onednn"), "'none' cannot stand beside others"),
    (("--compare", "nowhere.json"), "cannot read 'nowhere.json'"),
    (("--from", str(SCRIPT)), "is no JSON"),
    (("--nonsense",), "unrecognized arguments: --nonsense"),
])
def test_bad_options(options, message, tmp_path):
    done = benchmark("--output", tmp_path / "out", *options)
    assert done.returncode == 2 and message in done.stderr
    assert not (tmp_path / "out").exists()


def test_list_and_help():
    listed = benchmark("--list").stdout.splitlines()
    assert len(listed) == 3 * 2 * 7 * 2 * 2 == len(set(listed))
    assert "forward-f32-2048-cache-1 (16 rows)" in listed
    quick = benchmark("--quick", "--list", "--threads", 2).stdout.splitlines()
    assert len(quick) == 8 and set(quick) < set(listed)
    assert "pip install -r benchmark/requirements.txt" in benchmark("--help").stdout


# ===-----------------------------------------------------------------------===#
# Right results
# ===-----------------------------------------------------------------------===#

@pytest.mark.parametrize("norm", cases.NORMS)
def test_references_against_differences(norm):
    """The gradients in float64 are those of the forward."""
    random = np.random.default_rng(0)
    x, dy = random.standard_normal((2, 3, 8))
    p = {name: random.standard_normal(8) for name in ("alpha", "beta", "gamma")}
    function = cases.NORMS[norm]
    dx, gradients = function(x, p, dy)

    def difference(array, place):
        step, kept, values = 1e-6, array[place], []
        for sign in (1, -1):
            array[place] = kept + sign * step
            values.append((function(x, p) * dy).sum())
        array[place] = kept
        return (values[0] - values[1]) / (2 * step)

    assert abs(difference(x, (1, 3)) - dx[1, 3]) < 1e-6
    for name, gradient in gradients.items():
        assert abs(difference(p[name], 5) - gradient[5]) < 1e-6, name


@pytest.mark.parametrize("dtype", cases.DTYPES)
def test_wrong_results_are_seen(dtype):
    case = cases.Case.create("backward", dtype, 64, "cache", 1)
    arrays = cases.make_arrays(case, np.zeros)
    expected = cases.Expected(case, arrays)
    double = [cases.to_double(a) for a in (arrays.x, arrays.other)]
    dx, sums = cases.seednorm(double[0], expected.parameters, double[1])
    store = cases.to_bf16 if dtype == "bf16" else np.float32
    dx, sums = store(dx), {name: np.float32(value) for name, value in sums.items()}
    error, message = expected.check("SeeDNorm", [dx], sums)
    assert error < (4e-3 if dtype == "bf16" else 1e-6) and message == ""
    assert "the gradient of beta is off by" in expected.check(
        "SeeDNorm", [dx], {**sums, "beta": sums["beta"] + 10})[1]
    dx[-1] = 0
    assert "result 0 is off by" in expected.check("SeeDNorm", [dx], sums)[1]
    assert "result 0 is off by nan" in expected.check(
        "SeeDNorm", [np.full_like(dx, 0x7FC0 if dtype == "bf16" else np.nan)], sums)[1]


def test_bf16_rounds_to_even():
    values = np.array([1, 1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-20, -3.1], np.float32)
    assert cases.to_double(cases.to_bf16(values)).tolist() == [
        1, 1, 1 + 2**-6, 1 + 2**-7, -3.09375]


# ===-----------------------------------------------------------------------===#
# Measuring
# ===-----------------------------------------------------------------------===#

def fake(name, seconds, role="peer", computes="SeeDNorm", calls=None):
    def timed(repetitions):
        if calls is not None:
            calls.append(name)
        return seconds * repetitions
    return Contender(name, computes, role, timed, check=lambda expected: (0, ""))


def test_rounds_are_shuffled_and_slow_ones_sit_out():
    settings, calls = measure.Settings(rounds=12, budget=3), []
    contenders = [fake(name, 0.008, calls=calls) for name in "abc"] + [fake("slow", 1)]
    quick, _, _, slow = measure.measure(contenders, 1, settings)
    assert len(quick.samples) == 12 and len(slow.samples) == 3
    assert quick.repetitions == 2 and slow.repetitions == 1
    assert quick.samples == pytest.approx([0.008] * 12)
    # Each takes its turns in another order now and then.
    turns = [name for name, before in zip(calls, [""] + calls) if name != before][-24:]
    assert len({"".join(turns[i:i + 3]) for i in range(0, 24, 3)}) > 1


def test_best_streams_of_each_kind_stay():
    streams = [fake(f"copy/{i}", i + 1, "stream", "copy") for i in range(6)]
    streams += [fake("copy/memcpy", 9, "stream", "copy"), fake("sum/0", 1, "stream", "sum")]
    kept = measure.screen([*streams, fake("other", 5)], measure.Settings(finalists=2))
    assert [c.name for c in kept] == ["copy/0", "copy/1", "copy/memcpy", "sum/0", "other"]


# ===-----------------------------------------------------------------------===#
# Reports and targets
# ===-----------------------------------------------------------------------===#

def contender(name, microseconds, peer="SeeDNorm-MLIR", role="ours", computes="SeeDNorm",
              **more):
    median = microseconds * 1e-6
    return {"name": name, "peer": peer, "computes": computes, "role": role,
            "from_python": peer not in ("SeeDNorm-MLIR", "streams", "oneDNN"),
            "note": "", "page_faults": 0, "error": 1e-7, "median": median, "q1": 0.99 * median, "q3": 1.01 * median,
            "samples": [median] * 3, "repetitions": 1, **more}


def record(direction, dtype, width, residency, threads, tuned, default=None, relative=None,
           compiled=1000, python=None):
    """A comparison whose stream takes 100 µs and oneDNN 300."""
    case = cases.Case.create(direction, dtype, width, residency, threads)
    kind = cases.STREAM[direction]
    return {
        "case": {"direction": direction, "dtype": dtype, "width": width, "rows": case.rows,
                 "residency": residency, "threads": threads,
                 "array_bytes": case.array_bytes, "traffic": case.traffic},
        "openmp": ["/usr/lib/libgomp.so.1"], "seconds": 12.0,
        "skipped": [{"name": "JAX", "reason": "the Python module 'jax' is not installed"}],
        "contenders": [
            contender(f"{kind}/memcpy", 100, "streams", "stream", kind),
            contender("default", default or tuned), contender("tuned", tuned),
            contender("tuned RMSNorm", relative or tuned, role="relative",
                      computes="RMSNorm"),
            contender("LayerNorm", 300, "oneDNN", "peer", "LayerNorm"),
            contender("compile", compiled, "PyTorch", "peer", one_row=python),
            contender("rms_norm", 50, "PyTorch", "reference", "RMSNorm")]}


def document(*records):
    return {"schema": 1, "versions": {"seednorm": "0.1.0"}, "created": "2025-01-01T00:00:00Z",
            "environment": {"cpu": "a CPU", "cpus": 2, "last_level_cache": 32 << 20,
                            "system": "Linux", "commit": "abc", "database": None},
            "settings": {"rounds": 3, "pages": "huge"}, "peers": [], "comparisons": list(records)}


def statuses(*records):
    return {t.name: t.status for t in targets.evaluate(document(*records))}


STORED = ROOT / "test/python/benchmark/results.json"


def test_report_of_a_stored_result(tmp_path):
    done = benchmark("--from", STORED, "--compare", STORED, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "report.md").read_text()
    assert "### Forward, of the best copy: f32, in memory" in text
    header, _, line = text.split("### Forward, of the best copy: f32, in memory\n\n")[1] \
        .splitlines()[:3]
    cells = dict(zip(map(str.strip, header.split("|")), map(str.strip, line.split("|"))))
    assert cells["D"] == "2048" and cells["threads"] == "1"
    assert cells["stream, GB/s"] == "44.7" and cells["tuned"] == "0.60 ± 2 %"
    assert cells["default"] == "0.50 ± 2 %" and cells["time / RMSNorm's"] == "1.000"
    assert cells["oneDNN LayerNorm"] == "1.50"
    assert cells["PyTorch compile (SeeDNorm)"] == "2.00"
    assert cells["PyTorch rms_norm"] == "3.00"
    assert "| forward-f32-2048-dram-1 | tuned | 0.600 | 0.600 | +0.0 % |  |" in text
    assert "- JAX: the Python module 'jax' is not installed (1 comparisons)" in text
    assert "| missed |" in text and "a CPU" in text
    details = (tmp_path / "details.md").read_text()
    assert "| forward-f32-2048-dram-1 | SeeDNorm-MLIR default | 12000.0 |" in details
    assert ("missed   forward f32, D ≥ 768, of the best copy: mean: "
            "mean 0.600; 0.600 (forward-f32-2048-dram-1)") in done.stdout


def test_report_names_failures_and_changes():
    text = report.markdown(
        document(record("forward", "f32", 2048, "dram", 1, 105),
                 {"case": {"direction": "forward", "dtype": "f32", "width": 64},
                  "failure": "exit code -11: no message"}),
        older=document(record("forward", "f32", 2048, "dram", 1, 125)))
    assert "the comparison forward-f32-64 failed: exit code -11: no message" in text
    assert "| tuned | 0.800 | 0.952 | +19.0 % | better |" in text
    assert "- page faults in a timed call: none" in text


def test_report_names_page_faults_and_schedules():
    faulty, other = (record("forward", "f32", width, "dram", 1, 105) for width in (64, 128))
    faulty["contenders"][4]["page_faults"] = 70
    faulty["contenders"][2]["note"] = "tuning: @f: cost model: #rowwise.schedule<>"
    other["contenders"][2]["note"] = "tuning: @f: exact: #rowwise.schedule<>"
    text = report.markdown(document(faulty, other))
    assert "- page faults in a timed call: oneDNN LayerNorm up to 70" in text
    assert "- tuned: a schedule of the database in 1 of 2 comparisons" in text


def test_call_from_python_is_taken_off_in_cache():
    def peer(whole, python):
        c = report.Comparison(record("forward", "f32", 2048, "cache", 1, 10,
                                     compiled=whole, python=python * 1e-6))
        return c.seconds(c.find("compile", "PyTorch"))
    assert peer(40, 10) == (pytest.approx(32e-6), True)  # 2 µs a row, 16 rows
    assert peer(40, 39) == (pytest.approx(40e-6), False)


def test_targets_reached():
    found = statuses(
        *(record("forward", dtype, width, "dram", threads, 104)
          for dtype in cases.DTYPES for width in cases.WIDTHS for threads in (1, 2)),
        record("backward", "f32", 768, "dram", 1, 130),
        record("backward", "f32", 768, "dram", 2, 110),
        record("residual", "f32", 768, "dram", 2, 110),
        {**record("forward", "bf16", 2048, "cache", 1, 120),
         "contenders": [contender("copy/memcpy", 100, "streams", "stream", "copy"),
                        contender("tuned", 150), contender("default", 150)]})
    tuning = found.pop("tuning a kernel to within 2 % of the exhaustive best, seconds")
    assert tuning == "no data" and set(found.values()) == {"reached"}, found


@pytest.mark.parametrize("target, missing", [
    ("forward f32, D ≥ 768, of the best copy: mean",
     record("forward", "f32", 768, "dram", 1, 108)),
    ("forward bf16, D ≥ 768, of the best copy",
     record("forward", "bf16", 8192, "dram", 1, 112)),
    ("backward f32, D ≥ 768, of the best stream of 2 reads and a write, 1 thread",
     record("backward", "f32", 768, "dram", 1, 140)),
    ("backward f32, D ≥ 768, of the best stream of 2 reads and a write, 2 threads",
     record("backward", "f32", 768, "dram", 2, 120)),
    ("forward, D = 64 and 128, of the best copy",
     record("forward", "bf16", 64, "dram", 1, 120)),
    ("forward, 16 rows of 2048 in cache, of memcpy",
     record("forward", "f32", 2048, "cache", 1, 160)),
    ("residual, in memory, time over the same generator's RMSNorm",
     record("residual", "f32", 64, "dram", 1, 100, relative=95)),
    ("times as fast as the fastest peer", record("residual", "f32", 64, "dram", 1, 301)),
    ("backward, times as fast as torch.compile",
     record("backward", "f32", 64, "dram", 1, 100, compiled=199)),
    ("speed of default over tuned", record("forward", "f32", 64, "dram", 1, 100, default=120)),
])
def test_targets_missed(target, missing):
    assert statuses(missing)[target] == "missed"


def test_tables_go_into_a_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- benchmark -->\nold\n<!-- /benchmark -->\nafter\n")
    done = benchmark("--from", STORED, "--output", tmp_path / "out", "--page", page)
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert text.startswith("before\n<!-- benchmark -->\n") and "old" not in text
    assert text.endswith("<!-- /benchmark -->\nafter\n") and "| missed |" in text
    assert "oneDNN LayerNorm" in text
    page.write_text("no place\n")
    wrong = benchmark("--from", STORED, "--output", tmp_path / "other", "--page", page)
    assert wrong.returncode == 2 and "has no lines '<!-- benchmark -->'" in wrong.stderr
    assert not (tmp_path / "other").exists() and page.read_text() == "no place\n"


def test_exit_codes_of_targets(tmp_path):
    def code(path, *options):
        return subprocess.run([sys.executable, "-m", "benchmark.targets", path, *options],
                              cwd=ROOT, capture_output=True, text=True)
    assert code(STORED).returncode == 0
    missed = code(STORED, "--fail=missed")
    assert missed.returncode == 1
    assert "0.600 forward-f32-2048-dram-1" in missed.stdout
    good = tmp_path / "good.json"
    good.write_text(json.dumps(document(record("forward", "f32", 768, "dram", 1, 101))))
    assert code(good, "--fail=missed").returncode == 0
    assert code(good, "--fail=incomplete").returncode == 1
    for content, message in (("{}", "is no result of scripts/benchmark.sh"),
                             ('{"comparisons": [], "schema": 7}', "schema 7, expected 1")):
        good.write_text(content)
        wrong = code(good)
        assert wrong.returncode == 2 and message in wrong.stderr
