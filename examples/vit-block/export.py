#!/usr/bin/env python3
"""Writes vit-block.mlir: patch embedding and one encoder block of a ViT-B.

    python examples/vit-block/export.py          # rewrites vit-block.mlir

The layout is ViT's, norms before attention and before the MLP; both norms are
SeeDNorm with 16 heads and scaled dot products, as the paper has them for vision.
Needs nothing but Python. One entry, @forward(image).
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
    image: int = 224
    patch: int = 16
    width: int = 768
    heads: int = 12
    norm_heads: int = 16
    hidden: int = 3072
    eps: float = 1e-6

    @property
    def side(self):
        return self.image // self.patch

    @property
    def tokens(self):
        return self.side * self.side + 1


def parameter_shapes(c):
    """Every parameter with its shape, in the order of the entry's arguments."""
    d, h = c.width, c.hidden
    shapes = {"patch.weight": (d, 3 * c.patch * c.patch), "patch.bias": (d,),
              "cls": (1, d), "position": (c.tokens, d)}
    for name, (to, of) in {"qkv": (3 * d, d), "proj": (d, d),
                           "fc1": (h, d), "fc2": (d, h)}.items():
        shapes |= {f"{name}.weight": (to, of), f"{name}.bias": (to,)}
    for norm in ("norm1", "norm2"):
        shapes |= {f"{norm}.{name}": (d,) for name in ("alpha", "beta", "gamma")}
    return shapes


class Model:
    """Emits the parts of the model into a function."""

    def __init__(self, config, function, parameters):
        self.c, self.f, self.p = config, function, parameters

    def linear(self, x, name):
        product = self.f.product(x, self.p[f"{name}.weight"], transposed=True)
        return self.f.add(product, self.p[f"{name}.bias"])

    def norm(self, x, name):
        alpha, beta, gamma = (self.p[f"{name}.{p}"] for p in ("alpha", "beta", "gamma"))
        return self.f.norm(x, alpha, beta, gamma,
                           f"heads = {self.c.norm_heads} : i64, "
                           f"eps = {self.c.eps:.1e} : f64, scaled_dot")

    def embed(self, image):
        f, c = self.f, self.c
        f.comment("Patches of the image, channels first as in a convolution's weight,",
                  "with bytes mapped to [-1, 1].")
        cut = f.reshape(image, (c.side, c.patch, c.side, c.patch, 3))
        patches = f.generic([cut], ["iljmk"], (c.side, c.side, 3, c.patch, c.patch), f"""
            %scale = arith.constant {1 / 127.5!r} : f32
            %one = arith.constant 1.0 : f32
            %byte = arith.uitofp %a : i8 to f32
            %s = arith.mulf %byte, %scale : f32
            %r = arith.subf %s, %one : f32
            linalg.yield %r : f32""")
        patches = f.reshape(patches, (c.tokens - 1, 3 * c.patch * c.patch))
        f.comment("Patch embedding, class token first, positions added.")
        x = f.insert(self.p["cls"], f.empty((c.tokens, c.width)), (0, 0))
        x = f.insert(self.linear(patches, "patch"), x, (1, 0))
        return f.add(x, self.p["position"])

    def attention(self, x):
        f, c = self.f, self.c
        f.comment("Queries, keys and values.")
        qkv = self.linear(x, "qkv")
        width = c.width // c.heads

        def part(index):
            own = f.slice(qkv, (0, index * c.width), (c.tokens, c.width))
            return f.transpose(f.reshape(own, (c.tokens, c.heads, width)), (1, 0, 2))

        q, k, v = (part(i) for i in range(3))
        f.comment("Attention.")
        scores = f.elementwise([f.product(q, k, transposed=True)], f"""
            %scale = arith.constant {width ** -0.5!r} : f32
            %r = arith.mulf %a, %scale : f32
            linalg.yield %r : f32""")
        mixed = f.product(f.softmax(scores), v)
        return self.linear(f.reshape(f.transpose(mixed, (1, 0, 2)), x.shape), "proj")

    def gelu(self, x):
        """The tanh form: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))."""
        return self.f.elementwise([x], """
            %c0 = arith.constant 0.044715 : f32
            %c1 = arith.constant 0.7978845608028654 : f32
            %half = arith.constant 0.5 : f32
            %one = arith.constant 1.0 : f32
            %square = arith.mulf %a, %a : f32
            %cube = arith.mulf %square, %a : f32
            %t = arith.mulf %cube, %c0 : f32
            %u = arith.addf %a, %t : f32
            %v = arith.mulf %u, %c1 : f32
            %tanh = math.tanh %v : f32
            %w = arith.addf %tanh, %one : f32
            %h = arith.mulf %a, %half : f32
            %r = arith.mulf %h, %w : f32
            linalg.yield %r : f32""")

    def forward(self, image):
        f, x = self.f, self.embed(image)
        x = f.add(x, self.attention(self.norm(x, "norm1")))
        f.comment("MLP with the tanh form of GELU.")
        return f.add(x, self.linear(self.gelu(self.linear(self.norm(x, "norm2"), "fc1")),
                                    "fc2"))


def export(config=Config()):
    module = Module(f"// Written by export.py: {config}.\n"
                    f"// A map's name lists the loops, then those that it reads.")
    image = Value("%image", (config.image, config.image, 3), "i8")
    parameters = {n: Value(f"%{n.replace('.', '_')}", s)
                  for n, s in parameter_shapes(config).items()}
    f = module.function("forward", [(image, 'seednorm.name = "image"')] + [
        (v, f'seednorm.param = "{n}"') for n, v in parameters.items()])
    f.give_back(Model(config, f, parameters).forward(image))
    return module.text()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=HERE / "vit-block.mlir",
                        help="file to write (default: %(default)s)")
    parser.parse_args().output.write_text(export())


if __name__ == "__main__":
    main()
