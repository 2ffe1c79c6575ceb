// Truncated normal numbers: inside their bounds, with the moments of the distribution, far tails too.
#include <cmath>
#include <limits>

#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"
#include "heed/tensor/random/random.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/thread_count.h"

using namespace heed;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double density(double z) { return std::isinf(z) ? 0 : std::exp(-z * z / 2) * 0.3989422804014327; }
double upper(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

// Checks bounds, mean and variance of N(mean, stddev²) in [low, high], whose formulas are those of every textbook; the
// interval lies on or above the mean where it is far from it.
void check_moments(double mean, double stddev, double low, double high) {
  CAPTURE(mean, stddev, low, high);
  constexpr std::int64_t count = 200'000;
  const double a = (low - mean) / stddev, b = (high - mean) / stddev, mass = upper(a) - upper(b);
  const double shift = (density(a) - density(b)) / mass;
  const double inner = ((std::isinf(a) ? 0 : a * density(a)) - (std::isinf(b) ? 0 : b * density(b))) / mass;
  const double wanted_mean = mean + stddev * shift, wanted = stddev * std::sqrt(1 + inner - shift * shift);
  for (const DType dtype : {DType::f32, DType::f64}) {
    Generator generator(8);
    const Tensor x = truncated_normal(generator, {count}, mean, stddev, low, high, dtype);
    CHECK(generator.counter() == count);
    CHECK(x.dtype() == dtype);
    double least = infinity, most = -infinity, total = 0, squares = 0;
    for (double number : test::to_array(x).numbers) {
      least = std::min(least, number), most = std::max(most, number), total += number;
      squares += (number - wanted_mean) * (number - wanted_mean);
    }
    CHECK(least >= low);
    CHECK(most <= high);
    CHECK(std::abs(total / count - wanted_mean) < 5 * wanted / std::sqrt(count));
    CHECK(std::sqrt(squares / count) == Approx(wanted).epsilon(0.02));
  }
}

}  // namespace

TEST_CASE("truncated normals have their bounds and moments", "[tensor][random]") {
  check_moments(0, 1, -2, 2);
  check_moments(1, 2, -1, 4);
  check_moments(0, 0.02, -0.04, 0.1);
  check_moments(0, 1, -infinity, infinity);
  check_moments(3, 0.5, 3.5, infinity);
  check_moments(0, 1, 6, infinity);  // where a probability near 1 has ten digits left
  check_moments(0, 1, 8, 8.5);
}

TEST_CASE("truncated normals far from the mean are at the nearer bound", "[tensor][random]") {
  Generator generator(9);
  for (double number : test::to_array(truncated_normal(generator, {100}, 0, 1, 50, 60, DType::f64)).numbers)
    CHECK(number == 50);
  for (double number : test::to_array(truncated_normal(generator, {100}, 0, 1, -60, -50, DType::f64)).numbers)
    CHECK(number == -50);
}

TEST_CASE("both tails are the same one, mirrored", "[tensor][random]") {
  Generator one(10), other(10);
  CHECK(test::same_bits(truncated_normal(one, {1000}, 0, 1, 3, 5, DType::f64),
                        neg(truncated_normal(other, {1000}, 0, 1, -5, -3, DType::f64))));
}

TEST_CASE("truncated normals take one draw per element, whatever the number of threads", "[tensor][random]") {
  const auto draw = [](int threads) {
    const test::ThreadCount count(threads);
    Generator generator(11);
    return truncated_normal(generator, {300, 101});
  };
  const Tensor one = draw(1);
  for (int threads : {2, 3}) CHECK(test::same_bits(draw(threads), one));
}

TEST_CASE("truncated normals refuse what they cannot be", "[tensor][random]") {
  Generator generator(12);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(truncated_normal(generator, {2}, 0, 0, -1, 1), Error);
  CHECK_THROWS_AS(truncated_normal(generator, {2}, 0, -1, -1, 1), Error);
  CHECK_THROWS_AS(truncated_normal(generator, {2}, 0, 1, 1, 1), Error);
  CHECK_THROWS_AS(truncated_normal(generator, {2}, nan, 1, -1, 1), Error);
  CHECK_THROWS_AS(truncated_normal(generator, {2}, 0, 1, nan, 1), Error);
  CHECK_THROWS_AS(truncated_normal(generator, {2}, 0, 1, -1, 1, DType::i64), DTypeError);
  CHECK(generator.counter() == 0);
}
