#!/usr/bin/env python3
"""Makes the golden files tests/parity/*.cpp compare heed with: PyTorch's numbers.

    /opt/torch/bin/python tests/parity/generate.py        (torch 2.13.0, safetensors 0.8.0; ten seconds)

All is computed in f64 from numbers that f32 holds exactly, so one file is the reference for heed in f64 and in f32.
A file holds many cases. The tensors of one are called <case>/<role>/<name>, where the role is

    set    what the layer is made with, and arguments that are not tensors
    state  the layer's state dict, under PyTorch's names
    in     inputs
    out    outputs
    dy     a random cotangent of each output
    grad   the gradient of the sum of dy times out: of every input of a float type and of all of the state
"""

import torch
import torch.nn.functional as F
from attention_scores import attention_scores
from generate_optim import optim
from golden_file import GoldenFile, exact, numbers
from layers_and_losses import class_losses, composed, conv1d, differences, gates, rms_norm
from positions import positions
from scaled_dot_product_attention import scaled_dot_product_attention
from seed_attention import seed_attention
from torch import nn
from transformer import transformer
from transformer_models import transformer_models


def layers():
    file = GoldenFile("layers")
    for case, sizes, width, out, bias in [
        ("linear", (4,), 5, 3, True),
        ("linear without bias", (4,), 5, 3, False),
        ("linear of a vector", (), 5, 3, True),
        ("linear of a vector without bias", (), 5, 3, False),
        ("linear of sequences", (2, 3), 5, 4, True),
        ("linear of sequences without bias", (2, 3), 5, 4, False),
        ("linear of four axes", (2, 1, 3), 7, 2, True),
        ("linear of one row", (1,), 1, 1, True),
        ("linear, wide", (6,), 37, 19, True),
    ]:
        file.begin(case)
        layer = exact(nn.Linear(width, out, bias=bias))
        inputs = {"x": numbers(*sizes, width)}
        file.record(lambda x: {"y": layer(x)}, inputs, layer, **{"in": width, "out": out, "bias": bias})
    for case, sizes in [("embedding", (6,)), ("embedding of sequences", (3, 4)), ("embedding of three axes", (2, 2, 3)),
                        ("embedding of one id", (1, 1))]:  # fmt: skip
        file.begin(case)
        layer = exact(nn.Embedding(5, 3))
        file.record(lambda ids: {"y": layer(ids)}, {"ids": torch.randint(5, sizes)}, layer, count=5, width=3)
    for case, padding in [("embedding, padding", 0), ("embedding, padding from the end", -2)]:
        file.begin(case)
        layer = nn.Embedding(5, 3, padding_idx=padding)
        with torch.no_grad():
            exact(layer).weight[padding] = 0
        ids = torch.tensor([[1, padding % 5, 4], [padding % 5, 2, 1]])
        file.record(lambda ids: {"y": layer(ids)}, {"ids": ids}, layer, count=5, width=3, padding=padding)
    for case, shape, pieces in [("maxout", (4, 6), 2), ("maxout of three", (2, 3, 9), 3), ("maxout of one", (5,), 1)]:
        file.begin(case)
        largest = lambda x: {"y": x.unflatten(-1, (-1, pieces)).amax(-1)}
        file.record(largest, {"x": numbers(*shape)}, pieces=pieces)
    for case, a, b in [
        ("matmul", (3, 4), (4, 5)),
        ("matmul of two vectors", (4,), (4,)),
        ("matmul of a vector and a matrix", (4,), (4, 5)),
        ("matmul of a matrix and a vector", (3, 4), (4,)),
        ("matmul of a batch", (2, 3, 4), (2, 4, 5)),
        ("matmul of a batch and a matrix", (2, 3, 4), (4, 5)),
        ("matmul of a matrix and a batch", (3, 4), (2, 4, 5)),
        ("matmul of a batch and a vector", (2, 3, 4), (4,)),
        ("matmul of a vector and a batch", (4,), (2, 4, 5)),
        ("matmul, both batches repeated", (2, 1, 3, 4), (3, 4, 2)),
        ("matmul, batch of one", (1, 3, 4), (5, 4, 2)),
        ("matmul, long", (3, 70), (70, 2)),
    ]:
        file.begin(case)
        file.record(lambda a, b: {"y": a @ b}, {"a": numbers(*a), "b": numbers(*b)})
    file.begin("matmul of transposed matrices")
    file.record(lambda a, b: {"y": a.mT @ b.mT}, {"a": numbers(2, 4, 3), "b": numbers(5, 4)})
    file.save()


