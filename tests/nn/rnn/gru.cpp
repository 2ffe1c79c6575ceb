// Gru: a batch is its examples, padding is nothing, gradients are derivatives. Parity with PyTorch: tests/parity.
#include "heed/nn/rnn/gru.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/embedding.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/temporary_folder.h"

using namespace heed;
using nn::Gru;

namespace {

using Lengths = std::vector<std::int64_t>;

Gru make(Gru::Config config, std::uint64_t seed = 1) {
  Generator generator(seed);
  config.cell.dtype = DType::f64;
  return Gru(config, generator);
}

Gru make_deep(GruReset reset) {
  return make({.cell = {.input = 3, .hidden = 4, .reset = reset}, .layers = 2, .bidirectional = true});
}

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

// One number that depends on all results, each with a weight of its own.
Variable weighed(const Gru::Output& read, const Tensor& output_weights, const Tensor& last_weights) {
  return sum(read.output * Variable(output_weights)) + sum(read.final_state * Variable(last_weights));
}

void clear(const Gru& gru) {
  for (const Variable& parameter : nn::parameters(gru)) parameter.set_grad({});
}

std::vector<Tensor> gradients_of(const Gru& gru) {
  std::vector<Tensor> result;
  for (const Variable& parameter : nn::parameters(gru)) result.push_back(parameter.grad());
  return result;
}

}  // namespace

TEST_CASE("a batch of mixed lengths equals each example alone", "[nn][rnn][gru]") {
  const GruReset reset = GENERATE(GruReset::after, GruReset::before);
  const Gru gru = make_deep(reset);
  const Lengths lengths{3, 6, 1, 4};
  test::Numbers numbers(2);
  const Variable x(numbers.uniform({4, 6, 3}), true), initial(numbers.uniform({4, 4, 4}), true);
  const Tensor dy = numbers.uniform({4, 6, 8}), dh = numbers.uniform({4, 4, 4});
  const Gru::Output read = gru.forward({.x = x, .lengths = lengths, .initial_state = initial});
  backward(weighed(read, dy, dh));
  const std::vector<Tensor> together = gradients_of(gru);

  clear(gru);
  for (std::int64_t b = 0; b < 4; ++b) {
    CAPTURE(b);
    const std::int64_t length = lengths[static_cast<std::size_t>(b)];
    const auto row = [&](const Tensor& t) { return slice(slice(t, 0, b, b + 1), 1, 0, length); };
    const auto state = [&](const Tensor& t) { return slice(t, 1, b, b + 1); };
    const Variable x_alone(row(x.value()).clone(), true), initial_alone(state(initial.value()).clone(), true);
    const Gru::Output alone = gru.forward({.x = x_alone, .initial_state = initial_alone});
    CHECK(far(row(read.output.value()), alone.output.value()) == "");
    CHECK(far(state(read.final_state.value()), alone.final_state.value()) == "");
    backward(weighed(alone, row(dy), state(dh)));
    CHECK(far(row(x.grad()), x_alone.grad()) == "");
    CHECK(far(state(initial.grad()), initial_alone.grad()) == "");

    const Tensor beyond = slice(slice(read.output.value(), 0, b, b + 1), 1, length, to_end);
    CHECK(test::same_bits(beyond, zeros(beyond.shape(), DType::f64)));
    const Tensor beyond_grad = slice(slice(x.grad(), 0, b, b + 1), 1, length, to_end);
    CHECK(test::same_bits(beyond_grad, zeros(beyond_grad.shape(), DType::f64)));
  }
  const std::vector<Tensor> apart = gradients_of(gru);  // added up over the four
  for (std::size_t i = 0; i < apart.size(); ++i) CHECK(far(together[i], apart[i]) == "");
}

TEST_CASE("the backward direction starts at the last real token", "[nn][rnn][gru]") {
  const Gru both = make({.cell = {.input = 3, .hidden = 4}, .bidirectional = true});
  Gru one = make({.cell = {.input = 3, .hidden = 4}}, 2);
  one.cells[0] = both.cells[1];
  test::Numbers numbers(3);
  const Tensor x = numbers.uniform({1, 6, 3});
  const Gru::Output read = both.forward({.x = Variable(x), .lengths = {4}});
  const Gru::Output mirrored = one.forward({.x = Variable(slice(x, 1, -3, -7, -1))});  // tokens 3, 2, 1, 0
  const Tensor reverse_half = slice(slice(read.output.value(), 2, 4, 8), 1, 0, 4);
  CHECK(far(slice(reverse_half, 1, -1, -5, -1), mirrored.output.value()) == "");
  CHECK(far(select(read.final_state.value(), 0, 1), select(mirrored.final_state.value(), 0, 0)) == "");
  CHECK(far(select(read.final_state.value(), 0, 1), select(reverse_half, 1, 0)) == "");
}

