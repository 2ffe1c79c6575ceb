// From scores to a context: masks, shifts, order, and what stands under a masked key.
#include "heed/nn/attention/attend.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/matmul.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;

namespace {

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

Tensor f64(std::initializer_list<double> numbers, const Shape& shape) { return tensor(numbers, shape, DType::f64); }
Tensor mask_of(std::initializer_list<double> numbers, const Shape& shape) {
  return tensor(numbers, shape, DType::boolean);
}

}  // namespace

TEST_CASE("attend weighs the values by the softmax of the scores", "[nn][attention]") {
  const double ln2 = 0.693147180559945309417;
  const Variable scores(f64({0, ln2, 0, 0, 0, 2 * ln2}, {1, 2, 3})), values(f64({4, 0, 0, 8, 8, 4}, {1, 3, 2}));
  const nn::AttentionOutput found = nn::attend(scores, nn::no_mask, values);
  CHECK(far(found.weights.value(), f64({0.25, 0.5, 0.25, 1 / 6.0, 1 / 6.0, 4 / 6.0}, {1, 2, 3})) == "");
  CHECK(far(found.context.value(), f64({3, 5, 6, 4}, {1, 2, 2})) == "");

  const nn::AttentionOutput masked = nn::attend(scores, mask_of({1, 1, 0, 0, 0, 1}, {1, 2, 3}), values);
  CHECK(far(masked.weights.value(), f64({1 / 3.0, 2 / 3.0, 0, 0, 0, 1}, {1, 2, 3})) == "");
  CHECK(far(masked.context.value(), f64({4 / 3.0, 16 / 3.0, 8, 4}, {1, 2, 2})) == "");
}

TEST_CASE("the same number added to all scores of a query changes nothing", "[nn][attention]") {
  test::Numbers numbers(1);
  const Tensor scores = numbers.uniform({2, 3, 5}), shifts = numbers.uniform({2, 3, 1}), mask = numbers.mask({2, 1, 5});
  const Variable values(numbers.uniform({2, 5, 4}));
  const nn::AttentionOutput plain = nn::attend(Variable(scores), mask, values);
  const nn::AttentionOutput shifted = nn::attend(Variable(scores + shifts * 100.0), mask, values);
  CHECK(far(shifted.weights.value(), plain.weights.value()) == "");
  CHECK(far(shifted.context.value(), plain.context.value()) == "");
}

TEST_CASE("large scores stay finite", "[nn][attention]") {
  const Variable scores(f64({1e4, -1e4, 1e4, 1e308, -1e308, 0}, {1, 2, 3}), true), values(f64({1, 2, 3}, {1, 3, 1}));
  const nn::AttentionOutput found = nn::attend(scores, nn::no_mask, values);
  CHECK(far(found.context.value(), f64({2, 1}, {1, 2, 1})) == "");
  backward(found.context, ones({1, 2, 1}, DType::f64));
  CHECK(far(scores.grad(), f64({-0.5, 0, 0.5, 0, 0, 0}, {1, 2, 3})) == "");
}

TEST_CASE("attend passes gradcheck", "[nn][attention]") {
  test::Numbers numbers(2);
  for (const Tensor& mask : {Tensor(), numbers.mask({2, 1, 4}), numbers.mask({2, 3, 4})}) {
    const auto run = [&](const std::vector<Variable>& x) {
      const nn::AttentionOutput found = nn::attend(x[0], mask, x[1]);
      return concat({reshape(found.context, {-1}), reshape(found.weights, {-1})}, 0);
    };
    CHECK(gradcheck(run, {numbers.uniform({2, 3, 4}), numbers.uniform({2, 4, 5})}) == "");
  }
}

TEST_CASE("attend refuses scores and values that do not fit", "[nn][attention]") {
  const auto message = [](const Shape& scores, const Shape& values) {
    return test::refused<ShapeError>(
        [&] { nn::attend(Variable(zeros(scores)), nn::no_mask, Variable(zeros(values))); });
  };
  CHECK(message({2, 3, 4}, {2, 5, 6}) ==
        "attend: S differs: scores axis -1 = 4, values axis -2 = 5: scores [2, 3, 4], values [2, 5, 6]; expected "
        "[B, T, S], [B, S, D]");
  CHECK(message({2, 3, 4}, {1, 4, 6}).starts_with("attend: "));
  CHECK(message({3, 4}, {2, 4, 6}).starts_with("attend: "));
}
