"""A byte-level decoder-only language model in which every norm is SeeDNorm.

The layout is OLMo 2's: norms after attention and feed-forward, before the
residual addition; normalised queries and keys; RoPE; SwiGLU. This file is the
plain PyTorch model that `train.py` trains and that `export.py` mirrors
operation by operation.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Config:
    vocabulary: int = 256
    width: int = 128
    layers: int = 4
    heads: int = 4
    hidden: int = 384
    context: int = 256
    rope_base: float = 10000.0
    eps: float = 1e-6

    @property
    def head_width(self):
        return self.width // self.heads


class SeeDNorm(nn.Module):
    """y = [tanh(x·beta) alpha + gamma] x / RMS(x) (arXiv 2510.22777, eq. 4).

    With several heads the dot product is taken over each contiguous slice of
    the row by itself; the RMS is always over the whole row.
    """

    def __init__(self, width, heads=1, eps=1e-6):
        super().__init__()
        self.heads, self.eps = heads, eps
        self.alpha = nn.Parameter(torch.ones(width))
        self.beta = nn.Parameter(torch.zeros(width))
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x):
        dot = (x * self.beta).unflatten(-1, (self.heads, -1)).sum(-1, keepdim=True)
        s = torch.tanh(dot).expand(*dot.shape[:-1], x.shape[-1] // self.heads)
        scale = s.flatten(-2) * self.alpha + self.gamma
        return scale * x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps)


def rope_tables(config):
    """cos and sin of position × frequency, [context, head_width / 2]."""
    half = config.head_width // 2
    frequency = config.rope_base ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(config.context, dtype=torch.float64)[:, None] * frequency
    return angle.cos().float(), angle.sin().float()


def rotate(x, cos, sin):
    """Rotates the two halves of every head; x is [..., tokens, heads, width]."""
    a, b = x.chunk(2, dim=-1)
    cos, sin = cos[:, None, :], sin[:, None, :]
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        d, h = config.width, config.hidden
        self.wq, self.wk = nn.Linear(d, d, bias=False), nn.Linear(d, d, bias=False)
        self.wv, self.wo = nn.Linear(d, d, bias=False), nn.Linear(d, d, bias=False)
        self.q_norm = SeeDNorm(d, config.heads, config.eps)
        self.k_norm = SeeDNorm(d, config.heads, config.eps)
        self.attn_norm = SeeDNorm(d, eps=config.eps)
        self.gate, self.up = nn.Linear(d, h, bias=False), nn.Linear(d, h, bias=False)
        self.down = nn.Linear(h, d, bias=False)
        self.ffn_norm = SeeDNorm(d, eps=config.eps)

    def attention(self, x, cos, sin):
        shape = (*x.shape[:-1], self.config.heads, self.config.head_width)
        q = rotate(self.q_norm(self.wq(x)).view(shape), cos, sin).transpose(-3, -2)
        k = rotate(self.k_norm(self.wk(x)).view(shape), cos, sin).transpose(-3, -2)
        v = self.wv(x).view(shape).transpose(-3, -2)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.wo(mixed.transpose(-3, -2).reshape(x.shape))

    def forward(self, x, cos, sin):
        x = x + self.attn_norm(self.attention(x, cos, sin))
        return x + self.ffn_norm(self.down(F.silu(self.gate(x)) * self.up(x)))


class TinyLM(nn.Module):
    def __init__(self, config=Config()):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.final_norm = SeeDNorm(config.width, eps=config.eps)
        self.head = nn.Linear(config.width, config.vocabulary, bias=False)
        cos, sin = rope_tables(config)
        self.register_buffer("rope_cos", cos)
        self.register_buffer("rope_sin", sin)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02 if "embedding" in name else
                                parameter.shape[1] ** -0.5)

    def forward(self, tokens):
        """Logits [..., tokens, vocabulary] of the byte after each token."""
        count = tokens.shape[-1]
        cos, sin = self.rope_cos[:count], self.rope_sin[:count]
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, cos, sin)
        return self.head(self.final_norm(x))
