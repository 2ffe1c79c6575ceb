// Relative positions of Shaw et al. against attention with a key and a value for every pair.
#include "heed/nn/positions/relative.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/mask.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::RelativePositions;

namespace {

constexpr std::int64_t B = 2, H = 2, T = 3, S = 7, K = 4, D = 5;

RelativePositions make(std::int64_t clip, std::int64_t value = D) {
  Generator generator(1);
  return {{.clip = clip, .key = K, .value = value, .dtype = DType::f64}, generator};
}

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-13 / std::numeric_limits<double>::epsilon(), 1);
}

// Equations 3 and 4 as they stand: a[t, s] gathered for every pair, by plain loops for the numbers of the vectors.
Variable by_pairs(const RelativePositions& layer, const Variable& q, const Variable& k, const Variable& v,
                  std::int64_t first, const Tensor& mask = {}) {
  const std::int64_t queries = q.size(2), keys = k.size(2), clip = layer.key.size(0) / 2;
  Tensor numbers = zeros({queries, keys}, DType::i64);
  for (std::int64_t t = 0; t < queries; ++t)
    for (std::int64_t s = 0; s < keys; ++s)
      numbers.mutable_data<std::int64_t>()[t * keys + s] = std::max(-clip, std::min(clip, s - (first + t))) + clip;
  const Variable pair_keys = unsqueeze(k, 2) + index_select(layer.key, 0, numbers);  // [B, H, T, S, K]
  const Variable scores = sum(unsqueeze(q, 3) * pair_keys, 4) / std::sqrt(static_cast<double>(q.size(3)));
  const Variable weights = softmax(scores, mask);
  Variable pair_values = expand(unsqueeze(v, 2), {v.size(0), v.size(1), queries, keys, v.size(3)});
  if (layer.value.defined()) pair_values = pair_values + index_select(layer.value, 0, numbers);
  return sum(unsqueeze(weights, 4) * pair_values, 3);
}

struct Attended {
  Variable q, k, v;
};

Attended inputs(std::uint64_t seed, std::int64_t queries = T, std::int64_t keys = S) {
  test::Numbers numbers(seed);
  const Tensor q = numbers.uniform({B, H, queries, K}), k = numbers.uniform({B, H, keys, K}),
               v = numbers.uniform({B, H, keys, D});
  return {Variable(q, true), Variable(k, true), Variable(v, true)};
}

}  // namespace

TEST_CASE("relative positions are a key and a value for every pair", "[nn][positions]") {
  const Attended in = inputs(1);
  for (const std::int64_t clip : {1, 2, 6, 20})
    for (const std::int64_t value : {D, std::int64_t{0}}) {
      const RelativePositions layer = make(clip, value);
      CHECK(far(layer.attend(in.q, in.k, in.v).value(), by_pairs(layer, in.q, in.k, in.v, S - T).value()) == "");
      CHECK(far(layer.attend(in.q, in.k, in.v, {.causal_offset = 0}).value(),
                by_pairs(layer, in.q, in.k, in.v, 0).value()) == "");
      CHECK(far(layer.attend(in.q, in.k, in.v, {.causal = true}).value(),
                by_pairs(layer, in.q, in.k, in.v, S - T, nn::causal_mask(T, S)).value()) == "");
    }
}

TEST_CASE("relative positions pass gradcheck", "[nn][positions]") {
  const Attended in = inputs(2);
  const Tensor mask = tensor({1, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1}, {T, S}, DType::boolean);
  for (const std::int64_t value : {D, std::int64_t{0}})
    for (const double dropout : {0.0, 0.5}) {
      const auto run = [&](const RelativePositions& probe, std::span<const Variable> x) {
        Generator generator(3);
        return probe.attend(x[0], x[1], x[2], {.mask = mask, .dropout = dropout, .generator = &generator});
      };
      CHECK(test::module_gradcheck(make(2, value), {in.q.value(), in.k.value(), in.v.value()}, run) == "");
    }
}

TEST_CASE("relative positions of queries after a cache are the last rows", "[nn][positions]") {  // traps: A4
  const Attended in = inputs(3, S);
  const RelativePositions layer = make(2);
  const Tensor all = layer.attend(in.q, in.k, in.v, {.causal = true}).value();
  for (std::int64_t keys = 1; keys <= S; ++keys)
    for (std::int64_t queries = 1; queries <= std::min<std::int64_t>(3, keys); ++queries) {
      const Variable found = layer.attend(slice(in.q, 2, keys - queries, keys), slice(in.k, 2, 0, keys),
                                          slice(in.v, 2, 0, keys), {.causal = true});
      CHECK(far(found.value(), slice(all, 2, keys - queries, keys)) == "");
    }
}

