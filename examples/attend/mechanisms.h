// The experiments of attend: three attention mechanisms, each on a task that needs it.
#pragma once

#include "examples/claims/claim.h"

namespace heed::examples {

Claim attention_pooling();       // T-06
Claim hierarchical_attention();  // T-07
Claim multi_head_attention();    // T-08

/// In the order of their ids.
const std::vector<Claim>& attention_mechanisms();

}  // namespace heed::examples
