// Sums that many rows are added to, one after the other, in the order of the rows. Not part of the public interface.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "heed/tensor/kernels/reduce.h"
#include "heed/tensor/shape.h"

namespace heed {

/// Groups of `width` sums, one group after the other in memory; each sum has `terms` terms, which the caller adds to
/// it. Up to 64 terms are added in T, then that sum goes to a total in double precision: the error does not grow with
/// the number of terms. With `first` null the sums are not wanted: at() is null, and nothing happens.
template <class T>
class LongSums {
 public:
  LongSums(T* first, std::int64_t width, std::int64_t terms)
      : first_(first), width_(width), totals_(first && terms > block ? to_size(width) : 0) {}

  /// Where the next term of the group's sums is added, from sum number `begin` on.
  T* at(std::int64_t group, std::int64_t begin = 0) const { return first_ ? first_ + group * width_ + begin : nullptr; }

  /// After each term of the group.
  void added(std::int64_t group) {
    if (!totals_.empty() && ++pending_ == block) flush(at(group));
  }

  /// After the last term: the results stand at(group), and another group may begin.
  void finish(std::int64_t group) {
    if (totals_.empty()) return;
    flush(at(group));
    std::transform(totals_.begin(), totals_.end(), at(group), [](double total) { return static_cast<T>(total); });
    std::fill(totals_.begin(), totals_.end(), 0.0);
  }

 private:
  static constexpr std::int64_t block = 64;

  void flush(T* sums) {
    kernels::reduce().of<T>().accumulate(sums, totals_.data(), totals_.size());
    std::fill_n(sums, totals_.size(), T{0});
    pending_ = 0;
  }

  T* first_;
  std::int64_t width_;
  std::vector<double> totals_;  // empty when one block holds all terms
  std::int64_t pending_ = 0;
};

}  // namespace heed
