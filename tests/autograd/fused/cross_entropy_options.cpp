// Cross-entropy with options: trap T8, which rows and classes count, that the plain ones keep the fused bits. Values
// and gradients: tests/op_cases_class_losses.cpp; beside PyTorch's: tests/parity/losses.cpp.
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/inspect/dump.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;
using test::same_bits;
using test::to_array;

namespace {

const double infinity = std::numeric_limits<double>::infinity(), not_a_number = std::nan("");

Tensor f64(std::initializer_list<double> values, const Shape& shape) { return tensor(values, shape, DType::f64); }
Tensor ids(std::initializer_list<double> values) {
  return tensor(values, {static_cast<std::int64_t>(values.size())}, DType::i64);
}

}  // namespace

TEST_CASE("trap T8: the smoothing term does not count ignored rows", "[autograd][cross_entropy]") {
  const double two = std::log(2.0);
  const Tensor one = f64({two, 0, 0, 0}, {1, 4}), more = f64({two, 0, 0, 0, 5, -5, not_a_number, 5}, {2, 4});
  for (const DType dtype : {DType::f64, DType::f32}) {
    const auto smoothed = [&](const Tensor& x, const Tensor& targets) {
      return cross_entropy(to(x, dtype), targets, {.ignore_index = -100, .label_smoothing = 0.1}).item();
    };
    CHECK(smoothed(one, ids({0})) == Approx(0.968277).epsilon(1e-6));  // mass on the others only: 0.985606
    CHECK(smoothed(more, ids({0, -100})) == Approx(0.968277).epsilon(1e-6));
    CHECK(smoothed(more, ids({-100, -100})) == 0);
  }
  // Padding that is left out by a weight of 0 is left out in the same way.
  CHECK(cross_entropy(more, ids({0, 3}), {.weights = f64({1, 0}, {2}), .label_smoothing = 0.1}).item() ==
        Approx(0.968277).epsilon(1e-6));
}

TEST_CASE("rows that are ignored are not looked at and get no gradient", "[autograd][cross_entropy]") {
  for (const double smoothing : {0.0, 0.25})
    for (const Reduction reduction : {Reduction::mean, Reduction::sum, Reduction::none}) {
      const Variable x(f64({1, 2, 3, not_a_number, infinity, 0}, {2, 3}), true);
      const Variable loss =
          cross_entropy(x, ids({1, 7}), {.ignore_index = 7, .label_smoothing = smoothing, .reduction = reduction});
      const Tensor dx = gradients(loss, {x}, ones(loss.shape(), DType::f64))[0];
      for (const double number : to_array(loss.value()).numbers) CHECK(std::isfinite(number));
      const auto numbers = to_array(dx).numbers;
      CHECK(numbers[1] < 0);
      CHECK(std::vector<double>(numbers.begin() + 3, numbers.end()) == std::vector<double>{0, 0, 0});
      if (reduction == Reduction::none) CHECK(to_array(loss.value()).numbers[1] == 0);
    }
}

TEST_CASE("a mean of classes is the fused operation, with its bits", "[autograd][cross_entropy]") {
  test::Numbers numbers(77);
  const Variable x(numbers.uniform({6, 5}), true);
  const Tensor targets = ids({0, 4, 2, 2, 1, 3}), c = f64({0.5, 1, 0, 2, 0.25}, {5});
  const auto both = [&](const Variable& loss) { return std::pair{loss.value(), gradients(loss, {x})[0]}; };
  const auto same = [&](const ClassLossOptions& options, const Tensor& weights) {
    const auto [value, dx] = both(cross_entropy(x, targets, options));
    const auto [wanted, wanted_dx] = both(cross_entropy(x, targets, weights));
    CHECK(same_bits(value, wanted));
    CHECK(same_bits(dx, wanted_dx));
  };
  same({}, {});
  same({.weights = f64({1, 2, 0, 4, 5, 6}, {6})}, f64({1, 2, 0, 4, 5, 6}, {6}));
  same({.ignore_index = 2}, f64({1, 1, 0, 0, 1, 1}, {6}));
  same({.class_weights = c}, f64({0.5, 0.25, 0, 0, 1, 2}, {6}));
  CHECK(dump(cross_entropy(x, targets, {.class_weights = c})).starts_with("%0 cross_entropy"));
}