TEST_CASE("what stands beyond an example's length has no influence", "[nn][rnn][gru]") {
  const GruReset reset = GENERATE(GruReset::after, GruReset::before);
  const Gru gru = make_deep(reset);
  const Lengths lengths{2, 5, 0, 3};
  test::Numbers numbers(4);
  const Tensor clean = numbers.uniform({4, 5, 3}), dy = numbers.uniform({4, 5, 8}), dh = numbers.uniform({4, 4, 4});
  const auto run = [&](double padding) {
    Tensor x = clean.clone();
    for (std::int64_t b = 0; b < 4; ++b) {
      Tensor beyond = slice(select(x, 0, b), 0, lengths[static_cast<std::size_t>(b)], to_end);
      fill(beyond, padding);
    }
    clear(gru);
    const Variable input(x, true);
    const Gru::Output read = gru.forward({.x = input, .lengths = lengths});
    backward(weighed(read, dy, dh));
    std::vector<Tensor> results = gradients_of(gru);
    results.insert(results.end(), {read.output.value(), read.final_state.value(), input.grad()});
    return results;
  };
  const std::vector<Tensor> wanted = run(0);
  for (double padding : {1e300, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    CAPTURE(padding);
    const std::vector<Tensor> got = run(padding);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      CAPTURE(i);
      CHECK(test::same_bits(got[i], wanted[i]));
    }
  }
}

TEST_CASE("padding ids are not learnt from", "[nn][rnn][gru]") {
  Generator generator(5);
  const nn::Embedding embedding({.num_embeddings = 6, .embedding_dim = 3, .dtype = DType::f64}, generator);
  const Gru gru = make_deep(GruReset::before);
  const auto read = [&](std::initializer_list<double> ids) {
    embedding.weight.set_grad({});
    const Gru::Output out = gru.forward({.x = embedding.forward(tensor(ids, {2, 4}, DType::i64)), .lengths = {2, 3}});
    backward(sum(out.output * out.output) + sum(out.final_state));
    return std::pair(out, embedding.weight.grad());
  };
  const auto [zero_padded, gradient] = read({1, 2, 0, 0, 3, 4, 1, 0});
  const auto [garbage_padded, garbage_gradient] = read({1, 2, 5, 3, 3, 4, 1, 5});
  CHECK(test::same_bits(zero_padded.output.value(), garbage_padded.output.value()));
  CHECK(test::same_bits(zero_padded.final_state.value(), garbage_padded.final_state.value()));
  CHECK(test::same_bits(gradient, garbage_gradient));
  CHECK(test::same_bits(select(gradient, 0, 5), zeros({3}, DType::f64)));
}

TEST_CASE("an example of length 0 keeps its initial state", "[nn][rnn][gru]") {
  const Gru gru = make({.cell = {.input = 3, .hidden = 4}, .layers = 2, .bidirectional = true});
  test::Numbers numbers(6);
  const Tensor initial = numbers.uniform({4, 2, 4});
  for (std::int64_t other : {0, 3}) {
    const Gru::Output read = gru.forward(
        {.x = Variable(numbers.uniform({2, 3, 3})), .lengths = {0, other}, .initial_state = Variable(initial)});
    CHECK(test::same_bits(select(read.final_state.value(), 1, 0), select(initial, 1, 0)));
    CHECK(test::same_bits(select(read.output.value(), 0, 0), zeros({3, 8}, DType::f64)));
  }
}

TEST_CASE("one step of a layer is its cell", "[nn][rnn][gru]") {
  const GruReset reset = GENERATE(GruReset::after, GruReset::before);
  const Gru gru = make({.cell = {.input = 3, .hidden = 4, .reset = reset}});
  test::Numbers numbers(7);
  const Variable x(numbers.uniform({2, 3})), h(numbers.uniform({2, 4}));
  const Variable wanted = gru.cells[0].forward(x, h);
  CHECK(test::same_bits(wanted.value(), gru.cells[0].step(gru.cells[0].gates(x), h).value()));
  const Gru::Output read = gru.forward({.x = unsqueeze(x, 1), .initial_state = unsqueeze(h, 0)});
  CHECK(far(select(read.output.value(), 1, 0), wanted.value()) == "");
  CHECK(far(select(read.final_state.value(), 0, 0), wanted.value()) == "");
}

