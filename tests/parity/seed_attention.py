"""The first textbooks' attention module: no scale, no mask, no output projection."""

import torch
from golden_file import GoldenFile, exact, numbers
from torch import nn


class SeedAttention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, x):
        weights = torch.softmax(self.query(x) @ self.key(x).transpose(-1, -2), -1)
        return {"context": weights @ self.value(x), "weights": weights}


def seed_attention():
    file = GoldenFile("seed_attention")
    for case, sizes, width in [("ten vectors", (10,), 32), ("a batch", (2, 3), 8), ("one vector", (1,), 4)]:
        file.begin(case)
        module = exact(SeedAttention(width), 0.25)
        file.record(lambda x: module(x), {"x": numbers(*sizes, width, scale=2)}, module, width=width)
        # Exactly 0, as a softmax does not see what is added to a whole row: what PyTorch has is rounding.
        del file.tensors[f"{case}/grad/key.bias"]
    file.save()
