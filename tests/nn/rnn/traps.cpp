// Faults that other libraries' recurrent layers have had, each with the right value.
#include <algorithm>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/rnn/gru.h"
#include "heed/nn/rnn/lstm.h"
#include "heed/nn/rnn/rnn.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using test::same_bits;

namespace {

template <class Layer>
Layer make(typename Layer::Config config) {
  Generator generator(4);
  config.cell.dtype = DType::f64;
  return Layer(config, generator);
}

Tensor at(const Variable& x, std::int64_t i, std::int64_t j) { return select(select(x.value(), 0, i), 0, j); }
Tensor first_half(const Tensor& x) { return slice(x, -1, 0, x.size(-1) / 2); }
Tensor second_half(const Tensor& x) { return slice(x, -1, x.size(-1) / 2, to_end); }

}  // namespace

TEMPLATE_TEST_CASE("both directions with the same weights mirror a palindrome, padded or not", "[nn][rnn]", nn::Rnn,
                   nn::Lstm, nn::Gru) {
  TestType layer = make<TestType>({.cell = {.input = 1, .hidden = 3}, .bidirectional = true});
  layer.cells[1] = layer.cells[0];  // its biases are not 0
  const Variable row(tensor({2, 4, 2, 0, 0, 0}, {1, 6, 1}, DType::f64)),
      alone(tensor({2, 4, 2}, {1, 3, 1}, DType::f64));
  const Variable output = layer.forward({.x = row, .lengths = {3}}).output;
  for (std::int64_t t = 0; t < 3; ++t)
    CHECK(same_bits(first_half(at(output, 0, t)).clone(), second_half(at(output, 0, 2 - t)).clone()));
  CHECK(same_bits(slice(output.value(), 1, 0, 3).clone(), layer.forward({.x = alone}).output.value()));
}

TEMPLATE_TEST_CASE("a final state is the output at the last token of its direction", "[nn][rnn]", nn::Rnn, nn::Gru) {
  const TestType layer = make<TestType>({.cell = {.input = 2, .hidden = 3}, .bidirectional = true});
  test::Numbers numbers(1);
  const auto read = layer.forward({.x = Variable(numbers.uniform({2, 5, 2})), .lengths = {2, 5}});
  for (std::int64_t b : {0, 1}) {
    CHECK(same_bits(at(read.final_state, 0, b).clone(), first_half(at(read.output, b, b == 0 ? 1 : 4)).clone()));
    CHECK(same_bits(at(read.final_state, 1, b).clone(), second_half(at(read.output, b, 0)).clone()));
  }
}

TEST_CASE("a length of 0 leaves the state, and its gradient passes through", "[nn][rnn]") {
  const nn::Lstm lstm = make<nn::Lstm>({.cell = {.input = 2, .hidden = 3}});
  test::Numbers numbers(2);
  const Tensor x = numbers.uniform({2, 3, 2});
  const Variable h(numbers.uniform({1, 2, 3}), true), c(numbers.uniform({1, 2, 3}), true);
  const auto read = lstm.forward({.x = Variable(x), .lengths = {0, 3}, .initial_state = {h, c}});
  CHECK(same_bits(select(read.output.value(), 0, 0).clone(), zeros({3, 3}, DType::f64)));
  CHECK(same_bits(at(read.final_state.h, 0, 0).clone(), at(h, 0, 0).clone()));
  CHECK(same_bits(at(read.final_state.c, 0, 0).clone(), at(c, 0, 0).clone()));
  const auto alone =
      lstm.forward({.x = Variable(slice(x, 0, 1, 2)), .initial_state = {slice(h, 1, 1, 2), slice(c, 1, 1, 2)}});
  CHECK(test::difference(slice(read.output.value(), 0, 1, 2), test::to_array(alone.output.value()), 4) == "");
  const Tensor dh = numbers.uniform({1, 2, 3});
  backward(read.final_state.h, dh);
  CHECK(same_bits(at(Variable(h.grad()), 0, 0).clone(), at(Variable(dh), 0, 0).clone()));
  CHECK(same_bits(at(Variable(c.grad()), 0, 0).clone(), zeros({3}, DType::f64)));
}

TEMPLATE_TEST_CASE("rows of the final states belong to the rows of the batch", "[nn][rnn]", nn::Rnn, nn::Gru) {
  const TestType layer = make<TestType>({.cell = {.input = 2, .hidden = 3}, .layers = 2, .bidirectional = true});
  test::Numbers numbers(3);
  const Tensor x = numbers.uniform({3, 4, 2});
  Tensor changed = x.clone(), row = select(changed, 0, 1);
  fill(row, 0.5);
  const Variable before = layer.forward({.x = Variable(x)}).final_state,
                 after = layer.forward({.x = Variable(changed)}).final_state;
  REQUIRE(before.shape() == Shape{4, 3, 3});
  for (std::int64_t cell = 0; cell < 4; ++cell)
    for (std::int64_t b = 0; b < 3; ++b)
      CHECK(same_bits(at(before, cell, b).clone(), at(after, cell, b).clone()) == (b != 1));
}