TEST_CASE("no examples at all", "[nn][rnn][gru]") {
  const Gru::Output read = make_deep(GruReset::after).forward({.x = Variable(zeros({0, 2, 3}, DType::f64))});
  CHECK(read.output.shape() == Shape{0, 2, 8});
  CHECK(read.final_state.shape() == Shape{4, 0, 4});
}

TEST_CASE("Gru over no time gives an empty output and the initial state", "[nn][rnn][gru]") {
  const Gru gru = make_deep(GruReset::after);
  test::Numbers numbers(9);
  const Variable initial(numbers.uniform({4, 3, 4}), true), x(zeros({3, 0, 3}, DType::f64), true);
  for (const Lengths& lengths : {Lengths{}, Lengths{0, 0, 0}}) {
    const Gru::Output read = gru.forward({.x = x, .lengths = lengths, .initial_state = initial});
    CHECK(read.output.shape() == Shape{3, 0, 8});
    CHECK(far(read.final_state.value(), initial.value()) == "");
  }
  backward(gru.forward({.x = x, .initial_state = initial}).final_state, ones({4, 3, 4}, DType::f64));
  CHECK(far(initial.grad(), ones({4, 3, 4}, DType::f64)) == "");
  backward(sum(gru.forward({.x = x}).output));  // a loss of nothing still has a gradient
  CHECK(x.grad().shape() == Shape{3, 0, 3});
  CHECK(far(gru.cells[2].weight_ih.grad(), zeros({12, 8}, DType::f64)) == "");
  CHECK(far(gru.forward({.x = x}).final_state.value(), zeros({4, 3, 4}, DType::f64)) == "");
}

TEST_CASE("Gru passes gradcheck through all inputs and parameters", "[nn][rnn][gru]") {
  const GruReset reset = GENERATE(GruReset::after, GruReset::before);
  const bool bias = GENERATE(true, false);
  const Gru gru =
      make({.cell = {.input = 2, .hidden = 3, .bias = bias, .reset = reset}, .layers = 2, .bidirectional = true});
  test::Numbers numbers(8);
  const auto read = [](const Gru& probe, std::span<const Variable> inputs) {
    const Gru::Output out = probe.forward({.x = inputs[0], .lengths = {3, 1, 0}, .initial_state = inputs[1]});
    return concat({reshape(out.output, {-1}), reshape(out.final_state, {-1})}, 0);
  };
  CHECK(test::module_gradcheck(gru, {numbers.uniform({3, 3, 2}), numbers.uniform({4, 3, 3})}, read) == "");
}

TEST_CASE("Gru refuses what does not fit", "[nn][rnn][gru]") {
  const Gru gru = make({.cell = {.input = 3, .hidden = 4}});
  const auto read = [&](const Shape& x, const Lengths& lengths, const Variable& initial) {
    (void)gru.forward({.x = Variable(zeros(x, DType::f64)), .lengths = lengths, .initial_state = initial});
  };
  CHECK_NOTHROW(read({2, 5, 3}, {5, 1}, Variable(zeros({1, 2, 4}, DType::f64))));
  CHECK(test::message_of<ShapeError>([&] { read({2, 5, 4}, {}, {}); }) == "gru: x is [2, 5, 4], expected [B, T, 3]");
  CHECK_THROWS_AS(read({5, 3}, {}, {}), ShapeError);
  CHECK(test::message_of<ShapeError>([&] { read({2, 0, 3}, {0, 1}, {}); }) ==
        "gru: length 1 of example 1 is outside [0, 0]");
  CHECK_THROWS_AS(read({2, 5, 3}, {5}, {}), ShapeError);
  CHECK_THROWS_AS(read({2, 5, 3}, {5, 6}, {}), ShapeError);
  CHECK_THROWS_AS(read({2, 5, 3}, {}, Variable(zeros({2, 4}, DType::f64))), ShapeError);
  CHECK_THROWS_AS(read({2, 5, 3}, {}, Variable(zeros({2, 2, 4}, DType::f64))), ShapeError);  // of two layers
  CHECK_THROWS_AS(read({2, 5, 3}, {}, Variable(zeros({1, 2, 4}))), DTypeError);
  CHECK_THROWS_AS(gru.forward({.x = Variable(zeros({2, 5, 3}))}), DTypeError);

  const auto made = [](const Gru::Config& config) { return test::message_of<ShapeError>([&] { make(config); }); };
  CHECK(made({.cell = {.input = 3, .hidden = 4}, .layers = 0}) == "gru: layers is 0, expected at least 1");
  CHECK(made({.cell = {.input = 0, .hidden = 4}}) == "gru: input is 0, expected at least 1");
  CHECK(made({.cell = {.input = 3, .hidden = -1}}) == "gru: hidden is -1, expected at least 1");
}
