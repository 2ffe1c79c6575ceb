#!/usr/bin/env python3
"""Makes, with the reference implementation of safetensors, what tests/tensor/safetensors*.cpp compare with.

  safetensors_types.safetensors    every element type heed reads, odd numbers, shapes and names
  safetensors_written.safetensors  the types heed writes, with its checksums: its writer must make the same bytes
  safetensors_verdicts.txt         for 10,000 damaged copies of the first file, made by damage(): does the reference
                                   reader accept copy i? One bit each, four to a hexadecimal digit, first one highest
"""

import json
from pathlib import Path

import safetensors
import torch
from safetensors.torch import save

FOLDER = Path(__file__).resolve().parent
COPIES = 10_000
TOKENS = [b'"', b"{", b"}", b"[", b"]", b",", b":", b" ", b"\n", b"0", b"-1", b"1.0", b"1e2", b"null", b"true", b"\\",
          b"\\u0041", b"\\ud800", b"\xff", b"\xc3\xa9", b"\0", b"F32", b"U16", b'"shape":[1],', b'"x":"y",',
          b"18446744073709551615"]
NUMBERS = [b"0", b"1", b"2", b"3", b"8", b"4294967296", b"9223372036854775808", b"18446744073709551615",
           b"18446744073709551616"]


class SplitMix:
    """Steele et al. 2014: three lines in any language."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = self.state + 0x9E3779B97F4A7C15 & 2**64 - 1
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & 2**64 - 1
        z = (z ^ z >> 27) * 0x94D049BB133111EB & 2**64 - 1
        return (z ^ z >> 31) % n


def digit_runs(text):
    """(begin, end) of every run of digits."""
    runs, begin = [], None
    for i, byte in enumerate(text + b"."):
        if byte in b"0123456789":
            begin = i if begin is None else begin
        elif begin is not None:
            runs.append((begin, i))
            begin = None
    return runs


def damage(file, seed):
    random = SplitMix(seed)
    header = bytearray(file[8 : 8 + int.from_bytes(file[:8], "little")])
    data = file[8 + len(header) :]
    kind = random.below(5)
    if kind == 0:  # bytes of the header
        for _ in range(1 + random.below(3)):
            at = random.below(len(header))
            header[at] = random.below(256)
    elif kind == 1:  # a piece of JSON put in, some bytes taken out
        at, count = random.below(len(header)), random.below(4)
        header[at : at + count] = TOKENS[random.below(len(TOKENS))]
    elif kind == 2:  # another number
        runs = digit_runs(bytes(header))
        begin, end = runs[random.below(len(runs))]
        header[begin:end] = NUMBERS[random.below(len(NUMBERS))]
    result = bytearray(len(header).to_bytes(8, "little") + header + data)
    if kind == 3:  # bytes anywhere
        for _ in range(1 + random.below(3)):
            at = random.below(len(result))
            result[at] = random.below(256)
    elif kind == 4:  # another length
        size = random.below(len(result) + 20)
        result = result[:size] + bytes(max(0, size - len(result)))
    return bytes(result)


def crc32c(data):
    remainder = 2**32 - 1
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F63B78 if remainder & 1 else 0)
    return remainder ^ 2**32 - 1


def with_checksums(tensors):
    """The file of the tensors, with the metadata that tensor/io/safetensors_checksum.h describes."""
    plain = save(tensors)
    end = 8 + int.from_bytes(plain[:8], "little")
    spans = sorted(entry["data_offsets"] for entry in json.loads(plain[8:end]).values())
    checksums = " ".join(f"{crc32c(plain[end + a : end + b]):08x}" for a, b in spans)
    metadata = {"format": "pt", "heed.crc32c.header": "0" * 8, "heed.crc32c.tensors": checksums}
    text = json.dumps({"__metadata__": metadata}, separators=(",", ":"))[:-1].encode()
    file = b""
    while not file[8:].startswith(text):  # the reference writes metadata in an order that changes from call to call
        file = save(tensors, metadata=metadata)
    end = 8 + int.from_bytes(file[:8], "little")
    return file.replace(b'header":"00000000"', b'header":"%08x"' % crc32c(file[8:end]), 1)


def accepted(file):
    try:
        safetensors.deserialize(file)
    except safetensors.SafetensorError:
        return False
    return True


def main():
    inf, nan = float("inf"), float("nan")
    types = {
        "f32": torch.tensor([[1, 2.5, -3], [inf, nan, -0.0]]),
        "f64": torch.tensor([0.1, 5e-324, 1.7976931348623157e308], dtype=torch.float64),
        "i64": torch.tensor(-(2**63)),
        "bool": torch.tensor([[True], [False]]),
        "f16": torch.tensor([1.5, 65504, 6e-8, -inf], dtype=torch.float16),
        "bf16": torch.tensor([1.5, -3.389e38, 1e-40], dtype=torch.bfloat16),
        "i32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        "i16": torch.tensor([[[-(2**15), 2**15 - 1]]], dtype=torch.int16),
        "i8": torch.tensor([-128, 127], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "empty": torch.zeros(2, 0, 3),
        'a "name"\\\n\tof é…': torch.arange(2.0),
    }
    written = {
        "layer.weight": torch.arange(6.0).reshape(2, 3) / 8,
        "layer.bias": torch.tensor([-1.0, 1e-30]),
        "z.double": torch.tensor(0.1, dtype=torch.float64),
        "num_batches_tracked": torch.tensor(7),
        "a.int": torch.arange(3),
        "mask": torch.tensor([True, False, True]),
        "a.empty": torch.zeros(0, dtype=torch.float64),
        'a "name"\\\n\tof é…\x7f\x01': torch.ones(1, 1, 1),
    }
    base = save(types, metadata={"format": "pt"})
    (FOLDER / "safetensors_types.safetensors").write_bytes(base)
    (FOLDER / "safetensors_written.safetensors").write_bytes(with_checksums(written))
    verdicts = "".join("1" if accepted(damage(base, seed)) else "0" for seed in range(COPIES))
    digits = "".join(f"{int(verdicts[i : i + 4], 2):x}" for i in range(0, COPIES, 4))
    lines = [digits[i : i + 100] for i in range(0, len(digits), 100)]
    (FOLDER / "safetensors_verdicts.txt").write_text("\n".join(lines) + "\n")
    print(verdicts.count("1"), "of", COPIES, "damaged files accepted by safetensors", safetensors.__version__)


if __name__ == "__main__":
    main()
