// RmsProp: a step worked out by hand, and which settings are refused. PyTorch's values: tests/parity/optim.cpp.
#include "heed/nn/optim/rms_prop.h"

#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::RmsProp;

namespace {

Variable leaf(double number, double gradient) {
  const Variable x(full({1}, number, DType::f64), true);
  x.set_grad(full({1}, gradient, DType::f64));
  return x;
}

}  // namespace

TEST_CASE("RMSprop divides by the size of gradients, or centered by their deviation", "[nn][optim]") {
  const Variable x = leaf(1, 4), y = leaf(1, 4);
  RmsProp plain({x}, {.learning_rate = 1, .alpha = 0.75, .epsilon = 2});
  plain.step();  // v = 4: 4/(2 + 2)
  CHECK(x.item() == 0);
  RmsProp centered({y}, {.learning_rate = 1, .alpha = 0.75, .epsilon = 2, .momentum = 0.5, .centered = true});
  centered.step();  // v = 4, m = 1: 4/(sqrt(3) + 2)
  const double move = 4 / (std::sqrt(3) + 2);
  CHECK(y.item() == Approx(1 - move).epsilon(1e-15));
  y.set_grad(zeros({1}, DType::f64));
  centered.step();
  CHECK(y.item() == Approx(1 - 1.5 * move).epsilon(1e-15));
  CHECK(centered.state_dict().size() == 4);
  CHECK(plain.state_dict().size() == 2);
}

TEST_CASE("RMSprop forgets what its settings no longer ask for", "[nn][optim]") {
  const Variable x = leaf(1, 4);
  RmsProp optimizer({x}, {.momentum = 0.5, .centered = true});
  optimizer.step();
  optimizer.config().centered = false;
  optimizer.step();
  CHECK(!optimizer.state_dict().contains("state.0.grad_avg"));
  CHECK(optimizer.state_dict().contains("state.0.momentum_buffer"));
}

TEST_CASE("RmsProp refuses settings without a meaning", "[nn][optim]") {
  const Variable x = leaf(1, 1);
  const auto refusal = [&](const RmsProp::Config& config) {
    return test::refused<Error>([&] { RmsProp({x}, config); });
  };
  for (const double bad : {std::nan(""), -0.5, std::numeric_limits<double>::infinity()}) {
    CHECK(refusal({.learning_rate = bad}).starts_with("rms_prop: learning_rate is "));
    CHECK(refusal({.alpha = bad}).starts_with("rms_prop: alpha is "));
    CHECK(refusal({.epsilon = bad}).starts_with("rms_prop: epsilon is "));
    CHECK(refusal({.momentum = bad}).starts_with("rms_prop: momentum is "));
    CHECK(refusal({.weight_decay = bad}).starts_with("rms_prop: weight_decay is "));
  }
  CHECK(refusal({.alpha = 1}) == "rms_prop: alpha is 1, expected 0 <= alpha < 1");
  CHECK(refusal({.epsilon = 0}) == "rms_prop: epsilon is 0, expected a finite number above 0");
}
