// Encoder layers: what stands where (T1 of the traps), batches of mixed lengths, the causal order, caches, dropout.
// Their numbers beside PyTorch's: tests/parity/transformer.cpp.
#include "heed/nn/transformer/stack.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/no_grad.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/training.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/index.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::TransformerEncoder;
using nn::TransformerEncoderLayer;

namespace {

constexpr std::int64_t B = 2, T = 5, E = 8;

nn::TransformerLayerConfig config(bool norm_first) {
  return {.embed = E, .heads = 2, .feedforward = 6, .dropout = 0, .norm_first = norm_first, .dtype = DType::f64};
}

void set_zero(nn::Linear& layer) {
  layer.weight = nn::Parameter(zeros(layer.weight.shape(), DType::f64));
  layer.bias = nn::Parameter(zeros(layer.bias.shape(), DType::f64));
}

TransformerEncoder make(bool norm_first, double dropout = 0) {
  Generator generator(3);
  nn::TransformerLayerConfig layer = config(norm_first);
  layer.dropout = dropout;
  return {{.layer = layer, .layers = 2, .final_norm = norm_first}, generator};
}

}  // namespace

TEST_CASE("a pre-norm layer that adds nothing is the identity, bit for bit", "[nn][transformer]") {
  Generator generator(1);
  test::Numbers numbers(1);
  TransformerEncoderLayer layer(config(true), generator);
  set_zero(layer.self_attn.out_proj);
  set_zero(layer.feed_forward.linear2);
  const Tensor x = numbers.uniform({B, T, E});
  CHECK(test::same_bits(layer.forward({.x = x}).y.value(), x));
}

TEST_CASE("a post-norm layer's second sum begins with the first norm's result", "[nn][transformer]") {
  Generator generator(1);
  test::Numbers numbers(1);
  TransformerEncoderLayer layer(config(false), generator);
  set_zero(layer.feed_forward.linear2);
  layer.norm1.weight = nn::Parameter(full({E}, 2, DType::f64));
  layer.norm2.weight = nn::Parameter(full({E}, 3, DType::f64));
  const Variable x(numbers.uniform({B, T, E}));
  const Variable wanted = layer.norm2.forward(layer.norm1.forward(x + layer.self_attn.forward({.query = x}).y));
  CHECK(test::same_bits(layer.forward({.x = x}).y.value(), wanted.value()));
}

TEST_CASE("gradients of encoder layers equal differences, with a mask", "[nn][transformer]") {
  test::Numbers numbers(2);
  Generator generator(2);
  const Tensor mask = nn::length_mask(std::vector<std::int64_t>{3, 1}, 3);
  for (const bool norm_first : {false, true}) {
    nn::TransformerLayerConfig small = config(norm_first);
    small.embed = 4, small.feedforward = 3, small.kv_heads = 1;
    small.activation = nn::FeedForwardActivation::gelu;
    const TransformerEncoderLayer layer(small, generator);
    const Variable weight(numbers.uniform({2, 3, 4}));
    const std::vector<Tensor> inputs{numbers.uniform({2, 3, 4}), numbers.uniform({1, 2, 3, 3})};
    CHECK(test::module_gradcheck(layer, inputs, [&](const auto& module, auto x) {
            return sum(module.forward({.x = x[0], .mask = mask, .bias = x[1]}).y * weight);
          }) == "");
  }
}

TEST_CASE("a batch of mixed lengths equals its sequences alone", "[nn][transformer]") {
  test::Numbers numbers(3);
  const TransformerEncoder encoder = make(true);
  const Tensor x = numbers.uniform({2, T, E});
  const std::vector<std::int64_t> lengths{3, T};
  const Tensor y = encoder.forward({.x = x, .mask = nn::length_mask(lengths, T)}).y.value();
  for (const std::int64_t b : {0, 1}) {
    const std::int64_t length = lengths[static_cast<std::size_t>(b)];
    const Tensor own = slice(slice(x, 0, b, b + 1), 1, 0, length);
    CHECK(test::difference(slice(slice(y, 0, b, b + 1), 1, 0, length),
                           test::to_array(encoder.forward({.x = own}).y.value()), 64, 1) == "");
  }
}

TEST_CASE("NaN in the padding of a batch reaches no real position and no gradient", "[nn][transformer]") {
  test::Numbers numbers(3);
  const TransformerEncoder encoder = make(false);
  Tensor x = numbers.uniform({1, T, E});
  Tensor padding = slice(x, 1, 3, T);
  fill(padding, std::numeric_limits<double>::quiet_NaN());
  const Variable leaf(x, true);
  const Variable y =
      slice(encoder.forward({.x = leaf, .mask = nn::length_mask(std::vector<std::int64_t>{3}, T)}).y, 1, 0, 3);
  backward(sum(y * y * y));
  CHECK(all_finite(leaf.grad()));
  for (const Variable& parameter : nn::parameters(encoder)) CHECK(all_finite(parameter.grad()));
}

TEST_CASE("a layer that fails behind its attention takes nothing into the cache", "[nn][transformer]") {
  const NoGrad no_grad;
  TransformerEncoder encoder = make(true, 0.5);
  nn::set_training(encoder.layers[0].self_attn, false);
  nn::KeyValueCache cache = encoder.layers[0].self_attn.make_cache(1, 4);
  CHECK_THROWS_AS(encoder.layers[0].forward({.x = ones({1, 1, E}, DType::f64)}, cache), Error);  // no generator
  CHECK(cache.length() == 0);
}

