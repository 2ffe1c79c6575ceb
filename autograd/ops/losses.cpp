#include "heed/autograd/ops/losses.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "heed/autograd/ops/activation.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/pointwise.h"

namespace heed {
namespace {

void check(std::string_view name, const Tensor& x, const Tensor& target, const Tensor& weights) {
  check_defined(name, "x", x);
  check_defined(name, "target", target);
  if (!is_float(x.dtype())) throw_dtype(name, x.dtype(), "f32 or f64");
  check_same_dtype(name, x.dtype(), target.dtype());
  const bool fits = !weights.defined() || broadcast(name, weights.shape(), x.shape()) == x.shape();
  if (!(x.shape() == target.shape()) || !fits)
    throw ShapeError(fmt::format("{}: x {}, target {}, weights {}: expected one shape, to which weights broadcast",
                                 name, x.shape().str(), target.shape().str(),
                                 weights.defined() ? weights.shape().str() : "undefined"));
  if (weights.defined()) check_same_dtype(name, x.dtype(), weights.dtype());
}

// The weights over Σ|w|, each counted as often as it is repeated in `shape`.
Tensor normalised(const Tensor& weights, const Shape& shape) {
  const Tensor w = to(weights, DType::f64);
  if (shape.numel() == 0) return weights;
  const double largest = max(abs(w)).item(), repeats = static_cast<double>(shape.numel() / weights.numel());
  if (largest == 0) return weights;
  const Tensor shares = w / largest;  // whose sum is finite
  return to(shares / (sum(abs(shares)).item() * repeats), weights.dtype());
}

// The terms of both, weighted and reduced.
template <class Terms>
Variable loss(std::string_view name, const Variable& x, const Variable& target, Reduction reduction,
              const Tensor& weights, const Terms& terms) {
  check(name, x.value(), target.value(), weights);
  const bool mean = reduction == Reduction::mean;
  Variable result;
  if (weights.defined()) {
    const Tensor counts = logical_not(equal(weights, 0));
    const Tensor factor = mean ? normalised(weights, x.shape()) : weights;
    result = terms(where(counts, x, 0), where(counts, target, 0)) * factor;
  } else {
    result = terms(x, target);
  }
  if (reduction == Reduction::none) return result;
  const Variable total = sum(result);
  return mean && !weights.defined() && x.numel() > 0 ? total / static_cast<double>(x.numel()) : total;
}

// d²/2 where |d| <= delta, else delta·(|d| - delta/2).
Variable huber(const Variable& d, double delta) {
  const Tensor size = abs(d.value());
  return unary<"huber_loss", reads::input>(
      d, where(size > delta, (size - delta / 2) * delta, size * size * 0.5), [delta](auto& dy, auto& at) {
        const auto inside = where(number(at) > delta, delta, where(number(at) < -delta, -delta, at));
        return dy * inside;
      });
}

// d²/(2·beta) where |d| <= beta, else |d| - beta/2: of numbers that fit the dtype where the result does.
Variable smooth_l1(const Variable& d, double beta) {
  const Tensor size = abs(d.value());
  return unary<"smooth_l1_loss", reads::input>(
      d, where(size > beta, size - beta / 2, size / beta * (size * 0.5)), [beta](auto& dy, auto& at) {
        const auto inside = where(number(at) > beta, 1, where(number(at) < -beta, -1, at / beta));
        return dy * inside;
      });
}

// A number in a dtype, in which it may become 0.
double rounded(double x, DType dtype) {
  const bool narrow = dtype == DType::f32 && x <= double{std::numeric_limits<float>::max()};
  return narrow ? double{static_cast<float>(x)} : x;
}

// Where the logarithm of a probability is that of 0.
Tensor impossible(const Tensor& logarithm) { return equal(logarithm, -std::numeric_limits<double>::infinity()); }

}  // namespace

Variable mse_loss(const Variable& x, const Variable& target, Reduction reduction, const Tensor& weights) {
  return loss("mse_loss", x, target, reduction, weights, [](const Variable& a, const Variable& b) {
    const Variable error = a - b;
    return error * error;
  });
}

Variable bce_with_logits(const Variable& x, const Variable& target, Reduction reduction, const Tensor& weights) {
  return loss("bce_with_logits", x, target, reduction, weights, [](const Variable& a, const Variable& b) {
    const Tensor &logits = a.value(), &wanted = b.value();
    return binary<"bce_with_logits", reads::both, reads::a>(
        a, b, relu(logits) - logits * wanted + softplus(-abs(logits)),
        [](auto& dy, auto& at, auto& t) {  // σ(x) - t, for a positive x without 1 - σ(-x), which rounds to 1
          return dy * where(number(at) > 0, (1.0 - t) - sigmoid(-at), sigmoid(at) - t);
        },
        [](auto& dy, auto& at) { return -(dy * at); });
  });
}

Variable l1_loss(const Variable& x, const Variable& target, Reduction reduction, const Tensor& weights) {
  return loss("l1_loss", x, target, reduction, weights,
              [](const Variable& a, const Variable& b) { return abs(a - b); });
}

Variable huber_loss(const Variable& x, const Variable& target, double delta, Reduction reduction,
                    const Tensor& weights) {
  if (!(delta > 0) || !std::isfinite(delta))
    throw Error(fmt::format("huber_loss: delta is {}, expected a finite positive number", delta));
  return loss("huber_loss", x, target, reduction, weights,
              [delta](const Variable& a, const Variable& b) { return huber(a - b, delta); });
}

Variable smooth_l1_loss(const Variable& x, const Variable& target, double beta, Reduction reduction,
                        const Tensor& weights) {
  if (!(beta >= 0) || !std::isfinite(beta))
    throw Error(fmt::format("smooth_l1_loss: beta is {}, expected a finite number that is not negative", beta));
  return loss("smooth_l1_loss", x, target, reduction, weights, [beta](const Variable& a, const Variable& b) {
    return rounded(beta, a.dtype()) == 0 ? abs(a - b) : smooth_l1(a - b, beta);
  });
}

Variable kl_div(const Variable& x, const Variable& target, bool log_target, Reduction reduction,
                const Tensor& weights) {
  if (log_target)
    return loss("kl_div", x, target, reduction, weights, [](const Variable& a, const Variable& b) {
      const Tensor &logs = a.value(), &log_p = b.value();
      return binary<"kl_div", reads::b, reads::both>(
          a, b, where(impossible(log_p), 0, exp(log_p) * (log_p - logs)),
          [](auto& dy, auto& t) { return -(dy * exp(t)); },
          [](auto& dy, auto& at, auto& t) {
            const auto possible = where(impossible(number(t)), 0, t);
            return where(impossible(number(t)), 0, dy * (exp(possible) * (possible + 1.0 - at)));
          });
    });
  return loss("kl_div", x, target, reduction, weights, [](const Variable& a, const Variable& b) {
    const Tensor &logs = a.value(), &p = b.value();
    return binary<"kl_div", reads::b, reads::both>(
        a, b, where(equal(p, 0), 0, p * (log(p) - logs)), [](auto& dy, auto& t) { return -(dy * t); },
        [](auto& dy, auto& at, auto& t) {
          const auto possible = where(equal(number(t), 0), 1, t);
          return where(equal(number(t), 0), 0, dy * (log(possible) + 1.0 - at));
        });
  });
}

}  // namespace heed
