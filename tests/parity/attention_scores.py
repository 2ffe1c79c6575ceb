"""Golden file of attention scores and draws for generate.py."""

from unittest import mock

import torch
import torch.nn.functional as F
from golden_file import GoldenFile, exact, numbers
from torch import nn


class Cosine(nn.Module):
    def __init__(self):
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(1))

    def forward(self, query, keys):
        return {"e": F.cosine_similarity(query.unsqueeze(2), keys.unsqueeze(1), -1, 1e-8) * self.log_scale.exp()}


class General(nn.Module):
    """nn.Bilinear(query, key, 1) for every pair of query and key; weight without the axis of outputs."""

    def __init__(self, query, key):
        super().__init__()
        self.weight = nn.Parameter(nn.Bilinear(query, key, 1, bias=False).weight.detach()[0])

    def forward(self, query, keys):
        (B, T, _), S = query.shape, keys.shape[1]
        pairs = query.unsqueeze(2).expand(B, T, S, -1), keys.unsqueeze(1).expand(B, T, S, -1)
        return {"e": F.bilinear(*pairs, self.weight.unsqueeze(0)).squeeze(-1)}


def gumbel(scores, u, temperature, hard):
    with mock.patch.object(torch.Tensor, "exponential_", lambda self: self.copy_(-u.log())):
        return {"y": F.gumbel_softmax(scores, temperature, hard)}


def attention_scores():
    file = GoldenFile("attention_scores")
    for case, B, T, S, query, key in [("", 2, 3, 4, 3, 5), (", one", 1, 1, 1, 1, 1), (", wide", 2, 3, 5, 19, 18)]:
        file.begin("general" + case)
        layer = exact(General(query, key))
        inputs = {"query": numbers(B, T, query, scale=2), "keys": numbers(B, S, key, scale=2)}
        file.record(layer, inputs, layer, query=query, key=key)
        file.begin("cosine" + case)
        inputs = {"query": numbers(B, T, key, scale=2), "keys": numbers(B, S, key, scale=2)}
        layer = exact(Cosine(), 2)
        file.record(layer, inputs, layer)
    for temperature, hard in [(1, False), (0.25, False), (3, True)]:
        file.begin(f"gumbel {temperature}, {'hard' if hard else 'soft'}")
        u = (numbers(2, 3, 5) * 0.499 + 0.5).float().double()
        settings = dict(u=u, temperature=temperature, hard=hard)
        drawn = lambda scores: gumbel(scores, settings["u"], temperature, hard)
        file.record(drawn, {"scores": numbers(2, 3, 5, scale=2)}, **settings)
    file.save()
