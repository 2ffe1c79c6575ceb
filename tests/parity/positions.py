"""Golden file of positions for generate.py: the formulas of the papers in PyTorch, which has layers for none of them."""

import math

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


def alibi_slopes(heads):
    """The authors' get_slopes."""
    powers = lambda n: [2 ** (-8 / n * (i + 1)) for i in range(n)]
    below = 2 ** (heads.bit_length() - 1)
    return torch.tensor(powers(below) + (powers(2 * below)[::2][: heads - below] if heads > below else []))


def t5_buckets(distances, buckets, max_distance, bidirectional):
    """The formula in whole numbers: bucket e + k for the largest k with (M/e)^k <= (r/e)^n."""
    count = buckets // 2 if bidirectional else buckets
    single = count // 2
    n = count - single

    def bucket(d):
        r = abs(d) if bidirectional else max(-d, 0)
        k = sum(max_distance**k * single ** (n - k) <= r**n for k in range(1, n))
        return (count if bidirectional and d > 0 else 0) + (r if r < single else single + k)

    return torch.tensor([[bucket(d) for d in row] for row in distances.tolist()])


def float_t5_buckets(distances, buckets, max_distance, bidirectional):
    """With the logarithm in floats, as T5 computes it."""
    count = buckets // 2 if bidirectional else buckets
    single = count // 2
    r = distances.abs() if bidirectional else (-distances).clamp(min=0)
    far = (r.float() / single).log() / math.log(max_distance / single) * (count - single)
    far = (single + far.long()).clamp(max=count - 1)
    return torch.where(r < single, r, far) + count * (distances > 0) * bidirectional


class Shaw(nn.Module):
    """A key and a value of its own for every pair."""

    def __init__(self, clip, K, D):
        super().__init__()
        self.key = nn.Parameter(torch.zeros(2 * clip + 1, K))
        self.value = nn.Parameter(torch.zeros(2 * clip + 1, D))
        self.clip = clip

    def forward(self, q, k, v):
        T, S = q.shape[2], k.shape[2]
        pairs = distances(T, S, S - T).clamp(-self.clip, self.clip) + self.clip
        scores = torch.einsum("bhtk,bhsk->bhts", q, k) + torch.einsum("bhtk,tsk->bhts", q, self.key[pairs])
        weights = (scores / q.shape[-1] ** 0.5).softmax(-1)
        return {"y": weights @ v + torch.einsum("bhts,tsd->bhtd", weights, self.value[pairs])}


def distances(T, S, first):
    return torch.arange(S) - (first + torch.arange(T)[:, None])


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
    for heads in 1, 4, 6, 12, 40:
        file.begin(f"alibi, {heads} heads")
        bias = -alibi_slopes(heads)[:, None, None] * distances(3, 5, 2).abs()
        file.record(lambda scores: {"y": scores + bias}, {"scores": numbers(1, heads, 3, 5)}, heads=heads)
    for buckets, max_distance, both in [(32, 128, 1), (32, 128, 0), (6, 81, 0), (4, 16, 0), (20, 50, 1), (7, 9, 0)]:
        file.begin(f"t5 {buckets} to {max_distance}{', both ways' if both else ''}")
        T, S, first = 2, max_distance + 8, max_distance // 2
        weight = nn.Embedding(buckets, 1)
        at = t5_buckets(distances(T, S, first), buckets, max_distance, both)
        if (buckets, max_distance) == (32, 128):
            assert torch.equal(at, float_t5_buckets(distances(T, S, first), buckets, max_distance, both))
        bias = lambda scores: {"y": scores + weight(at).permute(2, 0, 1)}
        settings = {"buckets": buckets, "max_distance": max_distance, "both": both, "first": first}
        file.record(bias, {"scores": numbers(1, 1, T, S)}, exact(weight), **settings)
    for clip, T, S in [(1, 3, 3), (2, 3, 7), (9, 2, 5)]:
        file.begin(f"shaw, {T} of {S} within {clip}")
        inputs = {"q": numbers(2, 2, T, 4, scale=2), "k": numbers(2, 2, S, 4, scale=2), "v": numbers(2, 2, S, 3)}
        layer = exact(Shaw(clip, 4, 3))
        file.record(layer, inputs, layer, clip=clip)
    file.save()
