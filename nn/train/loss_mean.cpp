#include "heed/nn/train/loss_mean.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/tensor/error.h"

namespace heed::nn {

void LossMean::add_sum(double sum, double tokens) {
  if (!std::isfinite(tokens) || tokens < 0)
    throw Error(fmt::format("LossMean: {} tokens, expected a finite number that is not negative", tokens));
  if (tokens == 0) return;
  sum_ += sum;
  tokens_ += tokens;
}

void LossMean::add_mean(double mean, double tokens) { add_sum(mean * tokens, tokens); }

double LossMean::mean() const { return sum_ / tokens_; }

double LossMean::perplexity() const { return std::exp(mean()); }

}  // namespace heed::nn
