"""What is computed: cases, their arrays, and the right results in float64.

A case knows nothing of who computes it or how it is timed.
"""

import dataclasses
import functools
import os

import numpy as np

EPS = 1e-6
DIRECTIONS = ("forward", "backward", "residual")
DTYPES = ("f32", "bf16")
WIDTHS = (64, 128, 768, 1024, 2048, 4096, 8192)
THREADS = (1, 2)
RESIDENCIES = ("dram", "cache")
# 16 rows of 2048; other widths have as many elements.
CACHED_ELEMENTS = 16 * 2048
# Arrays of reads and writes that no implementation can do without.
READS = {"forward": 1, "backward": 2, "residual": 2}
WRITES = {"forward": 1, "backward": 1, "residual": 2}
# The stream of the same traffic.
STREAM = {"forward": "copy", "backward": "sum", "residual": "both"}


def last_level_cache():
    """Bytes of the largest cache of the first CPU; 32 MiB if Linux does not say."""
    sizes = []
    for index in range(8):
        path = f"/sys/devices/system/cpu/cpu0/cache/index{index}/size"
        if os.path.exists(path):
            with open(path) as file:
                text = file.read().strip()
            unit = {"K": 1 << 10, "M": 1 << 20}.get(text[-1:], 1)
            sizes.append(int(text.rstrip("KMG")) * unit)
    return max(sizes, default=32 << 20)


@dataclasses.dataclass(frozen=True)
class Case:
    direction: str
    dtype: str
    width: int
    rows: int
    residency: str
    threads: int

    @staticmethod
    def create(direction, dtype, width, residency, threads, array_bytes=None):
        """`array_bytes` of a DRAM-sized array: by default four times the last cache."""
        elements = CACHED_ELEMENTS
        if residency == "dram":
            elements = (array_bytes or 4 * last_level_cache()) // ITEM[dtype]
        return Case(direction, dtype, width, max(elements // width, 1), residency, threads)

    @property
    def name(self):
        return f"{self.direction}-{self.dtype}-{self.width}-{self.residency}-{self.threads}"

    @property
    def array_bytes(self):
        return self.rows * self.width * ITEM[self.dtype]

    @property
    def traffic(self):
        """Bytes that a call must move."""
        return (READS[self.direction] + WRITES[self.direction]) * self.array_bytes

    def with_rows(self, rows):
        return dataclasses.replace(self, rows=rows)


ITEM = {"f32": 4, "bf16": 2}

# ===-----------------------------------------------------------------------===#
# Arrays: float32, or the bits of bf16 as uint16
# ===-----------------------------------------------------------------------===#


def to_bf16(array):
    """The bits of the nearest, ties to even; there are no NaNs here."""
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    bits = bits + (np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1)))
    return (bits >> np.uint32(16)).astype(np.uint16)


def to_double(array):
    if array.dtype == np.uint16:
        array = (array.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return array.astype(np.float64)


@dataclasses.dataclass
class Arrays:
    """`other` is dy of a backward, the residual of a residual add, None forward."""
    x: np.ndarray
    other: np.ndarray
    alpha: np.ndarray
    beta: np.ndarray
    gamma: np.ndarray


def make_arrays(case, allocate):
    """Normal numbers, in memory that `allocate(shape, dtype)` gives."""
    random = np.random.default_rng(case.width)
    storage = np.float32 if case.dtype == "f32" else np.uint16

    def normal(shape, scale=1.0):
        target = allocate(shape, storage)
        flat = target.reshape(-1)
        for start in range(0, flat.size, 1 << 20):  # in pieces: bf16 needs room for f32
            part = flat[start:start + (1 << 20)]
            values = random.standard_normal(part.size, np.float32) * np.float32(scale)
            part[:] = values if storage == np.float32 else to_bf16(values)
        return target

    shape, columns = (case.rows, case.width), (case.width,)
    return Arrays(normal(shape), normal(shape) if case.direction != "forward" else None,
                  normal(columns), normal(columns, case.width**-0.5), normal(columns))


# ===-----------------------------------------------------------------------===#
# The right results
# ===-----------------------------------------------------------------------===#

def round_to(values, dtype):
    return to_double(to_bf16(values)) if dtype == "bf16" else \
        values.astype(np.float32).astype(np.float64)


def seednorm(x, p, dy=None):
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + EPS)
    s = np.tanh(x @ p["beta"])[:, None]
    if dy is None:
        return (s * p["alpha"] + p["gamma"]) * x * r
    gx = dy * x
    along_alpha = (gx @ p["alpha"])[:, None]
    along_gamma = (gx @ p["gamma"])[:, None]
    d = (1 - s * s) * r * along_alpha
    total = (along_gamma + s * along_alpha) * r**3 / x.shape[1]
    dx = (s * p["alpha"] + p["gamma"]) * dy * r + d * p["beta"] - x * total
    return dx, {"alpha": ((s * r).T @ gx)[0], "beta": (d.T @ x)[0],
                "gamma": (r.T @ gx)[0]}