TEST_CASE("a later token changes no earlier output of a causal stack, bit for bit", "[nn][transformer]") {
  test::Numbers numbers(4);
  for (const bool norm_first : {false, true}) {
    const TransformerEncoder encoder = make(norm_first);
    const Tensor x = numbers.uniform({B, T, E}), other = concat({slice(x, 1, 0, 2), numbers.uniform({B, T - 2, E})}, 1);
    const Tensor a = encoder.forward({.x = x, .causal = true}).y.value(),
                 b = encoder.forward({.x = other, .causal = true}).y.value();
    CHECK(test::same_bits(slice(a, 1, 0, 2), slice(b, 1, 0, 2)));
    CHECK_FALSE(test::same_bits(slice(a, 1, 2, T), slice(b, 1, 2, T)));
  }
}

TEST_CASE("a stack without positions does not see the order of its input", "[nn][transformer]") {
  test::Numbers numbers(4);
  const TransformerEncoder encoder = make(true);
  const Tensor x = numbers.uniform({B, T, E}), order = tensor({3, 0, 4, 1, 2}, {T}, DType::i64);
  const Tensor y = index_select(encoder.forward({.x = x}).y.value(), 1, order);
  CHECK(max(abs(encoder.forward({.x = index_select(x, 1, order)}).y.value() - y)).item() < 1e-13);
}

TEST_CASE("a stack that reads a few positions at a time gives what it gives at once", "[nn][transformer]") {
  const NoGrad no_grad;
  test::Numbers numbers(5);
  const TransformerEncoder encoder = make(true);
  const Tensor x = numbers.uniform({B, T, E});
  const auto whole = encoder.forward({.x = x, .causal = true, .need_weights = true});
  CHECK(whole.layers.size() == 2);
  TransformerEncoder::Cache cache = encoder.make_cache(B, T);
  for (const auto& [begin, end] : {std::pair{0, 2}, {2, 3}, {3, 5}}) {
    const auto part = encoder.forward({.x = slice(x, 1, begin, end), .causal = true, .need_weights = true}, cache);
    CHECK(test::difference(part.y.value(), test::to_array(slice(whole.y.value(), 1, begin, end)), 64, 1) == "");
    CHECK(part.layers[1].weights.shape() == Shape{B, 2, end - begin, end});
  }
  CHECK_THROWS_AS(encoder.forward({.x = slice(x, 1, 0, 1)}, cache), IndexError);
  for (const nn::KeyValueCache& layer : cache) CHECK(layer.length() == T);
}

TEST_CASE("a stack whose cache fails in a later layer takes nothing into the others", "[nn][transformer]") {
  const NoGrad no_grad;
  const TransformerEncoder encoder = make(true);
  TransformerEncoder::Cache cache = encoder.make_cache(B, T);
  cache[1] = encoder.layers[1].self_attn.make_cache(B, 2);
  CHECK_THROWS_AS(encoder.forward({.x = ones({B, 3, E}, DType::f64)}, cache), IndexError);
  CHECK(cache[0].length() == 0);
  // Caches of unequal lengths keep them.
  cache[1] = encoder.layers[1].self_attn.make_cache(B, 2);
  encoder.layers[1].self_attn.forward({.query = ones({B, 1, E}, DType::f64)}, cache[1]);
  CHECK_THROWS_AS(encoder.forward({.x = ones({B, 3, E}, DType::f64)}, cache), IndexError);
  CHECK(cache[0].length() == 0);
  CHECK(cache[1].length() == 1);
  cache.pop_back();
  CHECK_THROWS_AS(encoder.forward({.x = ones({B, 1, E}, DType::f64)}, cache), ShapeError);
}

TEST_CASE("encoder layers drop in training only, everywhere they say", "[nn][transformer]") {
  test::Numbers numbers(6);
  TransformerEncoder encoder = make(true, 0.5);
  const Tensor x = numbers.uniform({B, T, E}), wanted = make(true).forward({.x = x}).y.value();
  Generator generator(1);
  CHECK_FALSE(test::same_bits(encoder.forward({.x = x, .generator = &generator}).y.value(), wanted));
  // Per layer: weights B·H·T·T, what attention gives B·T·E, the numbers between B·T·F, what they give B·T·E.
  CHECK(generator.counter() == 2 * (B * 2 * T * T + B * T * E + B * T * 6 + B * T * E));
  CHECK_THROWS_AS(encoder.forward({.x = x}), Error);
  nn::set_training(encoder, false);
  CHECK(test::same_bits(encoder.forward({.x = x}).y.value(), wanted));
}

TEST_CASE("Transformer layers say what does not fit", "[nn][transformer]") {
  Generator generator(1);
  CHECK_THROWS_AS(TransformerEncoderLayer({.embed = 6, .heads = 4}, generator), ShapeError);
  CHECK_THROWS_AS(TransformerEncoderLayer({.embed = 6, .heads = 2, .feedforward = 0}, generator), ShapeError);
  CHECK_THROWS_AS(TransformerEncoderLayer({.embed = 6, .heads = 2, .dropout = 1.5}, generator), Error);
  CHECK_THROWS_AS(TransformerEncoder({.layer = config(true), .layers = 0}, generator), ShapeError);
  CHECK_THROWS_AS(make(true).forward({.x = zeros({B, T, E + 1}, DType::f64)}), ShapeError);
}
