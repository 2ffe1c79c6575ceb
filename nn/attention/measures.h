// What attention weights say, as numbers: do they look where they should, how sharply, and how far are two of them
// apart; and saliency, which asks the same of a model without attention.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/autograd/variable.h"

namespace heed::nn {

/// Which source positions each target word comes from. A link that is sure is possible too, whether or not it stands
/// among those.
struct GoldLinks {
  std::vector<std::vector<std::int64_t>> sure;           ///< for each target word
  std::vector<std::vector<std::int64_t>> possible = {};  ///< as many words, or none at all
};

/// Alignment error rate (Och and Ney 2003) of the links A that weights stand for:
///   value() = 1 - (|A ∩ S| + |A ∩ P|)/(|A| + |S|), S the sure links and P these and the possible ones; 0/0 is 0.
/// Each target word has one link, from the row of weights that belongs to it to its largest weight (the first of
/// several). A row of zeros, which may look at nothing, links nothing, and neither does a row that is not there.
/// Counts add up over sentences.
///
/// Row t of the weights belongs to the target word t - row_shift: the word that is told from what they found (Bahdanau
/// et al. 2015; Luong's location score), or, with a shift of 1, the word before, which the state that asks has read as
/// its input (Luong's content scores, as a footnote of his thesis has it). Which of the two holds depends on the model,
/// and is measured: the right one has the lower rate by far (docs/claims.md, P-17), the wrong one a heat map a row off.
class AlignmentErrorRate {
 public:
  struct Config {
    std::int64_t row_shift = 0;
  };

  AlignmentErrorRate() : AlignmentErrorRate(Config{}) {}
  explicit AlignmentErrorRate(const Config& config) : config_(config) {}

  /// One sentence: weights [T, S], f32 or f64; rows that belong to no word are passed over. ShapeError unless rank 2
  /// and unless sure and possible links, where there are any, are of as many words; DTypeError; IndexError for a link
  /// outside [0, S); Error for a weight that is NaN. Then nothing has been counted.
  void add(const Tensor& weights, const GoldLinks& gold);

  double value() const;
  std::int64_t links() const { return links_; }  ///< |A|
  std::int64_t sure() const { return sure_; }    ///< |S|

 private:
  Config config_;
  std::int64_t links_ = 0, sure_ = 0, right_sure_ = 0, right_possible_ = 0;
};

/// -Σ a ln a of each row, 0·ln 0 = 0: 0 for one position, ln S for all alike. weights [.., S] -> [..] of their dtype. A
/// row that may look at nothing has entropy 0, NaN stays NaN. ShapeError for rank 0, DTypeError unless f32, f64; Error
/// for a negative weight.
Tensor weight_entropy(const Tensor& weights);

/// Total-variation distance ½ Σ |a - b| of each row, 0 to 1 between rows that add up to 1: [.., S], [.., S] -> [..] of
/// their dtype. NaN stays NaN. ShapeError unless both have one shape of rank 1 or more; DTypeError unless both are f32
/// or both f64.
Tensor total_variation(const Tensor& a, const Tensor& b);

/// How much y depends on each position of x, gradient times input: ‖x_s ∘ ∂y/∂x_s‖ (Simonyan et al. 2014; Shrikumar et
/// al. 2016; as an alignment without attention Ding, Xu and Koehn 2019). y a single number, x [.., S, D] a leaf or not
/// -> [.., S], 0 where y does not depend on it. The graph stays as it was, to be asked again for the next y. ShapeError
/// for x of rank below 2; errors of gradients().
Tensor saliency(const Variable& y, const Variable& x);

}  // namespace heed::nn
