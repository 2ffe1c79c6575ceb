#include "examples/attend/mechanisms.h"

namespace heed::examples {

const std::vector<Claim>& attention_mechanisms() {
  static const std::vector<Claim> claims{attention_pooling()};
  return claims;
}

}  // namespace heed::examples
