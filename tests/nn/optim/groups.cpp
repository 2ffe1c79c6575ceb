// Groups of parameters: each has its own settings, and a parameter is in one of them only.
#include "heed/nn/optim/groups.h"

#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/sgd.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using heed::test::same_bits;
using nn::Adam, nn::Sgd;

TEST_CASE("groups have their own settings, and share nothing but the step", "[nn][optim]") {
  const Variable a(ones({2}), true), b(ones({3}), true), c(ones({2}), true);
  Sgd together({{{a}, {.learning_rate = 0.5}}, {{b, c}, {.learning_rate = 0.25, .momentum = 0.5}}});
  CHECK(together.group_count() == 2);
  REQUIRE(together.parameters().size() == 3);
  const auto step = [&](double gradient) {
    for (const Variable& v : {a, b, c}) v.set_grad(full(v.shape(), gradient));
    together.step();
  };
  step(1);
  step(1);
  CHECK(same_bits(a.value(), full({2}, 0.0)));
  CHECK(same_bits(b.value(), full({3}, 1 - 0.25 - 0.375)));
  together.config(1).learning_rate = 0;
  together.config(0).learning_rate = 2;
  step(1);
  CHECK(same_bits(a.value(), full({2}, -2.0)));
  CHECK(same_bits(c.value(), full({2}, 0.375)));
  CHECK(together.state_dict().contains("state.2.momentum_buffer"));
  CHECK(!together.state_dict().contains("state.0.momentum_buffer"));
  CHECK(test::refused<IndexError>([&] { together.config(2); }) == "sgd: there is no group 2, there are 2");
}

TEST_CASE("a setting of the second group that is out of its range changes nothing", "[nn][optim]") {
  const Variable a(ones({2}), true), b(ones({3}), true);
  Adam adam({{{a}, {}}, {{b}, {}}});
  for (const Variable& v : {a, b}) v.set_grad(ones(v.shape()));
  adam.config(1).beta2 = 1;
  CHECK(test::refused<Error>([&] { adam.step(); }) == "adam: group 1: beta2 is 1, expected 0 <= beta2 < 1");
  CHECK(same_bits(a.value(), ones({2})));
  CHECK(adam.state_dict().at("state.0.step").item<std::int64_t>() == 0);
  CHECK(test::refused<Error>([&] { Adam({{{a}, {}}, {{b}, {.epsilon = 0}}}); }) ==
        "adam: group 1: epsilon is 0, expected a finite number above 0");
}

TEST_CASE("a leaf in two groups is refused (trap O5)", "[nn][optim]") {
  const Variable a(ones({2}), true), b(ones({3}), true);
  CHECK(test::refused<GradError>([&] { Sgd({{{a}, {}}, {{b, a}, {}}}); }) ==
        "sgd: parameters 0 and 2 are the same leaf, shape [2]");
  CHECK(test::refused<Error>([&] { Sgd(std::vector<Sgd::Group>{}); }) == "sgd: there are no parameters");
}
