#!/usr/bin/env python3
"""PyTorch's result of vit-block, written or compared with.

    python examples/vit-block/reference.py build/vit-block --compare out.npy

The model is written with PyTorch's own convolution, attention and GELU, so it
shares no step with the exporter. The largest relative error is max|a - b| /
max|b|, where b is computed in f64; PyTorch's own in f32 is printed beside it.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from export import Config


def seednorm(x, w, name, c):
    parts = (x * w[f"{name}.beta"]).unflatten(-1, (c.norm_heads, -1))
    s = torch.tanh(parts.mean(-1)).repeat_interleave(parts.shape[-1], -1)
    scale = s * w[f"{name}.alpha"] + w[f"{name}.gamma"]
    return scale * F.rms_norm(x, x.shape[-1:], eps=c.eps)


def linear(x, w, name):
    return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])


@torch.no_grad()
def forward(image, w, dtype, c=Config()):
    w = {name: value.to(dtype) for name, value in w.items()}
    pixels = (image.to(dtype) / 127.5 - 1).permute(2, 0, 1)[None]
    kernel = w["patch.weight"].view(c.width, 3, c.patch, c.patch)
    patches = F.conv2d(pixels, kernel, w["patch.bias"], stride=c.patch)
    x = torch.cat((w["cls"], patches[0].flatten(1).T)) + w["position"]
    q, k, v = linear(seednorm(x, w, "norm1", c), w, "qkv").chunk(3, -1)
    q, k, v = (t.view(c.tokens, c.heads, -1).transpose(0, 1) for t in (q, k, v))
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(0, 1).flatten(1)
    x = x + linear(mixed, w, "proj")
    hidden = linear(seednorm(x, w, "norm2", c), w, "fc1")
    return x + linear(F.gelu(hidden, approximate="tanh"), w, "fc2")


def relative_error(a, b):
    return float((a.double() - b).abs().max() / b.abs().max())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="what make_weights.py wrote")
    parser.add_argument("--output", type=Path, help="write the f32 result here (.npy)")
    parser.add_argument("--compare", type=Path,
                        help="a result (.npy); exit 1 if its error is above 1e-4")
    arguments = parser.parse_args()
    image = torch.from_numpy(np.load(arguments.folder / "image.npy"))
    weights = load_file(arguments.folder / "block.safetensors")
    single, exact = (forward(image, weights, t) for t in (torch.float32, torch.float64))
    print(f"PyTorch f32: largest relative error {relative_error(single, exact):.2e}")
    if arguments.output:
        np.save(arguments.output, single.numpy())
    if arguments.compare:
        result = torch.from_numpy(np.load(arguments.compare))
        if result.shape != exact.shape:
            sys.exit(f"{arguments.compare}: shape {tuple(result.shape)}, but "
                     f"{tuple(exact.shape)} is expected")
        error = relative_error(result, exact)
        print(f"{arguments.compare}: largest relative error {error:.2e}")
        if not error <= 1e-4:
            sys.exit(1)


if __name__ == "__main__":
    main()
