#include "heed/tensor/ops/additive_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/additive_score.h"
#include "heed/tensor/kernels/reduce.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {
namespace {

void check_shapes(const Tensor& q, const Tensor& k, const Tensor& v) {
  check_defined("additive_score", "q", q);
  check_defined("additive_score", "k", k);
  check_defined("additive_score", "v", v);
  check_same_dtype("additive_score", q.dtype(), k.dtype());
  check_same_dtype("additive_score", q.dtype(), v.dtype());
  if (q.rank() != 3 || k.rank() != 3 || v.rank() != 1 || q.size(0) != k.size(0) || q.size(2) != k.size(2) ||
      q.size(2) != v.size(0))
    throw ShapeError(fmt::format("additive_score: q {}, k {}, v {}: expected [B, T, A], [B, S, A], [A]",
                                 q.shape().str(), k.shape().str(), v.shape().str()));
}

// Numbers that `terms` others are added to, one after the other. Up to 64 are added in T, then that sum goes to a total
// in double precision: the error does not grow with their number.
template <class T>
class LongSums {
 public:
  LongSums(std::int64_t numbers, std::int64_t terms) : totals_(terms > block ? static_cast<std::size_t>(numbers) : 0) {}

  /// After each term was added to `sums`.
  void added(T* sums) {
    if (!totals_.empty() && ++pending_ == block) flush(sums);
  }

  /// After the last term: the result stands in `sums`, and the next sums may begin.
  void finish(T* sums) {
    if (totals_.empty()) return;
    flush(sums);
    std::transform(totals_.begin(), totals_.end(), sums, [](double total) { return static_cast<T>(total); });
    std::fill(totals_.begin(), totals_.end(), 0.0);
  }

 private:
  static constexpr std::int64_t block = 64;

  void flush(T* sums) {
    kernels::reduce<T>().accumulate(sums, totals_.data(), totals_.size());
    std::fill_n(sums, totals_.size(), T{0});
    pending_ = 0;
  }

  std::vector<double> totals_;  // empty when one block holds all terms
  std::int64_t pending_ = 0;
};

}  // namespace

Tensor additive_score(const Tensor& query, const Tensor& key, const Tensor& vector) {
  check_shapes(query, key, vector);
  const Tensor q = query.contiguous(), k = key.contiguous(), v = vector.contiguous();
  const std::int64_t batch = q.size(0), targets = q.size(1), sources = k.size(1), width = q.size(2);
  return dispatch_float("additive_score", q.dtype(), [&]<class T> {
    Tensor e = empty({batch, targets, sources}, q.dtype(), "additive_score");
    T* to = e.mutable_data<T>();
    parallel_chunks(batch * targets, 1 + 4096 / (sources * width + 1), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row)
        for (std::int64_t s = 0; s < sources; ++s)
          to[row * sources + s] = kernels::additive_score<T>().forward(
              q.data<T>() + row * width, k.data<T>() + (row / targets * sources + s) * width, v.data<T>(),
              static_cast<std::size_t>(width));
    });
    return e;
  });
}

AdditiveScoreGradient additive_score_backward(const Tensor& query, const Tensor& key, const Tensor& vector,
                                              const Tensor& gradient) {
  check_shapes(query, key, vector);
  check_defined("additive_score", "gradient", gradient);
  check_same_dtype("additive_score", query.dtype(), gradient.dtype());
  if (!(gradient.shape() == Shape{query.size(0), query.size(1), key.size(1)}))
    throw ShapeError(fmt::format("additive_score: q {}, k {}, gradient {}: expected [B, T, A], [B, S, A], [B, T, S]",
                                 query.shape().str(), key.shape().str(), gradient.shape().str()));
  const Tensor q = query.contiguous(), k = key.contiguous(), v = vector.contiguous(), de = gradient.contiguous();
  const std::int64_t batch = q.size(0), targets = q.size(1), sources = k.size(1), width = q.size(2);
  return dispatch_float("additive_score", q.dtype(), [&]<class T> {
    AdditiveScoreGradient result{zeros(q.shape(), q.dtype()), zeros(k.shape(), q.dtype()), {}};
    Tensor dv = zeros({batch, width}, q.dtype());  // one row per example, added up in a fixed order afterwards
    T *to_q = result.q.mutable_data<T>(), *to_k = result.k.mutable_data<T>(), *to_v = dv.mutable_data<T>();
    parallel_chunks(batch, 1 + 4096 / (targets * sources * width + 1), [&](std::int64_t begin, std::int64_t end) {
      LongSums<T> q_sums(width, sources), k_sums(sources * width, targets), v_sums(width, targets * sources);
      for (std::int64_t b = begin; b < end; ++b) {
        const std::int64_t k_rows = b * sources * width, v_row = b * width;
        for (std::int64_t t = 0; t < targets; ++t) {
          const std::int64_t q_row = (b * targets + t) * width;
          for (std::int64_t s = 0; s < sources; ++s) {
            const std::int64_t k_row = k_rows + s * width;
            kernels::additive_score<T>().backward(de.data<T>()[(b * targets + t) * sources + s], q.data<T>() + q_row,
                                                  k.data<T>() + k_row, v.data<T>(), to_q + q_row, to_k + k_row,
                                                  to_v + v_row, static_cast<std::size_t>(width));
            q_sums.added(to_q + q_row);
            v_sums.added(to_v + v_row);
          }
          q_sums.finish(to_q + q_row);
          k_sums.added(to_k + k_rows);
        }
        k_sums.finish(to_k + k_rows);
        v_sums.finish(to_v + v_row);
      }
    });
    result.v = sum(dv, {0});
    return result;
  });
}

}  // namespace heed