TEST_CASE("relative attention reads nothing that is masked, and of nothing gives 0", "[nn][positions]") {
  const RelativePositions layer = make(2);
  const Tensor mask = tensor({1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {B, 1, 1, S}, DType::boolean);
  const auto run = [&](double garbage) {
    const Attended in = inputs(4);
    for (const Variable* x : {&in.k, &in.v}) {
      Tensor hidden = slice(x->value(), 2, 3, S), nothing = slice(x->value(), 0, 1, 2);
      fill(hidden, garbage), fill(nothing, garbage);
    }
    for (const Variable& parameter : nn::parameters(layer)) parameter.set_grad({});
    const Variable y = layer.attend(in.q, in.k, in.v, {.mask = mask});
    test::Numbers numbers(5);
    backward(y, numbers.uniform(y.shape()));
    return std::vector<Tensor>{y.value().contiguous(),   in.q.grad().contiguous(), in.k.grad().contiguous(),
                               in.v.grad().contiguous(), layer.key.grad(),         layer.value.grad()};
  };
  const std::vector<Tensor> wanted = run(0), got = run(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(test::same_bits(got[i], wanted[i]));
  for (std::size_t i = 0; i < 4; ++i) CHECK(norm(slice(wanted[i], 0, 1, 2)) == 0);
}

TEST_CASE("relative positions take grouped heads, and drop the weights that attention drops", "[nn][positions]") {
  const RelativePositions layer = make(2);
  const Attended in = inputs(6);
  const Variable k = slice(in.k, 1, 0, 1), v = slice(in.v, 1, 0, 1);
  const auto repeated = [](const Variable& x) { return expand(x, {B, H, x.size(2), x.size(3)}); };
  CHECK(far(layer.attend(in.q, k, v).value(), layer.attend(in.q, repeated(k), repeated(v)).value()) == "");
  const Variable value_vectors = layer.value;  // each the same: what is added is what is left of the weights
  Tensor numbers = value_vectors.value();
  fill(numbers, 3);
  Generator first(7), second(7);
  const Variable ones_of_all(ones({B, H, S, D}, DType::f64));
  const Tensor added =
      layer.attend(in.q, in.k, Variable(zeros({B, H, S, D}, DType::f64)), {.dropout = 0.5, .generator = &first})
          .value();
  const Tensor plain =
      scaled_dot_product_attention(in.q, in.k, ones_of_all, layer.bias(in.q, S), {.dropout = 0.5, .generator = &second})
          .value();
  CHECK(far(added, plain * 3.0) == "");
  CHECK(first.counter() == second.counter());
}

TEST_CASE("relative positions refuse what does not fit", "[nn][positions]") {
  const RelativePositions layer = make(2), scores_only = make(2, 0);
  const Attended in = inputs(8);
  const auto shape = [](const auto& call) { return test::refused<ShapeError>(call); };
  CHECK(shape([&] { layer.attend(in.v, in.k, in.v); }).starts_with("relative positions: K differs"));
  CHECK(shape([&] { layer.attend(in.q, in.k, in.k); }).starts_with("relative positions: D differs"));
  CHECK(shape([&] { layer.attend(in.q, in.k, slice(in.v, 2, 0, 3)); }).starts_with("relative positions: S differs"));
  CHECK(shape([&] { layer.bias(in.v, S); }).starts_with("relative positions: K differs"));
  CHECK(shape([&] { layer.bias(in.q, -1); }) == "relative positions: 3 queries and -1 keys, expected at least 0");
  CHECK(shape([&] { scores_only.context(in.q); }).starts_with("relative positions: value is undefined"));
  CHECK(shape([] { RelativePositions({.key = 3}, nn::ParameterSource::zeros()); }) ==
        "relative positions: clip is 0, expected at least 1");
  CHECK(shape([] { RelativePositions({.clip = 1, .key = 3, .value = -1}, nn::ParameterSource::zeros()); }) ==
        "relative positions: value is -1, expected at least 1");
  CHECK_THROWS_AS(layer.bias(in.q, S, {}, std::int64_t{1} << 40), IndexError);
  CHECK_THROWS_AS(layer.attend(Variable(zeros({B, H, T, K})), in.k, in.v), DTypeError);
  CHECK(layer.attend(slice(in.q, 2, 0, 0), in.k, in.v).shape() == Shape{B, H, 0, D});
  CHECK(norm(layer.attend(in.q, slice(in.k, 2, 0, 0), slice(in.v, 2, 0, 0)).value()) == 0);
  CHECK(nn::state_dict(layer).size() == 2);
  CHECK(nn::state_dict(scores_only).size() == 1);
}
