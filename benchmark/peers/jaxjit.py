"""JAX on the CPU: the plain formula of SeeDNorm under jit, its gradient by jax.vjp."""

import numpy as np

from ..cases import EPS
from . import Contender, against, missing, repeat

NAME = "JAX"


def functions(jax):
    jnp = jax.numpy

    def seednorm(x, alpha, beta, gamma):
        wide, alpha, beta, gamma = (v.astype(jnp.float32) for v in (x, alpha, beta, gamma))
        r = jax.lax.rsqrt(jnp.mean(wide * wide, -1, keepdims=True) + EPS)
        s = jnp.tanh(jnp.sum(wide * beta, -1, keepdims=True))
        return ((s * alpha + gamma) * wide * r).astype(x.dtype)

    def forward(x, *parameters):
        return (seednorm(x, *parameters),)

    def backward(x, dy, *parameters):
        return jax.vjp(seednorm, x, *parameters)[1](dy)

    def residual(x, other, *parameters):
        total = x + other
        return total, seednorm(total, *parameters)

    return {"forward": forward, "backward": backward, "residual": residual}


def prepare(case, arrays):
    try:
        import jax
        import ml_dtypes
    except ImportError as error:
        yield missing(NAME, "jax", error)
        return

    def put(array):
        return jax.device_put(array.view(ml_dtypes.bfloat16)
                              if array.dtype == np.uint16 else array)

    rows = [arrays.x] + ([] if arrays.other is None else [arrays.other])
    inputs = [put(a) for a in (*rows, arrays.alpha, arrays.beta, arrays.gamma)]
    function = jax.jit(functions(jax)[case.direction])

    def call():
        return jax.block_until_ready(function(*inputs))

    def results():
        values = [np.asarray(v) for v in call()]
        values = [v.view(np.uint16) if v.itemsize == 2 else v for v in values]
        count = 2 if case.direction == "residual" else 1
        return values[:count], dict(zip(("alpha", "beta", "gamma"), values[count:]))

    yield Contender("jit", "SeeDNorm", "peer", repeat(call), against("SeeDNorm", results))
