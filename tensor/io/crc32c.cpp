#include "heed/tensor/io/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

namespace heed {
namespace {

static_assert(std::endian::native == std::endian::little, "eight bytes are taken as one number, the first one lowest");

// "Slicing by 8" (Kounavis and Berry 2005): tables[k][b] is the remainder of byte b with k zero bytes behind it, so
// that eight bytes are eight look-ups that do not wait for each other.
constexpr auto tables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> result{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ (remainder & 1 ? 0x82f63b78 : 0);
    result[0][byte] = remainder;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t shorter = result[k - 1][byte];
      result[k][byte] = shorter >> 8 ^ result[0][shorter & 255];
    }
  return result;
}();

std::uint32_t by_table(std::span<const std::byte> bytes, std::uint32_t remainder) {
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    word ^= remainder;
    remainder = tables[7][word & 255] ^ tables[6][word >> 8 & 255] ^ tables[5][word >> 16 & 255] ^
                tables[4][word >> 24 & 255] ^ tables[3][word >> 32 & 255] ^ tables[2][word >> 40 & 255] ^
                tables[1][word >> 48 & 255] ^ tables[0][word >> 56];
    bytes = bytes.subspan(8);
  }
  for (const std::byte byte : bytes)
    remainder = remainder >> 8 ^ tables[0][(remainder ^ static_cast<std::uint32_t>(byte)) & 255];
  return remainder;
}

#ifdef __x86_64__
// The same by the instruction that processors have for it since 2008.
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::span<const std::byte> bytes,
                                                               std::uint32_t remainder) {
  std::uint64_t wide = remainder;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  return by_table(bytes, static_cast<std::uint32_t>(wide));
}
#endif

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return ~by_instruction(bytes, ~before);
#endif
  return crc32c_by_table(bytes, before);
}

std::uint32_t crc32c_by_table(std::span<const std::byte> bytes, std::uint32_t before) {
  return ~by_table(bytes, ~before);
}

}  // namespace heed
