// What BERT is trained to fill in (Devlin et al. 2019, section 3.1): some tokens of a text are hidden.
#pragma once

#include "heed/tensor/random/random.h"

namespace heed::models {

struct MaskedTokensConfig {
  std::int64_t mask_token = 0;          ///< stands where a token is hidden
  std::int64_t vocabulary = 0;          ///< replacements are drawn from all of it
  double rate = 0.15;                   ///< of tokens that are chosen
  double hidden = 0.8, replaced = 0.1;  ///< of those that are chosen; the rest is left as it is
};

struct MaskedTokens {
  Tensor ids;     ///< [B, T] i64, what the model reads
  Tensor chosen;  ///< [B, T] bool: where it is asked for the token; elsewhere there is nothing to learn but copying
};

/// Chooses tokens of ids [B, T] i64 where `allowed` [B, T] bool is true (undefined: everywhere), each on its own.
/// ShapeError, DTypeError; IndexError unless mask_token is in the vocabulary; Error for rates outside [0, 1].
MaskedTokens mask_tokens(const Tensor& ids, const Tensor& allowed, const MaskedTokensConfig& config,
                         Generator& generator);

}  // namespace heed::models
