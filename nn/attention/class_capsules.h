// Capsules: one attention for each class, which says how probable its class is and what it has seen of it (Wang, Sun,
// Han, Liu and Zhu 2018, "Sentiment analysis by capsules").
#pragma once

#include "heed/nn/attention/attend.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

struct ClassCapsulesOutput {
  Variable probabilities;    ///< p [B, C], each by itself: they do not sum to 1
  Variable contexts;         ///< v [B, C, D], what each class read
  Variable weights;          ///< [B, C, S], where
  Variable reconstructions;  ///< r = p·v [B, C, D]
  Variable mean;             ///< of what may be read [B, D], which reconstructions are compared with
};

/// For each class c: α_c = softmax_s(x_s·q_c), v_c = Σ_s α_cs x_s, p_c = σ(w_c·v_c + b_c), r_c = p_c v_c. Parameters:
/// query [C, D], weight [C, D] and bias [C], weights from U(-1/√D, 1/√D).
struct ClassCapsules {
  struct Config {
    std::int64_t input = 0, classes = 0;  ///< D, C
    DType dtype = DType::f32;
  };

  /// ShapeError unless input and classes are positive.
  ClassCapsules(const Config& config, const ParameterSource& source);

  /// x [B, S, D], mask [B, 1, S] bool, true = may be read, undefined = everything. With nothing to read v, r and the
  /// mean are 0. What may not be read reaches nothing, NaN included. ShapeError, DTypeError.
  ClassCapsulesOutput forward(const Variable& x, const Tensor& mask = {}) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("query", self.query);
    visitor("weight", self.weight);
    visitor("bias", self.bias);
  }

  Parameter query, weight, bias;
};

/// The paper's hinge losses, the mean over examples of
///   max(0, 1 + Σ_c y_c p_c) + max(0, 1 + Σ_c y_c mean·r_c),  y_c = -1 for the example's class, +1 for all others.
/// labels [B] i64. ShapeError; IndexError for a label that is no class.
Variable capsule_loss(const ClassCapsulesOutput& found, const Tensor& labels);

}  // namespace heed::nn
