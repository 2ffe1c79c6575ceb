// Every claim that is a program.
#pragma once

#include "examples/claims/claim.h"

namespace heed::examples {

Claim ngrams();                  // M-01
Claim mlp_language_model();      // M-02
Claim recurrent_models();        // M-03
Claim transformer();             // M-20
Claim bert();                    // M-21
Claim gpt();                     // M-22
Claim key_value_cache();         // M-23
Claim grouped_heads();           // M-24
Claim linear_capacity();         // N-02
Claim hard_attention();          // N-03
Claim local_windows();           // N-05
Claim two_cursors();             // N-07
Claim transducer();              // N-08
Claim gradient_over_distance();  // P-04
Claim path_length();             // P-05
Claim equivariance();            // P-07
Claim interpolation();           // P-08
Claim dynamic_weights();         // P-09
Claim quadratic_cost();          // P-10
Claim recurrent_cost();          // P-11
Claim parallel_time();           // P-12
Claim parameter_counts();        // P-13
Claim crossover();               // P-14
Claim autoregressive_loop();     // P-15
Claim soft_alignment();          // P-17
Claim word_sense();              // P-19
Claim coreference();             // P-20
Claim long_reference();          // P-21
Claim needle_in_noise();         // P-22
Claim reading_both_ways();       // P-25
Claim ngram_tables();            // P-26
Claim saturated_softmax();       // P-27
Claim saliency_alignment();      // P-28
Claim three_rules();             // P-29
Claim different_parts();         // P-32
Claim dot_product();             // S-01
Claim scaled_dot_product();      // S-02
Claim translated_keys();         // S-03
Claim biased_general();          // S-04
Claim activated_general();       // S-05
Claim nearest_scalar();          // S-06
Claim cosine();                  // S-08
Claim kernel_regression();       // S-09
Claim location();                // S-10
Claim featurewise();             // S-11
Claim two_questions();           // T-02

/// In the order of their ids.
const std::vector<Claim>& all_claims();

}  // namespace heed::examples
