// A vector times a matrix against plain loops: every size around a vector's lanes, under every instruction set.
#include "heed/tensor/kernels/vector_product.h"

#include <cmath>
#include <limits>

#include "heed/tensor/kernels/target.h"
#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all = {31, 32, 33, 513, 1030, 2060};
  for (std::size_t n = 1; n < 20; ++n) all.push_back(n);
  return all;
}

template <class T>
std::vector<T> integers(std::size_t n, std::uint64_t seed) {  // small ones: their sums are exact
  std::vector<T> row = random_row<T>(n, -4, 4, seed);
  for (T& number : row) number = std::round(number);
  return row;
}

template <class T>
void compare_with_loops() {
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (std::size_t m : sizes())
    for (std::size_t k : sizes()) {
      if (m * k > 40'000) continue;
      for (std::size_t gap : {0u, 3u})
        for (std::size_t step : {1u, 2u})
          for (T beta : {T{0}, T{1}, T{-2}}) {
            const std::size_t stride = k + gap;
            EdgeRow<T> a(integers<T>((m - 1) * stride + k, m * k)), column(integers<T>(k, k)), row(integers<T>(m, m));
            EdgeRow<T> y(integers<T>((m - 1) * step + 1, 1)), z(integers<T>((k - 1) * step + 1, 2));
            std::vector<T> y_wanted = y.numbers(), z_wanted = z.numbers();
            for (std::size_t i = 0; i < m; ++i) {
              T total = 0;
              for (std::size_t p = 0; p < k; ++p) total += a[i * stride + p] * column[p];
              y_wanted[i * step] = total + beta * y[i * step];
              if (beta == 0) y[i * step] = nan;  // is not read
            }
            for (std::size_t j = 0; j < k; ++j) {
              T total = 0;
              for (std::size_t p = 0; p < m; ++p) total += row[p] * a[p * stride + j];
              z_wanted[j * step] = total + beta * z[j * step];
              if (beta == 0) z[j * step] = nan;
            }
            vector_product().of<T>().matrix_times_column(a.data(), stride, column.data(), m, k, beta, y.data(), step);
            vector_product().of<T>().row_times_matrix(row.data(), a.data(), stride, m, k, beta, z.data(), step);
            CAPTURE(m, k, gap, step, beta, simd_target());
            CHECK(y.numbers() == y_wanted);
            CHECK(z.numbers() == z_wanted);
            CHECK((y.intact() && z.intact()));
          }
    }
}

}  // namespace

TEST_CASE("a vector times a matrix is right for every size", "[kernels]") {
  const std::string chosen = simd_target();
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    compare_with_loops<float>();
    compare_with_loops<double>();
  }
  use_simd_target(chosen);
}

TEST_CASE("the running sums of a long product are short", "[kernels]") {
  constexpr std::size_t k = 1 << 20;
  const std::vector<float> ones(k, 1.0f), tenths(k, 0.1f);
  const double wanted = static_cast<double>(0.1f) * k;
  float y = 0;
  vector_product().of<float>().matrix_times_column(tenths.data(), k, ones.data(), 1, k, 0.0f, &y, 1);
  CHECK(std::fabs(y - wanted) < 1e-4 * wanted);
  vector_product().of<float>().row_times_matrix(ones.data(), tenths.data(), 1, k, 1, 0.0f, &y, 1);
  CHECK(std::fabs(y - wanted) < 1e-4 * wanted);
}
