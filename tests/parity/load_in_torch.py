#!/usr/bin/env python3
"""Loads the state dicts that heed wrote (load_in_torch.cpp) with strict=True, and compares the layers' outputs.

    heed_tests "[write-state]" && /opt/torch/bin/python tests/parity/load_in_torch.py heed-states
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

GRU = dict(num_layers=2, batch_first=True, bidirectional=True)
LAYERS = {
    "linear": lambda dtype: nn.Linear(4, 6, dtype=dtype),
    "linear_without_bias": lambda dtype: nn.Linear(4, 6, bias=False, dtype=dtype),
    "embedding": lambda dtype: nn.Embedding(9, 3, dtype=dtype),
    "gru": lambda dtype: nn.GRU(4, 5, dtype=dtype, **GRU),
    "gru_without_bias": lambda dtype: nn.GRU(4, 5, bias=False, dtype=dtype, **GRU),
    "multi_head": lambda dtype: nn.MultiheadAttention(4, 2, batch_first=True, dtype=dtype),
    "transformer": lambda dtype: nn.Transformer(4, 2, 2, 2, 6, 0, batch_first=True, dtype=dtype),
}
CAUSAL = torch.ones(5, 5).triu(1).bool()
RUN = {
    "multi_head": lambda layer, x: layer(x, x, x, average_attn_weights=False),
    "transformer": lambda layer, x: layer(x, x, tgt_mask=CAUSAL),
}


def main(folder):
    for name, make in LAYERS.items():
        for dtype, tolerance in ("f32", 1e-6), ("f64", 1e-14):
            layer = make(dict(f32=torch.float32, f64=torch.float64)[dtype])
            state = load_file(folder / f"{name}.{dtype}.safetensors")
            layer.load_state_dict(state, strict=True)
            run = load_file(folder / f"{name}.{dtype}.run.safetensors")
            got = RUN.get(name, lambda layer, x: layer(x))(layer, run["x"])
            pairs = zip(got, (run["y"], run["last"])) if isinstance(got, tuple) else [(got, run["y"])]
            worst = max((a - b).abs().max().item() for a, b in pairs)
            types = {tensor.dtype for tensor in state.values()} | {parameter.dtype for parameter in layer.parameters()}
            assert len(types) == 1 and worst <= tolerance, (name, dtype, types, worst)
            print(f"{name} {dtype}: {len(state)} tensors loaded, largest difference {worst:.1e}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