def activations():
    file = GoldenFile("activations")
    for case, function in {
        "leaky_relu": lambda x: F.leaky_relu(x),
        "leaky_relu, steep": lambda x: F.leaky_relu(x, 0.25),
        "elu": lambda x: F.elu(x),
        "elu, low": lambda x: F.elu(x, 0.5),
        "gelu": lambda x: F.gelu(x),
        "gelu, tanh": lambda x: F.gelu(x, approximate="tanh"),
        "silu": lambda x: F.silu(x),
        "softplus": lambda x: F.softplus(x, threshold=1000),  # the default is x itself above 20
        "erf": lambda x: torch.erf(x),
    }.items():
        for scale in 1, 8, 64:
            file.begin(f"{case}, {scale}")
            file.record(lambda x: {"y": function(x)}, {"x": numbers(3, 17, scale=scale)})
    file.save()


def losses():
    file = GoldenFile("losses")
    functions = {"mse_loss": F.mse_loss, "bce_with_logits": F.binary_cross_entropy_with_logits}
    for name, function in functions.items():
        for reduction in "mean", "sum", "none":
            for scale in 2, 64:
                file.begin(f"{name}, {reduction}, {scale}")
                inputs = {"x": numbers(4, 5, scale=scale), "target": numbers(4, 5).abs()}
                file.record(lambda x, target: {"loss": function(x, target, reduction=reduction)}, inputs)
        for reduction in "sum", "none":
            file.begin(f"{name}, {reduction}, weights")
            weights = numbers(3, 4).abs()
            weights[0, 1] = 0
            inputs = {"x": numbers(3, 4, scale=2), "target": numbers(3, 4).abs()}
            weighted = lambda x, target: {"loss": function(x, target, weight=weights, reduction=reduction)}
            file.record(weighted, inputs, weights=weights)
        file.begin(f"{name}, mean, padding")
        seen = torch.rand(3, 5) < 0.6
        inputs = {"x": numbers(3, 5, scale=2), "target": numbers(3, 5).abs()}
        file.record(lambda x, target: {"loss": function(x[seen], target[seen])}, inputs, weights=seen.float())
    file.save()


def layer_norm():
    file = GoldenFile("layer_norm")
    for case, outer, shape, changes in [
        ("rows", (4,), (5,), {}),
        ("a vector", (), (6,), {}),
        ("sequences", (2, 3), (7,), {}),
        ("two axes", (3,), (2, 4), {}),
        ("all axes", (), (2, 3, 2), {}),
        ("without bias", (3,), (5,), dict(bias=False)),
        ("without weight and bias", (3,), (5,), dict(elementwise_affine=False)),
        ("large epsilon", (3,), (5,), dict(eps=0.25)),
        ("wide", (3,), (97,), {}),
        ("no rows", (0,), (4,), {}),
        ("far from 0", (3,), (33,), {}),
    ]:
        file.begin(case)
        layer = exact(nn.LayerNorm(shape, **changes), 2.0)
        x = numbers(*outer, *shape, scale=2)
        if case == "far from 0":
            x = (x * 8).round() + 256  # not farther: the definition's own error grows with the mean
        plain = dict(eps=1e-5, elementwise_affine=True, bias=True)
        file.record(lambda x: {"y": layer(x)}, {"x": x}, layer, shape=torch.tensor(shape), **(plain | changes))
    file.save()


