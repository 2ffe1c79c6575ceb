// Adam: which parameters it changes, and that the change is seen. Its values: tests/parity/optim.cpp.
#include "heed/nn/optim/adam.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/random/random.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::Adam;

namespace {

Variable leaf(std::initializer_list<double> numbers, DType dtype = DType::f64) {
  return Variable(tensor(numbers, {static_cast<std::int64_t>(numbers.size())}, dtype), true);
}

}  // namespace

TEST_CASE("the first step of Adam is the learning rate, against the gradient's sign", "[nn][optim]") {
  const Variable x = leaf({1, 1, 1, 1});
  x.set_grad(tensor({3, -1e-3, 1e6, 0}, {4}, DType::f64));
  Adam({x}, {.learning_rate = 0.25, .epsilon = 1e-100}).step();
  const auto numbers = test::to_array(x.value()).numbers;
  CHECK(numbers[0] == Approx(0.75).epsilon(1e-12));
  CHECK(numbers[1] == Approx(1.25).epsilon(1e-12));
  CHECK(numbers[2] == Approx(0.75).epsilon(1e-12));
  CHECK(numbers[3] == 1);

  const Variable y = leaf({1});
  y.set_grad(zeros({1}, DType::f64));
  Adam({y}, {}).step();
  CHECK(y.item() == 1);
}

TEST_CASE("Adam finds the bottom of a bowl", "[nn][optim]") {
  const DType dtype = GENERATE(DType::f32, DType::f64);
  const Variable x = leaf({3, -2}, dtype), bottom(tensor({0.5, 1}, {2}, dtype));
  Adam adam({x}, {.learning_rate = 0.05});
  for (int step = 0; step < 500; ++step) {
    adam.zero_grad();
    backward(sum((x - bottom) * (x - bottom)));
    adam.step();
  }
  CHECK(test::to_array(x.value()).numbers[0] == Approx(0.5).margin(1e-3));
  CHECK(test::to_array(x.value()).numbers[1] == Approx(1).margin(1e-3));
}

TEST_CASE("Adam leaves a parameter without gradient alone, and its count of steps too", "[nn][optim]") {
  const Variable x = leaf({1}), late = leaf({5}), fresh = leaf({5});
  Adam adam({x, late}, {.learning_rate = 0.1}), first({fresh}, {.learning_rate = 0.1});
  const std::uint32_t version = late.value().version();
  for (int step = 0; step < 3; ++step) {
    x.set_grad(ones({1}, DType::f64));
    adam.step();
  }
  CHECK(late.item() == 5);
  CHECK(late.value().version() == version);
  for (const Variable& v : {late, fresh}) v.set_grad(full({1}, 2, DType::f64));
  adam.step();
  first.step();
  CHECK(test::same_bits(late.value(), fresh.value()));
}

TEST_CASE("a graph recorded before a step of Adam is stale after it", "[nn][optim]") {
  const Variable x = leaf({1, 2});
  Adam adam({x}, {});
  const Variable stale = sum(x * x);
  backward(sum(x));
  adam.step();
  CHECK_THROWS_AS(backward(stale), GradError);
  CHECK_NOTHROW(backward(sum(x * x)));
}

TEST_CASE("zero_grad of Adam clears every gradient", "[nn][optim]") {
  const Variable x = leaf({1}), y = leaf({2});
  Adam adam({x, y}, {});
  backward(sum(x * y));
  adam.zero_grad();
  CHECK(!x.grad().defined());
  CHECK(!y.grad().defined());
}

TEST_CASE("Adam does not swallow a NaN gradient", "[nn][optim]") {
  const Variable x = leaf({1, 1});
  x.set_grad(tensor({std::numeric_limits<double>::quiet_NaN(), 1}, {2}, DType::f64));
  Adam({x}, {}).step();
  CHECK(std::isnan(test::to_array(x.value()).numbers[0]));
  CHECK(test::to_array(x.value()).numbers[1] < 1);
}

TEST_CASE("Adam refuses settings without a meaning, and a list without or with repeated leaves", "[nn][optim]") {
  const Variable x = leaf({1});
  const auto refusal = [&](const Adam::Config& config) { return test::refused<Error>([&] { Adam({x}, config); }); };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinity, -1e-3}) {
    CHECK(refusal({.learning_rate = bad}).starts_with("adam: learning_rate is "));
    CHECK(refusal({.epsilon = bad}).starts_with("adam: epsilon is "));
  }
  for (const double bad : {nan, infinity, -0.1, 1.0}) {
    CHECK(refusal({.beta1 = bad}).starts_with("adam: beta1 is "));
    CHECK(refusal({.beta2 = bad}).starts_with("adam: beta2 is "));
  }
  CHECK(refusal({.beta2 = 1}) == "adam: beta2 is 1, expected 0 <= beta2 < 1");
  CHECK_NOTHROW(Adam({x}, {.learning_rate = 0, .beta1 = 0, .beta2 = 0}));
  CHECK(refusal({.epsilon = 0}) == "adam: epsilon is 0, expected a finite number above 0");
  CHECK(test::refused<Error>([&] { Adam({}, {}); }) == "adam: there are no parameters");
  CHECK(test::refused<GradError>([&] { Adam({x, x}, {}); }) == "adam: parameters 0 and 1 are the same leaf, shape [1]");
  Adam adam({x}, {});
  x.set_grad(ones({1}, DType::f64));
  adam.config().beta1 = 1;
  CHECK(test::refused<Error>([&] { adam.step(); }) == "adam: beta1 is 1, expected 0 <= beta1 < 1");
  CHECK(x.item() == 1);
  adam.config().beta1 = 0.9;
  adam.step();
  CHECK(x.item() == Approx(0.999).epsilon(1e-9));  // the refused step has not been counted
}

