#include "examples/claims/all_claims.h"

namespace heed::examples {

const std::vector<Claim>& all_claims() {
  static const std::vector<Claim> claims{ngrams(),  // one a line: a claim more is a line more
                                         mlp_language_model(),
                                         recurrent_models(),
                                         transformer(),
                                         bert(),
                                         gpt(),
                                         key_value_cache(),
                                         grouped_heads(),
                                         linear_capacity(),
                                         hard_attention(),
                                         local_windows(),
                                         two_cursors(),
                                         transducer(),
                                         gradient_over_distance(),
                                         path_length(),
                                         equivariance(),
                                         interpolation(),
                                         dynamic_weights(),
                                         quadratic_cost(),
                                         recurrent_cost(),
                                         parallel_time(),
                                         parameter_counts(),
                                         crossover(),
                                         autoregressive_loop(),
                                         soft_alignment(),
                                         word_sense(),
                                         coreference(),
                                         long_reference(),
                                         needle_in_noise(),
                                         reading_both_ways(),
                                         ngram_tables(),
                                         saturated_softmax(),
                                         saliency_alignment(),
                                         three_rules(),
                                         different_parts(),
                                         dot_product(),
                                         scaled_dot_product(),
                                         translated_keys(),
                                         biased_general(),
                                         activated_general(),
                                         nearest_scalar(),
                                         cosine(),
                                         kernel_regression(),
                                         location(),
                                         featurewise(),
                                         two_questions()};
  return claims;
}

}  // namespace heed::examples
