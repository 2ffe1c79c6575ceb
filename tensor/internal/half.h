// The two 16-bit floating-point formats files may hold, exactly as f32.
// Not part of the public interface: the file readers in this folder use it.
#pragma once

#include <bit>
#include <cstdint>

namespace heed {

/// IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. Subnormal numbers and the bits of a NaN are kept.
inline float from_f16(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16, rest = half & 0x7FFFu;
  std::uint32_t bits;
  if (rest >= 0x7C00)  // infinite or NaN: the largest exponent here too
    bits = 0x7F800000 | rest << 13;
  else if (rest >= 0x0400)  // the exponent's bias grows from 15 to 127
    bits = (rest << 13) + (112u << 23);
  else
    bits = std::bit_cast<std::uint32_t>(static_cast<float>(rest) * 0x1p-24f);
  return std::bit_cast<float>(sign | bits);
}

/// bfloat16: the upper half of an f32.
inline float from_bf16(std::uint16_t half) { return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16); }

}  // namespace heed
