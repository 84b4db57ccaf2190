"""Streams of the same traffic, the roof: benchmark/native/Streams*.cpp."""

import functools

import numpy as np

from .. import native
from ..cases import STREAM
from . import Contender

NAME = "streams"
# Every case also has a triad, and memcpy's time where that is another traffic.
ALWAYS = ("triad", "copy")


@functools.lru_cache(None)
def names():
    listed, index = [], 0
    while name := native.bench.bench_stream_name(index):
        listed.append(name.decode())
        index += 1
    return listed


def compute(kind, a, b):
    return {"copy": [a], "triad": [a + 3 * b], "sum": [a + b],
            "both": [a + b, a - b]}[kind]


def prepare(case, arrays):
    """Sources and results are f32 whatever the type: a stream knows bytes only."""
    count = case.array_bytes // 64 * 16
    from_ = [native.allocate_input((count,), np.float32) for _ in range(2)]
    to = [native.allocate((count,), np.float32) for _ in range(2)]
    for number, array in enumerate(from_):
        array[:] = np.resize(np.arange(997, dtype=np.float32) * (number + 1), count)
    sources, targets = native.pointers(from_), native.pointers(to)
    for index, name in enumerate(names()):
        kind = name.split("/")[0]
        if kind not in (STREAM[case.direction], *ALWAYS):
            continue

        def timed(repetitions, index=index):
            return native.bench.bench_run_stream(index, targets, sources, 4 * count,
                                                 case.threads, repetitions)

        def check(expected, timed=timed, name=name, kind=kind):
            timed(1)
            # In samples: the arrays are as large as memory needs.
            part = slice(None, None, max(count // 4096, 1))
            error = max(float(np.abs(got[part] - want).max()) for got, want in
                        zip(to, compute(kind, *(a[part] for a in from_))))
            for array in to:
                array[part] = -1
            return error, "the stream's result is wrong" if error else ""

        yield Contender(name, kind, "stream", timed, check, from_python=False)
