// Layer normalisation's rows against plain loops in long double: any length, nothing beyond the row, null pointers.
#include "heed/tensor/kernels/layer_norm.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

// Greatest distance in units of T's precision, beside numbers of size 1.
template <class T>
double distance(const std::vector<T>& got, const std::vector<long double>& wanted) {
  long double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i)
    worst = std::max(worst, std::abs(got[i] - wanted[i]) / (1 + std::abs(wanted[i])));
  return static_cast<double>(worst / std::numeric_limits<T>::epsilon());
}

template <class T>
void check(std::size_t n) {
  EdgeRow<T> x(random_row<T>(n, -2, 2, n)), weight(random_row<T>(n, -2, 2, n + 1)),
      bias(random_row<T>(n, -2, 2, n + 2)), dy(random_row<T>(n, -2, 2, n + 3)), y(n), dx(n),
      dw(random_row<T>(n, -1, 1, n + 4)), db(dw.numbers());
  const std::vector<T> before = dw.numbers();
  const T epsilon = T{0.125f};
  const auto& kernel = layer_norm().of<T>();
  const RowStatistics<T> row = kernel.forward(x.data(), weight.data(), bias.data(), epsilon, y.data(), n);
  kernel.backward(row, x.data(), weight.data(), dy.data(), dx.data(), dw.data(), db.data(), n);

  const auto count = static_cast<long double>(n);
  long double mean = 0, variance = 0, g_mean = 0, dot = 0;
  for (std::size_t i = 0; i < n; ++i) mean += x[i] / count;
  for (std::size_t i = 0; i < n; ++i) variance += (x[i] - mean) * (x[i] - mean) / count;
  const long double scale = 1 / std::sqrt(variance + epsilon);
  std::vector<long double> normal(n), wanted_y(n), wanted_dx(n), wanted_dw(n), wanted_db(n);
  for (std::size_t i = 0; i < n; ++i) {
    normal[i] = (x[i] - mean) * scale;
    const long double g = static_cast<long double>(dy[i]) * weight[i];
    g_mean += g / count, dot += g * normal[i] / count;
    wanted_y[i] = normal[i] * weight[i] + bias[i];
    wanted_dw[i] = before[i] + dy[i] * normal[i];
    wanted_db[i] = static_cast<long double>(before[i]) + dy[i];
  }
  for (std::size_t i = 0; i < n; ++i)
    wanted_dx[i] = scale * (static_cast<long double>(dy[i]) * weight[i] - g_mean - normal[i] * dot);
  CAPTURE(n, sizeof(T));
  CHECK(distance(y.numbers(), wanted_y) < 4);
  CHECK(distance(dx.numbers(), wanted_dx) < 8);
  CHECK(distance(dw.numbers(), wanted_dw) < 4);
  CHECK(distance(db.numbers(), wanted_db) < 1);
  CHECK((y.intact() && dx.intact() && dw.intact() && db.intact()));

  // Without a weight, as with ones; what is not wanted is left out.
  const std::vector<T> one(n, T{1}), zero(n, T{0});
  std::vector<T> plain(n), other(n), dx_plain(n), dx_other(n);
  kernel.forward(x.data(), nullptr, nullptr, epsilon, plain.data(), n);
  kernel.forward(x.data(), one.data(), zero.data(), epsilon, other.data(), n);
  for (std::size_t i = 0; i < n; ++i) CHECK(plain[i] == other[i]);
  kernel.backward(row, x.data(), nullptr, dy.data(), dx_plain.data(), nullptr, nullptr, n);
  kernel.backward(row, x.data(), one.data(), dy.data(), dx_other.data(), nullptr, nullptr, n);
  CHECK(same_bits(dx_plain, dx_other));
  std::vector<T> again = before;
  kernel.backward(row, x.data(), nullptr, dy.data(), nullptr, again.data(), nullptr, n);
  CHECK(same_bits(again, dw.numbers()));
}

// The same about 0.
template <class T>
void check_rms(std::size_t n) {
  EdgeRow<T> x(random_row<T>(n, -2, 2, n)), weight(random_row<T>(n, -2, 2, n + 1)), dy(random_row<T>(n, -2, 2, n + 3)),
      y(n), dx(n), dw(random_row<T>(n, -1, 1, n + 4));
  const std::vector<T> before = dw.numbers();
  const T epsilon = T{0.125f};
  const auto& kernel = layer_norm().of<T>();
  const RowStatistics<T> row = kernel.rms_forward(x.data(), weight.data(), nullptr, epsilon, y.data(), n);
  kernel.rms_backward(row, x.data(), weight.data(), dy.data(), dx.data(), dw.data(), nullptr, n);
  const auto count = static_cast<long double>(n);
  long double squares = 0, dot = 0;
  for (std::size_t i = 0; i < n; ++i) squares += static_cast<long double>(x[i]) * x[i] / count;
  const long double scale = 1 / std::sqrt(squares + epsilon);
  std::vector<long double> wanted_y(n), wanted_dx(n), wanted_dw(n);
  for (std::size_t i = 0; i < n; ++i) {
    dot += static_cast<long double>(dy[i]) * weight[i] * x[i] * scale / count;
    wanted_y[i] = x[i] * scale * weight[i];
    wanted_dw[i] = before[i] + dy[i] * x[i] * scale;
  }
  for (std::size_t i = 0; i < n; ++i)
    wanted_dx[i] = scale * (static_cast<long double>(dy[i]) * weight[i] - x[i] * scale * dot);
  CAPTURE(n, sizeof(T));
  CHECK(distance(y.numbers(), wanted_y) < 4);
  CHECK(distance(dx.numbers(), wanted_dx) < 8);
  CHECK(distance(dw.numbers(), wanted_dw) < 4);
  CHECK((y.intact() && dx.intact() && dw.intact()));
}

}  // namespace

TEST_CASE("rows normalised by their root mean square equal plain loops", "[kernels][layer_norm]") {
  for (std::size_t n : row_lengths()) {
    check_rms<float>(n);
    check_rms<double>(n);
  }
}

TEST_CASE("normalised rows of any length equal plain loops", "[kernels][layer_norm]") {
  for (std::size_t n : row_lengths()) {
    check<float>(n);
    check<double>(n);
  }
}
