// The user's own cell that docs/models/recurrent_lm.md shows: everything that Recurrent promises holds for it.
#include <cmath>
#include <limits>

#include "recurrent_lm_1.h"  // that page's code, by tests/CMakeLists.txt
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"

namespace {

Leaky make(std::int64_t layers, bool bidirectional, double dropout = 0) {
  Generator generator(1);
  return Leaky({.cell = {.input = 2, .hidden = 3, .dtype = DType::f64},
                .layers = layers,
                .bidirectional = bidirectional,
                .dropout = dropout},
               generator);
}

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

}  // namespace

TEST_CASE("a user's own cell: the page's example runs", "[nn][rnn]") {
  Generator generator(1);
  const Leaky::Output out = read(Variable(normal(generator, {2, 5, 3})), generator);
  CHECK(out.output.shape() == Shape{2, 5, 8});
  CHECK(out.final_state.shape() == Shape{4, 2, 4});
}

TEST_CASE("a user's own cell: one step is its formula", "[nn][rnn]") {
  const Leaky leaky = make(1, false);
  test::Numbers numbers(1);
  const Variable x(numbers.uniform({2, 2})), h(numbers.uniform({2, 3}));
  const LeakyCell& cell = leaky.cells[0];
  const Variable wanted =
      h / 2 + tanh(linear(x, cell.from_input.weight, cell.from_input.bias) + linear(h, cell.from_state.weight)) / 2;
  CHECK(far(cell.forward(x, h).value(), wanted.value()) == "");
}

TEST_CASE("a user's own cell: a batch of mixed lengths is its examples one by one", "[nn][rnn]") {
  const Leaky leaky = make(2, true);
  test::Numbers numbers(2);
  const std::vector<std::int64_t> lengths{2, 4, 0, 3};
  Tensor x = numbers.uniform({4, 4, 2});
  x.mutable_data<double>()[2 * 2] = NAN;  // behind the first example's end
  const Leaky::Output all = leaky.forward({.x = Variable(x), .lengths = lengths});
  for (std::int64_t b = 0; b < 4; ++b) {
    CAPTURE(b);
    const std::int64_t length = lengths[to_size(b)];
    const Leaky::Output one = leaky.forward({.x = Variable(slice(slice(x, 0, b, b + 1), 1, 0, length))});
    const Tensor output = slice(all.output.value(), 0, b, b + 1);
    CHECK(far(slice(output, 1, 0, length), one.output.value()) == "");
    CHECK(far(slice(output, 1, length, 4), zeros({1, 4 - length, 6}, DType::f64)) == "");
    CHECK(far(slice(all.final_state.value(), 1, b, b + 1), one.final_state.value()) == "");
  }
}

TEST_CASE("a user's own cell: gradcheck with layers, directions and lengths", "[nn][rnn]") {
  test::Numbers numbers(3);
  const auto forward = [](const Leaky& probe, std::span<const Variable> inputs) {
    const Leaky::Output out = probe.forward({.x = inputs[0], .lengths = {3, 1, 0}, .initial_state = inputs[1]});
    return concat({reshape(out.output, {-1}), reshape(out.final_state, {-1})}, 0);
  };
  CHECK(test::module_gradcheck(make(2, true), {numbers.uniform({3, 3, 2}), numbers.uniform({4, 3, 3})}, forward) == "");
}

TEST_CASE("a user's own cell: dropout between layers, and a language model", "[nn][rnn]") {
  const Leaky leaky = make(2, false, 1);
  test::Numbers numbers(4);
  const Variable x(numbers.uniform({2, 3, 2}));
  Generator generator(5);
  const Tensor dropped = leaky.forward({.x = x, .dropout = &generator}).output.value();
  Variable state(zeros({2, 3}, DType::f64));
  for (std::int64_t t = 0; t < 3; ++t) {  // what the second layer makes of zeros
    state = leaky.cells[1].forward(Variable(zeros({2, 3}, DType::f64)), state);
    CHECK(far(select(dropped, 1, t), state.value()) == "");
  }
  CHECK_FALSE(test::same_bits(dropped, leaky.forward({.x = x}).output.value()));

  Generator weights(6);
  const models::RecurrentLm<LeakyCell> lm({.vocabulary = 5, .embedding = 2, .hidden = 3}, weights);
  CHECK(lm.forward(zeros({2, 4}, DType::i64)).logits.shape() == Shape{2, 4, 5});
}