def cho_step(x, h, w_ih, w_hh, b_ih=None, b_hh=None):
    """A gated recurrent unit as in Cho et al. 2014: the reset gate before the product. x [.., I], h [.., H]."""
    x_r, x_z, x_n = F.linear(x, w_ih, b_ih).chunk(3, -1)
    u_r, u_z, u_n = w_hh.chunk(3)
    b_r, b_z, b_n = b_hh.chunk(3) if b_hh is not None else (None,) * 3
    r = torch.sigmoid(x_r + F.linear(h, u_r, b_r))
    z = torch.sigmoid(x_z + F.linear(h, u_z, b_z))
    n = torch.tanh(x_n + F.linear(r * h, u_n, b_n))
    return (1 - z) * n + z * h


def cho_layers(gru, x, lengths, initial):
    """nn.GRU's stack with cho_step, one example after the other."""
    directions = 2 if gru.bidirectional else 1
    outputs, lasts = [], []
    for row, length, start in zip(x, lengths, initial.unbind(1)):
        read, last = list(row[:length]), []
        for layer in range(gru.num_layers):
            sides = []
            for side in range(directions):
                index, h, states = layer * directions + side, start[layer * directions + side], []
                for token in reversed(read) if side else read:
                    h = cho_step(token, h, *gru.all_weights[index])
                    states.append(h)
                last.append(h)
                sides.append(states[::-1] if side else states)
            read = [torch.cat(states) for states in zip(*sides)]
        outputs.append(F.pad(torch.stack(read), (0, 0, 0, x.shape[1] - length)))
        lasts.append(torch.stack(last))
    return torch.stack(outputs), torch.stack(lasts, 1)


def torch_sequences(layer, x, lengths, *initial):
    """Outputs and final states of nn.RNN, nn.LSTM or nn.GRU; `initial` is h, or h and c."""
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    packed, last = layer(packed, initial if len(initial) > 1 else initial[0])
    output = nn.utils.rnn.pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])[0]
    return output, *(last if len(initial) > 1 else (last,))


def sequences_file(name, layer_type, cell_type, states, cases, run=torch_sequences, step=None):
    """Layers and cells whose states are called `states`; "tanh" or "relu" of nn.RNN is a case's f. `run` and `step` are
    what computes a layer and a cell, where that is not torch."""
    file = GoldenFile(name)
    plain = dict(layers=1, bidirectional=False, bias=True, lengths=None, initial=False, B=3, T=4, I=3, H=4, f=None)
    for case, changes in cases.items():
        file.begin(case)
        c = plain | changes
        more = {"nonlinearity": c["f"]} if c["f"] else {}
        relu = {"relu": c["f"] == "relu"} if c["f"] else {}
        if case.startswith("cell"):
            cell = exact(cell_type(c["I"], c["H"], bias=c["bias"], **more), 0.9)
            inputs = {"x": numbers(5, c["I"], scale=2)} | {state: numbers(5, c["H"]) for state in states}
            one = step or (lambda cell, x, *h: cell(x, h if len(h) > 1 else h[0]))
            forward = lambda x, **h: dict(zip(states, h2 if isinstance(h2 := one(cell, x, *h.values()), tuple) else (h2,)))
            file.record(forward, inputs, cell, input=c["I"], hidden=c["H"], bias=c["bias"], **relu)
            continue
        layer = layer_type(c["I"], c["H"], c["layers"], bias=c["bias"], batch_first=True,
                           bidirectional=c["bidirectional"], **more)  # fmt: skip
        lengths = torch.tensor(c["lengths"] or [c["T"]] * c["B"])
        zeros = torch.zeros(c["layers"] * (1 + c["bidirectional"]), c["B"], c["H"])
        names = ("output", *(f"last_{state}" for state in states))
        forward = lambda x, **h: dict(zip(names, run(
            layer, x, lengths, *(h.get(f"initial_{state}", zeros) for state in states))))  # fmt: skip
        inputs = {"x": numbers(c["B"], c["T"], c["I"], scale=2)}
        if c["initial"]:
            inputs |= {f"initial_{state}": numbers(*zeros.shape) for state in states}
        settings = {k: c[k] for k in ("layers", "bidirectional", "bias")} | {"input": c["I"], "hidden": c["H"]} | relu
        settings |= {"lengths": lengths} if c["lengths"] else {}
        file.record(forward, inputs, exact(layer, 0.9), **settings)
    file.save()


