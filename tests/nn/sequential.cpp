// Sequential and Residual: order of parts and draws, names, what is passed on. Numbers: tests/parity/composed.cpp.
#include "heed/nn/sequential.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/activation.h"
#include "heed/nn/dropout.h"
#include "heed/nn/linear.h"
#include "heed/nn/residual.h"
#include "heed/nn/training.h"
#include "heed/nn/weight_norm.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using test::same_bits;

namespace {

using Net = nn::Sequential<nn::Linear, nn::Tanh, nn::Dropout, nn::Linear>;

Net::Config config() {
  return {{.in = 3, .out = 5, .dtype = DType::f64}, {}, {.p = 0.5}, {.in = 5, .out = 2, .dtype = DType::f64}};
}

Variable doubled(const Variable& x) { return x * 2.0; }

}  // namespace

TEST_CASE("a sequential draws and applies its parts in their order", "[nn][sequential]") {
  Generator generator(1), same(1);
  const Net net(config(), generator);
  const nn::Linear first(std::get<0>(config()), same), last(std::get<3>(config()), same);
  CHECK(same_bits(net.get<0>().weight.value(), first.weight.value()));
  CHECK(same_bits(net.get<3>().bias.value(), last.bias.value()));
  const Tensor x = test::Numbers(1).uniform({4, 3});
  Generator draws(2), again(2);
  const Variable hidden = nn::dropout(tanh(first.forward(x)), 0.5, again);
  CHECK(same_bits(net.forward(x, draws).value(), last.forward(hidden).value()));
  CHECK(Net::size() == 4);
}

TEST_CASE("parts of a sequential have numbers for names, functions too", "[nn][sequential]") {
  Generator generator(1);
  Net net(config(), generator);
  std::vector<std::string> names;
  nn::for_each_parameter(net, [&](const std::string& name, nn::Parameter&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"0.weight", "0.bias", "3.weight", "3.bias"});
  CHECK(nn::count_parameters<Net>(config()) == 32);
  const Net other(config(), generator);
  nn::load_state_dict(net, nn::state_dict(other));
  nn::set_training(net, false);
  const Tensor x = test::Numbers(2).uniform({4, 3});
  Net copy = other;
  nn::set_training(copy, false);
  CHECK(same_bits(net.forward(x).value(), copy.forward(x).value()));
}

TEST_CASE("a sequential takes function pointers and settings of functions", "[nn][sequential]") {
  Generator generator(1);
  const nn::Sequential<Variable (*)(const Variable&), nn::Gelu, nn::Glu> net(
      {doubled, {Approximate::tanh}, {.axis = 0}}, generator);
  const Tensor x = test::Numbers(3).uniform({4, 3});
  CHECK(same_bits(net.forward(x).value(), glu(gelu(Variable(x * 2.0), Approximate::tanh), 0).value()));
  CHECK(nn::parameters(net).empty());
}

TEST_CASE("a generator passes by parts whose module takes none", "[nn][sequential]") {
  Generator generator(1), draws(2), same(2);
  const Tensor x = test::Numbers(6).uniform({4, 3});
  const nn::Linear::Config linear{.in = 3, .out = 3, .dtype = DType::f64};
  const nn::Sequential<nn::Residual<nn::Linear>, nn::Dropout> residual({linear, {.p = 0.5}}, generator);
  CHECK(same_bits(residual.forward(x, draws).value(), nn::dropout(residual.get<0>().forward(x), 0.5, same).value()));
  const nn::Sequential<nn::WeightNorm<nn::Linear>, nn::Dropout> normed({linear, {.p = 0.5}}, generator);
  CHECK(same_bits(normed.forward(x, draws).value(), nn::dropout(normed.get<0>().forward(x), 0.5, same).value()));
}

TEST_CASE("gradients of a sequential equal differences", "[nn][sequential]") {
  Generator generator(1);
  Net net(config(), generator);
  nn::set_training(net, false);
  CHECK(test::module_gradcheck(net, {test::Numbers(4).uniform({2, 3})},
                               [](const auto& module, auto x) { return module.forward(x[0]); }) == "");
}

TEST_CASE("a residual adds what its module makes of x, given what else it takes", "[nn][residual]") {
  using Block = nn::Residual<nn::Sequential<nn::Linear, nn::Dropout>>;
  const Block::Config block{{.in = 3, .out = 3, .dtype = DType::f64}, {.p = 0.5}};
  Generator generator(1), draws(2), same(2);
  const Block residual(block, generator);
  const Tensor x = test::Numbers(5).uniform({4, 3});
  const Variable y = residual.forward(x, draws);
  CHECK(same_bits(y.value(), x + residual.module.forward(x, same).value()));
  CHECK(nn::state_dict(residual).contains("module.0.weight"));
  const nn::Residual<nn::Linear> narrower({.in = 3, .out = 1}, generator);  // whose result would broadcast
  CHECK(test::refused<ShapeError>([&] { narrower.forward(ones({4, 3})); }) ==
        "residual: x [4, 3], the module makes [4, 1] of it: expected one shape");
}
