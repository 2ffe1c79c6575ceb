"""GPT, BERT and the translating Transformer, put together from PyTorch's layers as their papers say."""

import math
from functools import partial

import torch
from golden_file import GoldenFile, exact
from torch import nn
from torch.nn import functional as F


class Gpt(nn.Module):
    def __init__(self, norm_first, learned):
        super().__init__()
        self.embedding = nn.Embedding(7, 6)
        self.positions = nn.Embedding(5, 6) if learned else None
        gelu = partial(F.gelu, approximate="tanh")
        layer = lambda: nn.TransformerEncoderLayer(6, 2, 8, 0, gelu, batch_first=True, norm_first=norm_first)
        self.layers = nn.ModuleList([layer() for _ in range(2)])
        self.norm = nn.LayerNorm(6) if norm_first else nn.Identity()

    def forward(self, ids):
        T = ids.shape[1]
        x = self.embedding(ids)
        if self.positions:
            x = x + self.positions(torch.arange(T))
        for layer in self.layers:
            x = layer(x, src_mask=torch.ones(T, T).triu(1).bool())
        return self.norm(x) @ self.embedding.weight.T


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.positions, self.segments = nn.Embedding(7, 6), nn.Embedding(5, 6), nn.Embedding(2, 6)
        self.embedding_norm = nn.LayerNorm(6, 1e-12)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2, 8, 0, F.gelu, 1e-12, True), 2)
        self.token_dense, self.token_norm = nn.Linear(6, 6), nn.LayerNorm(6, 1e-12)
        self.token_output = nn.Linear(6, 7)
        self.token_output.weight = self.embedding.weight
        self.pooler, self.next_sentence = nn.Linear(6, 6), nn.Linear(6, 2)

    def forward(self, ids, segments, hidden):
        x = self.embedding(ids) + self.positions(torch.arange(ids.shape[1])) + self.segments(segments)
        y = self.encoder(self.embedding_norm(x), src_key_padding_mask=hidden)
        tokens = self.token_output(self.token_norm(F.gelu(self.token_dense(y))))
        return {"y": y, "tokens": tokens, "next": self.next_sentence(torch.tanh(self.pooler(y[:, 0])))}


def sinusoids(length, width):
    angle = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1)


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.source_embedding, self.target_embedding = nn.Embedding(7, 6), nn.Embedding(5, 6)
        layer = dict(d_model=6, nhead=2, dim_feedforward=8, dropout=0, batch_first=True)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(**layer), 2)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(**layer), 2)

    def forward(self, source, target, hidden):
        embed = lambda table, ids: math.sqrt(6) * table(ids) + sinusoids(ids.shape[1], 6)
        memory = self.encoder(embed(self.source_embedding, source), src_key_padding_mask=hidden)
        causal = torch.ones(target.shape[1], target.shape[1]).triu(1).bool()
        y = self.decoder(embed(self.target_embedding, target), memory, causal, memory_key_padding_mask=hidden)
        return y @ self.target_embedding.weight.T


def transformer_models():
    file = GoldenFile("transformer_models")
    for case, norm_first, learned in [("gpt, pre-norm", True, True), ("gpt, post-norm", False, True), ("gpt, no positions", True, False)]:
        file.begin(case)
        model = exact(Gpt(norm_first, learned), 0.9)
        ids = torch.randint(7, (2, 5))
        file.record(lambda ids: {"logits": model(ids)}, {"ids": ids}, model, norm_first=norm_first, learned=learned)
    lengths = torch.tensor([3, 4])
    file.begin("bert")
    model = exact(Bert(), 0.9)
    inputs = {"ids": torch.randint(7, (2, 4)), "segments": torch.randint(2, (2, 4)), "lengths": lengths}
    file.record(lambda ids, segments, lengths: model(ids, segments, torch.arange(4) >= lengths[:, None]), inputs, model)
    file.begin("translator")
    model = exact(Translator(), 0.9)
    inputs = {"source": torch.randint(7, (2, 4)), "target": torch.randint(5, (2, 3)), "lengths": lengths}
    translate = lambda source, target, lengths: {"logits": model(source, target, torch.arange(4) >= lengths[:, None])}
    file.record(translate, inputs, model)
    file.save()
