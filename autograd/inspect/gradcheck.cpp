#include "heed/autograd/inspect/gradcheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/random/random.h"

namespace heed {
namespace {

// x over a private copy of its storage, same strides: changing an element there changes every element that shares its
// memory.
Tensor detached_view(const Tensor& x) {
  if (x.dtype() != DType::f64) throw_dtype("gradcheck", x.dtype(), "f64");
  StorageRef copy(Storage::create(x.storage()->bytes()));
  std::memcpy(copy->data(), x.storage()->data(), x.storage()->bytes());
  return Tensor(std::move(copy), x.shape(), x.strides(), x.offset(), x.dtype());
}

// Where in the storage, relative to data(), each element of x stands, in row-major order.
std::vector<std::int64_t> places(const Tensor& x) {
  std::vector<std::int64_t> result;
  const std::int64_t n = x.numel();
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t rest = i, place = 0;
    for (int axis = x.rank(); axis-- > 0; rest /= x.shape()[axis]) place += rest % x.shape()[axis] * x.strides()[axis];
    result.push_back(place);
  }
  return result;
}

// Finds the worst disagreement between `gradient` (given one Tensor per input) and differences of `value`.
std::string compare(const std::vector<Tensor>& inputs, const std::vector<Tensor>& analytic,
                    const std::function<double(const std::vector<Tensor>&)>& value, const GradcheckOptions& options) {
  std::string worst;
  double worst_excess = 0;
  std::vector<Tensor> point = inputs;
  for (std::size_t input = 0; input < inputs.size(); ++input) {
    const std::vector<std::int64_t> where_stored = places(point[input]);
    const Tensor gradient = analytic[input].contiguous();
    std::map<std::int64_t, double> expected;  // elements that share a number add up
    for (std::size_t i = 0; i < where_stored.size(); ++i) expected[where_stored[i]] += gradient.data<double>()[i];
    for (const auto& [place, exact] : expected) {
      double& number = point[input].mutable_data<double>()[place];
      const double before = number, step = options.step * std::max(1.0, std::abs(before));
      number = before + step;
      const double above = value(point);
      number = before - step;
      const double below = value(point);
      number = before;
      const double numeric = (above - below) / (2 * step);
      const double allowed = options.absolute + options.relative * std::max(std::abs(exact), std::abs(numeric));
      const double excess = std::abs(exact - numeric) / allowed;
      if (excess <= 1) continue;  // false for NaN, which must not pass
      if (!worst.empty() && !(excess > worst_excess)) continue;
      worst_excess = excess;
      worst = fmt::format("gradcheck: input {} {} strides {}, element at offset {}: analytic {}, numeric {}", input,
                          inputs[input].shape().str(),
                          Shape(std::span(inputs[input].strides().begin(), inputs[input].strides().end())).str(), place,
                          exact, numeric);
    }
  }
  return worst;
}

std::vector<Variable> leaves(const std::vector<Tensor>& inputs) {
  std::vector<Variable> result;
  for (const Tensor& input : inputs) result.emplace_back(input, true);
  return result;
}

// What the function gives is the user's to choose: f64 and, at every call, of one shape, or no comparison means
// anything.
Variable result_of(const Function& f, const std::vector<Variable>& x, const Variable& first = {}) {
  if (!f) throw Error("gradcheck: the function is empty");
  Variable y = f(x);
  if (!y.defined()) throw ShapeError("gradcheck: the function gave an undefined result");
  if (y.dtype() != DType::f64)
    throw DTypeError(fmt::format("gradcheck: the function gave {}, expected f64", name(y.dtype())));
  if (first.defined() && !(y.shape() == first.shape()))
    throw ShapeError(fmt::format("gradcheck: the function gave {} at first and {} at another point",
                                 first.shape().str(), y.shape().str()));
  return y;
}

Tensor cotangent(const GradcheckOptions& options, const Shape& shape) {
  Generator generator(options.seed);
  return normal(generator, shape, 0, 1, DType::f64);
}

double dot(const Tensor& a, const Tensor& b) { return sum(a * b).item(); }

}  // namespace

std::string gradcheck(const Function& f, const std::vector<Tensor>& given, const GradcheckOptions& options) {
  std::vector<Tensor> inputs;
  for (const Tensor& input : given) inputs.push_back(detached_view(input));
  const std::vector<Variable> x = leaves(inputs);
  const Variable y = result_of(f, x);
  const Tensor v = cotangent(options, y.shape());
  const std::vector<Tensor> analytic = gradients(y, x, v);
  const auto value = [&](const std::vector<Tensor>& point) {
    return dot(result_of(f, {point.begin(), point.end()}, y).value(), v);
  };
  return compare(inputs, analytic, value, options);
}

std::string gradcheck_twice(const Function& f, const std::vector<Tensor>& given, const GradcheckOptions& options) {
  std::vector<Tensor> inputs;
  for (const Tensor& input : given) inputs.push_back(detached_view(input));
  const std::vector<Variable> x = leaves(inputs);
  const Variable y = result_of(f, x);
  const Tensor v = cotangent(options, y.shape());
  // ψ(x) = Σ w∘∂φ/∂x over all inputs: its gradient, from the recorded gradients, against differences of ψ.
  const std::vector<Variable> first = recorded_gradients(y, x, Variable(v));
  std::vector<Tensor> w;
  for (std::size_t i = 0; i < x.size(); ++i) w.push_back(cotangent({.seed = options.seed + 1 + i}, x[i].shape()));
  Variable psi{zeros({}, DType::f64)};
  for (std::size_t i = 0; i < x.size(); ++i) psi = psi + sum(first[i] * Variable(w[i]));
  std::vector<Tensor> analytic;
  if (psi.requires_grad())
    analytic = gradients(psi, x);
  else
    for (const Tensor& input : inputs) analytic.push_back(zeros(input.shape(), DType::f64));
  const auto value = [&](const std::vector<Tensor>& point) {
    const std::vector<Variable> at = leaves(point);
    const std::vector<Tensor> slope = gradients(result_of(f, at, y), at, v);
    double total = 0;
    for (std::size_t i = 0; i < slope.size(); ++i) total += dot(slope[i], w[i]);
    return total;
  };
  return compare(inputs, analytic, value, options);
}

}  // namespace heed
