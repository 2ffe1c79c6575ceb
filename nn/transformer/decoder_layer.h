// A layer of the Transformer's decoder (Vaswani et al. 2017).
#pragma once

#include "heed/nn/attention/multi_head.h"
#include "heed/nn/layer_norm.h"
#include "heed/nn/transformer/feed_forward.h"

namespace heed::nn {

/// As torch.nn.TransformerDecoderLayer(batch_first=True). For x [B, T, E], A causal self-attention, C attention to the
/// source and F two linear layers:
///   post-norm  u = norm1(x + A(x)), v = norm2(u + C(u)), y = norm3(v + F(v))
///   pre-norm   u = x + A(norm1(x)), v = u + C(norm2(u)), y = v + F(norm3(v))
/// What A, C and F give is dropped out before it is added. Parameters as PyTorch's: self_attn, multihead_attn (C),
/// linear1, linear2, norm1, norm2, norm3.
struct TransformerDecoderLayer {
  using Config = TransformerLayerConfig;

  struct Inputs {
    Variable x;                      ///< [B, T, E]
    Variable memory = {};            ///< [B, S, E], what the encoder gave
    Tensor mask = {};                ///< of the self-attention, as MultiHeadAttention's
    bool causal = true;              ///< of the self-attention
    Tensor memory_mask = {};         ///< of the attention to the source: [B, 1, S] for one that is padded
    Generator* generator = nullptr;  ///< for dropout
    bool need_weights = false;
  };

  struct Output {
    Variable y;                    ///< [B, T, E]
    Variable self_weights = {};    ///< [B, H, T, T], where they are needed
    Variable memory_weights = {};  ///< [B, H, T, S], where they are needed
  };

  /// What has been read, for positions that come a few at a time: those of the target so far, and the source.
  struct Cache {
    KeyValueCache self;
    MultiHeadAttention::Memory memory;

    std::int64_t length() const { return self.length(); }  ///< positions of the target
    void truncate(std::int64_t length) { self.truncate(length); }
    void reorder(const Tensor& rows);  ///< row i becomes a copy of row rows[i]
  };

  /// Errors of MultiHeadAttention, Linear, LayerNorm and Dropout.
  TransformerDecoderLayer(const Config& config, const ParameterSource& source);

  /// ShapeError, DTypeError; Error where dropout lacks a generator.
  Output forward(const Inputs& in) const;

  /// in.memory is undefined: the cache has it, projected once. Errors as above and of KeyValueCache.
  Output forward(const Inputs& in, Cache& cache) const;

  /// Room for `capacity` positions of the target. memory_mask is that of the calls to come.
  Cache make_cache(const Variable& memory, const Tensor& memory_mask, std::int64_t capacity) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("self_attn", self.self_attn);
    visitor("multihead_attn", self.multihead_attn);
    visitor("linear1", self.feed_forward.linear1);
    visitor("linear2", self.feed_forward.linear2);
    visitor("norm1", self.norm1);
    visitor("norm2", self.norm2);
    visitor("norm3", self.norm3);
    visitor("dropout", self.dropout);
  }

  MultiHeadAttention self_attn, multihead_attn;
  FeedForward feed_forward;
  LayerNorm norm1, norm2, norm3;
  Dropout dropout;
  bool norm_first;

 private:
  Output run(const Inputs& in, Cache* cache) const;
};

}  // namespace heed::nn
