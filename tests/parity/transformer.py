"""torch.nn.TransformerEncoderLayer, TransformerDecoderLayer and Transformer; masks say what may be attended to."""

from functools import partial

import torch
from golden_file import GoldenFile, exact, numbers
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {0: F.relu, 1: F.gelu, 2: partial(F.gelu, approximate="tanh")}


def transformer():
    file = GoldenFile("transformer")
    for case, heads, norm_first, activation, bias, epsilon, mask in [
        ("encoder layer", 2, False, 0, True, 1e-5, None),
        ("encoder layer, pre-norm", 2, True, 0, True, 1e-5, None),
        ("encoder layer, gelu", 2, False, 1, True, 1e-12, None),
        ("encoder layer, pre-norm, gelu by tanh, causal", 3, True, 2, True, 1e-5, "causal"),
        ("encoder layer, no bias", 1, False, 0, False, 1e-5, None),
        ("encoder layer, padding", 2, False, 0, True, 1e-5, "padding"),
        ("encoder layer, pre-norm, padding", 2, True, 1, True, 1e-5, "padding"),
    ]:
        file.begin(case)
        layer = exact(nn.TransformerEncoderLayer(6, heads, 5, 0, ACTIVATIONS[activation], epsilon, True, norm_first, bias), 0.9)
        inputs = {"x": numbers(3, 4, 6)}
        hidden = {}
        if mask == "padding":
            inputs["mask"] = torch.arange(4) < torch.tensor([4, 1, 3])[:, None, None]
            hidden["src_key_padding_mask"] = ~inputs["mask"][:, 0]
        elif mask == "causal":
            hidden["src_mask"] = torch.ones(4, 4).triu(1).bool()
        settings = dict(heads=heads, norm_first=norm_first, activation=activation, bias=bias, epsilon=epsilon)
        file.record(lambda x, mask=None: {"y": layer(x, **hidden)}, inputs, layer, causal=mask == "causal", **settings)
    for case, norm_first, activation, bias, padding in [
        ("decoder layer", False, 0, True, False),
        ("decoder layer, pre-norm", True, 1, True, False),
        ("decoder layer, no bias", False, 0, False, False),
        ("decoder layer, padding", True, 0, True, True),
    ]:
        file.begin(case)
        layer = exact(nn.TransformerDecoderLayer(6, 2, 5, 0, ACTIVATIONS[activation], 1e-5, True, norm_first, bias), 0.9)
        inputs = {"x": numbers(2, 3, 6), "memory": numbers(2, 5, 6)}
        hidden = {"tgt_mask": torch.ones(3, 3).triu(1).bool()}
        if padding:
            inputs["memory_mask"] = torch.arange(5) < torch.tensor([2, 4])[:, None, None]
            hidden["memory_key_padding_mask"] = ~inputs["memory_mask"][:, 0]

        def run(x, memory, memory_mask=None):
            return {"y": layer(x, memory, **hidden)}

        file.record(run, inputs, layer, norm_first=norm_first, activation=activation, bias=bias)
    for case, norm_first, padding in [("transformer", False, False), ("transformer, pre-norm, padding", True, True)]:
        file.begin(case)
        layer = exact(nn.Transformer(4, 2, 2, 2, 6, 0, norm_first=norm_first, batch_first=True), 0.9)
        inputs = {"source": numbers(2, 5, 4), "target": numbers(2, 3, 4)}
        hidden = {"tgt_mask": torch.ones(3, 3).triu(1).bool()}
        if padding:
            inputs["mask"] = torch.arange(5) < torch.tensor([2, 5])[:, None, None]
            hidden["src_key_padding_mask"] = hidden["memory_key_padding_mask"] = ~inputs["mask"][:, 0]
        file.record(lambda source, target, mask=None: {"y": layer(source, target, **hidden)}, inputs, layer,
                    norm_first=norm_first)  # fmt: skip
    file.save()
