// Rows of losses between two arrays.
#include <algorithm>
#include <cmath>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/losses.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

using Loss = Variable (*)(const Variable&, const Variable&, Reduction, const Tensor&);
using Term = double (*)(double, double);

Array reduced(const Array& x, const Array& target, const Array& weight, Reduction reduction, Term term) {
  Array terms(x.shape), result;
  long double total = 0, sizes = 0;
  for (const Index& i : indices(x.shape)) {
    const double w = weight.shown(i);
    terms[i] = w == 0 ? 0 : w * term(x[i], target[i]);
    total += terms[i];
    sizes += std::abs(w);
  }
  if (reduction == Reduction::none) return terms;
  result[{}] = static_cast<double>(reduction == Reduction::mean && sizes != 0 ? total / sizes : total);
  return result;
}

std::vector<Sample> loss_samples(Loss operation, Term term, double least_target) {
  Numbers numbers(61);
  std::vector<Sample> result;
  const auto add = [&](const std::string& what, const Shape& shape, Reduction reduction,
                       const Tensor& weight = {}) -> Sample& {
    const Array counts = weight.defined() ? to_array(weight) : Array({}, 1);
    return result.emplace_back(Sample{what + " " + shape.str(),
                                      {numbers.uniform(shape), numbers.uniform(shape, least_target, 1)},
                                      [=](const Variables& v) {
                                        return operation(v[0], v[1], reduction,
                                                         weight.defined() ? to(weight, v[0].dtype()) : weight);
                                      },
                                      [=](const Arrays& v) { return reduced(v[0], v[1], counts, reduction, term); },
                                      weight.defined() ? std::vector{weight} : std::vector<Tensor>{}});
  };
  const Tensor some = tensor({0.5, 0, 2, -1, 0, 0.25}, {2, 3}, DType::f64);
  for (const Reduction reduction : {Reduction::mean, Reduction::sum, Reduction::none}) {
    add("plain", {2, 3}, reduction);
    add("plain", {}, reduction);
    add("plain", {2, 0}, reduction);
    add("weights", {2, 3}, reduction, some);
    add("weights of rows", {2, 2, 2}, reduction, tensor({1, 0.25}, {2, 1, 1}, DType::f64));
    add("strided weights", {3, 2}, reduction, laid_out(numbers.uniform({3, 2}, 0.25, 2), Layout::transposed));
    add("all weights 0", {2, 2}, reduction, zeros({2, 2}, DType::f64));
    add("many", {70, 61}, reduction).large = true;
  }
  add("weights of nothing", {0, 3}, Reduction::mean, ones({3}, DType::f64));
  return result;
}

std::vector<Misuse> loss_misuses(Loss operation) {
  const auto with = [operation](const Tensor& weights = {}) -> Function {
    return [=](const Variables& v) { return operation(v[0], v[1], Reduction::mean, weights); };
  };
  const Tensor x = zeros({2, 3}, DType::f64), whole = zeros({2, 3}, DType::i64);
  return {{"target of another size", Refusal::shape, {x, zeros({2, 2}, DType::f64)}, with()},
          {"target that would broadcast", Refusal::shape, {x, zeros({3}, DType::f64)}, with()},
          {"weights of another size", Refusal::shape, {x, x}, with(zeros({2}, DType::f64))},
          {"weights of more axes", Refusal::shape, {x, x}, with(zeros({1, 2, 3}, DType::f64))},
          {"weights boolean", Refusal::dtype, {x, x}, with(zeros({2, 3}, DType::boolean))},
          {"target f32", Refusal::dtype, {x, zeros({2, 3})}, with()},
          {"integers", Refusal::dtype, {whole, whole}, with()}};
}

// Targets are drawn from `least_target` to 1.
OpCase row(const std::string& name, Loss operation, Term term, double least_target = 0) {
  return {.name = name,
          .samples = [=] { return loss_samples(operation, term, least_target); },
          .misuses = [=] { return loss_misuses(operation); },
          .ulps = 16,
          .scale = 4,
          .shows_every_nan = false};
}

double huber(double d, double delta) { return std::abs(d) <= delta ? d * d / 2 : delta * (std::abs(d) - delta / 2); }

}  // namespace

std::vector<OpCase> loss_cases() {
  return {
      row("mse_loss", mse_loss, [](double x, double target) { return (x - target) * (x - target); }),
      row("bce_with_logits", bce_with_logits,
          [](double x, double target) { return (x <= 0 ? 0 : x) - x * target + std::log1p(std::exp(-std::abs(x))); }),
      row("l1_loss", l1_loss, [](double x, double target) { return std::abs(x - target); }),
      row(
          "huber_loss",
          [](const Variable& x, const Variable& target, Reduction reduction, const Tensor& weights) {
            return huber_loss(x, target, 0.75, reduction, weights);
          },
          [](double x, double target) { return huber(x - target, 0.75); }),
      row(
          "smooth_l1_loss",
          [](const Variable& x, const Variable& target, Reduction reduction, const Tensor& weights) {
            return smooth_l1_loss(x, target, 0.5, reduction, weights);
          },
          [](double x, double target) { return huber(x - target, 0.5) / 0.5; }),
      row(
          "smooth_l1_loss, without a bend",
          [](const Variable& x, const Variable& target, Reduction reduction, const Tensor& weights) {
            return smooth_l1_loss(x, target, 0, reduction, weights);
          },
          [](double x, double target) { return std::abs(x - target); }),
      row(
          "kl_div",
          [](const Variable& x, const Variable& target, Reduction reduction, const Tensor& weights) {
            return kl_div(x, target, false, reduction, weights);
          },
          [](double x, double target) { return target == 0 ? 0 : target * (std::log(target) - x); }, 0.125),
      row(
          "kl_div, logarithms",
          [](const Variable& x, const Variable& target, Reduction reduction, const Tensor& weights) {
            return kl_div(x, target, true, reduction, weights);
          },
          [](double x, double target) { return std::exp(target) == 0 ? 0 : std::exp(target) * (target - x); })};
}

}  // namespace heed::test
