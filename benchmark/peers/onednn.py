"""oneDNN's LayerNorm, for it has no other norm: benchmark/native/OneDNN.cpp.

Its backward takes statistics that a forward has saved; its residual add is a primitive
of its own before the norm.
"""

import numpy as np

from .. import native
from ..cases import EPS, to_double
from . import Contender, Skipped, against

NAME = "oneDNN"
KINDS = {"forward": 0, "backward": 1, "residual": 2}


def prepare(case, arrays):
    shape, storage = arrays.x.shape, arrays.x.dtype
    # Its parameters are f32 always.
    scale, shift = (to_double(p).astype(np.float32) for p in (arrays.gamma, arrays.beta))
    y = native.allocate(shape, storage)
    total = native.allocate(shape, storage) if case.direction == "residual" else None
    dscale, dshift = (native.allocate((case.width,), np.float32) for _ in range(2))
    kept = [arrays.x, arrays.other, scale, shift, y, total, dscale, dshift]
    bench = native.bench
    norm = bench.bench_onednn_create(KINDS[case.direction], case.dtype == "bf16",
                                     *shape, EPS, native.pointers(kept))
    name = "LayerNorm"
    if not norm:
        yield Skipped(f"{NAME} {name}", bench.bench_onednn_error().decode())
        return

    def timed(repetitions, kept=kept):
        seconds = bench.bench_onednn_run(norm, repetitions)
        if seconds < 0:
            raise RuntimeError(bench.bench_onednn_error().decode())
        return seconds

    def results():
        timed(1)
        rows = [y.copy()] if total is None else [total.copy(), y.copy()]
        return rows, {"gamma": dscale.copy(), "beta": dshift.copy()}

    yield Contender(name, "LayerNorm", "peer", timed, against("LayerNorm", results),
                    from_python=False)
