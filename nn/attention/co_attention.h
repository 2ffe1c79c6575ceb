// Co-attention: two sequences, each read by what the other says.
#pragma once

#include "heed/nn/attention/attention.h"
#include "heed/nn/linear.h"
#include "heed/nn/masked_mean.h"

namespace heed::nn {

struct CoAttentionInput {
  Variable first;           ///< [B, S, D1]
  Variable second;          ///< [B, U, D2]
  Tensor first_mask = {};   ///< [B, 1, S] bool, true = may be read; undefined = everything
  Tensor second_mask = {};  ///< [B, 1, U]
};

/// A sequence without a position that may be read has context and weights 0, and so have its gradients. What stands
/// where nothing may be read reaches neither of the two, NaN included.
struct CoAttentionOutput {
  Variable first, second;                  ///< contexts [B, D1], [B, D2]
  Variable first_weights, second_weights;  ///< [B, S], [B, U]
  Variable affinity = {};                  ///< C [B, S, U] of the parallel form
};

namespace detail {

void check_co_attention(const CoAttentionInput& in);

// Zeros [B, 1, D], as many features as x [.., D] has.
Variable zero_query(const Variable& x);

CoAttentionOutput without_queries(const AttentionOutput& first, const AttentionOutput& second);

}  // namespace detail

/// Coarse (interactive attention, Ma, Li, Zhang and Wang 2017): the mean of each sequence is the query for the other.
/// Parameters: first…, whose queries are D2 wide, and second…, D1 wide.
template <class Score, class Align = SoftmaxAlign>
struct CoarseCoAttention {
  struct Config {
    typename Score::Config first = {}, second = {};
  };

  /// Errors of the score.
  CoarseCoAttention(const Config& config, const ParameterSource& source, const Align& align = {})
      : first(config.first, source, align), second(config.second, source, align) {}

  /// ShapeError, DTypeError.
  CoAttentionOutput forward(const CoAttentionInput& in) const {
    detail::check_co_attention(in);
    const Variable of_first = masked_mean(in.first, in.first_mask), of_second = masked_mean(in.second, in.second_mask);
    return detail::without_queries(first.forward({.query = of_second, .key = in.first, .mask = in.first_mask}),
                                   second.forward({.query = of_first, .key = in.second, .mask = in.second_mask}));
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("first", self.first);
    visitor("second", self.second);
  }

  Attention<Score, Align> first, second;
};

/// Alternating (Lu, Yang, Batra and Parikh 2016): the first sequence is read by a query of zeros, the second by what
/// was found there, and the first again by what was found in the second. With AdditiveScore it is the paper's.
/// Parameters as above; both readings of the first sequence share theirs.
template <class Score, class Align = SoftmaxAlign>
struct AlternatingCoAttention {
  using Config = typename CoarseCoAttention<Score, Align>::Config;

  /// Errors of the score.
  AlternatingCoAttention(const Config& config, const ParameterSource& source, const Align& align = {})
      : first(config.first, source, align), second(config.second, source, align) {}

  /// A query of one's own, [B, 1, D2], in place of the zeros. ShapeError, DTypeError.
  CoAttentionOutput forward(const CoAttentionInput& in, const Variable& query = {}) const {
    detail::check_co_attention(in);
    const AttentionMemory memory = first.project_keys({.key = in.first, .mask = in.first_mask});
    const Variable begin = query.defined() ? query : detail::zero_query(in.second);
    const Variable glance = first.forward(begin, memory).context;  // [B, 1, D1]
    const AttentionOutput found = second.forward({.query = glance, .key = in.second, .mask = in.second_mask});
    return detail::without_queries(first.forward(found.context, memory), found);
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("first", self.first);
    visitor("second", self.second);
  }

  Attention<Score, Align> first, second;
};

/// Parallel (Lu et al. 2016): both sequences at once, by how well each position of one fits each of the other.
///   C = tanh(X₁·W·X₂ᵀ)   H₁ = tanh(X₁W₁ᵀ + C·X₂W₂ᵀ)   H₂ = tanh(X₂W₂ᵀ + Cᵀ·X₁W₁ᵀ)   weights softmax(H₁v₁),
///   softmax(H₂v₂)
/// Parameters: affinity W [D1, D2], first.weight W₁ [A, D1], second.weight W₂ [A, D2], first_v and second_v [A], from
/// U(-1/√fan_in, 1/√fan_in).
struct ParallelCoAttention {
  struct Config {
    std::int64_t first = 0, second = 0, hidden = 0;  ///< D1, D2, A
    DType dtype = DType::f32;
  };

  /// ShapeError unless all sizes are positive.
  ParallelCoAttention(const Config& config, const ParameterSource& source);

  /// ShapeError, DTypeError.
  CoAttentionOutput forward(const CoAttentionInput& in) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("affinity", self.affinity);
    visitor("first", self.first);
    visitor("second", self.second);
    visitor("first_v", self.first_v);
    visitor("second_v", self.second_v);
  }

  Parameter affinity;
  Linear first, second;
  Parameter first_v, second_v;
};

}  // namespace heed::nn
