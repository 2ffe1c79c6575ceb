#include "heed/nn/attention/measures.h"

#include <cmath>
#include <limits>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::AlignmentErrorRate;
using test::refused;
using Links = std::vector<std::vector<std::int64_t>>;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Row t looks at position at[t].
Tensor looking(const std::vector<std::int64_t>& at, std::int64_t sources) {
  std::vector<double> weights(at.size() * to_size(sources), 0.1);
  for (std::size_t t = 0; t < at.size(); ++t) weights[t * to_size(sources) + to_size(at[t])] = 0.6;
  return tensor(weights, {std::ssize(at), sources});
}

double error_of(const Tensor& weights, const nn::GoldLinks& gold, std::int64_t shift = 0) {
  AlignmentErrorRate rate({.row_shift = shift});
  rate.add(weights, gold);
  return rate.value();
}

std::vector<double> numbers(const Tensor& x) { return test::to_array(x).numbers; }

}  // namespace

TEST_CASE("alignment error rate by hand", "[nn][attention][measures]") {
  const Tensor weights = looking({1, 0, 2}, 3);
  CHECK(error_of(weights, {.sure = {{1}, {0}, {2}}}) == 0);
  CHECK(error_of(weights, {.sure = {{0}, {1}, {0}}}) == 1);
  CHECK(error_of(weights, {.sure = {{1}, {0}, {0}}}) == 1 - 4.0 / 6);  // two of three, in S and in P
  CHECK(error_of(weights, {.sure = {{1}, {}, {}}}) == 1 - 2.0 / 4);    // words of no link count as wrong
  CHECK(error_of(weights, {.sure = {{1}, {}, {}}, .possible = {{}, {0}, {2}}}) == 0);  // 1 - (1 + 3)/(3 + 1)
  CHECK(error_of(weights, {.sure = {{1, 2}, {0}, {2}}}) == 1 - 6.0 / 7);               // one link cannot be two
  CHECK(error_of(weights, {.sure = {{1, 1}, {0}, {2}}}) == 0);                         // nor are two links one twice
}

TEST_CASE("alignment error rate: the row that belongs to a word", "[nn][attention][measures]") {  // P-17
  // Four words of a source in another order. A state that has read word t - 1 looks at where that came from.
  const Links gold{{2}, {0}, {3}, {1}};
  const Tensor written = looking({2, 0, 3, 1, 1}, 4), read = looking({1, 2, 0, 3, 1}, 4);
  CHECK(error_of(written, {.sure = gold}) == 0);
  CHECK(error_of(written, {.sure = gold}, 1) == 0.75);
  CHECK(error_of(read, {.sure = gold}, 1) == 0);
  CHECK(error_of(read, {.sure = gold}) == 1);
  // Without the row in which the end is written the last word has none: three links, all right.
  CHECK(error_of(slice(read, 0, 0, 4), {.sure = gold}, 1) == 1 - 6.0 / 7);
  CHECK(error_of(written, {.sure = gold}, 9) == 1);
  CHECK(error_of(written, {.sure = gold}, -9) == 1);
}

TEST_CASE("alignment error rate: sentences add up, rows that look at nothing link nothing",
          "[nn][attention][measures]") {
  AlignmentErrorRate rate;
  CHECK(rate.value() == 0);
  rate.add(looking({0, 0}, 2), {.sure = {{0}, {1}}});
  rate.add(looking({1}, 2), {.sure = {{1}}});
  CHECK(rate.value() == 1 - 4.0 / 6);  // not the mean of 1/2 and 0
  rate.add(zeros({2, 3}), {.sure = {{1}, {2}}});
  CHECK(rate.links() == 3);
  CHECK(rate.sure() == 5);
  CHECK(rate.value() == 1 - 4.0 / 8);
  rate.add(zeros({0, 3}), {});
  rate.add(zeros({2, 0}, DType::f64), {.sure = {{}, {}}});
  CHECK(rate.sure() == 5);
  CHECK(error_of(full({3, 4}, 0.25), {.sure = {{0}, {1}, {2}}}) == 1 - 2.0 / 6);  // all alike: the first
  CHECK(error_of(transpose(tensor({0.9, 0.1, 0.1, 0.9}, {2, 2}), 0, 1), {.sure = {{0}, {1}}}) == 0);
}

TEST_CASE("alignment error rate: what does not fit is refused, and nothing counted", "[nn][attention][measures]") {
  AlignmentErrorRate rate;
  const Tensor weights = looking({1, 0}, 3);
  CHECK(refused<ShapeError>([&] { rate.add(zeros({1, 2, 3}), {}); }) ==
        "AlignmentErrorRate: weights [1, 2, 3], expected [T, S]");
  CHECK(refused<ShapeError>([&] { rate.add(weights, {.sure = {{0}, {1}}, .possible = {{2}}}); }) ==
        "AlignmentErrorRate: sure links of 2 words, possible ones of 1");
  CHECK(refused<IndexError>([&] { rate.add(weights, {.sure = {{0}, {3}}}); }) ==
        "AlignmentErrorRate: a link to 3 is outside weights [2, 3]");
  CHECK(refused<IndexError>([&] { rate.add(weights, {.sure = {{0}, {1}}, .possible = {{}, {-1}}}); }) ==
        "AlignmentErrorRate: a link to -1 is outside weights [2, 3]");
  CHECK(refused<Error>([&] { rate.add(tensor({1, 0, 0, not_a_number}, {2, 2}), {.sure = {{0}, {1}}}); }) ==
        "AlignmentErrorRate: weights[1, 1] is NaN");
  CHECK_THROWS_AS(rate.add(zeros({2, 3}, DType::i64), {}), DTypeError);
  CHECK(rate.links() == 0);
  CHECK(rate.sure() == 0);
}

