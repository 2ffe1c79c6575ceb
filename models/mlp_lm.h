// MLP language model: Bengio, Ducharme, Vincent and Jauvin, "A neural probabilistic language model", JMLR 3, 2003. An
// n-gram model that shares what it learns between words with similar vectors.
//
// V tokens, n - 1 tokens of context, m embedding, h hidden units.
//   x = [C(w_{t-n+1}); …; C(w_{t-1})]                                   [(n - 1) m]
//   logits = b + W x + U tanh(d + H x)                                  [V]
// C [V, m], H [h, (n - 1) m], d [h], U [V, h], b [V]; W [V, (n - 1) m] is there with `direct` only. h = 0 leaves
// logits = b + W x, the log-bilinear model (Mnih and Hinton 2007, with a free W).
#pragma once

#include "heed/nn/embedding.h"

namespace heed::models {

struct MlpLmConfig {
  std::int64_t vocabulary = 0;  ///< V
  std::int64_t context = 3;     ///< n - 1
  std::int64_t embedding = 30;  ///< m
  std::int64_t hidden = 100;    ///< h; 0: none, which takes `direct`
  bool direct = false;          ///< W, the direct connections
  DType dtype = DType::f32;
};

class MlpLm {
 public:
  using Config = MlpLmConfig;

  /// C is drawn from N(0, 1), all others from U(-1/√k, 1/√k) with k inputs each. ShapeError unless vocabulary, context
  /// and embedding are positive and hidden is not negative, and when hidden is 0 without direct connections.
  MlpLm(const Config& config, const nn::ParameterSource& source);

  /// Logits [B, T, V] of the token after each context of n - 1 tokens in a row: ids [B, T + n - 2] i64. One context per
  /// row, [B, n - 1], gives [B, 1, V]; to predict a line from its beginning, put n - 1 begin tokens in front of it.
  /// ShapeError, DTypeError, IndexError.
  Variable forward(const Tensor& ids) const;

  /// The mean cross-entropy of the tokens of ids [B, T + n - 1] that have a context, weighted by weights [B, T] of the
  /// model's dtype where there are any: 0 for padding, as cross_entropy() says. Errors as forward()'s.
  Variable loss(const Tensor& ids, const Tensor& weights = {}) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding_);
    visitor("hidden.weight", self.hidden_weight_);
    visitor("hidden.bias", self.hidden_bias_);
    visitor("direct.weight", self.direct_weight_);
    visitor("output.weight", self.output_weight_);
    visitor("output.bias", self.output_bias_);
  }

  const Config& config() const { return config_; }

 private:
  nn::Embedding embedding_;                    // C
  nn::Parameter hidden_weight_, hidden_bias_;  // H, d; undefined without hidden units, as U is
  nn::Parameter direct_weight_;                // W; undefined without direct connections
  nn::Parameter output_weight_, output_bias_;  // U, b
  Config config_;
};

}  // namespace heed::models
