// Rotary positions: pairs, angles, what scores then depend on, gradients.
#include "heed/nn/positions/rotary.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"
#include "support/thread_count.h"

using namespace heed;
using nn::RotaryOptions;
using nn::RotaryPairs;

namespace {

constexpr RotaryOptions halves{.pairs = RotaryPairs::halves};

std::string far(const Tensor& got, const Tensor& wanted, double error = 1e-12) {
  return test::difference(got, test::to_array(wanted), error / std::numeric_limits<double>::epsilon(), 1);
}

// By the formula, with the C library's functions in long double.
test::Array by_formula(const Tensor& given, const Tensor& positions, const RotaryOptions& options) {
  const test::Array x = test::to_array(given), p = test::to_array(positions);
  const std::int64_t width = options.width == 0 ? given.size(3) : options.width;
  test::Array y = x;
  for (const test::Index& row : test::indices({x.shape[0], x.shape[1], x.shape[2]}))
    for (std::int64_t i = 0; i < width / 2; ++i) {
      const std::int64_t first = options.pairs == RotaryPairs::halves ? i : 2 * i,
                         second = options.pairs == RotaryPairs::halves ? i + width / 2 : 2 * i + 1;
      const test::Index a{row[0], row[1], row[2], first}, b{row[0], row[1], row[2], second};
      const double position = p.shape.rank() == 1 ? p[{row[2]}] : p[{row[0], row[2]}];
      const long double angle =
          position * std::pow(static_cast<long double>(options.base),
                              -2.0L * static_cast<long double>(i) / static_cast<long double>(width));
      const auto cosine = static_cast<double>(std::cos(angle)), sine = static_cast<double>(std::sin(angle));
      y[a] = x[a] * cosine - x[b] * sine;
      y[b] = x[a] * sine + x[b] * cosine;
    }
  return y;
}

Tensor positions_from(std::int64_t first, std::int64_t count) { return arange(count) + first; }

}  // namespace

TEST_CASE("rotary pairs neighbours or halves, with angles 1 and 0.01", "[nn][positions]") {  // traps A2
  const Variable x(tensor({1, 0, 0, 0}, {1, 1, 1, 4}, DType::f64)),
      third(tensor({0, 0, 1, 0}, {1, 1, 1, 4}, DType::f64)), second(tensor({0, 1, 0, 0}, {1, 1, 1, 4}, DType::f64));
  const auto wanted = [](std::initializer_list<double> y) { return tensor(y, {1, 1, 1, 4}, DType::f64); };
  const double cosine = std::cos(0.01), sine = std::sin(0.01);
  CHECK(far(nn::rotary(x, 1).value(), wanted({.540302, .841471, 0, 0}), 1e-6) == "");
  CHECK(far(nn::rotary(x, 1, halves).value(), wanted({.540302, 0, .841471, 0}), 1e-6) == "");
  CHECK(far(nn::rotary(third, 1).value(), wanted({0, 0, cosine, sine})) == "");
  CHECK(far(nn::rotary(second, 1, halves).value(), wanted({0, cosine, 0, sine})) == "");
  CHECK(test::same_bits(nn::rotary(x).value(), x.value()));  // position 0 hides the difference
}

TEST_CASE("rotary is the formula", "[nn][positions]") {
  test::Numbers numbers(1);
  const Tensor own = tensor({0, 0, 1, 2, 0, 1, 2, 3}, {2, 4}, DType::i64);
  for (const RotaryOptions& options :
       {RotaryOptions{}, halves, RotaryOptions{.base = 500, .width = 4}, RotaryOptions{.base = 1e6, .width = 2},
        RotaryOptions{.pairs = RotaryPairs::halves, .width = 4}})
    for (const test::Layout layout : test::all_layouts) {
      const Tensor x = test::laid_out(numbers.uniform({2, 3, 4, 6}), layout);
      const double ulps = 1e-14 / std::numeric_limits<double>::epsilon();
      CHECK(test::difference(nn::rotary(Variable(x), 0, options).value(), by_formula(x, positions_from(0, 4), options),
                             ulps, 1) == "");
      CHECK(test::difference(nn::rotary(Variable(x), 7, options).value(), by_formula(x, positions_from(7, 4), options),
                             10 * ulps, 1) == "");
      CHECK(test::difference(nn::rotary(Variable(x), own, options).value(), by_formula(x, own, options), ulps, 1) ==
            "");
      CHECK(test::difference(nn::rotary(Variable(x), -3, options).value(),
                             by_formula(x, positions_from(-3, 4), options), ulps, 1) == "");
    }
}