TEST_CASE("entropy of weights by hand", "[nn][attention][measures]") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    const Tensor rows =
        tensor({1, 0, 0, 0, .25, .25, .25, .25, .5, .5, 0, 0, 0, 0, 0, 0, .5, .25, .125, .125}, {5, 4}, dtype);
    const Tensor found = nn::weight_entropy(rows);
    CHECK(found.dtype() == dtype);
    test::Array wanted({5});
    wanted.numbers = {0, std::log(4), std::log(2), 0, 1.75 * std::log(2)};
    CHECK(test::difference(found, wanted, 4, 1) == "");
  }
  CHECK(nn::weight_entropy(tensor({.5, .5}, {2}, DType::f64)).item() == Approx(std::log(2)));
  CHECK(nn::weight_entropy(zeros({2, 3, 0})).shape() == Shape{2, 3});
  CHECK_FALSE(std::signbit(nn::weight_entropy(tensor({0, 1}, {2})).item()));  // +0
  CHECK(numbers(nn::weight_entropy(zeros({2, 0}))) == std::vector<double>{0, 0});
  const std::vector<double> with_nan = numbers(nn::weight_entropy(tensor({1, 0, not_a_number, 0}, {2, 2})));
  CHECK(with_nan[0] == 0);
  CHECK(std::isnan(with_nan[1]));
  CHECK(refused<Error>([] { nn::weight_entropy(tensor({1.5, -.5}, {1, 2})); }) ==
        "weight_entropy: weights [1, 2] have a negative one");
  CHECK_THROWS_AS(nn::weight_entropy(full({}, 1.0)), ShapeError);
  CHECK_THROWS_AS(nn::weight_entropy(ones({2}, DType::i64)), DTypeError);
}

TEST_CASE("total variation of weights by hand", "[nn][attention][measures]") {
  const Tensor a = tensor({1, 0, 0, .5, .5, 0, .2, .3, .5}, {3, 3}, DType::f64),
               b = tensor({0, 0, 1, .5, .5, 0, .5, .3, .2}, {3, 3}, DType::f64);
  const std::vector<double> apart = numbers(nn::total_variation(a, b));
  CHECK(apart[0] == 1);
  CHECK(apart[1] == 0);
  CHECK(apart[2] == Approx(0.3));
  CHECK(numbers(nn::total_variation(b, a)) == apart);
  CHECK(numbers(nn::total_variation(zeros({1, 2}), tensor({.5, .5}, {1, 2}))) == std::vector<double>{0.5});
  CHECK(std::isnan(nn::total_variation(tensor({not_a_number, 0}, {2}), zeros({2})).item()));
  CHECK(nn::total_variation(zeros({0, 3}), zeros({0, 3})).shape() == Shape{0});
  CHECK(refused<ShapeError>([] { nn::total_variation(zeros({2, 3}), zeros({3})); }) ==
        "total_variation: weights [2, 3] and [3]");
  CHECK_THROWS_AS(nn::total_variation(full({}, 1.0), full({}, 1.0)), ShapeError);
  CHECK_THROWS_AS(nn::total_variation(zeros({2}), zeros({2}, DType::f64)), DTypeError);
  CHECK_THROWS_AS(nn::total_variation(zeros({2}, DType::i64), zeros({2}, DType::i64)), DTypeError);
}

TEST_CASE("saliency by hand", "[nn][attention][measures]") {
  const Variable x(tensor({3, 4, 1, 2, 0, 5}, {1, 3, 2}, DType::f64), true);
  const Variable w(tensor({1, 1, 2, -1, 7, 0}, {1, 3, 2}, DType::f64));
  const Variable y = sum(w * x);  // x∘dy/dx = (3, 4), (2, -2), (0, 0)
  const Tensor found = nn::saliency(y, x);
  CHECK(found.shape() == Shape{1, 3});
  CHECK(numbers(found)[0] == 5);
  CHECK(numbers(found)[1] == Approx(std::sqrt(8)));  // a product that cancels in the sum is there
  CHECK(numbers(found)[2] == 0);
  CHECK(!x.grad().defined());
  CHECK(numbers(nn::saliency(y, x)) == numbers(found));  // asked again

  const Variable first = sum(select(x, 1, 0) * select(x, 1, 0));  // 2x² of the first position alone
  CHECK(numbers(nn::saliency(first, x)) == std::vector<double>{std::sqrt(18.0 * 18 + 32 * 32), 0, 0});
  CHECK_THROWS_AS(nn::saliency(sum(x), Variable(zeros({1, 3, 2}, DType::f64))), GradError);
  CHECK_THROWS_AS(nn::saliency(x, x), GradError);  // y is no single number
  CHECK(refused<ShapeError>([] { nn::saliency(Variable(), Variable(zeros({3}), true)); }) ==
        "saliency: x [3], expected [.., S, D]");
}
