"""The process of one comparison: python -m benchmark.worker, started by run.py.

Reads a request (JSON) from standard input and writes the record of the comparison to the
file that it names. The CPUs, and the environment that libraries read when they are
loaded, are set before any of them is.
"""

import json
import os
import sys


def pin(threads):
    """To the last of the CPUs that the process may use: the first have interrupts."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < threads:
        sys.exit(f"there are {len(cpus)} CPUs, but {threads} threads are asked for")
    os.sched_setaffinity(0, cpus[-threads:])


def openmp_runtimes():
    """The files of the OpenMP runtimes in this process: one, or pools may fight."""
    with open("/proc/self/maps") as maps:
        files = {line.split(None, 5)[5].strip() for line in maps if "/" in line}
    return sorted(f for f in files
                  if any(name in os.path.basename(f) for name in ("gomp", "libomp", "iomp")))


def versions(peers):
    """Of what was loaded."""
    from . import native
    found = {"seednorm": native.seednorm.seednorm_version().decode(),
             "numpy": sys.modules["numpy"].__version__}
    if "onednn" in peers:
        found["oneDNN"] = native.bench.bench_onednn_version().decode()
    for module in ("torch", "jax", "onnxruntime"):
        if module in sys.modules:
            found[module] = sys.modules[module].__version__
    return found


def gather(case, arrays, keys, skipped):
    from . import peers
    contenders = []
    for key in keys:
        module = peers.load(key)
        for item in module.prepare(case, arrays):
            if isinstance(item, peers.Skipped):
                skipped.append({"name": item.name, "reason": item.reason})
            else:
                contenders.append((module.NAME, item))
    return contenders


def one_row(case, arrays, keys, settings):
    """Seconds of a call on one row, by peer and name: what remains of a call when there
    is nearly nothing to compute."""
    from . import cases, measure
    small = cases.Arrays(arrays.x[:1], None if arrays.other is None else arrays.other[:1],
                         arrays.alpha, arrays.beta, arrays.gamma)
    contenders = gather(case.with_rows(1), small,
                        [k for k in keys if k != "streams"], [])
    found = {}
    for peer, contender in contenders:
        samples = []
        for _ in range(3):
            timing = measure.Timing(contender, settings)
            timing.sample()
            samples += timing.samples
        found[peer, contender.name] = measure.summarise(samples)["median"]
    return found


def compare(case, keys, settings):
    import time

    # Ours before PyTorch: the OpenMP runtime that is loaded first serves both.
    from . import native
    from . import cases, measure, peers
    start = time.monotonic()
    native.input_pages = settings.pages
    arrays = cases.make_arrays(case, native.allocate_input)
    expected = cases.Expected(case, arrays)
    skipped, good, records = [], [], []
    for peer, contender in gather(case, arrays, keys, skipped):
        error, message = contender.check(expected)
        record = {"name": contender.name, "peer": peer, "computes": contender.computes,
                  "role": contender.role, "from_python": contender.from_python,
                  "note": contender.note, "error": error}
        if message:
            skipped.append({"name": f"{peer} {contender.name}",
                            "reason": f"wrong result: {message}"})
        else:
            good.append(contender)
            records.append((contender, record))
    by_contender = {id(c): r for c, r in records}
    found = []
    for timing in measure.measure(good, case.threads, settings):
        record = by_contender[id(timing.contender)]
        record.update(measure.summarise(timing.samples), repetitions=timing.repetitions,
                      page_faults=sorted(timing.faults)[len(timing.faults) // 2])
        found.append(record)
    if case.residency == "cache" and case.rows > 1:
        alone = one_row(case, arrays, keys, settings)
        for record in found:
            record["one_row"] = alone.get((record["peer"], record["name"]))
    return {"contenders": found, "skipped": skipped, "openmp": openmp_runtimes(),
            "versions": versions(keys), "seconds": time.monotonic() - start}


def main():
    request = json.load(sys.stdin)
    pin(request["case"]["threads"])
    from . import cases, measure
    case = cases.Case(**request["case"])
    result = compare(case, request["peers"], measure.Settings(**request["settings"]))
    with open(request["output"], "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
