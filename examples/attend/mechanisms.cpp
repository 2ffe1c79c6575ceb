#include "examples/attend/mechanisms.h"

namespace heed::examples {

const std::vector<Claim>& attention_mechanisms() {
  static const std::vector<Claim> claims{attention_pooling(), hierarchical_attention(), multi_head_attention()};
  return claims;
}

}  // namespace heed::examples
