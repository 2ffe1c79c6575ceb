"""Golden files of layers and losses for generate.py."""

import torch
import torch.nn.functional as F
from golden_file import GoldenFile, exact, numbers
from torch import nn
from torch.nn.utils import parametrizations


def rms_norm():
    file = GoldenFile("rms_norm")
    for case, outer, shape, changes in [
        ("rows", (4,), (5,), {}),
        ("a vector", (), (6,), {}),
        ("sequences", (2, 3), (7,), {}),
        ("two axes", (3,), (2, 4), {}),
        ("without weight", (3,), (5,), dict(elementwise_affine=False)),
        ("large epsilon", (3,), (5,), dict(eps=0.25)),
        ("wide", (3,), (97,), {}),
        ("no rows", (0,), (4,), {}),
        ("large numbers", (3,), (33,), {}),
    ]:
        file.begin(case)
        layer = exact(nn.RMSNorm(shape, **changes), 2.0)
        x = numbers(*outer, *shape, scale=2**13 if case == "large numbers" else 2)
        file.record(lambda x: {"y": layer(x)}, {"x": x}, layer, shape=torch.tensor(shape), **changes)
    file.save()


def gates():
    file = GoldenFile("gates")
    functions = {
        "glu": torch.sigmoid,
        "reglu": torch.relu,
        "geglu": F.gelu,
        "swiglu": F.silu,
    }
    for name, function in functions.items():
        for shape, axis in [((6,), -1), ((3, 8), -1), ((4, 5), 0), ((2, 4, 3), 1)]:
            file.begin(f"{name}, axis {axis} of {len(shape)}")
            halves = lambda x: x.chunk(2, axis)
            gated = lambda x: {"y": F.glu(x, axis) if name == "glu" else halves(x)[0] * function(halves(x)[1])}
            file.record(gated, {"x": numbers(*shape, scale=2)}, axis=axis)
    file.save()


