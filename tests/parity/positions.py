"""Golden file of positions for generate.py: the formulas of the papers in PyTorch, which has layers for none of them."""

import torch
from golden_file import GoldenFile, exact, numbers
from torch import nn


def sinusoids(positions, features):
    i = torch.arange(0, features, 2)
    angles = positions[:, None] / 10000 ** (i / features)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, :features]


def rotary_interleaved(x, positions, base):
    """As complex numbers (Llama's own code)."""
    K = x.shape[-1]
    turns = torch.polar(torch.ones(()), positions[:, None] * base ** (-torch.arange(0, K, 2) / K))
    return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2))) * turns).flatten(-2)


def rotary_halves(x, positions, base):
    """By rotate_half (GPT-NeoX's code)."""
    K = x.shape[-1]
    angles = torch.cat([positions[:, None] * base ** (-torch.arange(0, K, 2) / K)] * 2, -1)
    a, b = x.chunk(2, -1)
    return x * angles.cos() + torch.cat([-b, a], -1) * angles.sin()


def positions():
    file = GoldenFile("positions")
    for first, T, D in [(0, 4, 6), (5, 3, 7), (1000, 2, 16), (0, 1, 1)]:
        file.begin(f"sinusoidal, {T} from {first} of width {D}")
        table = sinusoids(torch.arange(first, first + T), D)
        file.record(lambda x: {"y": x + table}, {"x": numbers(2, T, D)}, first=first)
    for first, T, D in [(0, 4, 6), (3, 2, 5)]:
        file.begin(f"learned, {T} from {first}")
        layer = exact(nn.Embedding(6, D))
        add = lambda x: {"y": x + layer(torch.arange(first, first + T))}
        file.record(add, {"x": numbers(2, T, D)}, layer, positions=6, features=D, first=first)
    for first, T, K, base, width in [(0, 3, 4, 10000, 4), (7, 4, 6, 10000, 6), (1000, 2, 8, 500000, 8), (2, 3, 10, 100, 4)]:
        for name, turn in ("interleaved", rotary_interleaved), ("halves", rotary_halves):
            file.begin(f"rotary {name}, {T} from {first} of width {width} of {K}")
            at = torch.arange(first, first + T)
            both = lambda x: {"y": torch.cat([turn(x[..., :width], at, base), x[..., width:]], -1)}
            settings = {"first": first, "base": base, "width": width, "halves": name == "halves"}
            file.record(both, {"x": numbers(2, 3, T, K)}, **settings)
    file.save()
