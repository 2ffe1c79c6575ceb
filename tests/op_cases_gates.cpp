// Rows of gated linear units.
#include <cmath>
#include <numbers>

#include "heed/autograd/ops/glu.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

using Gate = Variable (*)(const Variable&, int);
using Slow = double (*)(double);

// `closes`: the gate is 0 on one side, and lets a NaN of the gradient through as 0·NaN.
std::vector<Sample> samples(Gate operation, Slow gate, bool closes) {
  Numbers numbers(63);
  std::vector<Sample> result;
  const auto add = [&](const Shape& shape, int axis) -> Sample& {
    const auto expected = [=](const Arrays& v) {
      Shape half = shape;
      const int position = axis < 0 ? axis + shape.rank() : axis;
      half[position] /= 2;
      Array y(half);
      for (const Index& i : indices(half)) {
        Index other = i;
        other[static_cast<std::size_t>(position)] += half[position];
        y[i] = v[0][i] * gate(v[0][other]);
      }
      return y;
    };
    return result.emplace_back(Sample{"axis " + std::to_string(axis) + " of " + shape.str(),
                                      {numbers.uniform(shape, -2, 2)},
                                      [=](const Variables& v) { return operation(v[0], axis); },
                                      expected,
                                      {},
                                      true,
                                      false,
                                      closes});
  };
  add({6}, -1);
  add({3, 4}, -1);
  add({3, 4}, 1);
  add({4, 3}, 0);
  add({2, 6, 3}, -2);
  add({2, 0}, -1);
  add({0, 4}, 1);
  add({70, 66}, -1).large = true;
  return result;
}

std::vector<Misuse> misuses(Gate operation) {
  const auto along = [operation](int axis) -> Function {
    return [=](const Variables& v) { return operation(v[0], axis); };
  };
  const Tensor x = zeros({3, 4}, DType::f64);
  return {{"odd size", Refusal::shape, {x}, along(0)},
          {"axis too large", Refusal::index, {x}, along(2)},
          {"axis too small", Refusal::index, {x}, along(-3)},
          {"0-d", Refusal::index, {zeros({}, DType::f64)}, along(-1)},
          {"integers", Refusal::dtype, {zeros({2}, DType::i64)}, along(-1)}};
}

OpCase row(const std::string& name, Gate operation, Slow gate, bool closes = false) {
  return {.name = name,
          .samples = [=] { return samples(operation, gate, closes); },
          .misuses = [=] { return misuses(operation); },
          .ulps = 8,
          .scale = 1};
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double times(double x, double share) { return share == 0 ? -0.0 : x * share; }  // the limit at -inf

}  // namespace

std::vector<OpCase> gate_cases() {
  return {row("glu", glu, logistic),
          row(
              "reglu", reglu, [](double x) { return x <= 0 ? 0 : x; }, true),
          row("geglu", geglu, [](double x) { return times(x, std::erfc(-x / std::numbers::sqrt2) / 2); }),
          row("swiglu", swiglu, [](double x) { return times(x, logistic(x)); })};
}

}  // namespace heed::test
