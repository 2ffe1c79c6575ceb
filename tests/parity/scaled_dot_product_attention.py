"""torch.nn.functional.scaled_dot_product_attention: grouped heads, masks, bias, causal, scale."""

import torch
from golden_file import GoldenFile, numbers
from torch.nn import functional as F


def scaled_dot_product_attention():
    file = GoldenFile("scaled_dot_product_attention")
    for case, B, H, G, T, S, K, D, mask, causal, scale in [
        ("plain", 2, 2, 2, 3, 4, 5, 6, None, False, None),
        ("one of everything", 1, 1, 1, 1, 1, 1, 1, None, False, None),
        ("scale", 1, 2, 2, 3, 4, 5, 6, None, False, 0.75),
        ("grouped heads", 2, 6, 2, 3, 4, 5, 6, None, False, None),
        ("one group", 2, 3, 1, 3, 4, 5, 6, None, False, None),
        ("causal", 1, 2, 2, 7, 7, 4, 4, None, True, None),
        ("causal, more keys", 1, 2, 2, 3, 7, 4, 4, None, True, None),
        ("causal, fewer keys", 1, 2, 2, 7, 3, 4, 4, None, True, None),
        ("causal, grouped heads", 1, 4, 2, 5, 5, 4, 4, None, True, None),
        ("padding", 3, 2, 2, 3, 5, 4, 4, "padding", False, None),
        ("mask of pairs", 2, 2, 2, 4, 6, 4, 4, "pairs", False, None),
        ("mask of heads", 2, 4, 2, 4, 6, 4, 4, "heads", False, None),
        ("a query without keys", 2, 2, 2, 4, 6, 4, 4, "none", False, None),
        ("bias of pairs", 1, 2, 2, 4, 6, 4, 4, "bias", False, None),
        ("bias of heads", 2, 4, 2, 4, 6, 4, 4, "bias of heads", False, 0.5),
        ("bias of one key", 2, 2, 1, 4, 6, 4, 4, "bias of keys", False, None),
        ("two tiles of keys", 1, 1, 1, 3, 270, 4, 2, None, False, None),
        ("two blocks of queries", 1, 1, 1, 60, 60, 3, 2, None, True, None),
    ]:
        file.begin(case)
        inputs = {"query": numbers(B, H, T, K, scale=2), "key": numbers(B, G, S, K, scale=2), "value": numbers(B, G, S, D)}
        if mask == "padding":
            inputs["mask"] = torch.arange(S) < torch.tensor([5, 1, 3])[:, None, None, None]
        elif mask in ("pairs", "heads", "none"):
            inputs["mask"] = torch.rand(*((B, H, T, S) if mask == "heads" else (T, S))) < 0.5
            inputs["mask"][..., 2] = True
            if mask == "none":
                inputs["mask"][1] = False
        elif mask:
            inputs["bias"] = numbers(*{"bias": (T, S), "bias of heads": (B, H, T, S), "bias of keys": (S,)}[mask])

        def run(query, key, value, mask=None, bias=None):
            options = {"is_causal": causal, "scale": scale, "enable_gqa": H != G}
            # PyTorch wants the mask's rows written out.
            mask = mask if bias is None else bias.expand(T, S) if bias.dim() == 1 else bias
            return {"y": F.scaled_dot_product_attention(query, key, value, mask, **options)}

        file.record(run, inputs, causal=causal, scale=scale or K**-0.5)
    file.save()
