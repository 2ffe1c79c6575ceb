// Every claim that is a program.
#pragma once

#include "examples/claims/claim.h"

namespace heed::examples {

Claim gradient_over_distance();  // P-04
Claim recurrent_cost();          // P-11
Claim reading_both_ways();       // P-25
Claim recurrent_models();        // M-03

/// In the order of their ids.
const std::vector<Claim>& all_claims();

}  // namespace heed::examples
