"""Starts the process of each comparison and keeps results.json up to date.

The file is complete after every comparison, so that a run that was interrupted goes on
with --resume. It knows neither peers nor kernels.
"""

import dataclasses
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .cases import last_level_cache

SCHEMA = 1
ROOT = Path(__file__).resolve().parents[1]


class BadFile(Exception):
    """A file that is not a result of this program."""


def load(path):
    try:
        document = json.loads(Path(path).read_text())
    except OSError as error:
        raise BadFile(f"cannot read '{path}': {error.strerror}")
    except ValueError as error:
        raise BadFile(f"'{path}' is no JSON: {error}")
    if not isinstance(document, dict) or "comparisons" not in document:
        raise BadFile(f"'{path}' is no result of scripts/benchmark.sh")
    if document.get("schema") != SCHEMA:
        raise BadFile(f"'{path}' has schema {document.get('schema')}, expected {SCHEMA}")
    return document


def save(document, path):
    """All of it or nothing."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(document, indent=1) + "\n")
    os.replace(temporary, path)


def cpu_name():
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def environment():
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT,
                            capture_output=True, text=True)
    return {"cpu": cpu_name(), "cpus": len(os.sched_getaffinity(0)),
            "last_level_cache": last_level_cache(), "system": platform.platform(),
            "commit": commit.stdout.strip(), "database": os.environ.get("SEEDNORM_TUNING_DB")}


def variables(threads):
    """What libraries read when they are loaded."""
    count = str(threads)
    flags = [os.environ.get("XLA_FLAGS", "")]
    if threads == 1:
        flags.append("--xla_cpu_multi_thread_eigen=false")
    return {
        "OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count,
        "NPROC": count, "XLA_FLAGS": " ".join(filter(None, flags)), "JAX_PLATFORMS": "cpu",
        # Freed memory is kept, and in huge pages: without it every call of a framework
        # would have the page faults of its results in its time; ours has a pool.
        "GLIBC_TUNABLES": ":".join(["glibc.malloc.hugetlb=1", "glibc.malloc.mmap_max=0",
                                    # JAX's threads would map what theirs lacks.
                                    "glibc.malloc.arena_max=1",
                                    f"glibc.malloc.trim_threshold={1 << 40}",
                                    f"glibc.malloc.top_pad={64 << 20}"]),
        "TORCHINDUCTOR_CACHE_DIR": os.environ.get(
            "TORCHINDUCTOR_CACHE_DIR", str(ROOT / "build/benchmark-cache")),
        "PYTHONPATH": os.pathsep.join(
            filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }


def run_one(case, peers, settings, limit):
    """The comparison's record; of a process that fails, with its "failure"."""
    record = {"case": {**dataclasses.asdict(case), "array_bytes": case.array_bytes,
                       "traffic": case.traffic}}
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "result.json"
        request = {"case": dataclasses.asdict(case), "peers": peers,
                   "settings": dataclasses.asdict(settings), "output": str(output)}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "benchmark.worker"], input=json.dumps(request),
                text=True, capture_output=True, timeout=limit, cwd=folder,
                env={**os.environ, **variables(case.threads)})
        except subprocess.TimeoutExpired:
            return {**record, "failure": f"took more than {limit} s"}
        if done.returncode or not output.exists():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            return {**record, "failure": f"exit code {done.returncode}: {last}"}
        return {**record, **json.loads(output.read_text())}


def run(cases, peers, settings, path, resume, limit, log=print):
    """Runs all cases; the document, which is also in the file."""
    document = {"schema": SCHEMA, "environment": environment(), "versions": {},
                "settings": dataclasses.asdict(settings), "peers": peers,
                "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "comparisons": []}
    if resume and path.exists():
        before = load(path)
        for name in ("settings", "peers"):
            if before[name] != document[name]:
                raise BadFile(f"'{path}' has other {name} than asked for: "
                              f"{before[name]}, not {document[name]}")
        document = before
    finished = {json.dumps(c["case"], sort_keys=True) for c in document["comparisons"]
                if "failure" not in c}
    document["comparisons"] = [c for c in document["comparisons"] if "failure" not in c]
    start, ran = time.monotonic(), 0
    todo = [c for c in cases if json.dumps(
        {**dataclasses.asdict(c), "array_bytes": c.array_bytes, "traffic": c.traffic},
        sort_keys=True) not in finished]
    if len(todo) < len(cases):
        log(f"{len(cases) - len(todo)} of {len(cases)} comparisons are there already")
    for case in todo:
        record = run_one(case, peers, settings, limit)
        ran += 1
        document["versions"].update(record.pop("versions", {}))
        document["comparisons"].append(record)
        save(document, path)
        left = (time.monotonic() - start) / ran * (len(todo) - ran)
        log(f"{ran}/{len(todo)} {case.name}: {summary(record)}; "
            f"{left / 60:.0f} min left")
    save(document, path)
    return document


def summary(record):
    if "failure" in record:
        return record["failure"]
    from .report import Comparison
    return Comparison(record).line()
