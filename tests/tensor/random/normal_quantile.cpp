// The inverse normal distribution function against 40-digit values (tests/parity/random_reference.py).
#include "heed/tensor/random/normal_quantile.h"

#include <cmath>

#include "support/catch.h"

using heed::normal_quantile;

TEST_CASE("normal quantiles are exact to 1e-15, far into the tails", "[tensor][random]") {
  struct Known {
    double p, z;
  };
  constexpr Known known[] = {
      {0x1p-1022, -37.51937934714449982068},
      {0x1p-500, -26.16824984111858071895},
      {0x1p-200, -16.42607409702265782897},
      {0x1p-100, -11.48454043497303780722},
      {0x1p-64, -9.080155124873612669222},
      {0x1p-53, -8.209536151601386855631},
      {0x1.8p-53, -8.16070784085858317554},
      {0x1p-40, -7.047700256664408725351},
      {0x1.8p-37, -6.693242658786079967431},
      {0x1p-36, -6.651035379893010546658},  // on this side of r = 5, where the second rational function ends
      {0x1.6p-36, -6.604011794040590019189},
      {0x1p-30, -6.009353565530743893181},
      {0x1p-20, -4.763001034267813956989},
      {0x1p-10, -3.097269078198784462365},
      {0x1p-6, -2.153874694061456212964},
      {0x1p-4, -1.534120544352546311708},
      {0x1.3333333333333p-4, -1.43953147093845593495},  // |p - 1/2| = 0.425, where the first one ends
      {0x1.3333333333334p-4, -1.439531470938455836912},
      {0x1p-3, -1.150349380376008178297},
      {0x1p-2, -0.6744897501960817432022},
      {0x1.8p-2, -0.3186393639643751630219},
      {0x1.fp-2, -0.03917608550309762956585},
      {0x1.fffffffffffffp-2, -1.391458212335883461117e-16},
      {0.5, 0},
  };
  for (const Known& at : known) {
    CAPTURE(at.p);
    CHECK(std::abs(normal_quantile(at.p) - at.z) <= 1e-15 * std::abs(at.z));
    if (at.p >= 0x1p-53 && at.p * 0x1p53 == std::floor(at.p * 0x1p53)) {  // where 1 - p is exact
      CHECK(normal_quantile(1 - at.p) == -normal_quantile(at.p));
    }
  }
}

TEST_CASE("normal quantiles rise with the probability", "[tensor][random]") {
  double last = normal_quantile(0x1p-53);
  for (int i = 1; i < 4000; ++i) {
    const double z = normal_quantile(i / 4000.0);
    REQUIRE(z > last);
    last = z;
  }
}
