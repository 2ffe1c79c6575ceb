// WeightNorm: the same layer at first, the weight's length and direction apart, names, copies. Its numbers beside
// PyTorch's: tests/parity/composed.cpp.
#include "heed/nn/weight_norm.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/bilinear.h"
#include "heed/nn/freeze.h"
#include "heed/nn/linear.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;

namespace {

const nn::Linear::Config config{.in = 5, .out = 3, .dtype = DType::f64};

}  // namespace

TEST_CASE("a layer computes the same at first when its weight is normalised", "[nn][weight_norm]") {
  Generator generator(1), same(1);
  const nn::Linear plain(config, generator);
  const nn::WeightNorm<nn::Linear> layer(config, same);
  const Tensor x = test::Numbers(8).uniform({4, 5});
  CHECK(test::difference(layer.forward(x).value(), test::to_array(plain.forward(x).value()), 8, 1) == "");
  std::vector<std::string> names;
  for (const auto& [name, tensor] : nn::state_dict(layer)) names.push_back(name + " " + tensor.shape().str());
  CHECK(names == std::vector<std::string>{"bias [3]", "parametrizations.weight.original0 [3, 1]",
                                          "parametrizations.weight.original1 [3, 5]"});
  CHECK(nn::count_parameters<nn::WeightNorm<nn::Linear>>(config) == 21);
  CHECK(nn::count_parameters<nn::WeightNorm<nn::Bilinear>>({.in1 = 2, .in2 = 3, .out = 4}) == 32);
}

TEST_CASE("a normalised weight has the length g, whatever that of v", "[nn][weight_norm]") {
  const Variable g(tensor({2, 0.5}, {2, 1, 1}, DType::f64)),
      v(tensor({3, 4, 0, 0, -6, 8, 0, 0}, {2, 2, 2}, DType::f64));
  const Variable w = nn::normalised_weight(g, v);
  test::Array wanted({2, 2, 2});
  wanted.numbers = {1.2, 1.6, 0, 0, -0.3, 0.4, 0, 0};
  CHECK(test::difference(w.value(), wanted, 4) == "");
  CHECK(test::same_bits(nn::normalised_weight(g, v * 1024.0).value(), w.value()));
  CHECK(test::refused<ShapeError>([&] { nn::normalised_weight(ones({2}), ones({2, 3})); }) ==
        "weight_norm: g [2], v [2, 3]: expected [out, 1, ..] and [out, ..]");
}

TEST_CASE("gradients of a normalised layer equal differences, all of them", "[nn][weight_norm]") {
  Generator generator(2);
  const nn::WeightNorm<nn::Linear> layer(config, generator);
  CHECK(nn::parameters(layer).size() == 3);
  CHECK(test::module_gradcheck(layer, {test::Numbers(9).uniform({4, 5})},
                               [](const auto& module, auto x) { return module.forward(x[0]); }) == "");
}

TEST_CASE("a copied, assigned and frozen normalised layer is one", "[nn][weight_norm]") {
  Generator generator(3);
  nn::WeightNorm<nn::Linear> layer(config, generator), copy = layer, other(config, generator);
  const Tensor x = test::Numbers(10).uniform({4, 5});
  CHECK(test::same_bits(copy.forward(x).value(), layer.forward(x).value()));
  other = layer;
  CHECK(test::same_bits(other.forward(x).value(), layer.forward(x).value()));
  CHECK(!layer.others.weight.defined());
  nn::freeze(layer);
  CHECK(!layer.forward(x).requires_grad());
}