TEST_CASE("Adam takes only leaves that are contiguous", "[nn][optim]") {
  const Variable x = leaf({1, 2}), strided(slice(ones({4}, DType::f64), 0, 0, to_end, 2), true),
                 repeats(expand(ones({1}, DType::f64), {3}), true);
  CHECK(test::refused<GradError>([&] { Adam({x, x + x}, {}); }) == "adam: parameter 1 is not a leaf");
  CHECK_THROWS_AS(Adam({x.detach()}, {}), GradError);
  CHECK_THROWS_AS(Adam({Variable()}, {}), GradError);
  CHECK(test::refused<ShapeError>([&] { Adam({x, strided}, {}); }) == "adam: parameter 1 [2] is not contiguous");
  CHECK_THROWS_AS(Adam({repeats}, {}), ShapeError);
}

TEST_CASE("Adam takes a gradient of any layout", "[nn][optim]") {
  const Tensor g = tensor({1, -2, 3, -4, 5, -6}, {2, 3});
  const Variable x(ones({2, 3}), true), y(ones({2, 3}), true);
  x.set_grad(g);
  y.set_grad(mT(mT(g).clone()));
  for (const Variable& v : {x, y}) Adam({v}, {}).step();
  CHECK(test::same_bits(x.value(), y.value()));
}

TEST_CASE("Adam reads a gradient that shares storage with its parameter first", "[nn][optim]") {
  const auto stepped = [](const Tensor& x, const Tensor& gradient) {
    const Variable leaf(x, true);
    leaf.set_grad(gradient);
    Adam({leaf}, {.learning_rate = 10}).step();  // which changes signs
    return x.clone();
  };
  Generator generator(1);  // more elements than a vector instruction takes at once
  const Tensor elements = normal(generator, {100}, 0, 1), shared = elements.clone(), own = elements.clone();
  CHECK(test::same_bits(stepped(slice(shared, 0, 1, 100), slice(shared, 0, 0, 99)),
                        stepped(slice(own, 0, 1, 100), slice(elements, 0, 0, 99))));
  const Tensor itself = elements.clone();
  CHECK(test::same_bits(stepped(itself, itself), stepped(elements.clone(), elements)));
}

TEST_CASE("AdamW's decay is a share of the learning rate and stays out of the moments (trap O1)", "[nn][optim]") {
  const Variable x = leaf({1}), y = leaf({1});
  for (const Variable& v : {x, y}) v.set_grad(zeros({1}, DType::f64));
  nn::AdamW decoupled({x}, {.learning_rate = 0.01, .weight_decay = 0.1});
  Adam through_moments({y}, {.learning_rate = 0.01, .weight_decay = 0.1});
  decoupled.step();
  through_moments.step();
  CHECK(x.item() == Approx(0.999).epsilon(1e-15));
  CHECK(decoupled.state_dict().at("state.0.exp_avg").item() == 0);
  CHECK(y.item() == Approx(0.99).epsilon(1e-6));
}

TEST_CASE("Adam's epsilon is added after the bias correction (trap O2)", "[nn][optim]") {
  const Variable x = leaf({0}), y = leaf({0});
  for (const Variable& v : {x, y}) v.set_grad(full({1}, 1e-8, DType::f64));
  Adam({x}, {.learning_rate = 1}).step();
  nn::AdamW({y}, {.learning_rate = 1}).step();
  CHECK(x.item() == Approx(-0.5).epsilon(1e-9));
  CHECK(y.item() == x.item());
}

TEST_CASE("AdamW refuses settings without a meaning", "[nn][optim]") {
  const Variable x = leaf({1});
  CHECK(test::refused<Error>([&] { nn::AdamW({x}, {.beta1 = 1}); }) == "adamw: beta1 is 1, expected 0 <= beta1 < 1");
  CHECK(test::refused<Error>([&] { nn::AdamW({x}, {.weight_decay = -1}); }) ==
        "adamw: weight_decay is -1, expected a finite number that is not negative");
  CHECK_THROWS_AS(Adam({x}, {.weight_decay = -1}), Error);
}
