// LossMean: the mean loss of a token over batches of different sizes, and the perplexity.
#pragma once

namespace heed::nn {

/// Sums and numbers of tokens add up; a mean of the batches' means would count the tokens of small batches for more.
///   mean()       = Σ losses / Σ tokens
///   perplexity() = exp(mean()), of losses in natural logarithms
/// NaN when there are no tokens.
class LossMean {
 public:
  /// A batch's sum of losses and its number of tokens, or any other weight; padding belongs into neither. Error unless
  /// the number is finite and not negative.
  void add_sum(double sum, double tokens);
  /// The same for a batch's mean loss, as cross_entropy() gives it.
  void add_mean(double mean, double tokens);

  double mean() const;
  double perplexity() const;
  double tokens() const { return tokens_; }

 private:
  double sum_ = 0, tokens_ = 0;
};

}  // namespace heed::nn