def recurrent():
    both = dict(bidirectional=True)
    cases = {
        "1 layer": {},
        "2 layers": dict(layers=2),
        "3 layers": dict(layers=3),
        "1 layer, both directions": both,
        "2 layers, both directions": both | dict(layers=2),
        "3 layers, both directions": both | dict(layers=3),
        "4 layers, both directions, lengths, initial": both | dict(layers=4, lengths=[2, 4, 1], initial=True),
        "1 layer, lengths": dict(lengths=[4, 2, 1]),
        "2 layers, lengths in another order": dict(layers=2, lengths=[1, 4, 3]),
        "3 layers, lengths that leave the last step empty": dict(layers=3, lengths=[2, 3, 3]),
        "1 layer, both directions, lengths": both | dict(lengths=[4, 3, 1], T=5),
        "2 layers, both directions, lengths in another order, initial":
            both | dict(layers=2, lengths=[2, 1, 5, 3], initial=True, B=4, T=5),
        "3 layers, both directions, lengths, initial": both | dict(layers=3, lengths=[1, 3], initial=True, B=2, T=3),
        "1 layer, initial": dict(initial=True),
        "without bias": dict(bias=False),
        "2 layers, both directions, lengths, initial, without bias":
            both | dict(layers=2, lengths=[2, 4, 1], initial=True, bias=False),
        "one step": both | dict(T=1),
        "one example": both | dict(B=1, T=6),
        "one unit": dict(I=1, H=1),
        "wide": both | dict(H=17, T=3, B=2, lengths=[2, 3]),
        "cell": {},
        "cell without bias": dict(bias=False),
    }  # fmt: skip
    # Two files for each layer, none of them large.
    for name, part in [("", lambda c: c.get("layers", 1) < 3), ("_deep", lambda c: c.get("layers", 1) >= 3)]:
        some = {case: changes for case, changes in cases.items() if part(changes)}
        sequences_file(f"lstm{name}", nn.LSTM, nn.LSTMCell, ("h", "c"), some)
        sequences_file(f"gru{name}", nn.GRU, nn.GRUCell, ("h",), some)
    for f in "tanh", "relu":
        rnn_cases = {case: changes | dict(f=f) for case, changes in cases.items()}
        sequences_file(f"rnn_{f}", nn.RNN, nn.RNNCell, ("h",), rnn_cases)
    sequences_file("gru_before", nn.GRU, nn.GRUCell, ("h",), {
        "1 layer": {},
        "without bias, initial": dict(bias=False, initial=True),
        "both directions, lengths": both | dict(lengths=[1, 4, 2]),
        "3 layers, both directions, lengths, initial": both | dict(layers=3, lengths=[3, 1, 2], initial=True, T=3),
        "wide": dict(H=17, T=3, B=2),
        "cell": {},
        "cell without bias": dict(bias=False),
    }, run=cho_layers, step=lambda cell, x, h: cho_step(x, h, *cell.parameters()))  # fmt: skip


