// Cosine and sine against those of the C library, in long double.
#include "heed/nn/internal/cosine.h"

#include <cmath>
#include <numbers>

#include "support/catch.h"

using heed::nn::cos_pi;
using heed::nn::sin_pi;

TEST_CASE("cosines and sines of multiples of a half are exact", "[nn][cosine]") {
  for (const double turn : {0.0, 2.0, -4.0, 1024.0}) {
    CHECK(cos_pi(turn) == 1);
    CHECK(cos_pi(turn + 0.5) == 0);
    CHECK(cos_pi(turn + 1) == -1);
    CHECK(cos_pi(turn + 1.5) == 0);
    CHECK(sin_pi(turn) == 0);
    CHECK(sin_pi(turn + 0.5) == 1);
    CHECK(sin_pi(turn + 1) == 0);
    CHECK(sin_pi(turn + 1.5) == -1);
  }
}

TEST_CASE("cosines and sines are near those of the C library", "[nn][cosine]") {
  long double worst = 0;
  for (int i = -50'000; i <= 150'000; ++i) {
    const double x = i / 65'536.0 * 1.37;
    const long double angle = std::numbers::pi_v<long double> * static_cast<long double>(x);
    worst = std::max(worst, std::abs(static_cast<long double>(cos_pi(x)) - std::cos(angle)));
    worst = std::max(worst, std::abs(static_cast<long double>(sin_pi(x)) - std::sin(angle)));
    CHECK(cos_pi(x) == cos_pi(-x));
    CHECK(sin_pi(x) == -sin_pi(-x));
  }
  CAPTURE(worst);
  CHECK(worst < 0x1p-52L);
}

TEST_CASE("sines of small angles keep their digits", "[nn][cosine]") {
  for (const double x : {1e-3, 1e-8, 1e-20}) CHECK(std::abs(sin_pi(x) / std::sin(std::numbers::pi * x) - 1) < 0x1p-51);
}
