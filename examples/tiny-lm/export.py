#!/usr/bin/env python3
"""Writes tiny-lm.mlir: the model of model.py, operation by operation.

    python examples/tiny-lm/export.py            # rewrites tiny-lm.mlir

Needs no PyTorch. Entries:

    @logits(tokens)         scores of the byte after each position
    @last_logits(tokens)    those of the last position alone, for generation
    @nll(tokens, targets)   negative log-likelihood of each target, in nats

Parameters are bound from model.safetensors by the names that PyTorch gives
them.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from mlir_writer import Module, Value  # noqa: E402


@dataclass(frozen=True)
class Config:
    """The same numbers as model.Config."""

    vocabulary: int = 256
    width: int = 128
    layers: int = 4
    heads: int = 4
    hidden: int = 384
    context: int = 256
    eps: float = 1e-6

    @property
    def head_width(self):
        return self.width // self.heads


def block_shapes(c):
    """The parameters of one block with their shapes."""
    d, h = c.width, c.hidden
    shapes = {f"{name}.weight": (d, d) for name in ("wq", "wk", "wv", "wo")}
    shapes |= {"gate.weight": (h, d), "up.weight": (h, d), "down.weight": (d, h)}
    for norm in ("q_norm", "k_norm", "attn_norm", "ffn_norm"):
        shapes |= norm_shapes(norm, d)
    return shapes


def norm_shapes(name, width):
    return {f"{name}.{p}": (width,) for p in ("alpha", "beta", "gamma")}


def parameter_shapes(c):
    """Every parameter with its shape, in the order of the entries' arguments."""
    rope = (c.context, c.head_width // 2)
    shapes = {"embedding.weight": (c.vocabulary, c.width),
              "rope_cos": rope, "rope_sin": rope}
    for layer in range(c.layers):
        shapes |= {f"blocks.{layer}.{n}": s for n, s in block_shapes(c).items()}
    return shapes | norm_shapes("final_norm", c.width) | {
        "head.weight": (c.vocabulary, c.width)}


def values(shapes):
    return {n: Value(f"%{n.replace('.', '_')}", s) for n, s in shapes.items()}


class Model:
    """Emits the parts of the model into a function."""

    def __init__(self, config, function, parameters):
        self.c, self.f, self.p = config, function, parameters

    def linear(self, x, name):
        return self.f.product(x, self.p[f"{name}.weight"], transposed=True)

    def norm(self, x, name, heads=1):
        alpha, beta, gamma = (self.p[f"{name}.{p}"] for p in ("alpha", "beta", "gamma"))
        return self.f.norm(x, alpha, beta, gamma,
                           f"heads = {heads} : i64, eps = {self.c.eps:.1e} : f64")

    def embed(self, tokens):
        table = self.p["embedding.weight"]
        # Bytes are extended without sign, so no index is out of bounds.
        return self.f.generic([tokens], ["i"], (tokens.shape[0], self.c.width), f"""
            %byte = arith.extui %a : i8 to i64
            %row = arith.index_cast %byte : i64 to index
            %column = linalg.index 1 : index
            %r = tensor.extract {table.name}[%row, %column] : {table.type}
            linalg.yield %r : f32""")

    def rotate(self, x, rope):
        """RoPE on [tokens, heads, width], perhaps of several windows."""
        f, half = self.f, self.c.head_width // 2
        shape = (*x.shape[:-1], half)
        left, right = ((*(0 for _ in shape[:-1]), start) for start in (0, half))
        inputs = [f.slice(x, left, shape), f.slice(x, right, shape), *rope]
        dims = ["ijk", "ijk", "ik", "ik"] if len(shape) == 3 else [
            "ijkl", "ijkl", "jl", "jl"]
        first = f.generic(inputs, dims, shape, """
            %p = arith.mulf %a, %c : f32
            %q = arith.mulf %b, %d : f32
            %r = arith.subf %p, %q : f32
            linalg.yield %r : f32""")
        second = f.generic(inputs, dims, shape, """
            %p = arith.mulf %b, %c : f32
            %q = arith.mulf %a, %d : f32
            %r = arith.addf %p, %q : f32
            linalg.yield %r : f32""")
        whole = f.insert(first, f.empty(x.shape), left)
        return f.insert(second, whole, right)

    def by_head(self, x):
        """[heads, tokens, width] of [tokens, heads, width]; the heads of several
        windows in one dimension."""
        f, shape = self.f, x.shape
        if len(shape) == 3:
            return f.transpose(x, (1, 0, 2))
        return f.reshape(f.transpose(x, (0, 2, 1, 3)),
                         (shape[0] * shape[2], shape[1], shape[3]))

    def by_token(self, x, split):
        """Its inverse."""
        f = self.f
        if len(split) == 3:
            return f.transpose(x, (1, 0, 2))
        windows, count, heads, width = split
        return f.transpose(f.reshape(x, (windows, heads, count, width)), (0, 2, 1, 3))

    def attention(self, x, rope):
        """Of each window by itself, if x has the rows of several."""
        f, c = self.f, self.c
        rows, count = x.shape[0], rope[0].shape[0]
        tokens = (count,) if rows == count else (rows // count, count)
        split = (*tokens, c.heads, c.head_width)
        f.comment("Queries and keys, normalised and rotated.")
        q = self.norm(self.linear(x, "wq"), "q_norm", c.heads)
        q = self.by_head(self.rotate(f.reshape(q, split), rope))
        k = self.norm(self.linear(x, "wk"), "k_norm", c.heads)
        k = self.by_head(self.rotate(f.reshape(k, split), rope))
        f.comment("Values.")
        v = self.by_head(f.reshape(self.linear(x, "wv"), split))
        f.comment("Causal attention.")
        scores = f.product(q, k, transposed=True)
        masked = f.generic([scores], ["ijk"], scores.shape, f"""
            %scale = arith.constant {c.head_width ** -0.5!r} : f32
            %masked = arith.constant 0xFF800000 : f32
            %from = linalg.index 1 : index
            %to = linalg.index 2 : index
            %seen = arith.cmpi ule, %to, %from : index
            %s = arith.mulf %a, %scale : f32
            %r = arith.select %seen, %s, %masked : f32
            linalg.yield %r : f32""")
        mixed = f.product(f.softmax(masked), v)
        mixed = f.reshape(self.by_token(mixed, split), x.shape)
        return self.linear(mixed, "wo")

    def feed_forward(self, x):
        self.f.comment("Feed-forward, silu(gate) * up.")
        gated = self.f.elementwise(
            [self.linear(x, "gate"), self.linear(x, "up")], """
            %one = arith.constant 1.0 : f32
            %n = arith.negf %a : f32
            %e = math.exp %n : f32
            %q = arith.addf %e, %one : f32
            %s = arith.divf %a, %q : f32
            %r = arith.mulf %s, %b : f32
            linalg.yield %r : f32""")
        return self.linear(gated, "down")

    def block(self, x, rope):
        x = self.f.add(x, self.norm(self.attention(x, rope), "attn_norm"))
        return self.f.add(x, self.norm(self.feed_forward(x), "ffn_norm"))

    def blocks(self, tokens, block, count):
        """What the head sees of each token; `block` is a function, `count` the
        tokens of a window."""
        f, c = self.f, self.c
        f.comment("Embedding, and the rotation of each position.")
        size = (count, c.head_width // 2)
        rope = [f.slice(self.p[n], (0, 0), size) for n in ("rope_cos", "rope_sin")]
        x = self.embed(tokens)
        for layer in range(c.layers):
            f.comment(f"Block {layer}.")
            parameters = [self.p[f"blocks.{layer}.{n}"] for n in block_shapes(c)]
            [x] = f.call(block, [x, *rope, *parameters])
        return x

    def head(self, x):
        self.f.comment("Head.")
        return self.linear(self.norm(x, "final_norm"), "head")


def last_logits(model, x, tokens):
    f, c = model.f, model.c
    f.comment("The last position.")
    f.require(tokens.shape[0], "ugt", f.index(0), "tokens: at least one")
    last = f.scalar(f"arith.subi {tokens.shape[0]}, {f.index(1)} : index")
    logits = model.head(f.slice(x, (last, 0), (1, c.width)))
    return f.reshape(logits, (c.vocabulary,))


def nll(model, x, tokens, targets):
    f = model.f
    f.require(f.dim(targets, 0), "eq", tokens.shape[0], "targets: one for each token")
    return losses(model, x, targets)


def losses(model, x, targets):
    """The negative log-likelihood of each target."""
    f, logits = model.f, model.head(x)
    f.comment("log(sum(exp(logits))) - logits[target], without overflow.")
    total = f.row_program(logits, 1, """
        %max = rowwise.reduce max %x : ROW -> tensor<1xf32>
        %maxes = rowwise.broadcast %max : tensor<1xf32> -> ROW
        %below = arith.subf %x, %maxes : ROW
        %exp = math.exp %below : ROW
        %sum = rowwise.reduce add %exp : ROW -> tensor<1xf32>
        %log = math.log %sum : tensor<1xf32>
        %r = arith.addf %log, %max : tensor<1xf32>
        rowwise.yield %r : tensor<1xf32>""")
    total = f.reshape(total, x.shape[:1])
    return f.generic([targets, total], ["i", "i"], x.shape[:1], f"""
        %byte = arith.extui %a : i8 to i64
        %column = arith.index_cast %byte : i64 to index
        %row = linalg.index 0 : index
        %logit = tensor.extract {logits.name}[%row, %column] : {logits.type}
        %r = arith.subf %b, %logit : f32
        linalg.yield %r : f32""")


def block_function(module, config, rows="%count", count="%count"):
    x = Value("%x", (rows, config.width))
    rope = [Value(name, (count, config.head_width // 2)) for name in ("%cos", "%sin")]
    parameters = values(block_shapes(config))
    f = module.function("block", [x, *rope, *parameters.values()], private=True)
    if isinstance(rows, str):
        f.count_rows(x)
    f.give_back(Model(config, f, parameters).block(x, rope))
    return f


def entry(module, config, block, name, inputs, finish):
    parameters = values(parameter_shapes(config))
    f = module.function(
        name, [(v, f'seednorm.name = "{v.name[1:]}"') for v in inputs] +
        [(v, f'seednorm.param = "{n}"') for n, v in parameters.items()])
    tokens = inputs[0]
    f.count_rows(tokens)
    f.require(tokens.shape[0], "ule", f.index(config.context),
              f"tokens: at most {config.context} of them")
    model = Model(config, f, parameters)
    f.give_back(finish(model, model.blocks(tokens, block, tokens.shape[0]), *inputs))


def export(config=Config()):
    module = Module(f"// Written by export.py: {config}.\n"
                    f"// A map's name lists the loops, then those that it reads.")
    tokens = Value("%tokens", ("%count",), "i8")
    targets = Value("%targets", ("%others",), "i8")
    block = block_function(module, config)
    entry(module, config, block, "logits", [tokens], lambda model, x, _: model.head(x))
    entry(module, config, block, "last_logits", [tokens], last_logits)
    entry(module, config, block, "nll", [tokens, targets], nll)
    return module.text()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=HERE / "tiny-lm.mlir",
                        help="file to write (default: %(default)s)")
    parser.parse_args().output.write_text(export())


if __name__ == "__main__":
    main()
