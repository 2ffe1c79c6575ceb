// Element-wise rows against plain loops: any length, any place, in place, nothing beyond the row.
#include "heed/tensor/kernels/elementwise.h"

#include <array>
#include <cmath>

#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

constexpr std::array<Unary, 8> unary_ops = {Unary::neg, Unary::abs, Unary::sqrt, Unary::relu,
                                            Unary::exp, Unary::log, Unary::tanh, Unary::sigmoid};
constexpr std::array<Binary, 6> binary_ops = {Binary::add, Binary::sub,     Binary::mul,
                                              Binary::div, Binary::maximum, Binary::minimum};

long double plain(Unary op, long double x) {
  switch (op) {
    case Unary::neg:
      return -x;
    case Unary::abs:
      return std::fabs(x);
    case Unary::sqrt:
      return std::sqrt(x);
    case Unary::relu:
      return x < 0 ? 0 : x;
    case Unary::exp:
      return std::exp(x);
    case Unary::log:
      return std::log(x);
    case Unary::tanh:
      return std::tanh(x);
    case Unary::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return 0;
}

double allowed_ulps(Unary op) {
  if (op == Unary::neg || op == Unary::abs || op == Unary::relu) return 0;
  return op == Unary::sqrt ? 0.5 : 3;
}

template <class T>
T plain(Binary op, T a, T b) {
  switch (op) {
    case Binary::add:
      return a + b;
    case Binary::sub:
      return a - b;
    case Binary::mul:
      return a * b;
    case Binary::div:
      return a / b;
    case Binary::maximum:
      return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b);
    case Binary::minimum:
      return std::isnan(a) || std::isnan(b) ? a + b : std::min(a, b);
  }
  return 0;
}

template <class T>
bool same_number(T a, T b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

template <class T>
void check_unary(Unary op, std::size_t n) {
  const bool positive = op == Unary::sqrt || op == Unary::log;
  EdgeRow<T> x(random_row<T>(n, positive ? 0 : -12, 12, n)), y(n);
  elementwise().of<T>().unary(op, x.data(), y.data(), n);
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i) worst = std::max(worst, ulps(y[i], plain(op, x[i])));
  CAPTURE(static_cast<int>(op), n, sizeof(T));
  CHECK(worst <= allowed_ulps(op));
  CHECK(y.intact());

  elementwise().of<T>().unary(op, x.data(), x.data(), n);
  CHECK(same_bits(x.numbers(), y.numbers()));
}

// Every special number once alone and then in rows of all lengths, each time among other neighbours.
template <class T>
void check_places(Unary op) {
  const std::vector<T> numbers = special_numbers<T>();
  std::vector<T> alone(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) elementwise().of<T>().unary(op, &numbers[i], &alone[i], 1);
  for (std::size_t n = 1; n <= 70; ++n) {
    EdgeRow<T> x(n), y(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = numbers[(i * i + n) % numbers.size()];
    elementwise().of<T>().unary(op, x.data(), y.data(), n);
    for (std::size_t i = 0; i < n; ++i) {
      CAPTURE(static_cast<int>(op), n, i, x[i]);
      REQUIRE(same_bits(y[i], alone[(i * i + n) % numbers.size()]));
    }
  }
}

template <class T>
void check_special(Unary op) {
  for (T x : special_numbers<T>()) {
    T y;
    elementwise().of<T>().unary(op, &x, &y, 1);
    CAPTURE(static_cast<int>(op), x, y);
    CHECK(ulps(y, plain(op, x)) <= allowed_ulps(op));
  }
}

template <class T>
void check_binary(Binary op, const std::vector<T>& left, const std::vector<T>& right) {
  const std::size_t n = left.size();
  EdgeRow<T> a(left), b(right), y(n);
  elementwise().of<T>().binary(op, a.data(), b.data(), y.data(), n);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < n; ++i)
    if (!same_number(y[i], plain(op, a[i], b[i]))) ++wrong;
  CAPTURE(static_cast<int>(op), n, sizeof(T));
  CHECK(wrong == 0);
  CHECK(y.intact());

  elementwise().of<T>().binary(op, a.data(), b.data(), a.data(), n);
  CHECK(same_bits(a.numbers(), y.numbers()));
  std::copy(left.begin(), left.end(), a.data());
  elementwise().of<T>().binary(op, a.data(), b.data(), b.data(), n);
  CHECK(same_bits(b.numbers(), y.numbers()));
}

template <class T>
void check_special_pairs(Binary op) {
  std::vector<T> left, right;
  for (T a : special_numbers<T>())
    for (T b : special_numbers<T>()) left.push_back(a), right.push_back(b);
  check_binary(op, left, right);
}

template <class T>
void check_add_scaled(T factor, std::size_t n) {
  EdgeRow<T> x(random_row<T>(n, -2, 2, n)), y(random_row<T>(n, -2, 2, n + 1));
  std::vector<T> wanted = y.numbers();
  for (std::size_t i = 0; i < n; ++i) {
    const T product = factor * x[i];
    wanted[i] += product;
  }
  elementwise().of<T>().add_scaled(factor, x.data(), y.data(), n);
  CAPTURE(n, sizeof(T));
  CHECK(same_bits(y.numbers(), wanted));
  CHECK(y.intact());
}

}  // namespace

TEST_CASE("unary rows of any length equal a plain loop, in place too", "[kernels]") {
  for (Unary op : unary_ops)
    for (std::size_t n : row_lengths()) {
      check_unary<float>(op, n);
      check_unary<double>(op, n);
    }
}

TEST_CASE("a number's result depends on neither its place, its row's length nor its neighbours", "[kernels]") {
  for (Unary op : unary_ops) {
    check_places<float>(op);
    check_places<double>(op);
  }
}

TEST_CASE("unary rows keep NaN and infinities", "[kernels]") {
  for (Unary op : unary_ops) {
    if (op == Unary::sigmoid) continue;  // its plain formula overflows; see accuracy.cpp
    check_special<float>(op);
    check_special<double>(op);
  }
}

TEST_CASE("binary rows of any length equal a plain loop, in place too", "[kernels]") {
  for (Binary op : binary_ops)
    for (std::size_t n : row_lengths()) {
      check_binary<float>(op, random_row<float>(n, -2, 2, n), random_row<float>(n, -2, 2, n + 1));
      check_binary<double>(op, random_row<double>(n, -2, 2, n), random_row<double>(n, -2, 2, n + 1));
    }
}

TEST_CASE("binary rows keep NaN and infinities from either side", "[kernels]") {
  for (Binary op : binary_ops) {
    check_special_pairs<float>(op);
    check_special_pairs<double>(op);
  }
}

TEST_CASE("add_scaled rounds the product and the sum", "[kernels]") {
  for (std::size_t n : row_lengths()) {
    check_add_scaled(0.3f, n);
    check_add_scaled(0.3, n);
  }
}
