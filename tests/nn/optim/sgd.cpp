// SGD: plain and with momentum, which parameters it changes, and that the change is seen.
#include "heed/nn/optim/sgd.h"

#include <cmath>
#include <limits>
#include <utility>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::Sgd;

namespace {

Variable leaf(double number) { return Variable(full({1}, number, DType::f64), true); }
void give(const Variable& x, double gradient) { x.set_grad(full({1}, gradient, DType::f64)); }

}  // namespace

TEST_CASE("SGD goes against the gradient", "[nn][optim]") {
  const Variable x = leaf(2);
  Sgd sgd({x}, {.learning_rate = 0.5});
  give(x, 1);
  sgd.step();
  CHECK(x.item() == 1.5);
  sgd.config().learning_rate = 0.25;
  sgd.step();
  CHECK(x.item() == 1.25);
  CHECK(x.grad().item() == 1);
}

TEST_CASE("momentum adds up the gradients and leaves them as they are", "[nn][optim]") {
  const Variable x = leaf(0);
  Sgd sgd({x}, {.learning_rate = 1, .momentum = 0.5});
  const Tensor gradient = full({1}, 8, DType::f64);
  x.set_grad(gradient);
  sgd.step();
  CHECK(x.item() == -8);
  sgd.step();  // velocity 8/2 + 8
  CHECK(x.item() == -20);
  give(x, 0);
  sgd.step();  // velocity 12/2
  CHECK(x.item() == -26);
  CHECK(gradient.item() == 8);
}

TEST_CASE("momentum that is switched off is forgotten, in the state too", "[nn][optim]") {
  const Variable x = leaf(0);
  Sgd sgd({x}, {.learning_rate = 1, .momentum = 0.5});
  give(x, 1);
  sgd.step();
  sgd.config().momentum = 0;
  sgd.step();
  CHECK(x.item() == -2);
  CHECK(sgd.state_dict().size() == 1);  // the count of steps
  Sgd resumed({x}, sgd.config());
  CHECK_NOTHROW(resumed.load_state_dict(sgd.state_dict()));
  sgd.config().momentum = 0.5;
  sgd.step();
  CHECK(x.item() == -3);
}

TEST_CASE("SGD leaves a parameter without gradient alone, velocity and all", "[nn][optim]") {
  const Variable x = leaf(0), y = leaf(5);
  Sgd sgd({x, y}, {.learning_rate = 1, .momentum = 0.5});
  const std::uint32_t version = y.value().version();
  give(x, 1);
  sgd.step();
  CHECK(y.item() == 5);
  CHECK(y.value().version() == version);
  give(y, 4);
  sgd.step();
  CHECK(y.item() == 1);
  sgd.zero_grad();
  CHECK(!x.grad().defined());
  CHECK(!y.grad().defined());
  sgd.step();  // nothing has a gradient: not even the velocity moves anything
  CHECK(y.item() == 1);
}

TEST_CASE("a graph recorded before a step of SGD is stale after it", "[nn][optim]") {
  const Variable x = leaf(3);
  Sgd sgd({x}, {});
  const Variable stale = sum(x * x);
  give(x, 1);
  sgd.step();
  CHECK_THROWS_AS(backward(stale), GradError);
}

TEST_CASE("SGD does not swallow a NaN gradient", "[nn][optim]") {
  const Variable x = leaf(3);
  give(x, std::numeric_limits<double>::quiet_NaN());
  Sgd({x}, {.momentum = 0.9}).step();
  CHECK(std::isnan(x.item()));
}

TEST_CASE("the first velocity is not the gradient itself", "[nn][optim]") {
  const Variable x = leaf(0);
  Sgd sgd({x}, {.learning_rate = 1, .momentum = 0.5});
  Tensor gradient = full({1}, 8, DType::f64);
  x.set_grad(gradient);
  sgd.step();
  fill(gradient, 2);
  sgd.step();  // velocity 8/2 + 2
  CHECK(x.item() == -14);
  CHECK(gradient.item() == 2);
}

