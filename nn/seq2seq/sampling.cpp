#include "heed/nn/seq2seq/sampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/softmax.h"

namespace heed::nn {
namespace {

void check(const Tensor& logits, const SamplingConfig& c) {
  check_defined("sample", "logits", logits);
  if (!is_float(logits.dtype())) throw_dtype("sample", logits.dtype(), "f32 or f64");
  if (logits.rank() != 1 || logits.numel() == 0)
    throw ShapeError(fmt::format("sample: logits {}, expected [V]", logits.shape().str()));
  if (!(c.temperature >= 0) || std::isinf(c.temperature) || c.top_k < 0 || !(c.top_p > 0 && c.top_p <= 1))
    throw Error(
        fmt::format("sample: temperature {}, top_k {}, top_p {}: expected finite temperature >= 0, top_k >= 0, 0 < "
                    "top_p <= 1",
                    c.temperature, c.top_k, c.top_p));
}

}  // namespace

std::int64_t sample(const Tensor& logits, const SamplingConfig& c, Generator& generator) {
  check(logits, c);
  const Tensor x = to(logits, DType::f64).contiguous();
  const std::span<const double> all(x.data<double>(), static_cast<std::size_t>(x.numel()));
  std::vector<std::int64_t> ids(all.size());  // by falling logit
  std::iota(ids.begin(), ids.end(), 0);
  const auto of = [&](std::int64_t id) { return all[static_cast<std::size_t>(id)]; };
  if (std::any_of(all.begin(), all.end(), [](double logit) { return std::isnan(logit); }) ||
      !std::isfinite(*std::max_element(all.begin(), all.end())))
    throw Error("sample: no finite logit is the greatest, or one is NaN");
  std::sort(ids.begin(), ids.end(),
            [&](std::int64_t a, std::int64_t b) { return of(a) != of(b) ? of(a) > of(b) : a < b; });
  if (c.temperature == 0) return ids[0];
  if (c.top_k > 0) ids.resize(std::min(ids.size(), static_cast<std::size_t>(c.top_k)));

  // Less the greatest, so that no temperature makes an infinity of it.
  Tensor scaled = empty({static_cast<std::int64_t>(ids.size())}, DType::f64);
  for (std::size_t i = 0; i < ids.size(); ++i)
    scaled.mutable_data<double>()[i] = (of(ids[i]) - of(ids[0])) / c.temperature;
  const Tensor probabilities = softmax(scaled);
  const std::span<const double> p(probabilities.data<double>(), ids.size());
  double kept = 0;
  std::size_t count = 0;
  while (count < p.size() && p[count] > 0 && (count == 0 || kept < c.top_p)) kept += p[count++];

  double left = generator.uniform() * kept;
  for (std::size_t i = 0; i + 1 < count; ++i)
    if ((left -= p[i]) < 0) return ids[i];
  return ids[count - 1];
}

}  // namespace heed::nn
