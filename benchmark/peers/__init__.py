"""Who computes: one file each, all with the same two names.

`NAME`, and `prepare(case, arrays)`, a generator of `Contender`s and `Skipped`s. A module
that is not installed, or an operation that a peer lacks, is a `Skipped` with the reason.
A peer knows nothing of other peers and nothing of how it is timed.
"""

import importlib
import time
from dataclasses import dataclass
from typing import Callable

# The order of reports. The streams and ours are no options: ratios are to them.
MODULES = {"streams": "streams", "seednorm": "seednorm", "onednn": "onednn",
           "torch": "pytorch", "jax": "jaxjit", "onnxruntime": "onnx_runtime"}
OPTIONAL = ("onednn", "torch", "jax", "onnxruntime")

# What a contender is to the report: ours; a relative, which is ours too, but RMSNorm or
# SeeDNorm in safe mode; a stream; a peer; or a reference, another norm of a peer that has SeeDNorm by formula.
ROLES = ("ours", "relative", "stream", "peer", "reference")


def repeat(call):
    """Seconds of some calls from Python."""
    def timed(repetitions):
        start = time.perf_counter()
        for _ in range(repetitions):
            call()
        return time.perf_counter() - start
    return timed


@dataclass
class Contender:
    name: str
    # "SeeDNorm", "RMSNorm", "LayerNorm", or the kind of a stream.
    computes: str
    role: str
    # The seconds that so many calls take.
    timed: Callable[[int], float]
    # Given cases.Expected: the relative error, and what is wrong or "".
    check: Callable
    # Whether calls come from Python, whose time is then in each.
    from_python: bool = True
    # What there is to say of how it was made.
    note: str = ""


def against(norm, results):
    """A check of what `results()` gives: rows as arrays in the order of
    cases.Expected.of_rows, and a dictionary of the gradients of parameters."""
    return lambda expected: expected.check(norm, *results())


@dataclass
class Skipped:
    name: str
    reason: str


def load(key):
    return importlib.import_module(f"{__name__}.{MODULES[key]}")


def missing(name, module, error):
    """For a module that cannot be imported."""
    if isinstance(error, ModuleNotFoundError) and error.name == module:
        return Skipped(name, f"the Python module '{module}' is not installed "
                             "(pip install -r benchmark/requirements.txt)")
    return Skipped(name, f"the Python module '{module}' cannot be imported: {error}")