TEST_CASE("rotary angles are right at position 100,000", "[nn][positions]") {
  test::Numbers numbers(2);
  const Tensor x = numbers.uniform({1, 1, 3, 64});
  const test::Array wanted = by_formula(x, positions_from(100'000, 3), {});
  const auto at = [&](DType dtype) { return nn::rotary(Variable(to(x, dtype)), 100'000).value(); };
  CHECK(test::difference(at(DType::f64), wanted, 1e-9 / std::numeric_limits<double>::epsilon(), 1) == "");
  CHECK(test::difference(at(DType::f32), wanted, 4, 1) == "");
}

TEST_CASE("scores of rotary queries and keys depend on their distance, and norms stay", "[nn][positions]") {
  test::Numbers numbers(3);
  const Variable q(numbers.uniform({1, 1, 1, 8})), k(numbers.uniform({1, 1, 1, 8}));
  for (const RotaryOptions& options : {RotaryOptions{}, halves, RotaryOptions{.width = 4}}) {
    const auto score = [&](std::int64_t m, std::int64_t n) {
      return matmul(nn::rotary(q, m, options), mT(nn::rotary(k, n, options))).item();
    };
    CHECK(std::abs(score(3, 1) - score(103, 101)) < 1e-12);
    CHECK(std::abs(score(3, 1) - score(2, 0)) < 1e-12);
    CHECK(std::abs(score(1, 3) - score(501, 503)) < 1e-11);
    CHECK(std::abs(score(3, 1) - score(1, 3)) > 1e-2);
    CHECK(std::abs(score(3, 1) - score(3, 2)) > 1e-2);
    CHECK(std::abs(norm(nn::rotary(q, 12'345, options).value()) - norm(q.value())) < 1e-12);
  }
}

TEST_CASE("the two pairings agree where the rows of the projections are permuted", "[nn][positions]") {  // traps A2
  test::Numbers numbers(4);
  const Tensor order = tensor({0, 2, 1, 3}, {4}, DType::i64);
  const Tensor wq = numbers.uniform({4, 5}), wk = numbers.uniform({4, 5}), x = numbers.uniform({2, 1, 6, 5});
  const auto scores = [&](const Tensor& q, const Tensor& k, const RotaryOptions& options) {
    const Variable in(x);
    return matmul(nn::rotary(linear(in, Variable(q)), 3, options), mT(nn::rotary(linear(in, Variable(k)), 0, options)))
        .value();
  };
  const Tensor wanted = scores(wq, wk, {});
  CHECK(far(scores(index_select(wq, 0, order), index_select(wk, 0, order), halves), wanted) == "");
  CHECK(far(scores(wq, wk, halves), wanted) != "");
}

TEST_CASE("rotary continues where a cache ends, and reads padding on the left", "[nn][positions]") {
  test::Numbers numbers(5);
  const Variable x(numbers.uniform({2, 3, 7, 6}));
  for (const RotaryOptions& options : {RotaryOptions{}, halves}) {
    const Tensor all = nn::rotary(x, 0, options).value();
    for (std::int64_t t = 0; t < 7; ++t)
      CHECK(
          test::same_bits(nn::rotary(slice(x, 2, t, t + 1), t, options).value(), slice(all, 2, t, t + 1).contiguous()));
  }
  const Variable padded = slice(x, 2, 0, 3);  // one real row in the first example, three in the second
  const Tensor found = nn::rotary(padded, tensor({0, 0, 0, 0, 1, 2}, {2, 3}, DType::i64)).value();
  CHECK(test::same_bits(slice(slice(found, 0, 0, 1), 2, 2, 3).contiguous(),
                        nn::rotary(slice(slice(x, 0, 0, 1), 2, 2, 3)).value()));
  CHECK(test::same_bits(slice(found, 0, 1, 2).contiguous(), nn::rotary(slice(padded, 0, 1, 2)).value()));
}

TEST_CASE("the gradient of rotary is the rotation back", "[nn][positions]") {
  test::Numbers numbers(6);
  for (const RotaryOptions& options : {RotaryOptions{}, halves, RotaryOptions{.width = 2}}) {
    const Variable x(numbers.uniform({2, 2, 3, 4}), true);
    const Tensor dy = numbers.uniform(x.shape());
    const nn::RotaryAngles angles = nn::rotary_angles(positions_from(5, 3), 4, options, DType::f64);
    backward(nn::rotary(x, angles), dy);
    CHECK(test::same_bits(x.grad(), nn::rotary(Variable(dy), {angles.cosine, -angles.sine, angles.pairs}).value()));
    CHECK(far(nn::rotary(Variable(x.grad()), angles).value(), dy) == "");  // and there again
    const auto f = [&](const std::vector<Variable>& v) { return nn::rotary(v[0], 5, options); };
    const auto square = [&](const std::vector<Variable>& v) { return nn::rotary(v[0] * v[0], 5, options); };
    for (const test::Layout layout : test::all_layouts) CHECK(gradcheck(f, {test::laid_out(x.value(), layout)}) == "");
    CHECK(gradcheck_twice(square, {x.value()}) == "");
  }
}

TEST_CASE("rotary has the same bits for any number of threads", "[nn][positions]") {
  test::Numbers numbers(7);
  const Variable x(to(numbers.uniform({2, 8, 300, 34}), DType::f32));
  const test::ThreadCount one(1);
  const Tensor wanted = nn::rotary(x, 11).value();
  const test::ThreadCount four(4);
  CHECK(test::same_bits(nn::rotary(x, 11).value(), wanted));
}

TEST_CASE("rotary takes empty inputs", "[nn][positions]") {
  for (const Shape& shape : {Shape{0, 2, 3, 4}, Shape{2, 0, 3, 4}, Shape{2, 3, 0, 4}})
    CHECK(nn::rotary(Variable(zeros(shape))).shape() == shape);
}

TEST_CASE("rotary refuses what does not fit", "[nn][positions]") {
  const Variable x(zeros({2, 1, 3, 5}, DType::f64));
  const auto shape = [](const auto& call) { return test::refused<ShapeError>(call); };
  CHECK(shape([&] { nn::rotary(x); }) == "rotary: 5 of 5 features, expected an even number of them");
  CHECK(shape([&] { nn::rotary(x, 0, {.width = 6}); }) == "rotary: 6 of 5 features, expected an even number of them");
  CHECK(shape([&] { nn::rotary(x, 0, {.width = -2}); }) == "rotary: -2 of 5 features, expected an even number of them");
  CHECK(shape([&] { nn::rotary(select(x, 0, 0)); }).starts_with("rotary: x has rank 3, expected 4"));
  CHECK(shape([&] { nn::rotary(x, arange(4), {.width = 4}); }) ==
        "rotary: positions [4]; expected [T] or [B, T] with B = 2 and T = 3");
  CHECK(shape([&] {
          nn::rotary(x, nn::rotary_angles(arange(4), 4, {}, DType::f64));
        }).starts_with("rotary: T differs: x axis -2 = 3, cosine axis -2 = 4"));
  CHECK(shape([&] { nn::rotary(x, nn::rotary_angles(arange(3), 6, {}, DType::f64)); }) ==
        "rotary: angles for 3 pairs, x [2, 1, 3, 5] has 2");
  CHECK(shape([&] { nn::rotary(x, nn::RotaryAngles{}); }).starts_with("rotary: cosine is undefined"));
  CHECK(test::refused<Error>([&] { nn::rotary(x, 0, {.base = 0, .width = 4}); }) ==
        "rotary: base is 0, expected a positive number");
  CHECK(test::refused<IndexError>([&] { nn::rotary(x, std::int64_t{1} << 31, {.width = 4}); }) ==
        "rotary: position 2147483649 is outside -2^31 to 2^31");
  CHECK(test::refused<IndexError>([&] { nn::rotary(x, std::numeric_limits<std::int64_t>::max(), {.width = 4}); }) ==
        "rotary: 3 rows from position 9223372036854775807 on");
  CHECK_THROWS_AS(nn::rotary(x, zeros({3}), {.width = 4}), DTypeError);
  CHECK_THROWS_AS(nn::rotary(x, nn::rotary_angles(arange(3), 4)), DTypeError);
  CHECK_THROWS_AS(nn::rotary(Variable(zeros({2, 1, 3, 4}, DType::i64))), DTypeError);
}
