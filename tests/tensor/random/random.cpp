// Random numbers: the published bits, the promised distributions, and nothing else deciding them.
#include "heed/tensor/random/random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "heed/tensor/kernels/philox.h"
#include "support/catch.h"
#include "support/thread_count.h"

using namespace heed;

namespace {

constexpr std::uint64_t all_ones = std::numeric_limits<std::uint64_t>::max();

std::uint64_t bits_at(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter) {
  Generator generator(seed, stream);
  generator.set_counter(counter);
  return generator.bits();
}

// The largest distance between the sample's distribution function and `cdf`, times √n: above 1.95 in one sample of a
// thousand (Kolmogorov).
template <class Cdf>
double kolmogorov_distance(std::vector<double> sample, Cdf&& cdf) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double expected = cdf(sample[i]);
    distance = std::max({distance, (static_cast<double>(i) + 1) / n - expected, expected - static_cast<double>(i) / n});
  }
  return distance * std::sqrt(n);
}

}  // namespace

TEST_CASE("philox gives the published known answers", "[tensor][random]") {
  using Words = std::array<std::uint32_t, 4>;
  // Random123, tests/kat_vectors, the lines "philox4x32 10": zeros, ones, and digits of pi.
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a draw is the first two words of (counter, stream) under the seed", "[tensor][random]") {
  // From an implementation that shares nothing with ours: tests/parity/random_reference.py.
  CHECK(bits_at(0, 0, 0) == 0xe169c58d6627e8d5);
  CHECK(bits_at(0, 0, 1) == 0x5cb200dbf8e4cca4);
  CHECK(bits_at(1, 0, 0) == 0xe50a0ebce3e80670);
  CHECK(bits_at(0, 1, 0) == 0xf08d6eaa844515e1);
  CHECK(bits_at(42, 7, 0xffffffff) == 0xec6e16520004041c);
  CHECK(bits_at(42, 7, 0x100000000) == 0xa7f156b9ffad12c7);
  CHECK(bits_at(42, 7, all_ones) == 0xd5e23e1588aef304);
  CHECK(bits_at(all_ones, all_ones, all_ones) == 0x41c83b0e408f276d);
  CHECK(bits_at(0x0123456789abcdef, 0xfedcba9876543210, 0x1122334455667788) == 0xb9611ec17fa77140);
}

TEST_CASE("the vector kernel draws what the definition draws", "[tensor][random]") {
  const auto first = GENERATE(std::uint64_t{0}, 0xfffffff0, all_ones - 20);  // carries between words, and wraps
  const std::size_t n = GENERATE(std::size_t{1}, 2, 3, 7, 8, 9, 64, 77);
  std::vector<std::uint64_t> drawn(n + 1, 5);
  kernels::philox_draws(0x9876543210abcdef, 0x13579bdf02468ace, first, drawn.data(), n);
  for (std::size_t i = 0; i < n; ++i) CHECK(drawn[i] == bits_at(0x9876543210abcdef, 0x13579bdf02468ace, first + i));
  CHECK(drawn[n] == 5);  // and writes no further
}

TEST_CASE("a generator is saved and restored by three integers", "[tensor][random]") {
  Generator a(5, 6);
  for (int i = 0; i < 10; ++i) a.bits();
  a.uniform_int(17);
  a.normal();
  Generator b(a.seed(), a.stream());
  b.set_counter(a.counter());
  CHECK(a.counter() == 12);
  CHECK(a.bits() == b.bits());
}

TEST_CASE("a million normals keep their bits for ever", "[tensor][random]") {
  Generator generator(20260101);
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a over 64-bit words
  for (int i = 0; i < 1'000'000; ++i) hash = (hash ^ std::bit_cast<std::uint64_t>(generator.normal())) * 0x100000001b3;
  CHECK(hash == 0xfb011d83cd002fa2);  // tests/parity/random_reference.py arrives at it too
}

