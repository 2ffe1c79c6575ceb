#include "heed/tensor/io/sha256.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace heed {
namespace {

constexpr bool is_prime(std::uint32_t n) {
  for (std::uint32_t divisor = 2; divisor * divisor <= n; ++divisor)
    if (n % divisor == 0) return false;
  return true;
}

// The first 32 bits behind the point of the square (root 2) or cube root (root 3) of n: the greatest x with x^root at
// most n·2^(32·root), without the whole part.
constexpr std::uint32_t fraction_of_root(std::uint32_t n, int root) {
  __extension__ using Wide = unsigned __int128;
  Wide x = 0;
  for (int bit = 36; bit >= 0; --bit) {
    const Wide larger = x | Wide{1} << bit;
    if ((root == 2 ? larger * larger : larger * larger * larger) <= Wide{n} << (32 * root)) x = larger;
  }
  return static_cast<std::uint32_t>(x);
}

template <std::size_t count>
constexpr std::array<std::uint32_t, count> of_first_primes(int root) {
  std::array<std::uint32_t, count> fractions{};
  std::uint32_t n = 1;
  for (std::uint32_t& fraction : fractions) {
    do ++n;
    while (!is_prime(n));
    fraction = fraction_of_root(n, root);
  }
  return fractions;
}

void add_block(std::array<std::uint32_t, 8>& state, const std::uint8_t* block) {
  static constexpr auto k = of_first_primes<64>(3);
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i)
    w[i] = std::uint32_t{block[4 * i]} << 24 | std::uint32_t{block[4 * i + 1]} << 16 |
           std::uint32_t{block[4 * i + 2]} << 8 | block[4 * i + 3];
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t t1 =
        h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
    const std::uint32_t t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const std::array<std::uint32_t, 8> rounds{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state[i] += rounds[i];
}

}  // namespace

std::string sha256(std::span<const std::byte> bytes) {
  std::vector<std::uint8_t> padded(bytes.size() + 9 + (119 - bytes.size() % 64) % 64);
  for (std::size_t i = 0; i < bytes.size(); ++i) padded[i] = static_cast<std::uint8_t>(bytes[i]);
  padded[bytes.size()] = 0x80;
  for (std::size_t i = 0; i < 8; ++i)
    padded[padded.size() - 1 - i] = static_cast<std::uint8_t>(std::uint64_t{bytes.size()} * 8 >> (8 * i));
  auto state = of_first_primes<8>(2);
  for (std::size_t i = 0; i < padded.size(); i += 64) add_block(state, padded.data() + i);
  std::string digits;
  for (std::uint32_t word : state) digits += fmt::format("{:08x}", word);
  return digits;
}

}  // namespace heed