TEST_CASE("Sgd refuses settings that are no numbers to step by, and a list without or with repeated leaves",
          "[nn][optim]") {
  const Variable x = leaf(1), y = leaf(2);
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinity, -0.5}) {
    CHECK_THROWS_AS(Sgd({x}, {.learning_rate = bad}), Error);
    CHECK_THROWS_AS(Sgd({x}, {.learning_rate = 1, .momentum = bad}), Error);
  }
  CHECK(test::refused<Error>([&] { Sgd({x}, {.learning_rate = -0.5}); }) ==
        "sgd: learning_rate is -0.5, expected a finite number that is not negative");
  CHECK(test::refused<Error>([&] { Sgd({}, {}); }) == "sgd: there are no parameters");
  CHECK(test::refused<GradError>([&] { Sgd({y, x, leaf(3), x}, {}); }) ==
        "sgd: parameters 1 and 3 are the same leaf, shape [1]");
  Sgd sgd({x}, {});
  give(x, 1);
  sgd.config().momentum = nan;
  CHECK(test::refused<Error>([&] { sgd.step(); }).starts_with("sgd: momentum is nan"));
  CHECK(x.item() == 1);
}

TEST_CASE("Sgd takes only leaves that are contiguous", "[nn][optim]") {
  const Variable x = leaf(1), strided(slice(ones({4}, DType::f64), 0, 0, to_end, 2), true),
                 repeats(expand(ones({1}, DType::f64), {3}), true);
  CHECK(test::refused<GradError>([&] { Sgd({x, x + x}, {}); }) == "sgd: parameter 1 is not a leaf");
  CHECK_THROWS_AS(Sgd({x.detach()}, {}), GradError);
  CHECK_THROWS_AS(Sgd({Variable()}, {}), GradError);
  CHECK(test::refused<ShapeError>([&] { Sgd({x, strided}, {}); }) == "sgd: parameter 1 [2] is not contiguous");
  CHECK_THROWS_AS(Sgd({repeats}, {}), ShapeError);
}

TEST_CASE("dampening leaves the first step whole, and decay needs no momentum (trap O3)", "[nn][optim]") {
  const Variable x = leaf(0), y = leaf(0), z = leaf(1);
  Sgd damped({x}, {.learning_rate = 0.1, .momentum = 0.9, .dampening = 0.5});
  Sgd nesterov({y}, {.learning_rate = 0.1, .momentum = 0.9, .nesterov = true});
  for (const auto& [of_x, of_y] : {std::pair(-0.1, -0.19), std::pair(-0.24, -0.461)}) {
    give(x, 1);
    give(y, 1);
    damped.step();
    nesterov.step();
    CHECK(x.item() == Approx(of_x).epsilon(1e-14));
    CHECK(y.item() == Approx(of_y).epsilon(1e-14));
  }
  give(z, 0);
  Sgd({z}, {.learning_rate = 0.1, .weight_decay = 0.1}).step();
  CHECK(z.item() == Approx(0.99).epsilon(1e-15));
}

TEST_CASE("dampening leaves the first step whole also after a momentum is switched on", "[nn][optim]") {
  const Variable x = leaf(0);
  Sgd sgd({x}, {.learning_rate = 1});
  give(x, 1);
  sgd.step();
  sgd.config().momentum = 0.5;
  sgd.config().dampening = 0.5;
  sgd.step();
  CHECK(x.item() == -2);
  sgd.step();  // 1/2 + 1/2
  CHECK(x.item() == -3);
}

TEST_CASE("Sgd refuses dampening above 1 and Nesterov without momentum or with dampening", "[nn][optim]") {
  const Variable x = leaf(1);
  const auto refusal = [&](const Sgd::Config& config) { return test::refused<Error>([&] { Sgd({x}, config); }); };
  CHECK(refusal({.dampening = 1.5}) == "sgd: dampening is 1.5, expected a finite number of at most 1");
  CHECK(refusal({.weight_decay = -1}) == "sgd: weight_decay is -1, expected a finite number that is not negative");
  CHECK(refusal({.nesterov = true}) == "sgd: momentum is 0, expected a number above 0 for nesterov");
  CHECK(refusal({.momentum = 0.9, .dampening = 0.1, .nesterov = true}) ==
        "sgd: dampening is 0.1, expected 0 for nesterov");
}
