// Multi-head attention (Vaswani et al. 2017), with multi-query (Shazeer 2019) and grouped-query attention (Ainslie et
// al. 2023).
#pragma once

#include "heed/nn/dropout.h"
#include "heed/nn/linear.h"
#include "heed/nn/mask.h"

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
    Variable query;       ///< [B, T, E]
    Variable key = {};    ///< [B, S, key]; undefined: the query (self-attention)
    Variable value = {};  ///< [B, S, value]; undefined: the key
    Tensor mask = {};     ///< bool, true = may be attended: [T, S], [B, T, S] or [B, H, T, S], sizes may be 1
    bool causal = false;  ///< query t attends to keys up to t + S - T only
    Generator* generator = nullptr;  ///< for dropout
  };

  struct Output {
    Variable y;        ///< [B, T, E]
    Variable weights;  ///< [B, H, T, S], of every head, before dropout; a row that may attend to nothing is 0
  };

  /// ShapeError unless the sizes are positive and E/H and H/G whole; Error unless 0 <= dropout <= 1.
  MultiHeadAttention(const Config& config, const ParameterSource& source);

  /// A query that may attend to nothing gives out_proj.bias. Keys and values that a mask [B, 1, S] hides reach neither
  /// output nor gradient, NaN included (in self-attention they are queries too, and as such reach their own output and
  /// its gradients); a mask that differs from query to query hides finite numbers only. ShapeError, DTypeError for
  /// inputs that do not fit; Error where dropout lacks a generator.
  Output forward(const Inputs& in) const;

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
};

}  // namespace heed::nn
