// Reductions of rows, to the last bit, against their definition in scalars: the lanes and the order of additions that
// row-inl.h and vector_product.cpp promise whatever the instruction set.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "heed/tensor/kernels/additive_score.h"
#include "heed/tensor/kernels/elementwise.h"
#include "heed/tensor/kernels/log_sum_exp.h"
#include "heed/tensor/kernels/reduce.h"
#include "heed/tensor/kernels/softmax.h"
#include "heed/tensor/kernels/target.h"
#include "heed/tensor/kernels/vector_product.h"
#include "support/catch.h"
#include "support/every_target.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all = {1023, 1024, 1025, 2049, 5000, 7 * 1024 + 3};
  for (std::size_t n = 0; n <= 300; ++n) all.push_back(n);
  return all;
}

// Numbers of very different sizes and both signs, some of them ±0 and subnormal: every order of additions has its own
// sum.
template <class T>
std::vector<T> ugly_row(std::size_t n, std::uint64_t seed) {
  const std::vector<T> numbers = random_row<T>(n, -2, 2, seed), kinds = random_row<T>(n, 0, 40, seed + 1'000'000);
  std::vector<T> row(n);
  for (std::size_t i = 0; i < n; ++i) {
    const int kind = static_cast<int>(kinds[i]);
    row[i] = kind < 2 ? std::copysign(T{0}, numbers[i]) : std::ldexp(numbers[i], kind - 20);
    if (kind == 2) row[i] = std::copysign(std::numeric_limits<T>::denorm_min(), numbers[i]);
  }
  return row;
}

// Lanes joined by halves.
template <class T, class Join>
T fold(std::vector<T> lanes, Join join) {
  for (std::size_t half = lanes.size() / 2; half > 0; half /= 2)
    for (std::size_t l = 0; l < half; ++l) lanes[l] = join(lanes[l], lanes[l + half]);
  return lanes[0];
}

template <class T>
T plus(T a, T b) {
  return a + b;
}

template <class T>
T sum_of_block(const T* terms, std::size_t n) {
  std::vector<T> lanes(256 / sizeof(T), T{0});
  for (std::size_t i = 0; i < n; ++i) lanes[i % lanes.size()] += terms[i];
  return fold(lanes, plus<T>);
}

// Blocks of 1024; as many of them as the largest power of two that is not all of them stand left of the last addition.
template <class T>
T sum_of(const T* terms, std::size_t n) {
  const std::size_t blocks = (n + 1023) / 1024;
  if (blocks <= 1) return sum_of_block(terms, n);
  const std::size_t left = std::bit_floor(blocks - 1) * 1024;
  return sum_of(terms, left) + sum_of(terms + left, n - left);
}

template <class T>
T sum_of(const std::vector<T>& terms) {
  return sum_of(terms.data(), terms.size());
}

template <class T>
T greater(T a, T b) {
  return a > b || std::isnan(a) ? a : b;
}

template <class T>
T max_of(const std::vector<T>& row) {
  std::vector<T> lanes(256 / sizeof(T), -std::numeric_limits<T>::infinity());
  for (std::size_t i = 0; i < row.size(); ++i) lanes[i % lanes.size()] = greater(lanes[i % lanes.size()], row[i]);
  return fold(lanes, greater<T>);
}

template <class T>
std::vector<T> each(Unary op, std::vector<T> x) {
  elementwise().of<T>().unary(op, x.data(), x.data(), x.size());
  return x;
}

template <class T>
void check_reductions(std::size_t n) {
  const std::vector<T> x = ugly_row<T>(n, n);
  std::vector<double> squares(x.begin(), x.end());
  for (double& number : squares) number *= number;
  CHECK(same_bits(reduce().of<T>().sum(x.data(), n), sum_of(x)));
  CHECK(same_bits(reduce().of<T>().sum_of_squares(x.data(), n), sum_of(squares)));
  CHECK(same_bits(reduce().of<T>().max(x.data(), n), max_of(x)));

  std::vector<T> zeros(n);  // whose order shows in the sign
  for (std::size_t i = 0; i < n; ++i) zeros[i] = std::copysign(T{0}, random_row<T>(n, -1, 1, n)[i]);
  CHECK(same_bits(reduce().of<T>().max(zeros.data(), n), max_of(zeros)));
  std::fill(zeros.begin(), zeros.end(), -T{0});
  CHECK(same_bits(reduce().of<T>().sum(zeros.data(), n), T{0}));
}

