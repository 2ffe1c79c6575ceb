#include "examples/claims/all_claims.h"

namespace heed::examples {

const std::vector<Claim>& all_claims() {
  static const std::vector<Claim> claims{
      ngrams(),         mlp_language_model(),  recurrent_models(),  gradient_over_distance(),
      recurrent_cost(), autoregressive_loop(), reading_both_ways(), ngram_tables(),
      dot_product(),    translated_keys(),     two_questions()};
  return claims;
}

}  // namespace heed::examples