TEST_CASE("normals have the moments and the distribution of a normal", "[tensor][random]") {
  Generator generator(3);
  // Quantiles of the first four draws of seed 3, by 40-digit arithmetic.
  for (const double z :
       {-1.1910062322074162538, 0.12953586696243935224, 0.79038897967751245069, -1.0128963307337030339})
    CHECK(generator.normal() == Approx(z).epsilon(1e-15));

  constexpr int n = 1'000'000;
  std::vector<double> sample(n);
  std::array<double, 4> moment{};
  for (double& x : sample) {
    x = generator.normal();
    for (std::size_t power = 0; power < 4; ++power) moment[power] += std::pow(x, power + 1) / n;
  }
  // Five standard errors of each: sqrt(1, 2, 15, 96 over n).
  CHECK(std::abs(moment[0]) < 5 * std::sqrt(1.0 / n));
  CHECK(std::abs(moment[1] - 1) < 5 * std::sqrt(2.0 / n));
  CHECK(std::abs(moment[2]) < 5 * std::sqrt(15.0 / n));
  CHECK(std::abs(moment[3] - 3) < 5 * std::sqrt(96.0 / n));
  CHECK(kolmogorov_distance(sample, [](double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }) < 1.95);
}

TEST_CASE("uniforms are uniform in [0, 1)", "[tensor][random]") {
  Generator generator(4);
  constexpr int n = 1'000'000;
  std::vector<double> sample(n);
  for (double& x : sample) x = generator.uniform();
  CHECK(*std::min_element(sample.begin(), sample.end()) >= 0);
  CHECK(*std::max_element(sample.begin(), sample.end()) < 1);
  CHECK(std::abs(std::accumulate(sample.begin(), sample.end(), 0.0) / n - 0.5) < 5 * std::sqrt(1.0 / 12 / n));
  CHECK(kolmogorov_distance(sample, [](double x) { return x; }) < 1.95);

  Generator same(0);
  CHECK(same.uniform() == static_cast<double>(0xe169c58d6627e8d5 >> 11) / 9007199254740992.0);
}

TEST_CASE("below has no bias", "[tensor][random]") {
  SECTION("small n: chi-square of 9 degrees of freedom") {
    Generator generator(6);
    constexpr int n = 100'000;
    std::array<int, 10> seen{};
    for (int i = 0; i < n; ++i) ++seen.at(static_cast<std::size_t>(generator.uniform_int(10)));
    double chi_square = 0;
    for (const int count : seen) chi_square += std::pow(count - n / 10, 2) / (n / 10);
    CHECK(chi_square < 27.9);  // exceeded once in a thousand
    CHECK(generator.counter() == n);
  }
  SECTION("n = 3/4 of 2^63: a remainder of 64 bits would favour the lower two thirds 3 : 2") {
    Generator generator(11);
    constexpr std::int64_t n = std::int64_t{3} << 61;
    // From tests/parity/random_reference.py; two draws were refused.
    for (const std::int64_t x :
         {3851435012262159974, 5873529282634346822, 1006400184582825667, 136981293208709360, 2199774905430896493})
      CHECK(generator.uniform_int(n) == x);
    CHECK(generator.counter() == 7);

    constexpr int times = 30'000;
    int upper_third = 0;
    for (int i = 0; i < times; ++i) upper_third += generator.uniform_int(n) >= n / 3 * 2;
    CHECK(std::abs(upper_third - times / 3) < 5 * std::sqrt(times * 2 / 9.0));
  }
  SECTION("n must be positive, and a refusal draws nothing") {
    Generator generator(6);
    CHECK(generator.uniform_int(1) == 0);
    CHECK_THROWS_AS(generator.uniform_int(0), IndexError);
    CHECK_THROWS_AS(generator.uniform_int(-5), IndexError);
    CHECK(generator.counter() == 1);
  }
}

TEST_CASE("split generators are independent", "[tensor][random]") {
  Generator parent(0);
  CHECK(parent.split(0).stream() == 0x1547473972a47709);  // tests/parity/random_reference.py
  CHECK(parent.split(1).stream() == 0x4b67e03419fed511);
  CHECK(Generator(5, 9).split(123456789).stream() == 0xda09f8af7b386d73);

  parent.bits();
  CHECK(parent.split(1).stream() == 0x4b67e03419fed511);  // whatever has been drawn
  CHECK(parent.split(1).counter() == 0);
  CHECK(parent.split(1).seed() == parent.seed());

  std::set<std::uint64_t> streams = {parent.stream()};
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    streams.insert(parent.split(i).stream());
    streams.insert(parent.split(7).split(i).stream());
  }
  CHECK(streams.size() == 20'001);

  constexpr int n = 100'000;
  for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, all_ones}) {
    Generator a(8), b = a.split(index), c = a.split(index + 1);
    double with_parent = 0, with_sibling = 0;
    for (int i = 0; i < n; ++i) {
      const double x = b.normal();
      with_parent += x * a.normal() / n;
      with_sibling += x * c.normal() / n;
    }
    CHECK(std::abs(with_parent) < 5 / std::sqrt(n));
    CHECK(std::abs(with_sibling) < 5 / std::sqrt(n));
  }
}

