#include "heed/nn/train/bleu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string_view>

#include "heed/tensor/error.h"

namespace heed::nn {
namespace {

using Words = std::vector<std::string>;
using Counts = std::map<std::vector<std::string_view>, std::int64_t>;

Counts ngrams(const Words& words, std::size_t n) {
  Counts counts;
  for (auto first = words.begin(); words.end() - first >= static_cast<std::ptrdiff_t>(n); ++first)
    ++counts[{first, first + static_cast<std::ptrdiff_t>(n)}];
  return counts;
}

std::int64_t length(const Words& words) { return static_cast<std::int64_t>(words.size()); }

}  // namespace

void Bleu::add(const Words& candidate, const std::vector<Words>& references) {
  if (references.empty()) throw ShapeError("bleu: a candidate without a reference");
  for (std::size_t n = 1; n <= max_order; ++n) {
    Counts allowed;
    for (const Words& reference : references)
      for (const auto& [ngram, count] : ngrams(reference, n)) allowed[ngram] = std::max(allowed[ngram], count);
    for (const auto& [ngram, count] : ngrams(candidate, n)) {
      const auto found = allowed.find(ngram);
      matched_[n - 1] += found == allowed.end() ? 0 : std::min(count, found->second);
      counted_[n - 1] += count;
    }
  }
  const auto closer = [&](const Words& a, const Words& b) {
    const std::int64_t to_a = std::abs(length(a) - length(candidate)), to_b = std::abs(length(b) - length(candidate));
    return to_a != to_b ? to_a < to_b : a.size() < b.size();
  };
  candidate_length_ += length(candidate);
  reference_length_ += length(*std::min_element(references.begin(), references.end(), closer));
}

double Bleu::precision(int n) const {
  if (n < 1 || n > max_order)
    throw IndexError(fmt::format("bleu: {}-grams are not counted, 1 to {} are", n, max_order));
  const auto order = static_cast<std::size_t>(n - 1);
  return counted_[order] == 0 ? 0 : static_cast<double>(matched_[order]) / static_cast<double>(counted_[order]);
}

double Bleu::brevity_penalty() const {
  if (candidate_length_ == 0) return 0;
  const double ratio = static_cast<double>(reference_length_) / static_cast<double>(candidate_length_);
  return ratio < 1 ? 1 : std::exp(1 - ratio);
}

double Bleu::score(bool smooth) const {
  double log_sum = 0;
  for (std::size_t i = 0; i < max_order; ++i) {
    const std::int64_t extra = smooth && i > 0 ? 1 : 0, matched = matched_[i] + extra, counted = counted_[i] + extra;
    if (matched == 0) return 0;
    log_sum += std::log(static_cast<double>(matched) / static_cast<double>(counted));
  }
  return brevity_penalty() * std::exp(log_sum / max_order);
}

}  // namespace heed::nn
