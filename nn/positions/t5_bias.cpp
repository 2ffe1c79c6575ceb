#include "heed/nn/positions/t5_bias.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/internal/key_distances.h"
#include "heed/nn/internal/power.h"
#include "heed/tensor/create.h"

namespace heed::nn {
namespace {

constexpr std::string_view op = "T5 bias";

std::int64_t of_one_direction(const T5Buckets& layout) {
  return layout.bidirectional ? layout.buckets / 2 : layout.buckets;
}

const T5Buckets& checked(const T5Buckets& layout) {
  check_sizes(op, {{"buckets", layout.buckets}, {"max_distance", layout.max_distance}});
  if (layout.bidirectional && layout.buckets % 2 != 0)
    throw ShapeError(fmt::format("{}: {} buckets for two directions, expected an even number", op, layout.buckets));
  const std::int64_t count = of_one_direction(layout);
  if (count < 2) throw ShapeError(fmt::format("{}: {} bucket for a direction, expected at least 2", op, count));
  if (layout.max_distance <= count / 2)
    throw ShapeError(fmt::format("{}: max_distance {} within the first {} buckets, which have one distance each", op,
                                 layout.max_distance, count / 2));
  return layout;
}

std::int64_t checked_heads(const T5Bias::Config& c) {
  check_sizes(op, {{"heads", c.heads}});
  return c.heads;
}

// The first distance of each bucket but bucket 0.
std::vector<std::int64_t> first_distances(const T5Buckets& layout) {
  const std::int64_t count = of_one_direction(layout), single = count / 2;
  std::vector<std::int64_t> result;
  for (std::int64_t r = 1; r <= single; ++r) result.push_back(r);
  const double ratio = static_cast<double>(layout.max_distance) / static_cast<double>(single);
  for (std::int64_t k = 1; k < count - single; ++k) {
    const double border =
        static_cast<double>(single) * power(ratio, static_cast<double>(k) / static_cast<double>(count - single));
    // A border that is a whole number may have been rounded to either side of it. Others come so near only where
    // distances have five digits and more.
    const double nearest = std::floor(border + 0.5);
    const bool whole = std::fabs(border - nearest) <= 1e-12 * border;
    result.push_back(static_cast<std::int64_t>(whole ? nearest : std::ceil(border)));
  }
  return result;
}

Tensor small(const ParameterSpec& p, Generator& generator) { return normal(generator, p.shape, 0, 0.02, p.dtype); }

}  // namespace

Tensor t5_buckets(const Tensor& given, const T5Buckets& layout) {
  check_defined(op, "distances", given);
  if (given.dtype() != DType::i64) throw_dtype("T5 bias: distances", given.dtype(), "i64");
  const std::vector<std::int64_t> firsts = first_distances(checked(layout));
  const Tensor distances = given.contiguous();
  Tensor buckets = empty(distances.shape(), DType::i64, op);
  const std::int64_t* distance = distances.data<std::int64_t>();
  std::int64_t* bucket = buckets.mutable_data<std::int64_t>();
  for (std::int64_t i = 0; i < distances.numel(); ++i) {
    const bool behind = distance[i] > 0;
    const auto far = behind ? static_cast<std::uint64_t>(distance[i]) : -static_cast<std::uint64_t>(distance[i]);
    const std::uint64_t r = behind && !layout.bidirectional ? 0 : far;
    const auto upper = [](std::uint64_t value, std::int64_t first) {
      return value < static_cast<std::uint64_t>(first);
    };
    bucket[i] = std::upper_bound(firsts.begin(), firsts.end(), r, upper) - firsts.begin();
    if (behind && layout.bidirectional) bucket[i] += of_one_direction(layout);
  }
  return buckets;
}

T5Bias::T5Bias(const Config& c, const ParameterSource& source)
    : layout(checked(c.layout)),
      weight(source.make({{layout.buckets, checked_heads(c)}, ParameterKind::weight, c.dtype}, small)) {}

Variable T5Bias::forward(std::int64_t queries, std::int64_t keys, std::optional<std::int64_t> first_position) const {
  const Tensor buckets = t5_buckets(key_distances(op, queries, keys, first_position), layout);
  return unsqueeze(permute(index_select(weight, 0, buckets), {2, 0, 1}), 0);  // [T, S, H] -> [1, H, T, S]
}

}  // namespace heed::nn