class Residual(nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        return x + self.module(x)


def composed():
    """Bilinear, and layers that are made of others."""
    file = GoldenFile("composed")
    for case, sizes, widths, bias in [
        ("bilinear", (4,), (3, 5, 4), True),
        ("bilinear without bias", (4,), (3, 5, 4), False),
        ("bilinear of vectors", (), (3, 5, 4), True),
        ("bilinear of sequences", (2, 3), (3, 5, 4), True),
        ("bilinear of one number", (2,), (1, 1, 1), True),
        ("bilinear, wide", (3,), (19, 7, 18), True),
        ("weight_norm of bilinear", (4,), (3, 5, 4), True),
    ]:
        file.begin(case)
        layer = nn.Bilinear(*widths, bias=bias)
        if case.startswith("weight_norm"):
            layer = parametrizations.weight_norm(layer)
        exact(layer)
        in1, in2, out = widths
        inputs = {"x1": numbers(*sizes, in1, scale=2), "x2": numbers(*sizes, in2, scale=2)}
        file.record(lambda x1, x2: {"y": layer(x1, x2)}, inputs, layer, in1=in1, in2=in2, out=out, bias=bias)
    for case, sizes, width, out, bias in [
        ("weight_norm", (4,), 5, 3, True),
        ("weight_norm without bias", (4,), 5, 3, False),
        ("weight_norm of sequences", (2, 3), 17, 2, True),
    ]:
        file.begin(case)
        layer = exact(parametrizations.weight_norm(nn.Linear(width, out, bias=bias)))
        inputs = {"x": numbers(*sizes, width, scale=2)}
        file.record(lambda x: {"y": layer(x)}, inputs, layer, **{"in": width, "out": out, "bias": bias})
    for case, make in [
        ("sequential", lambda: nn.Sequential(nn.Linear(4, 7), nn.Tanh(), nn.Linear(7, 3))),
        ("sequential of norms", lambda: nn.Sequential(nn.RMSNorm(4), nn.Linear(4, 7), nn.GELU(), nn.LayerNorm(7))),
        ("residual", lambda: Residual(nn.Sequential(nn.Linear(4, 6), nn.SiLU(), nn.Linear(6, 4)))),
    ]:
        file.begin(case)
        module = exact(make())
        file.record(lambda x: {"y": module(x)}, {"x": numbers(5, 4, scale=2)}, module)
    file.save()


def conv1d():
    file = GoldenFile("conv1d")
    for case, B, L, channels, kernel, settings in [
        ("plain", 2, 6, (3, 4), 3, {}),
        ("without bias", 2, 6, (3, 4), 3, dict(bias=False)),
        ("one tap", 2, 4, (3, 2), 1, {}),
        ("as long as the kernel", 3, 4, (2, 3), 4, {}),
        ("stride", 2, 9, (2, 3), 3, dict(stride=2)),
        ("stride beyond the kernel", 1, 11, (2, 3), 2, dict(stride=4)),
        ("padding", 2, 5, (2, 3), 3, dict(padding=1)),
        ("more padding than kernel", 1, 3, (2, 2), 2, dict(padding=3)),
        ("dilation", 2, 9, (2, 3), 3, dict(dilation=3)),
        ("stride, padding, dilation", 2, 8, (2, 3), 3, dict(stride=3, padding=2, dilation=2)),
        ("groups", 2, 6, (4, 6), 3, dict(groups=2, padding=1)),
        ("depthwise", 2, 6, (5, 5), 3, dict(groups=5, padding=2, dilation=2)),
        ("depthwise, two outputs a channel", 2, 7, (3, 6), 2, dict(groups=3, stride=2)),
        ("same", 2, 6, (3, 2), 3, dict(padding="same")),
        ("same, even kernel", 2, 6, (3, 2), 4, dict(padding="same")),
        ("same, dilation", 2, 7, (3, 2), 2, dict(padding="same", dilation=3)),
        ("causal", 2, 6, (3, 2), 3, dict(padding="causal")),
        ("causal, stride, dilation", 2, 9, (3, 2), 3, dict(padding="causal", dilation=2, stride=2)),
        ("wide", 2, 19, (17, 18), 5, dict(padding=2)),
    ]:
        file.begin(f"conv1d, {case}")
        causal = settings.get("padding") == "causal"
        layer = exact(nn.Conv1d(*channels, kernel, **(settings | dict(padding=0) if causal else settings)))
        left = (kernel - 1) * settings.get("dilation", 1) if causal else 0
        padding = {"same": -1, "causal": -2}.get(settings.get("padding", 0), settings.get("padding", 0))
        given = {"in": channels[0], "out": channels[1], "kernel": kernel, "stride": 1, "dilation": 1, "groups": 1}
        given |= {"bias": True} | settings | {"padding": padding}
        file.record(lambda x: {"y": layer(F.pad(x, (left, 0)))}, {"x": numbers(B, channels[0], L)}, layer, **given)
    file.save()


def differences():
    """Losses of the difference of two arrays, and the divergence of two distributions."""
    file = GoldenFile("differences")
    functions = {
        "l1_loss": (F.l1_loss, {}),
        "huber_loss": (F.huber_loss, {}),
        "huber_loss, narrow": (F.huber_loss, dict(delta=0.375)),
        "smooth_l1_loss": (F.smooth_l1_loss, {}),
        "smooth_l1_loss, narrow": (F.smooth_l1_loss, dict(beta=0.375)),
        "smooth_l1_loss, no bend": (F.smooth_l1_loss, dict(beta=0.0)),
        "kl_div": (F.kl_div, {}),
        "kl_div, log": (F.kl_div, dict(log_target=True)),
    }
    for name, (function, settings) in functions.items():
        for reduction in "mean", "sum", "none":
            file.begin(f"{name}, {reduction}")
            target = numbers(4, 5, scale=2)
            if name == "kl_div":
                target = (target.abs() + 0.125).float().double()
            inputs = {"x": numbers(4, 5, scale=2), "target": target}
            loss = lambda x, target: {"loss": function(x, target, reduction=reduction, **settings)}
            file.record(loss, inputs, **settings)
    file.save()


def class_losses():
    file = GoldenFile("class_losses")
    options = {
        "plain": {},
        "class weights": dict(class_weights=True),
        "ignored": dict(ignore=2),
        "ignored, outside the classes": dict(ignore=-100),
        "smoothing": dict(smoothing=0.125),
        "smoothing, class weights, ignored": dict(smoothing=0.25, class_weights=True, ignore=0),
        "all smoothed": dict(smoothing=1.0),
        "probabilities": dict(soft=True),
        "probabilities, smoothing, class weights": dict(soft=True, smoothing=0.125, class_weights=True),
    }
    for name in "cross_entropy", "nll_loss":
        for what, option in options.items():
            if name == "nll_loss" and (option.get("smoothing") or option.get("soft")):
                continue  # PyTorch's has neither
            for reduction in "mean", "sum", "none":
                file.begin(f"{name}, {what}, {reduction}")
                sizes, classes = ((2, 3), 5) if what == "class weights" else ((7,), 5)
                x = numbers(*sizes, classes, scale=2)
                targets = torch.randint(classes, sizes)
                ignore = option.get("ignore")
                if ignore is not None:
                    targets[::3] = ignore
                    targets[1] = 1
                weight = (numbers(classes).abs() + 0.125).float().double() if option.get("class_weights") else None
                inputs, settings = {"x": x}, {}
                if option.get("soft"):
                    targets = numbers(*sizes, classes).abs()
                    settings["probabilities"] = targets
                else:
                    settings["classes"] = targets
                if weight is not None:
                    settings["class_weights"] = weight
                if ignore is not None:
                    settings["ignore"] = ignore
                more = {}
                if name == "cross_entropy":
                    settings["smoothing"] = more["label_smoothing"] = option.get("smoothing", 0.0)
                if not option.get("soft"):
                    more["ignore_index"] = -1 if ignore is None else ignore
                last = (lambda x: x.movedim(-1, 1)) if len(sizes) > 1 else (lambda x: x)
                loss = lambda x: {"loss": getattr(F, name)(last(x), targets, weight, reduction=reduction, **more)}
                file.record(loss, inputs, **settings)
    file.save()
