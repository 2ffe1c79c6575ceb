// Rotatory attention: a phrase and what stands left and right of it, each read by what the other says (Zheng and Xia
// 2018, "Left-center-right separated neural network for aspect-based sentiment analysis with rotatory attention";
// several rounds: Wallaart and Frasincar 2019).
#pragma once

#include "heed/nn/attention/attention.h"
#include "heed/nn/masked_mean.h"

namespace heed::nn {

struct RotatoryInput {
  Variable left, target, right;                              ///< [B, L, D], [B, S, E], [B, R, D]
  Tensor left_mask = {}, target_mask = {}, right_mask = {};  ///< [B, 1, L or S or R] bool, true = may be read
};

/// What was read in the last round. A part without a position that may be read has context and weights 0.
struct RotatoryOutput {
  Variable left, right;                                ///< [B, D], of what stands beside the phrase
  Variable target_left, target_right;                  ///< [B, E], of the phrase, as the left and the right read it
  Variable left_weights, right_weights;                ///< [B, L], [B, R]
  Variable target_left_weights, target_right_weights;  ///< [B, S]

  /// All four, [B, 2·D + 2·E]: left, target_left, target_right, right, as in the paper.
  Variable context() const;
};

namespace detail {

void check_rotatory(const RotatoryInput& in);
std::int64_t checked_rounds(std::int64_t rounds);

}  // namespace detail

/// In the first round the mean of the phrase asks each side; what is found in a side asks the phrase:
///   l = attention(mean(target), left)     t_l = attention(l, target)
///   r = attention(mean(target), right)    t_r = attention(r, target)
/// and in each further round t_l asks the left and t_r the right. All rounds share their parameters: left…, right…,
/// whose queries are E wide and keys D, target_left… and target_right…, D and E. The paper's score is
/// ActivatedGeneralScore.
template <class Score, class Align = SoftmaxAlign>
struct RotatoryAttention {
  struct Config {
    std::int64_t rounds = 1;
    typename Score::Config side = {};    ///< asked by the phrase
    typename Score::Config target = {};  ///< asked by a side
  };

  /// ShapeError unless rounds is positive; errors of the score.
  RotatoryAttention(const Config& config, const ParameterSource& source, const Align& align = {})
      : rounds(detail::checked_rounds(config.rounds)),
        left(config.side, source, align),
        right(config.side, source, align),
        target_left(config.target, source, align),
        target_right(config.target, source, align) {}

  /// ShapeError, DTypeError.
  RotatoryOutput forward(const RotatoryInput& in) const {
    detail::check_rotatory(in);
    const AttentionMemory at_left = left.project_keys({.key = in.left, .mask = in.left_mask}),
                          at_right = right.project_keys({.key = in.right, .mask = in.right_mask}),
                          of_left = target_left.project_keys({.key = in.target, .mask = in.target_mask}),
                          of_right = target_right.project_keys({.key = in.target, .mask = in.target_mask});
    Variable ask_left = masked_mean(in.target, in.target_mask), ask_right = ask_left;  // [B, 1, E]
    AttentionOutput l, r, tl, tr;
    for (std::int64_t round = 0; round < rounds; ++round) {
      l = left.forward(ask_left, at_left);
      r = right.forward(ask_right, at_right);
      tl = target_left.forward(l.context, of_left);
      tr = target_right.forward(r.context, of_right);
      ask_left = tl.context;
      ask_right = tr.context;
    }
    return {squeeze(l.context, 1), squeeze(r.context, 1), squeeze(tl.context, 1), squeeze(tr.context, 1),
            squeeze(l.weights, 1), squeeze(r.weights, 1), squeeze(tl.weights, 1), squeeze(tr.weights, 1)};
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("left", self.left);
    visitor("right", self.right);
    visitor("target_left", self.target_left);
    visitor("target_right", self.target_right);
  }

  std::int64_t rounds;
  Attention<Score, Align> left, right, target_left, target_right;
};

}  // namespace heed::nn
