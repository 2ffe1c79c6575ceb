#!/usr/bin/env python3
"""Prints the expected values of tests/tensor/random/random.cpp and normal_quantile.cpp.

Philox 4x32-10 (Salmon et al. 2011) and everything drawn from it, written from the papers and from tensor/random/random.h's
text, sharing no code with the library; quantiles by mpmath's 40-digit arithmetic. Takes some twenty seconds.
"""

import math
import struct

import mpmath

MASK = 2**32 - 1


def philox(counter, key):
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        a, b = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = b >> 32 ^ c1 ^ k0, b & MASK, a >> 32 ^ c3 ^ k1, a & MASK
        k0, k1 = k0 + 0x9E3779B9 & MASK, k1 + 0xBB67AE85 & MASK
    return c0, c1, c2, c3


def words(x):
    return x & MASK, x >> 32


def draw(seed, stream, counter):
    low, high, _, _ = philox(words(counter) + words(stream), words(seed))
    return low | high << 32


def split(seed, stream, index):
    return draw(2**64 - 1 - seed, stream, index)


class Generator:
    def __init__(self, seed, stream=0):
        self.seed, self.stream, self.counter = seed, stream, 0

    def bits(self):
        self.counter += 1
        return draw(self.seed, self.stream, self.counter - 1)

    def below(self, n):
        while (x := self.bits()) < 2**64 % n:
            pass
        return x % n

    def permutation(self, n):
        order = list(range(n))
        for i in reversed(range(1, n)):
            j = self.below(i + 1)
            order[i], order[j] = order[j], order[i]
        return order


def exact_quantile(p):
    """The root z of log(cdf(z)) = log(p), p an mpf below 1/2."""
    start = -mpmath.sqrt(-2 * mpmath.log(p)) if p < 0.3 else -0.3
    return mpmath.findroot(lambda z: mpmath.log(mpmath.erfc(-z / mpmath.sqrt(2)) / 2) - mpmath.log(p), start)


# Wichura, AS 241, in the order of operations of tensor/random/normal_quantile.cpp: Python's floats are the same doubles.
A = [3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
     4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3]
B = [1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3]
C = [1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
     1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4]
D = [1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9]
E = [6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
     2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7]
F = [1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15]


def polynomial(coefficients, x):
    y = coefficients[7]
    for c in reversed(coefficients[:7]):
        y = y * x + c
    return y


def natural_log(x):
    m, exponent = math.frexp(x)
    if m < math.sqrt(2) / 2:
        m, exponent = 2 * m, exponent - 1
    s = (m - 1) / (m + 1)
    series = 0.0
    for odd in range(21, 2, -2):
        series = (series + 1.0 / odd) * (s * s)
    high, low = float.fromhex("0x1.62e42fefap-1"), float.fromhex("0x1.cf79abc9e3b39p-40")
    return exponent * high + (2 * s + (2 * s * series + exponent * low))


def normal(bits):
    p = ((bits >> 12) + 0.5) * 2.0**-52
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * (polynomial(A, r) / polynomial(B, r))
    r = math.sqrt(-natural_log(min(p, 1 - p)))
    above, below, r = (C, D, r - 1.6) if r <= 5 else (E, F, r - 5)
    z = polynomial(above, r) / polynomial(below, r)
    return -z if q < 0 else z


def main():
    mpmath.mp.dps = 40
    print("draws")
    top = 2**64 - 1
    for at in [(0, 0, 0), (0, 0, 1), (1, 0, 0), (0, 1, 0), (42, 7, MASK), (42, 7, MASK + 1), (42, 7, top), (top, top, top),
               (0x0123456789ABCDEF, 0xFEDCBA9876543210, 0x1122334455667788)]:
        print(*map(hex, at), "->", hex(draw(*at)))
    print("splits")
    for at in [(0, 0, 0), (0, 0, 1), (5, 9, 123456789)]:
        print(*at, "->", hex(split(*at)))
    print("below", [Generator.below(g, 3 << 61) for g in [Generator(11)] * 5])
    print("permutations", Generator(1).permutation(10), Generator(2026, 3).permutation(12))
    probability = [(mpmath.mpf(draw(3, 0, i) >> 12) + 0.5) / 2**52 for i in range(4)]
    print("normals", *(mpmath.nstr(exact_quantile(p) if p < 0.5 else -exact_quantile(1 - p), 20) for p in probability))
    print("quantiles")
    for p in """1p-1022 1p-500 1p-200 1p-100 1p-64 1p-53 1.8p-53 1p-40 1.8p-37 1p-36 1.6p-36 1p-30 1p-20 1p-10 1p-6 1p-4
                1.3333333333333p-4 1.3333333333334p-4 1p-3 1p-2 1.8p-2 1.fp-2 1.fffffffffffffp-2""".split():
        print("0x" + p, mpmath.nstr(exact_quantile(mpmath.mpf(float.fromhex("0x" + p))), 22))
    fnv = 0xCBF29CE484222325
    for i in range(1_000_000):
        (pattern,) = struct.unpack("<Q", struct.pack("<d", normal(draw(20260101, 0, i))))
        fnv = (fnv ^ pattern) * 0x100000001B3 & top
    print("a million normals", hex(fnv))


if __name__ == "__main__":
    main()
