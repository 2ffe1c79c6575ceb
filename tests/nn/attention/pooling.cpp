// Attention pooling: what its weights are made of, masks, gradients.
#include "heed/nn/attention/pooling.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::AttentionPooling;
using nn::PoolingOutput;

namespace {

constexpr std::int64_t B = 3, S = 4, D = 3, A = 5;

AttentionPooling make(std::uint64_t seed) {
  Generator generator(seed);
  AttentionPooling pooling({.input = D, .hidden = A, .dtype = DType::f64}, generator);
  pooling.v = nn::Parameter(uniform(generator, {A}, -1.5, 1.5, DType::f64));
  return pooling;
}

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

}  // namespace

TEST_CASE("attention pooling is v·tanh(Wx + b), softmax, and the sum of the inputs", "[nn][attention]") {
  const AttentionPooling pooling = make(1);
  test::Numbers numbers(1);
  const Tensor x = numbers.uniform({1, S, D});
  const PoolingOutput found = pooling.forward(Variable(x));
  const test::Array in = test::to_array(x), W = test::to_array(pooling.projection.weight.value()),
                    b = test::to_array(pooling.projection.bias.value()), v = test::to_array(pooling.v.value());
  std::vector<double> e(S, 0.0);
  double total = 0;
  for (std::int64_t s = 0; s < S; ++s) {
    double score = 0;
    for (std::int64_t a = 0; a < A; ++a) {
      double h = b[{a}];
      for (std::int64_t d = 0; d < D; ++d) h += W[{a, d}] * in[{0, s, d}];
      score += v[{a}] * std::tanh(h);
    }
    total += e[static_cast<std::size_t>(s)] = std::exp(score);
  }
  const test::Array weights = test::to_array(found.weights.value()), context = test::to_array(found.context.value());
  for (std::int64_t s = 0; s < S; ++s)
    CHECK(std::abs(weights[{0, s}] - e[static_cast<std::size_t>(s)] / total) < 1e-14);
  for (std::int64_t d = 0; d < D; ++d) {
    double sum = 0;
    for (std::int64_t s = 0; s < S; ++s) sum += e[static_cast<std::size_t>(s)] / total * in[{0, s, d}];
    CHECK(std::abs(context[{0, d}] - sum) < 1e-14);
  }
}

TEST_CASE("attention pooling is additive attention with a query of no weight", "[nn][attention]") {
  AttentionPooling pooling = make(2);
  pooling.projection.bias = nn::Parameter(zeros({A}, DType::f64));
  nn::AdditiveAttention additive({.query = 2, .key = D, .hidden = A, .dtype = DType::f64},
                                 nn::ParameterSource::zeros());
  additive.score.key_weight = nn::Parameter(pooling.projection.weight.value());
  additive.score.v = nn::Parameter(pooling.v.value());
  test::Numbers numbers(2);
  const Tensor x = numbers.uniform({B, S, D}), mask = numbers.mask({B, 1, S});
  const PoolingOutput found = pooling.forward(Variable(x), mask);
  const auto wanted =
      additive.forward({.query = Variable(numbers.uniform({B, 1, 2})), .key = Variable(x), .mask = mask});
  CHECK(far(found.weights.value(), squeeze(wanted.weights.value(), 1)) == "");
  CHECK(far(found.context.value(), squeeze(wanted.context.value(), 1)) == "");
}

TEST_CASE("two equal words and two pads weigh 0.5, 0.5, 0, 0", "[nn][attention]") {  // a pad's score is not 0
  AttentionPooling pooling = make(3);
  pooling.v = nn::Parameter(zeros({A}, DType::f64));
  test::Numbers numbers(3);
  const Tensor x = numbers.uniform({1, S, D});
  const PoolingOutput found = pooling.forward(Variable(x), nn::length_mask(std::vector<std::int64_t>{2}, S));
  CHECK(test::same_bits(found.weights.value(), tensor({0.5, 0.5, 0.0, 0.0}, {1, S}, DType::f64)));
  CHECK(far(found.context.value(), mean(slice(x, 1, 0, 2), Axes{1})) == "");
}

TEST_CASE("pooling reads nothing that is masked, and nothing gives 0", "[nn][attention]") {
  const AttentionPooling pooling = make(4);
  test::Numbers numbers(4);
  Tensor x = numbers.uniform({B, S, D});
  const std::vector<std::int64_t> lengths{2, 0, 4};
  const Tensor mask = nn::length_mask(lengths, S);
  const auto run = [&] {
    for (const Variable& parameter : nn::parameters(pooling)) parameter.set_grad({});
    const Variable in(x, true);
    const PoolingOutput found = pooling.forward(in, mask);
    test::Numbers cotangent(9);
    backward(sum(found.context * Variable(cotangent.uniform({B, D}))) +
             sum(found.weights * Variable(cotangent.uniform({B, S}))));
    std::vector<Tensor> results{found.context.value(), found.weights.value(), in.grad()};
    for (const Variable& parameter : nn::parameters(pooling)) results.push_back(parameter.grad());
    return results;
  };
  const std::vector<Tensor> wanted = run();
  for (std::size_t i = 0; i < 3; ++i) {
    const Tensor row = select(wanted[i], 0, 1).clone();
    CHECK(test::same_bits(row, zeros(row.shape(), DType::f64)));
  }
  for (double garbage : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    for (std::int64_t b = 0; b < B; ++b) {
      Tensor beyond = slice(select(x, 0, b), 0, lengths[static_cast<std::size_t>(b)], to_end);
      fill(beyond, garbage);
    }
    const std::vector<Tensor> got = run();
    for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(test::same_bits(got[i], wanted[i]));
  }
}

TEST_CASE("attention pooling passes gradcheck", "[nn][attention]") {
  test::Numbers numbers(5);
  for (const Tensor& mask : {Tensor(), nn::length_mask(std::vector<std::int64_t>{2, 0, 4}, S)}) {
    const auto both = [&](const AttentionPooling& probe, std::span<const Variable> inputs) {
      const PoolingOutput found = probe.forward(inputs[0], mask);
      return concat({reshape(found.context, {-1}), reshape(found.weights, {-1})}, 0);
    };
    CHECK(test::module_gradcheck(make(5), {numbers.uniform({B, S, D})}, both) == "");
  }
}

TEST_CASE("attention pooling refuses what does not fit", "[nn][attention]") {
  const AttentionPooling pooling = make(6);
  const auto message = [](const auto& call) { return test::refused<ShapeError>(call); };
  CHECK(message([&] {
          pooling.forward(Variable(zeros({B, S, D + 1}, DType::f64)));
        }).starts_with("attention pooling: D differs: x axis -1 = 4, projection.weight axis -1 = 3"));
  CHECK(message([&] {
          pooling.forward(Variable(zeros({B, S, D}, DType::f64)), ones({B, S}, DType::boolean));
        }).starts_with("attention pooling: mask has rank 2, expected 3"));
  CHECK(message([&] { AttentionPooling({.input = 3}, nn::ParameterSource::zeros()); }) ==
        "attention pooling: hidden is 0, expected at least 1");
}
