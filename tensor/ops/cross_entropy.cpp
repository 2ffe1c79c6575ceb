#include "heed/tensor/ops/cross_entropy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/softmax.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {
namespace {

// The operands as dense rows, checked.
struct Operands {
  Tensor logits, targets, weights;
  std::int64_t count, classes;
  double scale;         // of the weights where they are used, which leaves their quotients alone
  double total_weight;  // of their scaled sizes: the weights themselves may sum to 0

  Operands(const Tensor& x, const Tensor& t, const Tensor& w) {
    check_defined("cross_entropy", "logits", x);
    check_defined("cross_entropy", "targets", t);
    if (!is_float(x.dtype())) throw_dtype("cross_entropy: logits", x.dtype(), "f32 or f64");
    if (t.dtype() != DType::i64) throw_dtype("cross_entropy: targets", t.dtype(), "i64");
    Shape rows = x.shape();
    if (rows.rank() > 0) rows.erase(rows.rank() - 1);
    if (x.rank() == 0 || !(t.shape() == rows) || (w.defined() && !(w.shape() == rows)))
      throw ShapeError(fmt::format("cross_entropy: logits {}, targets {}, weights {}: expected [N.., V], [N..], [N..]",
                                   x.shape().str(), t.shape().str(), w.defined() ? w.shape().str() : "undefined"));
    if (w.defined()) check_same_dtype("cross_entropy: weights", x.dtype(), w.dtype());
    logits = x.contiguous();
    targets = t.contiguous();
    weights = w.defined() ? w.contiguous() : ones(rows, x.dtype());
    count = rows.numel();
    classes = x.size(-1);
    const Tensor sizes = abs(to(weights, DType::f64));
    scale = detail::cross_entropy_scale(sizes);
    total_weight = sum(sizes * scale).item();
  }

  void check_targets() const {
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t target = targets.data<std::int64_t>()[i];
      if (counts(i) && (target < 0 || target >= classes))
        throw IndexError(fmt::format("cross_entropy: target {} in row {} is outside {} classes", target, i, classes));
    }
  }

  bool counts(std::int64_t row) const { return unscaled(row) != 0; }
  double weight(std::int64_t row) const { return unscaled(row) * scale; }

  std::int64_t grain() const { return 1 + 8192 / (classes + 1); }

 private:
  double unscaled(std::int64_t row) const {
    return weights.dtype() == DType::f32 ? static_cast<double>(weights.data<float>()[row])
                                         : weights.data<double>()[row];
  }
};

}  // namespace

double detail::cross_entropy_scale(const Tensor& sizes) {
  const double largest = max(sizes).item();  // -inf of nothing
  if (!std::isfinite(largest) || largest == 0) return 1;
  return std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1022, 1023));
}

CrossEntropy cross_entropy_forward(const Tensor& x, const Tensor& targets, const Tensor& weights) {
  const Operands rows(x, targets, weights);
  rows.check_targets();
  CrossEntropy result{empty({}, x.dtype(), "cross_entropy"), zeros(targets.shape(), x.dtype()),
                      zeros(targets.shape(), x.dtype())};
  dispatch_float("cross_entropy", x.dtype(), [&]<class T> {
    const T* from = rows.logits.data<T>();
    const std::int64_t* target = rows.targets.data<std::int64_t>();
    T *max = result.max.mutable_data<T>(), *rest = result.rest.mutable_data<T>();
    const double total = reduce_chunks(
        rows.count, rows.grain(), 0.0,
        [&](std::int64_t begin, std::int64_t end) {
          double loss = 0;
          for (std::int64_t i = begin; i < end; ++i) {
            if (!rows.counts(i)) continue;
            const T* row = from + i * rows.classes;
            const auto sum = kernels::softmax<T>().log_sum_exp(row, static_cast<std::size_t>(rows.classes));
            max[i] = sum.max;
            rest[i] = sum.rest;
            loss += rows.weight(i) * (static_cast<double>(sum.max) - static_cast<double>(row[target[i]]) +
                                      static_cast<double>(sum.rest));
          }
          return loss;
        },
        std::plus<>());
    *result.loss.mutable_data<T>() = rows.total_weight == 0 ? T{0} : static_cast<T>(total / rows.total_weight);
  });
  return result;
}

Tensor cross_entropy_backward(const Tensor& x, const Tensor& targets, const Tensor& weights,
                              const CrossEntropy& forward, const Tensor& dy) {
  const Operands rows(x, targets, weights);
  rows.check_targets();
  for (const Tensor* saved : {&forward.max, &forward.rest})
    if (!(saved->shape() == targets.shape()) || !saved->is_contiguous())
      throw ShapeError(fmt::format("cross_entropy: targets {}, saved maximum or rest {}", targets.shape().str(),
                                   saved->shape().str()));
  Tensor dx = empty(x.shape(), x.dtype(), "cross_entropy_backward");
  const double incoming = dy.item();
  dispatch_float("cross_entropy", x.dtype(), [&]<class T> {
    const T *from = rows.logits.data<T>(), *max = forward.max.data<T>(), *rest = forward.rest.data<T>();
    const std::int64_t* target = rows.targets.data<std::int64_t>();
    T* to = dx.mutable_data<T>();
    parallel_chunks(rows.count, rows.grain(), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        T* row = to + i * rows.classes;
        if (!rows.counts(i)) {
          std::fill_n(row, rows.classes, T{0});
          continue;
        }
        const T factor = static_cast<T>(incoming * (rows.weight(i) / rows.total_weight));
        kernels::softmax<T>().scaled_exp(factor, {max[i], rest[i]}, from + i * rows.classes, row,
                                         static_cast<std::size_t>(rows.classes));
        row[target[i]] -= factor;
      }
    });
  });
  return dx;
}

}  // namespace heed
