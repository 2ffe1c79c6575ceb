#include "workloads/attention.h"

#include <memory>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"
#include "workloads/training.h"

namespace heed::bench {
namespace {

Tensor values(std::string_view name, const Shape& shape) {
  Tensor result = empty(shape, DType::f32);
  fill_weights(name, {result.mutable_data<float>(), static_cast<std::size_t>(result.numel())});
  return result;
}

// Heads that are parts of one projection [B, T, 3, H, K], as a layer has them.
Step alone(const Attention& a) {
  const Shape shape{a.batch, a.length, 3, a.heads, a.width};
  return [=, packed = Variable(values("packed", shape) * 16, true),
          dy = transpose(values("dy", {a.batch, a.length, a.heads, a.width}), 1, 2)] {
    packed.set_grad({});
    const auto part = [&](std::int64_t i) { return transpose(select(packed, 2, i), 1, 2); };
    const Variable y = scaled_dot_product_attention(part(0), part(1), part(2), {.causal = a.causal});
    backward(y, dy);
    return sum(y.value() * dy).item();
  };
}

Step in_layer(const Attention& a) {
  const std::int64_t embed = a.heads * a.width;
  const auto layer = std::make_shared<nn::MultiHeadAttention>(
      nn::MultiHeadAttention::Config{.embed = embed, .heads = a.heads}, nn::ParameterSource::zeros());
  set_weights(*layer);
  const Shape shape{a.batch, a.length, embed};
  return [=, causal = a.causal, x = Variable(values("x", shape) * 16, true), dy = values("dy", shape),
          leaves = nn::parameters(*layer)] {
    x.set_grad({});
    for (const Variable& leaf : leaves) leaf.set_grad({});
    const Variable y = layer->forward({.query = x, .causal = causal}).y;
    backward(y, dy);
    return sum(y.value() * dy).item();
  };
}

Step prepare(const Attention& a) { return a.projected ? in_layer(a) : alone(a); }

const bool registered = register_rows(attentions, prepare);

}  // namespace
}  // namespace heed::bench
