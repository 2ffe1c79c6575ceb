// Element-wise arithmetic and functions against the C library, in every layout, broadcast every way.
#include "heed/tensor/ops/elementwise.h"

#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"
#include "support/thread_count.h"

using namespace heed;
using test::Array;
using test::Numbers;
using test::refused;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

struct UnaryCase {
  const char* name;
  Tensor (*function)(const Tensor&);
  double (*reference)(double);
  double ulps;
};

const std::vector<UnaryCase>& unary_cases() {
  static const std::vector<UnaryCase> all = {
      {"neg", neg, [](double x) { return -x; }, 0},
      {"abs", heed::abs, [](double x) { return std::abs(x); }, 0},
      {"sqrt", heed::sqrt, [](double x) { return std::sqrt(x); }, 0.5},
      {"relu", relu, [](double x) { return std::isnan(x) ? x
                                           : x > 0       ? x
                                                         : 0.0; }, 0},
      {"exp", heed::exp, [](double x) { return std::exp(x); }, 4},
      {"log", heed::log, [](double x) { return std::log(x); }, 4},
      {"tanh", heed::tanh, [](double x) { return std::tanh(x); }, 4},
      {"sigmoid", sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, 4},
  };
  return all;
}

struct BinaryCase {
  const char* name;
  Tensor (*function)(const Tensor&, const Tensor&);
  double (*reference)(double, double);
  double ulps;
};

const std::vector<BinaryCase>& binary_cases() {
  static const std::vector<BinaryCase> all = {
      {"add", add, [](double a, double b) { return a + b; }, 0},
      {"sub", sub, [](double a, double b) { return a - b; }, 0},
      {"mul", mul, [](double a, double b) { return a * b; }, 0},
      {"div", div, [](double a, double b) { return a / b; }, 0.5},
      {"maximum", maximum, [](double a, double b) { return std::isnan(a) || a > b ? a : b; }, 0},
      {"minimum", minimum, [](double a, double b) { return std::isnan(a) || a < b ? a : b; }, 0},
  };
  return all;
}

Array applied(const Tensor& x, double (*reference)(double)) {
  Array y = test::to_array(x);
  for (double& number : y.numbers) number = reference(number);
  return y;
}

Array combined(const Tensor& a, const Tensor& b, double (*reference)(double, double)) {
  const Array left = test::to_array(a), right = test::to_array(b);
  Array y(broadcast("reference", a.shape(), b.shape()));
  for (const test::Index& index : test::indices(y.shape)) y[index] = reference(left.shown(index), right.shown(index));
  return y;
}

// Two shapes that broadcast, and now and then are equal.
std::pair<Shape, Shape> related_shapes(Numbers& random) {
  const Shape shape = test::random_shape(random, static_cast<int>(random.uniform_int(5)), 4);
  const auto part = [&] {
    Shape result = shape;
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (random.uniform_int(4) == 0) result[axis] = 1;
    while (result.rank() > 0 && random.uniform_int(5) == 0) result.erase(0);
    return result;
  };
  const Shape a = part();
  return {a, random.uniform_int(3) == 0 ? a : part()};
}

constexpr DType floats[] = {DType::f32, DType::f64};

// -2 … 2 and the numbers that ask for care.
Tensor edges(DType dtype) {
  const double tiny = dtype == DType::f32 ? 1e-40 : 1e-310;  // subnormal
  return tensor(
      {0.0, -0.0, 1, -1, infinity, -infinity, not_a_number, tiny, -tiny, 1e-30, 88.5, -88.5, 103, -103, 1e4, -1e4},
      {16}, dtype);
}

}  // namespace

TEST_CASE("functions of one argument, any layout", "[tensor][elementwise]") {
  Numbers random(71);
  for (const UnaryCase& each : unary_cases())
    for (DType dtype : floats)
      for (int trial = 0; trial < 60; ++trial) {
        const Tensor x =
            test::random_view(random, test::random_shape(random, static_cast<int>(random.uniform_int(5)), 5), dtype);
        const auto before = test::fingerprint(x);
        const Tensor y = each.function(x);
        INFO(each.name << " " << name(dtype) << " " << x.shape().str() << ", trial " << trial);
        CHECK(test::difference(y, applied(x, each.reference), each.ulps) == "");
        CHECK(y.dtype() == dtype);
        CHECK(y.strides() == row_major_strides(x.shape()));
        CHECK(test::same_bits(y, each.function(x.clone())));  // the layout has no say
        CHECK(test::fingerprint(x) == before);
      }
}

TEST_CASE("functions of one argument at their edges", "[tensor][elementwise]") {
  for (const UnaryCase& each : unary_cases())
    for (DType dtype : floats) {
      const Tensor x = edges(dtype);
      Array wanted = applied(x, each.reference);
      INFO(each.name << " " << name(dtype));
      CHECK(test::difference(each.function(x), wanted, each.ulps) == "");
      const Tensor every_third = slice(stack({x, x, x}, 1), 1, 1, 2);
      CHECK(test::same_bits(each.function(every_third), reshape(each.function(x), {16, 1})));
    }
  CHECK(std::signbit(neg(tensor({0.0}, {})).item()));
  CHECK_FALSE(std::signbit(heed::abs(tensor({-0.0}, {})).item()));
}

