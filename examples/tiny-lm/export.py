#!/usr/bin/env python3
"""Writes tiny-lm.mlir: the model of model.py, operation by operation.

    python examples/tiny-lm/export.py            # rewrites tiny-lm.mlir

Needs no PyTorch. Entries: @logits(tokens) and @nll(tokens, targets). Parameters
are bound from model.safetensors by the names that PyTorch gives them.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from mlir_writer import Function, Value  # noqa: E402


@dataclass(frozen=True)
class Config:
    """The same numbers as model.Config."""

    vocabulary: int = 256
    width: int = 128
    layers: int = 4
    heads: int = 4
    hidden: int = 384
    context: int = 256

    @property
    def head_width(self):
        return self.width // self.heads


def parameter_shapes(c):
    """Every parameter with its shape, in the order of the function's arguments."""
    d, h = c.width, c.hidden
    shapes = {"embedding.weight": (c.vocabulary, d),
              "rope_cos": (c.context, c.head_width // 2),
              "rope_sin": (c.context, c.head_width // 2)}
    for layer in range(c.layers):
        block = f"blocks.{layer}"
        for name in ("wq", "wk", "wv", "wo"):
            shapes[f"{block}.{name}.weight"] = (d, d)
        shapes[f"{block}.gate.weight"] = shapes[f"{block}.up.weight"] = (h, d)
        shapes[f"{block}.down.weight"] = (d, h)
        for norm in ("q_norm", "k_norm", "attn_norm", "ffn_norm"):
            for name in ("alpha", "beta", "gamma"):
                shapes[f"{block}.{norm}.{name}"] = (d,)
    for name in ("alpha", "beta", "gamma"):
        shapes[f"final_norm.{name}"] = (d,)
    shapes["head.weight"] = (c.vocabulary, d)
    return shapes


class Model:
    """Emits the model into a function."""

    def __init__(self, config, function, parameters):
        self.c, self.f, self.p = config, function, parameters

    def linear(self, x, name):
        return self.f.product(x, self.p[f"{name}.weight"], transposed=True)

    def norm(self, x, name, heads=1):
        p = self.p
        return self.f.norm(x, p[f"{name}.alpha"], p[f"{name}.beta"],
                           p[f"{name}.gamma"],
                           f"heads = {heads} : i64, eps = 1.0e-6 : f64")

    def embed(self, tokens):
        table = self.p["embedding.weight"]
        # Bytes are extended without sign, so no index is out of bounds.
        return self.f.generic([tokens], [(0,)], (tokens.shape[0], self.c.width), f"""
            %byte = arith.extui %a : i8 to i64
            %row = arith.index_cast %byte : i64 to index
            %column = linalg.index 1 : index
            %r = tensor.extract {table.name}[%row, %column] : {table.type}
            linalg.yield %r : f32""")

    def rotate(self, x):
        """RoPE on [tokens, heads, width], then [heads, tokens, width]."""
        f, half = self.f, self.c.head_width // 2
        count, heads, width = x.shape
        shape = (count, heads, half)
        a = f.slice(x, (0, 0, 0), shape)
        b = f.slice(x, (0, 0, half), shape)
        inputs, maps = [a, b, *self.rope], [(0, 1, 2)] * 2 + [(0, 2)] * 2
        left = f.generic(inputs, maps, shape, """
            %p = arith.mulf %a, %c : f32
            %q = arith.mulf %b, %d : f32
            %r = arith.subf %p, %q : f32
            linalg.yield %r : f32""")
        right = f.generic(inputs, maps, shape, """
            %p = arith.mulf %b, %c : f32
            %q = arith.mulf %a, %d : f32
            %r = arith.addf %p, %q : f32
            linalg.yield %r : f32""")
        whole = f.insert(left, f.empty(x.shape), (0, 0, 0))
        whole = f.insert(right, whole, (0, 0, half))
        return f.transpose(whole, (1, 0, 2))

    def attention(self, x, block):
        f, c = self.f, self.c
        split = (x.shape[0], c.heads, c.head_width)
        q = self.norm(self.linear(x, f"{block}.wq"), f"{block}.q_norm", c.heads)
        k = self.norm(self.linear(x, f"{block}.wk"), f"{block}.k_norm", c.heads)
        q, k = self.rotate(f.reshape(q, split)), self.rotate(f.reshape(k, split))
        v = f.transpose(f.reshape(self.linear(x, f"{block}.wv"), split), (1, 0, 2))
        scores = f.product(q, k, transposed=True)
        masked = f.generic([scores], [(0, 1, 2)], scores.shape, f"""
            %scale = arith.constant {c.head_width ** -0.5!r} : f32
            %masked = arith.constant 0xFF800000 : f32
            %from = linalg.index 1 : index
            %to = linalg.index 2 : index
            %seen = arith.cmpi ule, %to, %from : index
            %s = arith.mulf %a, %scale : f32
            %r = arith.select %seen, %s, %masked : f32
            linalg.yield %r : f32""")
        mixed = f.product(f.softmax(masked), v)
        mixed = f.reshape(f.transpose(mixed, (1, 0, 2)), x.shape)
        return self.linear(mixed, f"{block}.wo")

    def feed_forward(self, x, block):
        gated = self.f.elementwise(
            [self.linear(x, f"{block}.gate"), self.linear(x, f"{block}.up")], """
            %one = arith.constant 1.0 : f32
            %n = arith.negf %a : f32
            %e = math.exp %n : f32
            %q = arith.addf %e, %one : f32
            %s = arith.divf %a, %q : f32
            %r = arith.mulf %s, %b : f32
            linalg.yield %r : f32""")
        return self.linear(gated, f"{block}.down")

    def logits(self, tokens):
        f, c = self.f, self.c
        f.comment("Embedding and the rotation of each position.")
        most = f.scalar(f"arith.constant {c.context} : index")
        fits = f.scalar(f"arith.cmpi ule, {tokens.shape[0]}, {most} : index")
        f.emit(f'cf.assert {fits}, "tokens: at most {c.context} of them"')
        size = (tokens.shape[0], c.head_width // 2)
        self.rope = [f.slice(self.p[n], (0, 0), size) for n in ("rope_cos", "rope_sin")]
        x = self.embed(tokens)
        for layer in range(c.layers):
            block = f"blocks.{layer}"
            f.comment(f"Block {layer}: attention.")
            x = f.add(x, self.norm(self.attention(x, block), f"{block}.attn_norm"))
            f.comment(f"Block {layer}: feed-forward.")
            x = f.add(x, self.norm(self.feed_forward(x, block), f"{block}.ffn_norm"))
        f.comment("Head.")
        return self.linear(self.norm(x, "final_norm"), "head")


def entry(config, name, inputs, finish):
    """A function of byte sequences and every parameter."""
    f = Function()
    arguments = [Value(f"%{i}", ("%count",), "i8") for i in inputs]
    parameters = {n: Value(f"%{n.replace('.', '_')}", s)
                  for n, s in parameter_shapes(config).items()}
    head = [f'{a.name}: {a.type} {{seednorm.name = "{a.name[1:]}"}}' for a in arguments]
    head += [f'{v.name}: {v.type} {{seednorm.param = "{n}"}}'
             for n, v in parameters.items()]
    f.lines.append("  %zero = arith.constant 0 : index")
    f.lines.append(f"  %count = tensor.dim {arguments[0].name}, %zero : tensor<?xi8>")
    result = finish(f, Model(config, f, parameters).logits(arguments[0]), arguments)
    return f.text(f"func.func @{name}(" + ",\n    ".join(head) + ")", result)


def nll(f, logits, arguments):
    f.comment("Negative log-likelihood of each target.")
    same = f.scalar(f"arith.cmpi eq, {f.dim(arguments[1], 0)}, %count : index")
    f.emit(f'cf.assert {same}, "targets: one for each token"')
    p = f.softmax(logits)
    return f.generic([arguments[1]], [(0,)], ("%count",), f"""
        %byte = arith.extui %a : i8 to i64
        %column = arith.index_cast %byte : i64 to index
        %row = linalg.index 0 : index
        %p = tensor.extract {p.name}[%row, %column] : {p.type}
        %l = math.log %p : f32
        %r = arith.negf %l : f32
        linalg.yield %r : f32""")


def export(config=Config()):
    logits = entry(config, "logits", ["tokens"], lambda f, logits, _: logits)
    loss = entry(config, "nll", ["tokens", "targets"], nll)
    return (f"// Written by export.py: {config}\n\n{logits}\n\n{loss}\n")


if __name__ == "__main__":
    (HERE / "tiny-lm.mlir").write_text(export())