template <class T>
void check_softmax(std::size_t n) {
  const std::vector<T> x = random_row<T>(n, -9, 9, n), dy = ugly_row<T>(n, n + 1);
  const T max = max_of(x);
  std::vector<T> shifted = x, got(n);
  for (T& number : shifted) number -= max;
  const std::vector<T> terms = each(Unary::exp, shifted);
  const T sum = sum_of(terms), log_sum = each(Unary::log, std::vector<T>{sum})[0];

  std::vector<T> wanted = terms;
  for (T& number : wanted) number *= 1 / sum;
  softmax().of<T>().softmax(x.data(), nullptr, got.data(), n);
  CHECK(same_bits(got, wanted));

  std::vector<T> products = wanted, gradient = wanted;
  for (std::size_t i = 0; i < n; ++i) products[i] *= dy[i];
  const T dot = sum_of(products);
  for (std::size_t i = 0; i < n; ++i) gradient[i] *= dy[i] - dot;
  softmax().of<T>().backward(wanted.data(), dy.data(), got.data(), n);
  CHECK(same_bits(got, gradient));

  for (T& number : shifted) number -= log_sum;
  softmax().of<T>().log_softmax(x.data(), nullptr, got.data(), n);
  CHECK(same_bits(got, shifted));
  if (n > 0) CHECK(same_bits(log_sum_exp().of<T>().log_sum_exp(x.data(), n).rest, log_sum));

  std::vector<T> below = x;
  for (T& number : below) number = T{3} - number;
  CHECK(same_bits(log_sum_exp().of<T>().sum_below(T{3}, x.data(), n), sum_of(below)));
}

template <class T>
void check_additive_score(std::size_t n) {
  const std::vector<T> q = random_row<T>(n, -2, 2, n), k = random_row<T>(n, -2, 2, n + 1), v = ugly_row<T>(n, n + 2);
  std::vector<T> terms(n);
  for (std::size_t i = 0; i < n; ++i) terms[i] = q[i] + k[i];
  terms = each(Unary::tanh, terms);
  for (std::size_t i = 0; i < n; ++i) terms[i] *= v[i];
  CHECK(same_bits(additive_score().of<T>().forward(q.data(), k.data(), v.data(), n), sum_of(terms)));
}

// 64 bytes of running sums, each of 64 fused terms before the rest goes on in double.
template <class T>
T dot_product(const T* a, const T* x, std::size_t k, T beta, T y) {
  constexpr std::size_t count = 64 / sizeof(T), depth = 64 * count;
  double total = 0;
  for (std::size_t begin = 0; begin < k; begin += depth) {
    std::vector<T> lanes(count, T{0});
    for (std::size_t p = begin; p < std::min(k, begin + depth); ++p)
      lanes[(p - begin) % count] = std::fma(a[p], x[p], lanes[(p - begin) % count]);
    total += static_cast<double>(fold(lanes, plus<T>));
    if (begin == 0 && beta != 0) total += static_cast<double>(beta * y);
  }
  return static_cast<T>(total);
}

template <class T>
void check_dot_products(std::size_t k) {
  constexpr std::size_t m = 9, stride_gap = 2;
  const std::size_t stride = k + stride_gap;
  const std::vector<T> a = ugly_row<T>(m * stride, k), x = ugly_row<T>(k, k + 1);
  for (const T beta : {T{0}, T{1}}) {
    std::vector<T> y = ugly_row<T>(m, 3), wanted = y;
    for (std::size_t i = 0; i < m; ++i) wanted[i] = dot_product(a.data() + i * stride, x.data(), k, beta, y[i]);
    vector_product().of<T>().matrix_times_column(a.data(), stride, x.data(), m, k, beta, y.data(), 1);
    CHECK(same_bits(y, wanted));
  }
}

}  // namespace

TEST_CASE("rows are reduced in the same order by every instruction set", "[kernels][bits]") {
  for_every_target([](const std::string& target) {
    for (std::size_t n : sizes()) {
      CAPTURE(target, n);
      check_reductions<float>(n);
      check_reductions<double>(n);
      if (n > 0) check_softmax<float>(n), check_softmax<double>(n);
      check_additive_score<float>(n);
      check_additive_score<double>(n);
    }
  });
}

TEST_CASE("a row times a column is one order of fused multiply-adds", "[kernels][bits]") {
  for_every_target([](const std::string& target) {
    if (!fuses()) return;
    for (std::size_t k : sizes()) {
      if (k == 0) continue;
      CAPTURE(target, k);
      check_dot_products<float>(k);
      check_dot_products<double>(k);
    }
  });
}

TEST_CASE("a dot product that underflows to 0 has the same sign for every width", "[kernels][bits]") {
  for_every_target([](const std::string& target) {
    for (std::size_t k = 1; k <= 40; ++k) {
      CAPTURE(target, k);
      const std::vector<float> a(k, -1e-30f), x(k, 1e-30f);
      float y = 1;
      vector_product().of<float>().matrix_times_column(a.data(), k, x.data(), 1, k, 0.0f, &y, 1);
      CHECK(same_bits(y, 0.0f));
      y = -0.0f;
      vector_product().of<float>().matrix_times_column(a.data(), k, x.data(), 1, k, 1.0f, &y, 1);
      CHECK(same_bits(y, 0.0f));
      const std::vector<float> columns(k * 3, -1e-30f);
      std::vector<float> row(3, -0.0f);
      vector_product().of<float>().row_times_matrix(x.data(), columns.data(), 3, k, 3, 1.0f, row.data(), 1);
      CHECK(same_bits(row, std::vector<float>(3, 0.0f)));
    }
  });
}
