// Adagrad: a step worked out by hand, and which settings are refused. PyTorch's values: tests/parity/optim.cpp.
#include "heed/nn/optim/adagrad.h"

#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::Adagrad;

namespace {

Variable leaf(double number, double gradient) {
  const Variable x(full({1}, number, DType::f64), true);
  x.set_grad(full({1}, gradient, DType::f64));
  return x;
}

}  // namespace

TEST_CASE("Adagrad divides by the root of all squares so far, at a falling rate", "[nn][optim]") {
  const Variable x = leaf(1, 3);
  Adagrad adagrad({x}, {.learning_rate = 1, .lr_decay = 1, .initial_accumulator_value = 7, .epsilon = 1});
  adagrad.step();  // 3/(4 + 1)
  CHECK(x.item() == Approx(0.4).epsilon(1e-15));
  adagrad.step();  // half of 3/(5 + 1)
  CHECK(x.item() == Approx(0.15).epsilon(1e-14));
  CHECK(adagrad.state_dict().at("state.0.sum").item() == 25);
}

TEST_CASE("Adagrad refuses settings without a meaning", "[nn][optim]") {
  const Variable x = leaf(1, 1);
  const auto refusal = [&](const Adagrad::Config& config) {
    return test::refused<Error>([&] { Adagrad({x}, config); });
  };
  for (const double bad : {std::nan(""), -0.5, std::numeric_limits<double>::infinity()}) {
    CHECK(refusal({.learning_rate = bad}).starts_with("adagrad: learning_rate is "));
    CHECK(refusal({.lr_decay = bad}).starts_with("adagrad: lr_decay is "));
    CHECK(refusal({.weight_decay = bad}).starts_with("adagrad: weight_decay is "));
    CHECK(refusal({.initial_accumulator_value = bad}).starts_with("adagrad: initial_accumulator_value is "));
    CHECK(refusal({.epsilon = bad}).starts_with("adagrad: epsilon is "));
  }
  CHECK(refusal({.epsilon = 0}) == "adagrad: epsilon is 0, expected a finite number above 0");
}
