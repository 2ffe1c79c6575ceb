#include "heed/nn/positions/alibi.h"

#include <vector>

#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/internal/key_distances.h"
#include "heed/nn/internal/power.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

// 2^(-8i/parts).
double slope(std::int64_t i, std::int64_t parts) {
  return power(2, -8.0 * static_cast<double>(i) / static_cast<double>(parts));
}

Tensor checked_slopes(std::string_view operation, std::int64_t heads, DType dtype) {
  check_sizes(operation, {{"heads", heads}});
  std::int64_t below = 1;  // the largest power of two that is not above
  while (below <= heads / 2) below *= 2;
  std::vector<Scalar> slopes;
  for (std::int64_t i = 1; i <= below; ++i) slopes.emplace_back(slope(i, below));
  for (std::int64_t i = 1; i <= heads - below; ++i) slopes.emplace_back(slope(2 * i - 1, 2 * below));
  if (!is_float(dtype)) throw_dtype(operation, dtype, "f32 or f64");
  return tensor(slopes, {heads}, dtype);
}

}  // namespace

Tensor alibi_slopes(std::int64_t heads, DType dtype) { return checked_slopes("alibi_slopes", heads, dtype); }

Tensor alibi_bias(std::int64_t heads, std::int64_t queries, std::int64_t keys,
                  std::optional<std::int64_t> first_position, DType dtype) {
  const Tensor slopes = checked_slopes("alibi_bias", heads, dtype);
  const Tensor distances = abs(key_distances("alibi_bias", queries, keys, first_position));
  return reshape(-slopes, {1, heads, 1, 1}) * to(distances, dtype);
}

}  // namespace heed::nn
