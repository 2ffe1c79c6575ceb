#include "heed/autograd/fused/cross_entropy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/autograd/fused/fused.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/internal/class_loss.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/log_sum_exp.h"

namespace heed {
namespace {

struct RowWeights {
  Tensor w;      // [N..] f64, row-major
  double scale;  // a power of two for all of them, with which Σ|w| neither overflows nor loses digits
  double total;  // Σ|w·scale|: the weights themselves may sum to 0

  RowWeights(const Tensor& weights, const Shape& rows)
      : w(weights.defined() ? to(weights, DType::f64).contiguous() : ones(rows, DType::f64)) {
    const Tensor sizes = abs(w);
    const double largest = max(sizes).item();  // -inf of nothing
    const bool scalable = std::isfinite(largest) && largest != 0;
    scale = scalable ? std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1022, 1023)) : 1;
    total = sum(sizes * scale).item();
  }
};

// The loss in operations that exist already.
Variable of_log_softmax(const ClassLoss& loss, const Variable& logits) {
  return loss.of(log_softmax(loss.seen(logits)));
}

struct CrossEntropy final : Fused<CrossEntropy, 1> {
  static constexpr std::string_view op = "cross_entropy";
  Saved targets{*this}, weights{*this};
  Saved max{*this}, rest{*this};  // [N..]: log Σ exp(logits) = max + rest
  double smoothing;

  CrossEntropy(const Tensor& t, const Tensor& w, double label_smoothing) : smoothing(label_smoothing) {
    if (t.defined()) targets.keep_constant(t);
    if (w.defined()) weights.keep_constant(w);
  }

  Tensor forward(const Tensor& x) {
    const Tensor &t = targets.peek(), &w = weights.peek();
    check(x, t, w);
    const RowWeights rows(w, t.shape());
    const Tensor logits = x.contiguous(), ids = t.contiguous();
    const std::int64_t count = t.numel(), classes = x.size(-1);
    const std::int64_t* target = ids.data<std::int64_t>();
    const double* weight = rows.w.data<double>();
    for (std::int64_t i = 0; i < count; ++i)
      if (weight[i] != 0 && (target[i] < 0 || target[i] >= classes))
        throw IndexError(fmt::format("{}: target {} in row {} is outside {} classes", op, target[i], i, classes));
    return dispatch_float(op, x.dtype(), [&]<class T> {
      const auto& kernel = kernels::log_sum_exp().of<T>();
      Tensor loss = empty({}, x.dtype(), op), row_max = zeros(t.shape(), x.dtype()),
             row_rest = zeros(t.shape(), x.dtype());
      T *to_max = row_max.mutable_data<T>(), *to_rest = row_rest.mutable_data<T>();
      const double total = reduce_chunks(
          count, 1 + 8192 / (classes + 1), 0.0,
          [&, from = logits.data<T>()](std::int64_t begin, std::int64_t end) {
            double sum = 0;
            for (std::int64_t i = begin; i < end; ++i) {
              if (weight[i] == 0) continue;
              const T* row = from + i * classes;
              const kernels::LogSumExp<T> log_sum = kernel.log_sum_exp(row, to_size(classes));
              to_max[i] = log_sum.max;
              to_rest[i] = log_sum.rest;
              double cost = static_cast<double>(log_sum.max) - static_cast<double>(row[target[i]]) +
                            static_cast<double>(log_sum.rest);
              if (smoothing > 0)
                cost = smoothed(cost, log_sum, kernel.sum_below(log_sum.max, row, to_size(classes)), classes);
              sum += weight[i] * rows.scale * cost;
            }
            return sum;
          },
          std::plus<>());
      *loss.mutable_data<T>() = rows.total == 0 ? T{0} : static_cast<T>(total / rows.total);
      max.keep_constant(row_max);
      rest.keep_constant(row_rest);
      return loss;
    });
  }