def softmax():
    file = GoldenFile("softmax")
    for case, shape, scale in [("rows", (4, 5), 2), ("a vector", (7,), 2), ("sequences", (2, 3, 4), 2),
                               ("large", (3, 5), 2**13), ("one class", (3, 1), 2), ("wide", (3, 41), 4)]:  # fmt: skip
        file.begin(case)
        both = lambda x: {"softmax": x.softmax(-1), "log_softmax": x.log_softmax(-1)}
        file.record(both, {"x": numbers(*shape, scale=scale)})
    for case, shape, mask_shape in [("masked", (4, 6), (4, 6)), ("masked, mask repeated", (3, 2, 5), (3, 1, 5))]:
        file.begin(case)
        mask = torch.rand(mask_shape) < 0.6
        mask[..., -1] = True
        hidden = lambda x, mask: x.masked_fill(~mask, -torch.inf)
        both = lambda x, mask: {"softmax": hidden(x, mask).softmax(-1),
                                "log_softmax": hidden(x, mask).log_softmax(-1).masked_fill(~mask, 0)}  # fmt: skip
        file.record(both, {"x": numbers(*shape, scale=2), "mask": mask})
    for case, sizes, classes, ignore, weighted, scale in [
        ("cross_entropy", (5,), 4, None, False, 2),
        ("cross_entropy of sequences", (3, 4), 6, None, False, 2),
        ("cross_entropy, padding", (8,), 4, 0, False, 2),
        ("cross_entropy of sequences, padding", (3, 5), 6, 0, False, 2),
        ("cross_entropy, padding outside the classes", (7,), 5, -100, False, 2),
        ("cross_entropy, weighted", (6,), 4, None, True, 2),
        ("cross_entropy of sequences, weighted, padding", (3, 4), 5, 1, True, 2),
        ("cross_entropy, large", (5,), 4, None, False, 2**13),
        ("cross_entropy, one row", (1,), 33, None, False, 4),
    ]:
        file.begin(case)
        targets = torch.randint(classes, sizes)
        if ignore is not None:
            targets[torch.rand(sizes) < 0.4] = ignore
            targets.view(-1)[-1] = classes - 1
        weight = numbers(classes).abs() if weighted else None
        skip = -1 if ignore is None else ignore
        loss = lambda logits, targets: {
            "loss": F.cross_entropy(logits.flatten(0, -2), targets.flatten(), weight, ignore_index=skip)
        }
        settings = ({"ignore": ignore} if ignore is not None else {}) | ({"weight": weight} if weighted else {})
        file.record(loss, {"logits": numbers(*sizes, classes, scale=scale), "targets": targets}, **settings)
    file.save()


class AdditiveAttention(nn.Module):
    """Bahdanau et al. 2015, with the masked softmax."""

    def __init__(self, query, key, hidden):
        super().__init__()
        self.query = nn.Linear(query, hidden, bias=False)
        self.key = nn.Linear(key, hidden, bias=False)
        self.v = nn.Parameter(torch.zeros(hidden))

    def forward(self, query, keys, values, mask=None):
        scores = torch.tanh(self.query(query).unsqueeze(2) + self.key(keys).unsqueeze(1)) @ self.v  # [B, T, S]
        weights = (scores if mask is None else scores.masked_fill(~mask, -torch.inf)).softmax(-1)
        return {"context": weights @ values, "weights": weights}


