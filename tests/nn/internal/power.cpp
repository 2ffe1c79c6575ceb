// Powers against those of the C library, which may differ in the last bits.
#include "heed/nn/internal/power.h"

#include <cmath>
#include <limits>

#include "support/catch.h"
#include "support/every_target.h"

using heed::nn::power;

TEST_CASE("powers by repeated multiplication", "[nn][power]") {
  CHECK(power(3, 4) == 81);
  CHECK(power(2, 1023) == 0x1p1023);
  CHECK(power(2, -1022) == 0x1p-1022);
  CHECK(power(0.5, 3) == 0.125);
  for (const double base : {0.0, 0.9, 1.0, 7.0}) {
    CHECK(power(base, 0) == 1);
    CHECK(power(base, 1) == base);
    CHECK(power(base, 2) == base * base);
    CHECK(power(base, 3) == base * (base * base));
  }
  CHECK(power(0.9, 1e6) == 0);
  CHECK(power(1, 1e300) == 1);
  CHECK(power(1.5, 1e300) == std::numeric_limits<double>::infinity());
}

TEST_CASE("powers are near those of the C library", "[nn][power]") {
  heed::test::for_every_target([](const std::string& target) {
    for (const double base : {0.25, 0.9, 0.999, 1.0, 2.0, 17.0, 120.0})
      for (const double exponent : {-3.0, -1.5, -0.3, 0.3, 0.5, 0.6, 1.0, 1.2, 2.75, 10.0, 1000.0}) {
        CAPTURE(target, base, exponent);
        const double wanted = std::pow(base, exponent), got = power(base, exponent);
        if (std::isinf(wanted))
          CHECK(got == wanted);
        else
          CHECK(std::abs(got - wanted) <= (8 + std::abs(exponent)) * 0x1p-52 * wanted);
      }
  });
}
