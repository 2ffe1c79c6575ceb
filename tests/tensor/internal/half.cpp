// 16-bit floating-point numbers: all 65,536 of each format.
#include "heed/tensor/internal/half.h"

#include <cmath>

#include "support/catch.h"

using namespace heed;

TEST_CASE("every f16 is read exactly", "[tensor][file]") {
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float x = from_f16(static_cast<std::uint16_t>(bits));
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    wrong += std::signbit(x) != (bits >> 15 != 0);
    if (exponent == 31 && fraction != 0) {
      wrong += !std::isnan(x) || (std::bit_cast<std::uint32_t>(x) & 0x7FFFFF) != static_cast<std::uint32_t>(fraction)
                                                                                     << 13;
      continue;
    }
    const float size = exponent == 31  ? HUGE_VALF
                       : exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                       : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    wrong += std::abs(x) != size;
  }
  CHECK(wrong == 0);
  CHECK(from_f16(0x3C00) == 1);
  CHECK(from_f16(0xC000) == -2);
  CHECK(from_f16(0x7BFF) == 65504);
  CHECK(from_f16(0x0001) == 0x1p-24f);
}

TEST_CASE("every bf16 is the upper half of an f32", "[tensor][file]") {
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits)
    wrong += std::bit_cast<std::uint32_t>(from_bf16(static_cast<std::uint16_t>(bits))) != bits << 16;
  CHECK(wrong == 0);
  CHECK(from_bf16(0x3F80) == 1);
}
