// Multi-head attention (Vaswani et al. 2017), with multi-query (Shazeer 2019) and grouped-query attention (Ainslie et
// al. 2023).
#pragma once

#include "heed/nn/attention/key_value_cache.h"
#include "heed/nn/dropout.h"
#include "heed/nn/linear.h"
#include "heed/nn/mask.h"
#include "heed/nn/positions/rotary.h"

namespace heed::nn {

/// y = concat(head_1, …, head_H)·Woᵀ + bo with head_h = softmax(q_h·k_hᵀ/√K)·v_h and K = E/H, as in
/// torch.nn.MultiheadAttention(batch_first=True). Head h reads key and value head h/(H/G), rounded down: G = H is
/// multi-head, G = 1 multi-query, all between grouped-query attention.
///
/// Parameters as PyTorch's: in_proj_weight [(H + 2G)·K, E], the rows of the query before those of the key and the
/// value, head by head ([3E, E] for G = H); where key or value have another size than E instead q_proj_weight [E, E],
/// k_proj_weight [G·K, key], v_proj_weight [G·K, value]; in_proj_bias [(H + 2G)·K]; out_proj.weight [E, E],
/// out_proj.bias [E]. Input weights start by Xavier's uniform rule, biases at 0, out_proj.weight as a Linear's.
struct MultiHeadAttention {
  struct Config {
    std::int64_t embed = 0, heads = 0;  ///< E, H: E a multiple of H
    std::int64_t kv_heads = 0;          ///< G, of which H is a multiple; 0: H
    std::int64_t key = 0, value = 0;    ///< sizes of key and value; 0: E
    bool bias = true;
    double dropout = 0;  ///< of the weights, while training
    DType dtype = DType::f32;
  };

  struct Inputs {
    Variable query;            ///< [B, T, E]
    Variable key = {};         ///< [B, S, key]; undefined: the query (self-attention)
    Variable value = {};       ///< [B, S, value]; undefined: the key
    Tensor mask = {};          ///< bool, true = may be attended: [T, S], [B, T, S] or [B, H, T, S], sizes may be 1
    bool causal = false;       ///< query t attends to keys up to t + S - T only
    RotaryAngles rotary = {};  ///< turn queries and keys of a self-attention; undefined: none
    Variable bias = {};        ///< added to the scores q·k/√K; broadcasts to [B, H, T, S]
    Generator* generator = nullptr;  ///< for dropout
    bool need_weights = false;
  };

  struct Output {
    Variable y;             ///< [B, T, E]
    Variable weights = {};  ///< [B, H, T, S] of every head, before dropout; undefined unless they are needed
  };

  /// Keys and values, projected: [B, G, S, K] each.
  struct Memory {
    Variable key, value;
  };

  /// ShapeError unless the sizes are positive and E/H and H/G whole; Error unless 0 <= dropout <= 1.
  MultiHeadAttention(const Config& config, const ParameterSource& source);

  /// Keeps no weights [T, S] unless they are needed, and computes them apart: y has the same bits either way. A query
  /// that may attend to nothing has weights 0 and gives out_proj.bias. What stands under a mask, NaN included, reaches
  /// neither output nor gradient of the queries that may not see it; a position that no query may attend to counts as
  /// 0 where it is not finite, as a query of self-attention too. ShapeError, DTypeError for inputs that do not fit;
  /// Error where dropout lacks a generator.
  Output forward(const Inputs& in) const;

  /// Self-attention of queries that come a few at a time: their keys and values go into the cache, and S counts all
  /// that are there. Without causal order a query sees what has come so far, not what will. Only where no gradient is
  /// recorded (NoGrad): GradError. IndexError where the cache is full; then, and after every other error, it is as it
  /// was.
  Output forward(const Inputs& in, KeyValueCache& cache) const;

  /// A cache of this attention's sizes.
  KeyValueCache make_cache(std::int64_t batch, std::int64_t capacity) const;

  /// Projects keys and values once for several calls of forward(in, memory), whose `in` has neither. Mask: that of
  /// those calls, for a memory that is not finite where it hides something.
  Memory project_keys(const Variable& key, const Variable& value = {}, const Tensor& mask = {}) const;
  Output forward(const Inputs& in, const Memory& memory) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("in_proj_weight", self.in_proj_weight);
    visitor("q_proj_weight", self.q_proj_weight);
    visitor("k_proj_weight", self.k_proj_weight);
    visitor("v_proj_weight", self.v_proj_weight);
    visitor("in_proj_bias", self.in_proj_bias);
    visitor("out_proj", self.out_proj);
    visitor("dropout", self.dropout);
  }

  std::int64_t heads, kv_heads;
  Parameter in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight, in_proj_bias;
  Linear out_proj;
  Dropout dropout;

 private:
  struct Completed {  // every size filled in
    Config config;
  };
  MultiHeadAttention(const Completed& given, const ParameterSource& source);

  struct Projected {
    Variable query;  // [B, H, T, K]
    Memory memory;
  };

  Variable project_query(const Variable& x) const;
  Projected project_self(const Variable& x, const RotaryAngles& rotary) const;
  Output attend(const Inputs& in, const Variable& query, const Memory& memory) const;
};

/// The same attention with fewer key and value heads, none of it frozen: each is the mean of those of `attention` that
/// its queries read (Ainslie et al. 2023), a start for training on. ShapeError unless kv_heads is positive and divides
/// those there are.
MultiHeadAttention with_kv_heads(const MultiHeadAttention& attention, std::int64_t kv_heads);

/// The memory of example rows[i] as example i: rows [N] i64.
MultiHeadAttention::Memory reorder_memory(const MultiHeadAttention::Memory& memory, const Tensor& rows);

}  // namespace heed::nn