TEST_CASE("functions of two arguments, any layout, broadcast", "[tensor][elementwise]") {
  Numbers random(72);
  for (const BinaryCase& each : binary_cases())
    for (DType dtype : floats)
      for (int trial = 0; trial < 150; ++trial) {
        const auto [left, right] = related_shapes(random);
        const Tensor a = test::random_view(random, left, dtype), b = test::random_view(random, right, dtype);
        const auto a_before = test::fingerprint(a), b_before = test::fingerprint(b);
        const Tensor y = each.function(a, b);
        INFO(each.name << " " << name(dtype) << " " << left.str() << " " << right.str() << ", trial " << trial);
        CHECK(test::difference(y, combined(a, b, each.reference), each.ulps) == "");
        CHECK(y.dtype() == dtype);
        CHECK(y.strides() == row_major_strides(y.shape()));
        CHECK(test::same_bits(y, each.function(a.clone(), b.clone())));
        CHECK(test::fingerprint(a) == a_before);
        CHECK(test::fingerprint(b) == b_before);
      }
}

TEST_CASE("functions of two arguments keep NaN and infinity", "[tensor][elementwise]") {
  for (const BinaryCase& each : binary_cases())
    for (DType dtype : floats) {
      const Tensor a = unsqueeze(edges(dtype), 1), b = edges(dtype);  // every pair
      const Tensor y = each.function(a, b);
      INFO(each.name << " " << name(dtype));
      // div and mul of subnormals round: one unit of those.
      CHECK(test::difference(y, combined(a, b, each.reference), std::max(each.ulps, 1.0)) == "");
      for (std::int64_t i = 0; i < 16; ++i) {
        CHECK(std::isnan(select(select(y, 0, 6), 0, i).item()));
        CHECK(std::isnan(select(select(y, 0, i), 0, 6).item()));
      }
    }
}

TEST_CASE("long rows in several chunks, the same bits for any number of threads", "[tensor][elementwise]") {
  Numbers random(73);
  const Tensor x = random.uniform({130, 523}, 0.125, 2), row = random.uniform({523}), column = random.uniform({130, 1});
  std::vector<Tensor> first;
  for (int count : {1, 2, 3, 8}) {
    const test::ThreadCount threads(count);
    std::vector<Tensor> results;
    for (const UnaryCase& each : unary_cases()) {
      results.push_back(each.function(x));
      results.push_back(each.function(mT(x)));
      results.push_back(each.function(slice(x, 1, -1, 0, -2)));
    }
    for (const BinaryCase& each : binary_cases()) {
      results.push_back(each.function(x, row));
      results.push_back(each.function(column, x));
      results.push_back(each.function(mT(x), mT(column)));
    }
    results.push_back(where(less(x, row), x, column));
    if (first.empty()) first = results;
    REQUIRE(results.size() == first.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
      INFO("result " << i << " with " << count << " threads");
      CHECK(test::same_bits(results[i], first[i]));
    }
  }
  for (std::size_t i = 0; i < unary_cases().size(); ++i)
    CHECK(test::difference(first[3 * i + 1], applied(mT(x), unary_cases()[i].reference), unary_cases()[i].ulps) == "");
}

TEST_CASE("element-wise functions refuse what they do not take", "[tensor][elementwise]") {
  const Tensor x = ones({2, 3}), wide = ones({2, 3}, DType::f64), integers = ones({2, 3}, DType::i64),
               flags = ones({2, 3}, DType::boolean), other = ones({2, 4});
  for (const UnaryCase& each : unary_cases())
    for (const Tensor& wrong : {integers, flags}) {
      const bool takes_integers = std::string(each.name) == "neg" || std::string(each.name) == "abs";
      if (takes_integers && wrong.dtype() == DType::i64) continue;
      CHECK(refused<DTypeError>([&] { each.function(wrong); }) ==
            std::string(each.name) + ": dtype is " + std::string(name(wrong.dtype())) + ", expected f32 or f64");
    }
  for (const BinaryCase& each : binary_cases()) {
    const std::string operation = each.name;
    CHECK(refused<DTypeError>([&] { each.function(x, wide); }) == operation + ": dtypes differ: lhs f32, rhs f64");
    CHECK(refused<DTypeError>([&] { each.function(integers, x); }) == operation + ": dtypes differ: lhs i64, rhs f32");
    CHECK(refused<ShapeError>([&] { each.function(x, other); }) ==
          operation + ": shapes do not broadcast: lhs [2, 3], rhs [2, 4]: axis -1 has sizes 3 and 4");
    CHECK_THROWS_AS(each.function(flags, flags), DTypeError);
    CHECK_THROWS_AS(each.function(Tensor(), zeros({})), DTypeError);
  }
  CHECK_THROWS_AS(div(integers, integers), DTypeError);
}
