// Activation rows: how far they are from the true values, with the C library's long double functions as the truth; any
// length, any place, in place; NaN and infinities.
#include "heed/tensor/kernels/activation.h"

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <type_traits>

#include "support/catch.h"
#include "support/every_target.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

long double sigmoid(long double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }

// u of gelu_tanh(x) = x·σ(u).
long double argument(long double x) {
  return 2 * std::sqrt(2 / std::numbers::pi_v<long double>) * (x + 0.044715L * x * x * x);
}

struct Function {
  const char* name;
  Activation f;
  double parameter;
  long double (*truth)(long double x);
  double (*bound)(long double x);  // in units in the last place
};

const std::array<Function, 7> functions = {{
    {"erf", Activation::erf, 0, [](long double x) { return std::erf(x); }, [](long double) { return 2.0; }},
    {"leaky_relu", Activation::leaky_relu, 0.25, [](long double x) { return x > 0 ? x : 0.25L * x; },
     [](long double) { return 0.5; }},
    {"elu", Activation::elu, 0.5, [](long double x) { return x > 0 ? x : 0.5L * std::expm1(x); },
     [](long double) { return 3.0; }},
    {"gelu", Activation::gelu, 0,
     [](long double x) {
       return std::isinf(x) ? std::max(x, 0.0L) : x * std::erfc(-x / std::numbers::sqrt2_v<long double>) / 2;
     },
     [](long double x) { return fuses() ? 7.0 : 7.0 + static_cast<double>(std::min(x * x, 1e4L)); }},
    {"gelu_tanh", Activation::gelu_tanh, 0,
     [](long double x) { return std::isinf(x) ? std::max(x, 0.0L) : x * sigmoid(argument(x)); },
     // σ(u) makes u times the relative error of u.
     [](long double x) { return 5 + 4 * static_cast<double>(std::min(std::fabs(argument(x)), 2000.0L)); }},
    {"silu", Activation::silu, 0, [](long double x) { return std::isinf(x) ? std::max(x, 0.0L) : x * sigmoid(x); },
     [](long double) { return 5.0; }},
    {"softplus", Activation::softplus, 0,
     [](long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::fabs(x))); },
     [](long double) { return 3.0; }},
}};

template <class T>
void apply(const Function& function, const T* x, T* y, std::size_t n) {
  activation().of<T>().apply(function.f, static_cast<T>(function.parameter), x, y, n);
}

template <class T>
void check(const Function& function, const std::vector<T>& x) {
  std::vector<T> y(x.size());
  apply(function, x.data(), y.data(), x.size());
  double worst = 0, excess = 0;  // excess: the greatest error over its bound
  T at = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double truth = std::isnan(x[i]) ? x[i] : function.truth(x[i]);
    const double error = ulps(y[i], truth), share = error / function.bound(x[i]);
    if (share > excess) excess = share, worst = error, at = x[i];
  }
  CAPTURE(function.name, sizeof(T), at, worst);
  CHECK(excess <= 1);
}

template <class T>
void check_everywhere(const Function& function) {
  constexpr std::size_t count = 50'021;
  check(function, all_magnitudes<T>(count));
  check(function, special_numbers<T>());
  for (double size : {1.0, 6.0, 40.0, 110.0, 800.0}) check(function, random_row<T>(count, -size, size, 5));
}

// Every special number once alone, and then in rows of all lengths, each time among other neighbours; in place too.
template <class T>
void check_places(const Function& function) {
  const std::vector<T> numbers = special_numbers<T>();
  std::vector<T> alone(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) apply(function, &numbers[i], &alone[i], 1);
  for (std::size_t n = 1; n <= 70; ++n) {
    EdgeRow<T> x(n), y(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = numbers[(i * i + n) % numbers.size()];
    apply(function, x.data(), y.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
      CAPTURE(function.name, n, i, x[i]);
      const T wanted = alone[(i * i + n) % numbers.size()];
      REQUIRE((std::isnan(wanted) ? std::isnan(y[i]) : same_bits(y[i], wanted)));  // a NaN has any bits
    }
    CHECK(y.intact());
    apply(function, x.data(), x.data(), n);
    CHECK(same_bits(x.numbers(), y.numbers()));
  }
}

template <class T>
void check_edges() {
  const T infinity = std::numeric_limits<T>::infinity();
  const auto at = [](Activation f, T x) {
    T y;
    activation().of<T>().apply(f, T{0.5}, &x, &y, 1);
    return y;
  };
  for (const Function& function : functions) {
    CAPTURE(function.name, sizeof(T));
    CHECK(std::isnan(at(function.f, std::numeric_limits<T>::quiet_NaN())));
    CHECK(at(function.f, infinity) == (function.f == Activation::erf ? 1 : infinity));
  }
  CHECK(at(Activation::erf, -infinity) == -1);
  CHECK(std::signbit(at(Activation::erf, -T{0})));
  CHECK(at(Activation::leaky_relu, -infinity) == -infinity);
  CHECK(at(Activation::elu, -infinity) == T{-0.5});
  for (Activation f : {Activation::gelu, Activation::gelu_tanh, Activation::silu, Activation::softplus}) {
    CHECK(at(f, -infinity) == 0);
    CHECK(at(f, T{-1e30f}) == 0);
    CHECK(at(f, T{1e30f}) == T{1e30f});
  }
}

}  // namespace

TEST_CASE("activations are accurate", "[kernels][activation]") {
  for (const Function& function : functions) {
    check_everywhere<float>(function);
    check_everywhere<double>(function);
  }
}

TEST_CASE("an activation depends on neither its place, its row's length nor its neighbours", "[kernels][activation]") {
  for (const Function& function : functions) {
    check_places<float>(function);
    check_places<double>(function);
  }
}

TEST_CASE("activations at their edges", "[kernels][activation]") {
  check_edges<float>();
  check_edges<double>();
}

TEST_CASE("erf never leaves [-1, 1] and is odd", "[kernels][activation]") {
  std::vector<float> x = random_row<float>(100'003, -12, 12, 3), negative = x, y(x.size()), other(x.size());
  for (float& number : negative) number = -number;
  activation().of<float>().apply(Activation::erf, 0, x.data(), y.data(), x.size());
  activation().of<float>().apply(Activation::erf, 0, negative.data(), other.data(), x.size());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!(std::fabs(y[i]) <= 1 && y[i] == -other[i])) ++wrong;
  CHECK(wrong == 0);
}