  Grads<Tensor> backward(const Tensor& dy) {
    const Tensor logits = input(0).contiguous(), ids = targets.tensor().contiguous();
    const RowWeights rows(given_weights(), ids.shape());
    const std::int64_t classes = logits.size(-1);
    const std::int64_t* target = ids.data<std::int64_t>();
    const double* weight = rows.w.data<double>();
    Tensor dx = empty(logits.shape(), logits.dtype(), op);
    dispatch_float(op, dx.dtype(), [&]<class T> {
      const auto& kernel = kernels::log_sum_exp().of<T>();
      const T *from = logits.data<T>(), *from_max = max.tensor().data<T>(), *from_rest = rest.tensor().data<T>();
      T* to = dx.mutable_data<T>();
      parallel_chunks(
          ids.numel(), 1 + 8192 / (classes + 1), [&, scale = dy.item()](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
              T* row = to + i * classes;
              if (weight[i] == 0) {
                std::fill_n(row, classes, T{0});
                continue;
              }
              const T factor = static_cast<T>(scale * (weight[i] * rows.scale / rows.total));
              kernel.scaled_exp(factor, {from_max[i], from_rest[i]}, from + i * classes, row, to_size(classes));
              if (const T share = factor * static_cast<T>(smoothing / static_cast<double>(classes)); smoothing > 0)
                for (std::int64_t j = 0; j < classes; ++j) row[j] -= share;
              row[target[i]] -= factor * static_cast<T>(1 - smoothing);
            }
          });
    });
    return {dx};
  }

  Variable definition(std::span<const Variable> x) const {
    if (smoothing == 0) return cross_entropy_definition(x[0], targets.tensor(), given_weights());
    const ClassLossOptions options{.weights = given_weights(), .label_smoothing = smoothing};
    return of_log_softmax(ClassLoss(op, "logits", x[0].value(), targets.tensor(), options), x[0]);
  }

 private:
  // The target's cost and the mean cost of all classes, max + rest - mean x: without a product 0·∞ where all is
  // smoothed.
  template <class T>
  double smoothed(double cost, kernels::LogSumExp<T> log_sum, T below, std::int64_t classes) const {
    const double mean = static_cast<double>(below) / static_cast<double>(classes) + static_cast<double>(log_sum.rest);
    return smoothing == 1 ? mean : (1 - smoothing) * cost + smoothing * mean;
  }

  Tensor given_weights() const { return weights.has_value() ? weights.tensor() : Tensor(); }

  static void check(const Tensor& x, const Tensor& t, const Tensor& w) {
    check_defined(op, "logits", x);
    check_defined(op, "targets", t);
    if (!is_float(x.dtype())) throw_dtype("cross_entropy: logits", x.dtype(), "f32 or f64");
    if (t.dtype() != DType::i64) throw_dtype("cross_entropy: targets", t.dtype(), "i64");
    Shape rows = x.shape();
    if (rows.rank() > 0) rows.erase(rows.rank() - 1);
    if (x.rank() == 0 || !(t.shape() == rows) || (w.defined() && !(w.shape() == rows)))
      throw ShapeError(fmt::format("{}: logits {}, targets {}, weights {}: expected [N.., V], [N..], [N..]", op,
                                   x.shape().str(), t.shape().str(), w.defined() ? w.shape().str() : "undefined"));
    if (w.defined()) check_same_dtype("cross_entropy: weights", x.dtype(), w.dtype());
  }
};

}  // namespace

Variable cross_entropy(const Variable& logits, const Tensor& targets, const Tensor& weights) {
  return fused<CrossEntropy>({logits}, targets, weights, 0.0);
}

Variable cross_entropy(const Variable& logits, const Tensor& targets, const ClassLossOptions& options) {
  const ClassLoss loss("cross_entropy", "logits", logits.value(), targets, options);
  if (!loss.is_weighted_mean()) return of_log_softmax(loss, logits);
  return fused<CrossEntropy>({logits}, targets, loss.row_weights(), options.label_smoothing);
}

Variable cross_entropy_definition(const Variable& logits, const Tensor& targets, const Tensor& weights) {
  const RowWeights rows(weights, targets.shape());
  const Tensor counts = logical_not(equal(rows.w, scalar_like(rows.w, 0))), zero = scalar_like(logits.value(), 0);
  // A row that does not count may hold any target and any logits.
  const Tensor targets_seen = where(counts, targets, zeros({}, DType::i64));
  const Variable logits_seen = where(unsqueeze(counts, -1), logits, zero);
  const Variable picked = squeeze(gather(log_softmax(logits_seen), -1, unsqueeze(targets_seen, -1)), -1);
  const Variable total = sum(where(counts, neg(picked) * to(rows.w * rows.scale, logits.dtype()), zero));
  return rows.total == 0 ? total * 0.0 : total / rows.total;
}

}  // namespace heed