TEMPLATE_TEST_CASE("four layers in both directions pass gradcheck", "[nn][rnn]", nn::Rnn, nn::Lstm, nn::Gru) {
  const TestType layer = make<TestType>({.cell = {.input = 2, .hidden = 2}, .layers = 4, .bidirectional = true});
  test::Numbers numbers(4);
  const auto read = [](const TestType& probe, std::span<const Variable> inputs) {
    return probe.forward({.x = inputs[0], .lengths = {3, 1}}).output;
  };
  CHECK(test::module_gradcheck(layer, {numbers.uniform({2, 3, 2})}, read) == "");
}

TEST_CASE("dropout stands between layers, and nowhere else", "[nn][rnn]") {
  const nn::Gru two = make<nn::Gru>({.cell = {.input = 2, .hidden = 3}, .layers = 2, .dropout = 1});
  test::Numbers numbers(5);
  const Variable x(numbers.uniform({2, 4, 2}));
  Generator generator(1);
  const auto trained = two.forward({.x = x, .dropout = &generator}), evaluated = two.forward({.x = x});
  nn::Gru upper = make<nn::Gru>({.cell = {.input = 3, .hidden = 3}});
  upper.cells[0] = two.cells[1];
  CHECK(same_bits(trained.output.value(), upper.forward({.x = Variable(zeros({2, 4, 3}, DType::f64))}).output.value()));
  CHECK(same_bits(select(trained.final_state.value(), 0, 0).clone(),
                  select(evaluated.final_state.value(), 0, 0).clone()));
  CHECK_FALSE(same_bits(trained.output.value(), evaluated.output.value()));

  const nn::Gru one = make<nn::Gru>({.cell = {.input = 2, .hidden = 3}, .dropout = 1});
  CHECK(same_bits(one.forward({.x = x, .dropout = &generator}).output.value(), one.forward({.x = x}).output.value()));
  CHECK(test::refused<Error>([] { make<nn::Gru>({.cell = {.input = 2, .hidden = 3}, .dropout = 1.5}); }) ==
        "gru: p is 1.5, expected 0 <= p <= 1");
}

TEST_CASE("chunks of a sequence with the state carried over are the sequence", "[nn][rnn]") {
  const std::int64_t batch = GENERATE(1, 3), hidden = GENERATE(3, 40);
  const nn::Lstm lstm = make<nn::Lstm>({.cell = {.input = 2, .hidden = hidden}, .layers = 2});
  test::Numbers numbers(6);
  const Variable x(numbers.uniform({batch, 64, 2}), true);
  const Tensor whole = lstm.forward({.x = x}).output.value();
  nn::LstmCell::State state;
  const std::int64_t chunk = batch == 1 ? 8 : 7;  // one row in all, the 64th alone, is multiplied in another order
  for (std::int64_t begin = 0; begin < 64; begin += chunk) {
    const std::int64_t end = std::min<std::int64_t>(begin + chunk, 64);
    const auto read = lstm.forward({.x = slice(x, 1, begin, end), .initial_state = state});
    CAPTURE(begin);
    CHECK(same_bits(read.output.value(), slice(whole, 1, begin, end).clone()));
    x.set_grad({});
    backward(sum(read.output));
    const Tensor earlier = slice(x.grad(), 1, 0, begin).clone();
    CHECK(same_bits(earlier, zeros(earlier.shape(), DType::f64)));
    state = {read.final_state.h.detach(), read.final_state.c.detach()};
  }
}

TEST_CASE("a forget bias is added to the bias that remembers", "[nn][rnn]") {
  Generator one(3), other(3);
  const nn::LstmCell plain({.input = 2, .hidden = 2}, one), biased({.input = 2, .hidden = 2, .forget_bias = 1}, other);
  const test::Array a = test::to_array(plain.bias_ih.value()), b = test::to_array(biased.bias_ih.value());
  for (std::int64_t i = 0; i < 8; ++i) CHECK(b[{i}] - a[{i}] == Approx(i / 2 == 1 ? 1 : 0).margin(1e-7));
  CHECK(same_bits(plain.bias_hh.value(), biased.bias_hh.value()));
  CHECK(test::refused<Error>([&] { nn::LstmCell({.input = 2, .hidden = 2, .bias = false, .forget_bias = 1}, one); }) ==
        "lstm: a forget_bias needs a bias");
}