TEST_CASE("tensors take one draw per element, whatever the number of threads", "[tensor][random]") {
  const int count = GENERATE(1, 2, 5);
  const test::ThreadCount guard(count);
  const Shape shape = {3, 33'331};  // not a multiple of any chunk
  Generator drawn(9, 1), expected(9, 1);
  drawn.bits();
  expected.bits();
  const Tensor u = uniform(drawn, shape, -2, 3, DType::f64), z = normal(drawn, shape, 1, 0.5, DType::f64);
  const Tensor single = normal(drawn, shape);
  CHECK(u.shape() == shape);
  CHECK(drawn.counter() == 1 + 3 * 99'993);
  bool equal = single.dtype() == DType::f32;
  for (std::int64_t i = 0; i < u.numel(); ++i) equal &= u.data<double>()[i] == -2 + 5 * expected.uniform();
  for (std::int64_t i = 0; i < z.numel(); ++i) equal &= z.data<double>()[i] == 1 + 0.5 * expected.normal();
  for (std::int64_t i = 0; i < z.numel(); ++i)
    equal &= single.data<float>()[i] == static_cast<float>(expected.normal());
  CHECK(equal);
}

TEST_CASE("a uniform tensor never contains its upper bound", "[tensor][random]") {
  // Between these two neighbours of f32 half of all draws would round up.
  Generator generator(10);
  const Tensor x = uniform(generator, {1000}, 16'777'216, 16'777'218);
  for (int i = 0; i < 1000; ++i) REQUIRE(x.data<float>()[i] == 16'777'216);
  CHECK(uniform(generator, {}, 7, 7).item() == 7);
  CHECK(uniform(generator, {0, 3}).numel() == 0);
  CHECK(generator.counter() == 1001);
}

TEST_CASE("random tensors refuse what they cannot be", "[tensor][random]") {
  Generator generator(10);
  const double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(uniform(generator, {2}, 0, 1, DType::i64), DTypeError);
  CHECK_THROWS_AS(normal(generator, {2}, 0, 1, DType::boolean), DTypeError);
  CHECK_THROWS_AS(uniform(generator, {2}, 1, 0), IndexError);
  CHECK_THROWS_AS(uniform(generator, {2}, 0, infinity), IndexError);
  CHECK_THROWS_AS(uniform(generator, {2}, nan, 1), IndexError);
  CHECK_THROWS_AS(uniform(generator, {-2}), ShapeError);
  CHECK_THROWS_AS(permutation(generator, -1), ShapeError);
  CHECK(generator.counter() == 0);
}

TEST_CASE("a permutation is fair and reproducible", "[tensor][random]") {
  Generator one(1), two(2026, 3);  // expected values: tests/parity/random_reference.py
  CHECK(permutation(one, 10) == std::vector<std::int64_t>{7, 4, 9, 1, 6, 2, 5, 0, 3, 8});
  CHECK(permutation(two, 12) == std::vector<std::int64_t>{2, 5, 1, 4, 10, 6, 8, 11, 9, 0, 7, 3});
  CHECK(permutation(one, 0).empty());
  CHECK(permutation(one, 1) == std::vector<std::int64_t>{0});

  std::array<int, 6> seen{};
  for (int i = 0; i < 60'000; ++i) {
    const auto order = permutation(one, 3);
    ++seen.at(static_cast<std::size_t>(order[0] * 2 + (order[1] > order[2])));
  }
  for (const int count : seen) CHECK(std::abs(count - 10'000) < 5 * std::sqrt(10'000 * 5 / 6.0));
}