TEST_CASE("cross_entropy is nll_loss of log_softmax, whatever the options", "[autograd][cross_entropy]") {
  test::Numbers numbers(78);
  const Variable x(numbers.uniform({4, 3}), true);
  const Tensor targets = ids({0, 2, 1, 1}), c = numbers.uniform({3}, 0.25, 2), w = numbers.uniform({4}, 0.25, 2);
  for (const Reduction reduction : {Reduction::mean, Reduction::sum, Reduction::none})
    for (const double smoothing : {0.0, 0.5}) {
      const ClassLossOptions options{
          .weights = w, .class_weights = c, .ignore_index = 2, .label_smoothing = smoothing, .reduction = reduction};
      const Variable loss = cross_entropy(x, targets, options), wanted = nll_loss(log_softmax(x), targets, options);
      CHECK(test::difference(loss.value(), to_array(wanted.value()), 16, 1) == "");
      const Tensor dy = numbers.uniform(loss.shape());
      CHECK(test::difference(gradients(loss, {x}, dy)[0], to_array(gradients(wanted, {x}, dy)[0]), 32, 1) == "");
    }
}

TEST_CASE("label smoothing is fused, equals its definition and keeps its digits", "[autograd][cross_entropy]") {
  test::Numbers numbers(80);
  for (const DType dtype : {DType::f32, DType::f64})
    for (const std::int64_t classes : {1, 5, 300})
      for (const double smoothing : {0.125, 1.0}) {
        CAPTURE(classes, smoothing);
        const Variable x(to(numbers.uniform({4, classes}) * 2 + 5000, dtype), true);
        const Tensor targets = ids({0, 0, 7, static_cast<double>(classes - 1)});
        const ClassLossOptions options{
            .weights = to(f64({1, 0, 2, 0.5}, {4}), dtype), .ignore_index = 7, .label_smoothing = smoothing};
        const Variable loss = cross_entropy(x, targets, options), wanted = nll_loss(log_softmax(x), targets, options);
        CHECK(dump(loss).starts_with("%0 cross_entropy"));
        CHECK(test::difference(loss.value(), to_array(wanted.value()), 16, 1) == "");
        CHECK(test::difference(gradients(loss, {x})[0], to_array(gradients(wanted, {x})[0]), 32, 1) == "");
      }
}

TEST_CASE("an impossible class costs everything where labels are smoothed", "[autograd][cross_entropy]") {
  for (const double smoothing : {0.25, 1.0})
    for (const double target : {0.0, 1.0}) {
      const Variable x(f64({1, -infinity, 2}, {1, 3}), true);
      const ClassLossOptions options{.label_smoothing = smoothing};
      const Variable loss = cross_entropy(x, ids({target}), options),
                     wanted = nll_loss(log_softmax(x), ids({target}), options);
      CHECK(loss.item() == infinity);
      CHECK(wanted.item() == infinity);
      CHECK(test::difference(gradients(loss, {x})[0], to_array(gradients(wanted, {x})[0]), 32, 1) == "");
    }
}

TEST_CASE("classes as probabilities of 0 and 1 cost what classes cost", "[autograd][cross_entropy]") {
  test::Numbers numbers(79);
  const Tensor x = numbers.uniform({3, 4});
  const Tensor targets = ids({2, 0, 3}), wanted = f64({0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1}, {3, 4});
  for (const double smoothing : {0.0, 0.25})
    CHECK(cross_entropy(x, wanted, {.label_smoothing = smoothing}).item() ==
          Approx(cross_entropy(x, targets, {.label_smoothing = smoothing}).item()));
  // A class without probability may be impossible.
  const Tensor masked = f64({0, -infinity, 0}, {1, 3}), half = f64({0.5, 0, 0.5}, {1, 3});
  CHECK(cross_entropy(masked, half, ClassLossOptions{}).item() == Approx(std::log(2.0)));
}

TEST_CASE("options of classes say what is wrong with them", "[autograd][cross_entropy]") {
  const Tensor x = zeros({2, 3}), targets = ids({0, 1});
  const auto refused = [&]<class E>(std::type_identity<E>, const Tensor& t, const ClassLossOptions& options) {
    return test::refused<E>([&] { cross_entropy(x, t, options); });
  };
  const std::type_identity<Error> error;
  CHECK(refused(error, targets, {.label_smoothing = 1.5}) ==
        "cross_entropy: label_smoothing is 1.5, expected 0 <= label_smoothing <= 1");
  CHECK(refused(error, targets, {.label_smoothing = not_a_number}) ==
        "cross_entropy: label_smoothing is nan, expected 0 <= label_smoothing <= 1");
  CHECK(refused(error, ones({2, 3}), {.ignore_index = 1}) ==
        "cross_entropy: ignore_index 1 is for targets that are classes; these are probabilities");
  CHECK(refused(std::type_identity<ShapeError>(), targets, {.class_weights = ones({2})}) ==
        "cross_entropy: logits [2, 3], targets [2], weights undefined, class_weights [2]: expected [N.., V], [N..] i64 "
        "or [N.., V] of probabilities, [N..], [V]");
  CHECK(refused(std::type_identity<IndexError>(), ids({0, 3}), {.label_smoothing = 0.5}) ==
        "cross_entropy: target 3 in row 1 is outside 3 classes");
}
