// Decoder layers: what stands where (T1 of the traps), the causal order, a padded source, caches and their reordering
// (T5). Their numbers beside PyTorch's: tests/parity/transformer.cpp.
#include "heed/nn/transformer/stack.h"

#include <cmath>

#include "heed/autograd/backward.h"
#include "heed/autograd/no_grad.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/index.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"

using namespace heed;
using nn::TransformerDecoder;
using nn::TransformerDecoderLayer;

namespace {

constexpr std::int64_t B = 3, T = 4, S = 5, E = 8;

nn::TransformerLayerConfig config(bool norm_first) {
  return {.embed = E, .heads = 2, .feedforward = 6, .dropout = 0, .norm_first = norm_first, .dtype = DType::f64};
}

void set_zero(nn::Linear& layer) {
  layer.weight = nn::Parameter(zeros(layer.weight.shape(), DType::f64));
  layer.bias = nn::Parameter(zeros(layer.bias.shape(), DType::f64));
}

TransformerDecoder make(bool norm_first) {
  Generator generator(3);
  return {{.layer = config(norm_first), .layers = 2, .final_norm = norm_first}, generator};
}

Tensor source_mask() { return nn::length_mask(std::vector<std::int64_t>{2, 5, 3}, S); }

}  // namespace

TEST_CASE("a decoder layer's three norms stand where the paper has them", "[nn][transformer]") {
  Generator generator(1);
  test::Numbers numbers(1);
  const Variable x(numbers.uniform({B, T, E})), memory(numbers.uniform({B, S, E}));
  for (const bool norm_first : {false, true}) {
    TransformerDecoderLayer layer(config(norm_first), generator);
    double gain = 2;
    for (nn::LayerNorm* norm : {&layer.norm1, &layer.norm2, &layer.norm3})
      norm->weight = nn::Parameter(full({E}, gain == 4 ? ++gain : gain++, DType::f64));  // 2, 3, 5
    const auto self = [&](const Variable& q) { return layer.self_attn.forward({.query = q, .causal = true}).y; };
    const auto cross = [&](const Variable& q) { return layer.multihead_attn.forward({.query = q, .key = memory}).y; };
    const auto forward = [&](const Variable& q) { return layer.feed_forward.forward(q, layer.dropout, nullptr); };
    Variable wanted;
    if (norm_first) {
      const Variable u = x + self(layer.norm1.forward(x)), v = u + cross(layer.norm2.forward(u));
      wanted = v + forward(layer.norm3.forward(v));
    } else {
      const Variable u = layer.norm1.forward(x + self(x)), v = layer.norm2.forward(u + cross(u));
      wanted = layer.norm3.forward(v + forward(v));
    }
    CHECK(test::same_bits(layer.forward({.x = x, .memory = memory}).y.value(), wanted.value()));
  }
}

TEST_CASE("a pre-norm decoder layer that adds nothing is the identity, bit for bit", "[nn][transformer]") {
  Generator generator(1);
  test::Numbers numbers(1);
  TransformerDecoderLayer layer(config(true), generator);
  set_zero(layer.self_attn.out_proj);
  set_zero(layer.multihead_attn.out_proj);
  set_zero(layer.feed_forward.linear2);
  const Tensor x = numbers.uniform({B, T, E});
  CHECK(test::same_bits(layer.forward({.x = x, .memory = numbers.uniform({B, S, E})}).y.value(), x));
}

TEST_CASE("gradients of decoder layers equal differences, with a padded source", "[nn][transformer]") {
  test::Numbers numbers(2);
  Generator generator(2);
  nn::TransformerLayerConfig small = config(true);
  small.embed = 4, small.feedforward = 3, small.activation = nn::FeedForwardActivation::gelu_tanh;
  const TransformerDecoderLayer layer(small, generator);
  const Variable weight(numbers.uniform({2, 2, 4}));
  const Tensor mask = nn::length_mask(std::vector<std::int64_t>{3, 1}, 3);
  CHECK(test::module_gradcheck(
            layer, {numbers.uniform({2, 2, 4}), numbers.uniform({2, 3, 4})}, [&](const auto& module, auto x) {
              return sum(module.forward({.x = x[0], .memory = x[1], .memory_mask = mask}).y * weight);
            }) == "");
}

