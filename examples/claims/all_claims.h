// Every claim that is a program.
#pragma once

#include "examples/claims/claim.h"

namespace heed::examples {

Claim ngrams();                  // M-01
Claim mlp_language_model();      // M-02
Claim recurrent_models();        // M-03
Claim gradient_over_distance();  // P-04
Claim recurrent_cost();          // P-11
Claim autoregressive_loop();     // P-15
Claim reading_both_ways();       // P-25
Claim ngram_tables();            // P-26
Claim dot_product();             // S-01
Claim translated_keys();         // S-03
Claim two_questions();           // T-02

/// In the order of their ids.
const std::vector<Claim>& all_claims();

}  // namespace heed::examples
