#include "heed/nn/attention/score/dot.h"

#include "heed/nn/attention/internal/check_key_size.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {

DotScore::DotScore(const Config& c, const ParameterSource&) : size(c.size) {
  check_sizes("dot score", {{"size", size}});
}

Variable DotScore::project_keys(const Variable& keys) const {
  check_key_size("dot score", keys, size);
  return keys;
}

Variable DotScore::forward(const Variable& query, const Variable& keys) const {
  check_shapes("dot score", {{"query", query.value(), "B T K"}, {"keys", keys.value(), "B S K"}});
  return matmul(query, mT(keys));
}

}  // namespace heed::nn
