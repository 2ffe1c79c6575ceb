#include "heed/nn/attention/measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/autograd/backward.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::nn {
namespace {

constexpr std::int64_t nothing = -1;

bool has(const std::vector<std::int64_t>& links, std::int64_t link) {
  return std::ranges::find(links, link) != links.end();
}

// Rows and links as the documentation wants them.
void check(const Tensor& weights, const GoldLinks& gold) {
  if (weights.rank() != 2)
    throw ShapeError(fmt::format("AlignmentErrorRate: weights {}, expected [T, S]", weights.shape().str()));
  if (!gold.possible.empty() && gold.possible.size() != gold.sure.size())
    throw ShapeError(fmt::format("AlignmentErrorRate: sure links of {} words, possible ones of {}", gold.sure.size(),
                                 gold.possible.size()));
  for (const auto* words : {&gold.sure, &gold.possible})
    for (const auto& links : *words)
      for (const std::int64_t link : links)
        if (link < 0 || link >= weights.size(1))
          throw IndexError(
              fmt::format("AlignmentErrorRate: a link to {} is outside weights {}", link, weights.shape().str()));
}

// Where each row has its largest weight: `nothing` for a row of zeros.
template <class T>
std::vector<std::int64_t> largest(const Tensor& weights) {
  const Tensor rows = weights.contiguous();
  const T* a = rows.data<T>();
  std::vector<std::int64_t> result;
  for (std::int64_t t = 0; t < rows.size(0); ++t, a += rows.size(1)) {
    std::int64_t best = nothing;
    for (std::int64_t s = 0; s < rows.size(1); ++s) {
      if (std::isnan(a[s])) throw Error(fmt::format("AlignmentErrorRate: weights[{}, {}] is NaN", t, s));
      if (a[s] > (best == nothing ? T{0} : a[best])) best = s;
    }
    result.push_back(best);
  }
  return result;
}

// A gold link that is listed twice is one.
std::int64_t distinct(std::vector<std::int64_t> links) {
  std::ranges::sort(links);
  return std::ranges::unique(links).begin() - links.begin();
}

void check_weights(std::string_view who, const Tensor& weights) {
  if (weights.rank() == 0) throw ShapeError(fmt::format("{}: weights of rank 0, expected [.., S]", who));
  dispatch_float(who, weights.dtype(), []<class T> {});
}

}  // namespace

void AlignmentErrorRate::add(const Tensor& weights, const GoldLinks& gold) {
  check(weights, gold);
  const std::vector<std::int64_t> looked =
      dispatch_float("AlignmentErrorRate", weights.dtype(), [&]<class T> { return largest<T>(weights); });
  const auto rows = std::ssize(looked);
  for (std::size_t word = 0; word < gold.sure.size(); ++word) {
    sure_ += distinct(gold.sure[word]);
    const std::int64_t row = static_cast<std::int64_t>(word) + config_.row_shift;
    const std::int64_t link = row >= 0 && row < rows ? looked[to_size(row)] : nothing;
    if (link == nothing) continue;
    ++links_;
    const bool is_sure = has(gold.sure[word], link);
    right_sure_ += is_sure;
    right_possible_ += is_sure || (!gold.possible.empty() && has(gold.possible[word], link));
  }
}

double AlignmentErrorRate::value() const {
  const std::int64_t all = links_ + sure_;
  return all == 0 ? 0 : 1 - static_cast<double>(right_sure_ + right_possible_) / static_cast<double>(all);
}

Tensor weight_entropy(const Tensor& weights) {
  check_weights("weight_entropy", weights);
  if (weights.numel() > 0 && sum(to(weights < 0, DType::i64)).item() > 0)
    throw Error(fmt::format("weight_entropy: weights {} have a negative one", weights.shape().str()));
  return 0.0 - sum(where(equal(weights, 0), 0, weights * log(weights)), Axes{-1});  // not -0 for a single weight
}

Tensor total_variation(const Tensor& a, const Tensor& b) {
  check_weights("total_variation", a);
  if (a.shape() != b.shape())
    throw ShapeError(fmt::format("total_variation: weights {} and {}", a.shape().str(), b.shape().str()));
  return sum(abs(a - b), Axes{-1}) * 0.5;
}

Tensor saliency(const Variable& y, const Variable& x) {
  if (x.rank() < 2) throw ShapeError(fmt::format("saliency: x {}, expected [.., S, D]", x.shape().str()));
  const Tensor product = x.value() * gradients(y, {x}, {}, {.retain_graph = true})[0];
  return sqrt(sum(product * product, Axes{-1}));
}

}  // namespace heed::nn