TEST_CASE("a later target token changes no earlier output, bit for bit", "[nn][transformer]") {
  test::Numbers numbers(3);
  const TransformerDecoder decoder = make(false);
  const Tensor memory = numbers.uniform({B, S, E}), x = numbers.uniform({B, T, E}),
               other = concat({slice(x, 1, 0, 2), numbers.uniform({B, T - 2, E})}, 1);
  const Tensor a = decoder.forward({.x = x, .memory = memory}).y.value(),
               b = decoder.forward({.x = other, .memory = memory}).y.value();
  CHECK(test::same_bits(slice(a, 1, 0, 2), slice(b, 1, 0, 2)));
  CHECK_FALSE(test::same_bits(slice(a, 1, 2, T), slice(b, 1, 2, T)));
}

TEST_CASE("what stands behind a source's length does not matter", "[nn][transformer]") {
  test::Numbers numbers(4);
  const TransformerDecoder decoder = make(true);
  const Tensor x = numbers.uniform({1, T, E}), memory = numbers.uniform({1, 2, E});
  const Tensor padded = concat({memory, full({1, 3, E}, std::nan(""), DType::f64)}, 1);
  const Tensor mask = nn::length_mask(std::vector<std::int64_t>{2}, S);
  const Tensor y = decoder.forward({.x = x, .memory = padded, .memory_mask = mask}).y.value();
  CHECK(test::difference(y, test::to_array(decoder.forward({.x = x, .memory = memory}).y.value()), 64, 1) == "");
}

TEST_CASE("a decoder that reads a few positions at a time gives what it gives at once", "[nn][transformer]") {
  const NoGrad no_grad;
  test::Numbers numbers(5);
  const TransformerDecoder decoder = make(true);
  const Tensor x = numbers.uniform({B, T, E}), memory = numbers.uniform({B, S, E});
  const auto whole = decoder.forward({.x = x, .memory = memory, .memory_mask = source_mask(), .need_weights = true});
  TransformerDecoder::Cache cache = decoder.make_cache(memory, source_mask(), T);
  for (const auto& [begin, end] : {std::pair{0, 1}, {1, 3}, {3, 4}}) {
    const auto part =
        decoder.forward({.x = slice(x, 1, begin, end), .memory_mask = source_mask(), .need_weights = true}, cache);
    CHECK(test::difference(part.y.value(), test::to_array(slice(whole.y.value(), 1, begin, end)), 64, 1) == "");
    CHECK(test::difference(part.layers[1].memory_weights.value(),
                           test::to_array(slice(whole.layers[1].memory_weights.value(), 2, begin, end)), 64, 1) == "");
  }
  CHECK_THROWS_AS(decoder.forward({.x = slice(x, 1, 0, 1), .memory_mask = source_mask()}, cache), IndexError);
  CHECK_THROWS_AS(decoder.forward({.x = slice(x, 1, 0, 1), .memory = memory}, cache), Error);
  CHECK(cache[0].length() == T);
}

TEST_CASE("reordered decoder caches go on from the rows they were given", "[nn][transformer]") {
  const NoGrad no_grad;
  test::Numbers numbers(6);
  const TransformerDecoder decoder = make(true);
  const Tensor x = numbers.uniform({B, 2, E}), next = numbers.uniform({B, 1, E}), memory = numbers.uniform({B, S, E});
  const Tensor parents = tensor({2, 0, 0}, {B}, DType::i64), mask = index_select(source_mask(), 0, parents);
  TransformerDecoder::Cache cache = decoder.make_cache(memory, source_mask(), T);
  decoder.forward({.x = x, .memory_mask = source_mask()}, cache);
  for (TransformerDecoderLayer::Cache& layer : cache) layer.reorder(parents);
  const Tensor y = decoder.forward({.x = next, .memory_mask = mask}, cache).y.value();
  const Tensor all = concat({index_select(x, 0, parents), next}, 1);
  const Tensor wanted =
      decoder.forward({.x = all, .memory = index_select(memory, 0, parents), .memory_mask = mask}).y.value();
  CHECK(test::difference(y, test::to_array(slice(wanted, 1, 2, 3)), 64, 1) == "");
}