class Reader(nn.Module):
    """An embedding, a bidirectional encoder, and an attention that asks it: names two levels deep."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 3)
        self.encoder = nn.GRU(3, 4, batch_first=True, bidirectional=True)
        self.attention = AdditiveAttention(5, 8, 6)

    def forward(self, ids, query, lengths):
        zeros = torch.zeros(2, ids.shape[0], 4)
        read, last = torch_sequences(self.encoder, self.embedding(ids), lengths, zeros)
        mask = torch.arange(ids.shape[1]) < lengths[:, None, None]
        return self.attention(query, read, read, mask) | {"last": last}


def attention():
    file = GoldenFile("attention")
    for case, B, T, S, mask, widths in [
        ("one query", 3, 1, 4, None, (3, 5, 4, 2)),
        ("many queries", 2, 3, 4, None, (3, 5, 4, 2)),
        ("lengths", 3, 2, 5, [5, 1, 3], (3, 5, 4, 2)),
        ("any keys", 3, 2, 6, "random", (2, 3, 7, 4)),
        ("one key", 2, 2, 1, None, (3, 2, 4, 2)),
        ("one of everything", 1, 1, 1, None, (1, 1, 1, 1)),
        ("wide", 2, 3, 19, [19, 7], (3, 5, 21, 18)),
    ]:
        file.begin(case)
        query, key, hidden, value = widths
        layer = exact(AdditiveAttention(query, key, hidden), 1.0)
        inputs = {"query": numbers(B, T, query), "keys": numbers(B, S, key), "values": numbers(B, S, value)}
        if mask == "random":
            inputs["mask"] = torch.rand(B, 1, S) < 0.5
            inputs["mask"][..., 2] = True
        elif mask:
            inputs["mask"] = torch.arange(S) < torch.tensor(mask)[:, None, None]
        file.record(layer, inputs, layer, query=query, key=key, hidden=hidden)
    file.begin("reader")
    lengths = torch.tensor([2, 5, 4])
    reader = exact(Reader(), 0.9)
    ids, query = torch.randint(7, (3, 5)), numbers(3, 2, 5)
    file.record(lambda ids, query: reader(ids, query, lengths), {"ids": ids, "query": query}, reader, lengths=lengths)
    file.save()


def multi_head():
    """torch.nn.MultiheadAttention with per-head weights; masks here say what may be attended, PyTorch's what may not."""
    file = GoldenFile("multi_head")
    for case, B, T, S, embed, heads, key, value, mask, bias in [
        ("self", 2, 4, 4, 6, 2, 6, 6, None, True),
        ("self, no bias", 2, 3, 3, 4, 4, 4, 4, None, False),
        ("cross", 2, 3, 5, 6, 3, 6, 6, None, True),
        ("cross, other sizes", 2, 3, 5, 6, 2, 4, 7, None, True),
        ("self, padding", 3, 5, 5, 6, 2, 6, 6, "padding", True),
        ("cross, padding", 3, 2, 5, 6, 2, 6, 6, "padding", True),
        ("self, causal", 2, 5, 5, 6, 2, 6, 6, "causal", True),
        ("cross, any pairs", 2, 4, 6, 6, 2, 6, 6, "pairs", True),
        ("cross, any pairs by head", 2, 4, 6, 6, 2, 6, 6, "heads", True),
        ("one of everything", 1, 1, 1, 1, 1, 1, 1, None, True),
    ]:
        file.begin(case)
        sizes = {} if key == value == embed else {"kdim": key, "vdim": value}
        layer = exact(nn.MultiheadAttention(embed, heads, bias=bias, batch_first=True, **sizes), 0.9)
        inputs = {"query": numbers(B, T, embed)}
        if not case.startswith("self"):
            inputs |= {"key": numbers(B, S, key), "value": numbers(B, S, value)}
        hidden = {}
        if mask == "padding":
            inputs["mask"] = torch.arange(S) < torch.tensor([5, 1, 3])[:, None, None]
            hidden["key_padding_mask"] = ~inputs["mask"][:, 0]
        elif mask == "causal":
            hidden["attn_mask"] = torch.ones(T, S).triu(1).bool()
        elif mask:
            inputs["mask"] = torch.rand(*((T, S) if mask == "pairs" else (B, heads, T, S))) < 0.5
            inputs["mask"][..., 2] = True
            hidden["attn_mask"] = ~inputs["mask"].reshape(-1, T, S) if mask == "heads" else ~inputs["mask"]

        def run(query, key=None, value=None, mask=None):
            key, value = (query, query) if key is None else (key, value)
            y, weights = layer(query, key, value, average_attn_weights=False, **hidden)
            return {"y": y, "weights": weights}

        settings = {"embed": embed, "heads": heads, "key": key, "value": value, "bias": bias, "causal": mask == "causal"}
        file.record(run, inputs, layer, **settings)
    file.save()


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    layers()
    activations()
    losses()
    layer_norm()
    rms_norm()
    gates()
    composed()
    conv1d()
    differences()
    class_losses()
    recurrent()
    softmax()
    attention()
    multi_head()
    scaled_dot_product_attention()
    seed_attention()
    attention_scores()
    transformer()
    transformer_models()
    positions()
    optim()
