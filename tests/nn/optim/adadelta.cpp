// Adadelta: a step worked out by hand, and which settings are refused. PyTorch's values: tests/parity/optim.cpp.
#include "heed/nn/optim/adadelta.h"

#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::Adadelta;

namespace {

Variable leaf(double number, double gradient) {
  const Variable x(full({1}, number, DType::f64), true);
  x.set_grad(full({1}, gradient, DType::f64));
  return x;
}

}  // namespace

TEST_CASE("Adadelta moves by the size of its moves so far", "[nn][optim]") {
  const Variable x = leaf(1, 2);
  Adadelta adadelta({x}, {.learning_rate = 0.5, .rho = 0.75, .epsilon = 3});
  adadelta.step();  // v = 1, a move of sqrt(0 + 3)/sqrt(1 + 3)·2
  CHECK(x.item() == Approx(1 - 0.5 * std::sqrt(3)).epsilon(1e-15));
  CHECK(adadelta.state_dict().at("state.0.square_avg").item() == 1);
  CHECK(adadelta.state_dict().at("state.0.acc_delta").item() == Approx(0.75).epsilon(1e-15));
}

TEST_CASE("Adadelta refuses settings without a meaning", "[nn][optim]") {
  const Variable x = leaf(1, 1);
  const auto refusal = [&](const Adadelta::Config& config) {
    return test::refused<Error>([&] { Adadelta({x}, config); });
  };
  for (const double bad : {std::nan(""), -0.5, std::numeric_limits<double>::infinity()}) {
    CHECK(refusal({.learning_rate = bad}).starts_with("adadelta: learning_rate is "));
    CHECK(refusal({.rho = bad}).starts_with("adadelta: rho is "));
    CHECK(refusal({.epsilon = bad}).starts_with("adadelta: epsilon is "));
    CHECK(refusal({.weight_decay = bad}).starts_with("adadelta: weight_decay is "));
  }
  CHECK(refusal({.rho = 1}) == "adadelta: rho is 1, expected 0 <= rho < 1");
  CHECK(refusal({.epsilon = 0}) == "adadelta: epsilon is 0, expected a finite number above 0");
}
