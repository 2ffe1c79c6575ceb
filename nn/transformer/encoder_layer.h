// A layer of the Transformer's encoder (Vaswani et al. 2017); with a causal mask, one of a decoder without a source
// (GPT).
#pragma once

#include "heed/nn/attention/multi_head.h"
#include "heed/nn/layer_norm.h"
#include "heed/nn/transformer/feed_forward.h"

namespace heed::nn {

/// As torch.nn.TransformerEncoderLayer(batch_first=True). For x [B, T, E], A self-attention and F two linear layers:
///   post-norm  u = norm1(x + A(x)), y = norm2(u + F(u))
///   pre-norm   u = x + A(norm1(x)), y = u + F(norm2(u))
/// What A and F give is dropped out before it is added. Parameters as PyTorch's: self_attn (a MultiHeadAttention's),
/// linear1, linear2, norm1, norm2.
struct TransformerEncoderLayer {
  using Config = TransformerLayerConfig;

  struct Inputs {
    Variable x;                      ///< [B, T, E]
    Tensor mask = {};                ///< as MultiHeadAttention's
    bool causal = false;             ///< as there
    RotaryAngles rotary = {};        ///< as there
    Variable bias = {};              ///< as there, added to the scores
    Generator* generator = nullptr;  ///< for dropout
    bool need_weights = false;
  };

  struct Output {
    Variable y;             ///< [B, T, E]
    Variable weights = {};  ///< [B, H, T, S], where they are needed
  };

  using Cache = KeyValueCache;

  /// Errors of MultiHeadAttention, Linear, LayerNorm and Dropout.
  TransformerEncoderLayer(const Config& config, const ParameterSource& source);

  /// A position that no query may attend to counts as 0 where it is not finite. ShapeError, DTypeError; Error where
  /// dropout lacks a generator.
  Output forward(const Inputs& in) const { return run(in, nullptr); }

  /// For positions that come a few at a time, as MultiHeadAttention's: after an error the cache is as it was.
  Output forward(const Inputs& in, Cache& cache) const;

  Cache make_cache(std::int64_t batch, std::int64_t capacity) const { return self_attn.make_cache(batch, capacity); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("self_attn", self.self_attn);
    visitor("linear1", self.feed_forward.linear1);
    visitor("linear2", self.feed_forward.linear2);
    visitor("norm1", self.norm1);
    visitor("norm2", self.norm2);
    visitor("dropout", self.dropout);
  }

  MultiHeadAttention self_attn;
  FeedForward feed_forward;
  LayerNorm norm1, norm2;
  Dropout dropout;
  bool norm_first;

 private:
  Output run(const Inputs& in, Cache* cache) const;
};

}  // namespace heed::nn