def rms_norm(x, p, dy=None):
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + EPS)
    if dy is None:
        return x * r * p["gamma"]
    gx = dy * x
    dx = p["gamma"] * dy * r - x * (gx @ p["gamma"])[:, None] * r**3 / x.shape[1]
    return dx, {"gamma": (r.T @ gx)[0]}


def layer_norm(x, p, dy=None):
    """Its bias is `beta`."""
    centred = x - x.mean(-1, keepdims=True)
    r = 1 / np.sqrt((centred * centred).mean(-1, keepdims=True) + EPS)
    normal = centred * r
    if dy is None:
        return normal * p["gamma"] + p["beta"]
    g = dy * p["gamma"]
    dx = r * (g - g.mean(-1, keepdims=True) - normal * (g * normal).mean(-1, keepdims=True))
    return dx, {"gamma": (dy * normal).sum(0), "beta": dy.sum(0)}


NORMS = {"SeeDNorm": seednorm, "RMSNorm": rms_norm, "LayerNorm": layer_norm}


class Expected:
    """Checks results of a case: of some rows, and of sums over all of them."""

    def __init__(self, case, arrays):
        self.case, self.arrays = case, arrays
        self.parameters = {name: to_double(getattr(arrays, name))
                           for name in ("alpha", "beta", "gamma")}
        random = np.random.default_rng(1)
        rows = {0, case.rows - 1, *random.integers(0, case.rows, 64).tolist()}
        self.sample = np.array(sorted(rows))

    @functools.lru_cache(None)
    def of_rows(self, norm):
        """The results of the sampled rows, in the order of a contender's."""
        x = to_double(self.arrays.x[self.sample])
        function = NORMS[norm]
        if self.case.direction == "forward":
            return [function(x, self.parameters)]
        other = to_double(self.arrays.other[self.sample])
        if self.case.direction == "backward":
            return [function(x, self.parameters, other)[0]]
        total = round_to(x + other, self.case.dtype)
        return [total, function(total, self.parameters)]

    @functools.lru_cache(None)
    def of_sums(self, norm):
        sums = {}
        step = max((1 << 17) // self.case.width, 1)
        for start in range(0, self.case.rows, step):
            x, dy = (to_double(a[start:start + step])
                     for a in (self.arrays.x, self.arrays.other))
            for name, part in NORMS[norm](x, self.parameters, dy)[1].items():
                sums[name] = sums.get(name, 0) + part
        return sums

    def check(self, norm, rows, sums):
        """The largest error relative to the largest value, and what is wrong or ''.

        `rows` are whole arrays, `sums` gradients of parameters by name."""
        bits = 2.0**-8 if self.case.dtype == "bf16" else 2.0**-14
        worst, message = 0.0, ""
        pairs = [(f"result {i}", got[self.sample], want, 2 * bits)
                 for i, (got, want) in enumerate(zip(rows, self.of_rows(norm)))]
        if self.case.direction == "backward":
            # Sums of bf16 may have been rounded more than once.
            pairs += [(f"the gradient of {name}", sums[name], want, 4 * bits)
                      for name, want in self.of_sums(norm).items()]
        for what, got, want, tolerance in pairs:
            error = float(np.abs(to_double(got) - want).max() / np.abs(want).max())
            worst = max(worst, error)
            if not error <= tolerance and not message:
                message = f"{what} is off by {error:.2e}, expected at most {tolerance:.2e}"
        return worst, message
