"""PyTorch on the CPU: the plain formula of SeeDNorm, eager and by torch.compile.

Its own RMSNorm and LayerNorm stand beside them as references. A backward is timed alone,
from what autograd has kept of the forward.
"""

import numpy as np

from ..cases import EPS
from . import Contender, Skipped, against, missing, repeat

NAME = "PyTorch"


def formula(torch):
    """In f32 inside, as norms are written for bf16."""
    def seednorm(x, alpha, beta, gamma):
        wide = x.float()
        r = torch.rsqrt(wide.square().mean(-1, keepdim=True) + EPS)
        s = torch.tanh((wide * beta.float()).sum(-1, keepdim=True))
        return ((s * alpha.float() + gamma.float()) * wide * r).to(x.dtype)
    return seednorm


def add_first(norm):
    def residual(x, other, *parameters):
        total = x + other
        return total, norm(total, *parameters)
    return residual


def tensor(torch, array):
    """A tensor in the array's memory."""
    if array.dtype == np.uint16:
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def to_array(torch, value):
    value = value.detach().contiguous()
    if value.dtype == torch.bfloat16:
        return value.view(torch.int16).numpy().view(np.uint16)
    return value.numpy()


def make_call(torch, case, function, x, other, parameters):
    """What is timed; it gives a flat list of results."""
    if case.direction == "backward":
        leaves = [t.detach().requires_grad_() for t in (x, *parameters)]
        y = function(*leaves)
        return lambda: torch.autograd.grad(y, leaves, other, retain_graph=True)
    inputs = (x, *parameters) if other is None else (x, other, *parameters)

    def call():
        with torch.inference_mode():
            result = function(*inputs)
        return result if isinstance(result, tuple) else (result,)
    return call


def prepare(case, arrays):
    try:
        import torch
        import torch._functorch.config
        import torch.nn.functional as functional
    except ImportError as error:
        yield missing(NAME, "torch", error)
        return
    torch.set_num_threads(case.threads)
    torch._functorch.config.donated_buffer = False  # a backward is run many times
    x = tensor(torch, arrays.x)
    other = None if arrays.other is None else tensor(torch, arrays.other)
    width = (case.width,)
    norms = (("eager", "SeeDNorm", "peer", formula(torch), ("alpha", "beta", "gamma")),
             ("compile", "SeeDNorm", "peer", formula(torch), ("alpha", "beta", "gamma")),
             ("rms_norm", "RMSNorm", "reference",
              lambda x, g: functional.rms_norm(x, width, g, EPS), ("gamma",)),
             ("layer_norm", "LayerNorm", "reference",
              lambda x, g, b: functional.layer_norm(x, width, g, b, EPS),
              ("gamma", "beta")))
    for name, computes, role, function, names in norms:
        if case.direction == "residual":
            function = add_first(function)
        try:
            if name == "compile":
                function = torch.compile(function, dynamic=False)
            call = make_call(torch, case, function, x, other,
                             [tensor(torch, getattr(arrays, n)) for n in names])
            call()
        except Exception as error:
            yield Skipped(f"{NAME} {name}", str(error).strip().splitlines()[0])
            continue

        def results(call=call, names=names):
            values = [to_array(torch, v) for v in call()]
            rows = len(values) - (len(names) if case.direction == "backward" else 0)
            return values[:rows], dict(zip(names, values[rows:]))

        yield Contender(name, computes, role, repeat(call), against(computes, results))
