// What surrounds attention and feed-forward in a Transformer layer: norm, dropout, sum. Not part of the public
// interface.
#pragma once

#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/layer_norm.h"
#include "heed/nn/transformer/feed_forward.h"

namespace heed::nn {

inline MultiHeadAttention::Config attention_config(const TransformerLayerConfig& c) {
  return {.embed = c.embed,
          .heads = c.heads,
          .kv_heads = c.kv_heads,
          .bias = c.bias,
          .dropout = c.dropout,
          .dtype = c.dtype};
}

/// Where it is not wanted the norm has no parameters.
inline LayerNorm::Config norm_config(const TransformerLayerConfig& c, bool wanted = true) {
  return {.normalized_shape = {c.embed},
          .epsilon = c.epsilon,
          .elementwise_affine = wanted,
          .bias = c.bias,
          .dtype = c.dtype};
}

struct SublayerSetting {
  bool norm_first;
  const Dropout& dropout;
  Generator* generator;
};

/// norm(x + dropout(part(x))), or with norm_first x + dropout(part(norm(x))): the sum is with x itself.
template <class Part>
Variable sublayer(const Variable& x, const LayerNorm& norm, const SublayerSetting& s, const Part& part) {
  const Variable sum = x + s.dropout.forward(part(s.norm_first ? norm.forward(x) : x), s.generator);
  return s.norm_first ? sum : norm.forward(sum);
}

}  // namespace heed::nn
