// Rows of the element-wise functions of one argument, activations among them.
#include <cmath>
#include <limits>
#include <numbers>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/activation.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "op_cases.h"

namespace heed::test {
namespace {

using Operation = Variable (*)(const Variable&);
using Formula = double (*)(double);

struct Domain {
  double low, high;
  bool has_kink_at_zero = false;
};

Array map(const Array& x, Formula f) {
  Array y(x.shape);
  for (const Index& i : indices(x.shape)) y[i] = f(x[i]);
  return y;
}

std::vector<Sample> samples(Operation operation, Formula formula, Domain domain) {
  Numbers numbers(1);
  std::vector<Sample> result;
  const auto add = [&](const std::string& what, const Tensor& x) -> Sample& {
    return result.emplace_back(Sample{what,
                                      {x},
                                      [operation](const Variables& v) { return operation(v[0]); },
                                      [formula](const Arrays& v) { return map(v[0], formula); }});
  };
  const auto random = [&](const Shape& shape) {
    return domain.has_kink_at_zero ? numbers.away_from_zero(shape) : numbers.uniform(shape, domain.low, domain.high);
  };
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{2, 0, 3}, Shape{1}, Shape{7}, Shape{2, 3}, Shape{1, 1},
                             Shape{2, 1, 3}, Shape{1, 2, 1, 2, 1, 2}, Shape{37}})
    add("shape " + shape.str(), random(shape));
  add("expanded, stride 0", expand(random({2, 1, 3}), {2, 4, 3}));
  // Longer than the pieces strided rows are staged in, and than what one thread takes.
  add("long rows", random({3, 700})).large = true;
  add("many chunks", random({41, 1013})).large = true;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  add("numbers at the edge", tensor({0.0, -0.0, 1e-40, -1e-40, 1e30, -1e30, 88.5, 89.0, -87.5, -103.5, -105, 9.5, -18,
                                     1e-8, infinity, -infinity, std::numeric_limits<double>::quiet_NaN()},
                                    {17}, DType::f64))
      .differentiable = false;
  return result;
}

std::vector<Misuse> misuses(Operation operation, bool takes_integers) {
  const Function apply = [operation](const Variables& v) { return operation(v[0]); };
  const DType refused = takes_integers ? DType::boolean : DType::i64;
  return {{"a dtype it does not take", Refusal::dtype, {zeros({3}, refused)}, apply},
          {"booleans", Refusal::dtype, {zeros({2}, DType::boolean)}, apply},
          {"the same, 0-d", Refusal::dtype, {zeros({}, refused)}, apply}};
}

OpCase row(const std::string& name, Operation operation, Formula formula, double ulps, Domain domain) {
  return {.name = name,
          .samples = [=] { return samples(operation, formula, domain); },
          .misuses = [=] { return misuses(operation, name == "neg" || name == "abs"); },
          .ulps = ulps};
}

double true_sigmoid(double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }

// The functions that go to 0 at -infinity are not -infinity·0 there.
double true_silu(double x) { return x == -std::numeric_limits<double>::infinity() ? 0 : x * true_sigmoid(x); }
double true_gelu(double x) {
  const long double wide = x;
  return x == -std::numeric_limits<double>::infinity()
             ? 0
             : static_cast<double>(wide * std::erfc(-wide / std::numbers::sqrt2_v<long double>) / 2);
}
double true_gelu_tanh(double x) {
  const long double wide = x,
                    u = std::sqrt(8 / std::numbers::pi_v<long double>) * (wide + 0.044715L * wide * wide * wide);
  if (x == -std::numeric_limits<double>::infinity()) return 0;
  return static_cast<double>(u < 0 ? wide * std::exp(u) / (1 + std::exp(u)) : wide / (1 + std::exp(-u)));
}

std::vector<Sample> gelu_samples() {
  const Domain any{-2, 2};
  std::vector<Sample> result = samples([](const Variable& x) { return gelu(x); }, true_gelu, any);
  for (Sample& sample : samples([](const Variable& x) { return gelu(x, Approximate::tanh); }, true_gelu_tanh, any)) {
    sample.what += ", tanh";
    result.push_back(std::move(sample));
  }
  return result;
}

std::vector<Sample> conversion_samples() {
  Numbers numbers(2);
  std::vector<Sample> result;
  const auto add = [&](const std::string& what, const Tensor& x, DType dtype, Formula rounded) {
    const Function apply = [dtype](const Variables& v) { return to(v[0], dtype); };
    result.push_back({what, {x}, apply, [=](const Arrays& v) { return map(v[0], rounded); }});
    // Differences see the steps of f32; integers carry no gradient. autograd/ops/kinks.cpp checks those gradients.
    result.back().differentiable = dtype == DType::f64;
    result.back().large = x.numel() > 1000;
  };
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{0, 2}, Shape{2, 3}, Shape{3, 700}}) {
    add("f64 of " + shape.str(), numbers.uniform(shape), DType::f64, [](double x) { return x; });
    add("f32 of " + shape.str(), numbers.uniform(shape), DType::f32, [](double x) { return x; });
    add("i64 of " + shape.str(), numbers.uniform(shape), DType::i64, [](double x) { return std::trunc(x); });
    add("bool of " + shape.str(), numbers.uniform(shape), DType::boolean, [](double x) { return x == 0 ? 0.0 : 1.0; });
  }
  return result;
}

}  // namespace

std::vector<OpCase> unary_cases() {
  const Domain any{-2, 2}, positive{0.25, 3}, kinked{-2, 2, true};
  return {
      row(
          "neg", neg, [](double x) { return -x; }, 0, any),
      row(
          "abs", abs, [](double x) { return std::abs(x); }, 0, kinked),
      row(
          "sqrt", sqrt, [](double x) { return std::sqrt(x); }, 0, positive),
      row(
          "relu", relu, [](double x) { return x <= 0 ? 0 : x; }, 0, kinked),
      row(
          "exp", exp, [](double x) { return std::exp(x); }, 4, any),
      row(
          "log", log, [](double x) { return std::log(x); }, 4, positive),
      row(
          "tanh", tanh, [](double x) { return std::tanh(x); }, 4, any),
      row("sigmoid", sigmoid, true_sigmoid, 4, any),
      row(
          "leaky_relu", [](const Variable& x) { return leaky_relu(x, 0.25); },
          [](double x) { return x > 0 ? x : 0.25 * x; }, 0, kinked),
      row(
          "elu", [](const Variable& x) { return elu(x, 0.5); },
          [](double x) { return x > 0 ? x : 0.5 * std::expm1(x); }, 4, kinked),
      {.name = "gelu",
       .samples = gelu_samples,
       .misuses = [] { return misuses([](const Variable& x) { return gelu(x); }, false); },
       .ulps = 32},  // of gelu with tanh, whose tail multiplies the error of u by u
      row("silu", silu, true_silu, 6, any),
      row(
          "softplus", softplus, [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }, 4, any),
      row(
          "erf", erf, [](double x) { return std::erf(x); }, 4, any),
      {.name = "to", .samples = conversion_samples, .shows_every_nan = false},
      {.name = "identity", .samples = [] { return samples(identity, [](double x) { return x; }, {-2, 2}); }},
  };
}

}  // namespace heed::test
