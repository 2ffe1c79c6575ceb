// How far exp, log, tanh and sigmoid are from the true values, in units in the last place, with the C library's long
// double functions as the truth. The bounds are promises; the greatest errors seen are 1.1, 1.0, 2.9 and 2.5 ulps.
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include "heed/tensor/kernels/elementwise.h"
#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using heed::test::all_magnitudes, heed::test::ulps;

namespace {

struct Function {
  const char* name;
  Unary op;
  double bound;  // ulps
  long double (*truth)(long double);
};

long double true_sigmoid(long double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }

const std::array<Function, 4> functions = {{
    {"exp", Unary::exp, 1.5, [](long double x) { return std::exp(x); }},
    {"log", Unary::log, 1.5, [](long double x) { return std::log(x); }},
    {"tanh", Unary::tanh, 3, [](long double x) { return std::tanh(x); }},
    {"sigmoid", Unary::sigmoid, 3, true_sigmoid},
}};

template <class T>
void check(const Function& function, const std::vector<T>& x) {
  std::vector<T> y(x.size());
  elementwise().of<T>().unary(function.op, x.data(), y.data(), x.size());
  double worst = 0;
  T at = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = ulps(y[i], function.truth(x[i]));
    if (error > worst) worst = error, at = x[i];
  }
  CAPTURE(function.name, sizeof(T), at, worst);
  CHECK(worst <= function.bound);
}

template <class T>
std::vector<T> between(double low, double high, std::size_t count) {
  std::vector<T> x(count);
  for (std::size_t i = 0; i < count; ++i)
    x[i] = static_cast<T>(low + (high - low) * static_cast<double>(i) / static_cast<double>(count - 1));
  return x;
}

template <class T>
void check_everywhere(const Function& function) {
  constexpr std::size_t count = 100'003;
  check(function, all_magnitudes<T>(2 * count));
  check(function, heed::test::special_numbers<T>());
  check(function, between<T>(-1, 1, count));
  check(function, between<T>(-25, 25, count));
  check(function, between<T>(0.5, 2, count));
  check(function, between<T>(-110, 95, count));   // exp of floats, from 0 to inf
  check(function, between<T>(-750, 715, count));  // and of doubles
}

template <class T>
T at(Unary op, T x) {
  T y;
  elementwise().of<T>().unary(op, &x, &y, 1);
  return y;
}

template <class T>
void check_special() {
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  for (const Function& function : functions) {
    CAPTURE(function.name, sizeof(T));
    CHECK(std::isnan(at(function.op, nan)));
  }
  CHECK(at<T>(Unary::exp, 0) == 1);
  CHECK(at<T>(Unary::exp, inf) == inf);
  CHECK(at<T>(Unary::exp, -inf) == 0);
  CHECK(at<T>(Unary::exp, 1000) == inf);
  CHECK(at<T>(Unary::exp, -1000) == 0);
  CHECK(at<T>(Unary::log, 1) == 0);
  CHECK(at<T>(Unary::log, 0) == -inf);
  CHECK(at<T>(Unary::log, -T{0}) == -inf);
  CHECK(at<T>(Unary::log, inf) == inf);
  CHECK(std::isnan(at<T>(Unary::log, -1)));
  CHECK(std::isnan(at<T>(Unary::log, -inf)));
  CHECK(at<T>(Unary::tanh, inf) == 1);
  CHECK(at<T>(Unary::tanh, -inf) == -1);
  CHECK(std::signbit(at<T>(Unary::tanh, -T{0})));
  CHECK(at<T>(Unary::sigmoid, inf) == 1);
  CHECK(at<T>(Unary::sigmoid, -inf) == 0);
  CHECK(at<T>(Unary::sigmoid, 0) == T{0.5});
}

}  // namespace

TEST_CASE("exp, log, tanh and sigmoid of floats are accurate", "[kernels]") {
  for (const Function& function : functions) check_everywhere<float>(function);
}

TEST_CASE("exp, log, tanh and sigmoid of doubles are accurate", "[kernels]") {
  for (const Function& function : functions) check_everywhere<double>(function);
}

TEST_CASE("exp, log, tanh and sigmoid at their edges", "[kernels]") {
  check_special<float>();
  check_special<double>();
  CHECK(at(Unary::exp, 200.f) == std::numeric_limits<float>::infinity());
}

TEST_CASE("tanh never leaves [-1, 1] and is odd", "[kernels]") {
  const std::vector<float> x = between<float>(-12, 12, 100'003);
  std::size_t wrong = 0;
  for (float number : x) {
    const float t = at(Unary::tanh, number);
    if (!(std::fabs(t) <= 1 && t == -at(Unary::tanh, -number))) ++wrong;
  }
  CHECK(wrong == 0);
}
