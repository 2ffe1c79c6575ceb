#include "examples/claims/all_claims.h"

namespace heed::examples {

const std::vector<Claim>& all_claims() {
  static const std::vector<Claim> claims{recurrent_models(), gradient_over_distance(), recurrent_cost(),
                                         reading_both_ways()};
  return claims;
}

}  // namespace heed::examples
