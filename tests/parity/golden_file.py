"""How tests/parity/generate.py writes a golden file; what a file holds is explained there."""

import zlib
from pathlib import Path

import torch
from safetensors.torch import save

FOLDER = Path(__file__).resolve().parent


def numbers(*shape, scale=1.0):
    """Uniform in [-scale, scale], rounded to f32."""
    return ((2 * torch.rand(shape) - 1) * scale).float().double()


def exact(module, scale=0.5):
    """The module with such numbers as parameters."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(numbers(*parameter.shape, scale=scale))
    return module


class GoldenFile:
    def __init__(self, name):
        self.name, self.tensors, self.cases = name, {}, 0

    def begin(self, case):
        """Every case draws from a seed of its own, so that a new one changes no other."""
        torch.manual_seed(zlib.crc32(f"{self.name}/{case}".encode()))
        self.case, self.cases = case, self.cases + 1

    def put(self, role, tensors):
        for name, tensor in tensors.items():
            self.tensors[f"{self.case}/{role}/{name}"] = torch.as_tensor(tensor).detach().clone().contiguous()

    def record(self, function, inputs, module=None, **settings):
        """function(**inputs) gives the outputs by name."""
        state = dict(module.named_parameters()) if module else {}
        inputs = {k: x.requires_grad_() if x.is_floating_point() else x for k, x in inputs.items()}
        out = function(**inputs)
        dy = {k: numbers(*y.shape) for k, y in out.items()}
        leaves = {k: x for k, x in (inputs | state).items() if x.requires_grad}
        grad = torch.autograd.grad(list(out.values()), list(leaves.values()), list(dy.values()))
        self.put("set", settings)
        for role, tensors in ("state", state), ("in", inputs), ("dy", dy):
            self.put(role, {k: x.float() if x.is_floating_point() else x for k, x in tensors.items()})
        self.put("out", out)
        self.put("grad", dict(zip(leaves, grad)))

    def save(self):
        path = FOLDER / f"{self.name}.safetensors"
        path.write_bytes(save(self.tensors, metadata={"format": "pt"}))
        print(f"{path.name}: {self.cases} cases, {path.stat().st_size} bytes")
