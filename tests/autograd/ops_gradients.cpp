// Every gradient is the derivative: against central differences, in every layout of the inputs; as numbers, recorded,
// and in f32.
#include <algorithm>
#include <cmath>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/ops/elementwise.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

double dot(const Tensor& a, const Tensor& b) { return sum(a * b).item(); }

// Compares the slope along three random directions; for samples with too many numbers to take each by itself.
std::string check_directions(const Sample& sample) {
  Numbers numbers(31);
  const Variables x = leaves(sample.inputs);
  const Variable y = sample.apply(x);
  const Tensor v = numbers.uniform(y.shape());
  const std::vector<Tensor> gradient = gradients(y, x, v);
  for (int trial = 0; trial < 3; ++trial) {
    double exact = 0, size = 0;
    Variables above, below;
    constexpr double step = 4e-6;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Tensor direction = numbers.uniform(x[i].shape());
      exact += dot(gradient[i], direction);
      size += std::sqrt(dot(gradient[i], gradient[i]));
      above.push_back(x[i].value() + direction * step);
      below.push_back(x[i].value() - direction * step);
    }
    // The differences are summed, not the values: these nearly cancel.
    const Tensor difference = sample.apply(above).value() - sample.apply(below).value();
    const double numeric = dot(difference, v) / (2 * step);
    if (!(std::abs(exact - numeric) <= 1e-7 * size))
      return "along a direction: " + std::to_string(exact) + ", numeric " + std::to_string(numeric);
  }
  return {};
}

double largest(const Tensor& x) {
  double result = 0;
  for (double number : to_array(x).numbers) result = std::max(result, std::abs(number));
  return result;
}

}  // namespace

TEST_CASE("gradients of operations equal differences", "[ops]") {
  for (const OpCase& row : op_cases())
    for (Sample& sample : row.samples()) {
      if (!sample.differentiable) continue;
      INFO(row.name << ": " << sample.what);
      for (const auto& inputs : rearranged(sample)) {
        sample.inputs = inputs;
        CHECK((sample.large ? check_directions(sample) : gradcheck(sample.apply, inputs)) == "");
      }
    }
}

TEST_CASE("recorded gradients have the numbers of plain ones", "[ops]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      if (!sample.differentiable) continue;
      INFO(row.name << ": " << sample.what);
      const Variables x = leaves(sample.inputs);
      const Variable y = sample.apply(x);
      const Tensor v = Numbers(32).uniform(y.shape());
      const std::vector<Variable> recorded = recorded_gradients(y, x, Variable(v));
      const std::vector<Tensor> plain = gradients(y, x, v);
      for (std::size_t i = 0; i < x.size(); ++i)
        CHECK(difference(recorded[i].value(), to_array(plain[i]), 256, largest(plain[i])) == "");
    }
}

TEST_CASE("f32 gradients are near the f64 ones", "[ops]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      if (!sample.differentiable || row.name == "to") continue;
      INFO(row.name << ": " << sample.what);
      const Variables x = leaves(sample.inputs), x32 = leaves(converted(sample.inputs, DType::f32));
      const Variable y = sample.apply(x), y32 = sample.apply(x32);
      const Tensor v = Numbers(33).uniform(y.shape());
      const std::vector<Tensor> wanted = gradients(y, x, v), got = gradients(y32, x32, to(v, DType::f32));
      for (std::size_t i = 0; i < x.size(); ++i)
        CHECK(difference(got[i], to_array(wanted[i]), 64, largest(wanted[i])) == "");
    }
}
