// Row reductions against plain loops in long double.
#include "heed/tensor/kernels/reduce.h"

#include <cmath>
#include <limits>

#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

template <class T>
void check_sums(std::size_t n) {
  EdgeRow<T> x(random_row<T>(n, -1, 2, n));
  long double total = 0, squares = 0, sizes = 0;
  for (T number : x.numbers()) {
    total += number;
    squares += static_cast<long double>(number) * number;
    sizes += std::fabs(number);
  }
  CAPTURE(n, sizeof(T));
  CHECK(std::fabs(reduce().of<T>().sum(x.data(), n) - total) <= 8 * std::numeric_limits<T>::epsilon() * sizes);
  CHECK(std::fabs(reduce().of<T>().sum_of_squares(x.data(), n) - squares) <=
        8 * std::numeric_limits<double>::epsilon() * squares);

  const std::vector<T> elsewhere = x.numbers();  // other alignment, same order of additions
  CHECK(same_bits(reduce().of<T>().sum(elsewhere.data(), n), reduce().of<T>().sum(x.data(), n)));
  CHECK(same_bits(reduce().of<T>().sum_of_squares(elsewhere.data(), n), reduce().of<T>().sum_of_squares(x.data(), n)));
}

template <class T>
void check_max(std::size_t n) {
  const T infinity = std::numeric_limits<T>::infinity();
  EdgeRow<T> x(random_row<T>(n, -3, -1, n));
  for (std::size_t at = 0; at < n; ++at) {
    const T before = x[at];
    CAPTURE(n, at, sizeof(T));
    x[at] = T{-0.5};
    CHECK(reduce().of<T>().max(x.data(), n) == T{-0.5});
    x[at] = infinity;
    CHECK(reduce().of<T>().max(x.data(), n) == infinity);
    x[at] = std::numeric_limits<T>::quiet_NaN();
    CHECK(std::isnan(reduce().of<T>().max(x.data(), n)));
    x[at] = before;
  }
  std::fill_n(x.data(), n, -infinity);
  CHECK(reduce().of<T>().max(x.data(), n) == -infinity);
}

}  // namespace

TEST_CASE("sum and sum_of_squares of any length", "[kernels]") {
  for (std::size_t n : row_lengths()) {
    check_sums<float>(n);
    check_sums<double>(n);
  }
}

TEST_CASE("sums of integers are exact", "[kernels]") {
  for (std::size_t n : {10u, 1023u, 1024u, 1025u, 2048u, 2049u, 12'289u}) {
    std::vector<float> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i % 7) - 2;
    long long total = 0, squares = 0;
    for (float number : x) total += static_cast<int>(number), squares += static_cast<int>(number * number);
    CAPTURE(n);
    CHECK(reduce().of<float>().sum(x.data(), n) == static_cast<float>(total));
    CHECK(reduce().of<float>().sum_of_squares(x.data(), n) == static_cast<double>(squares));
  }
}

TEST_CASE("the error of a long sum does not grow with its length", "[kernels]") {
  const std::vector<float> x(std::size_t{1} << 22, 0.1f);
  CHECK(reduce().of<float>().sum(x.data(), x.size()) ==
        Approx(static_cast<double>(x.size()) * 0.1f).epsilon(5e-6).margin(0));
}

TEST_CASE("the squares of floats are summed in double precision", "[kernels]") {
  const std::vector<float> x = {1e30f, 1e-30f, 3e30f};
  CHECK(reduce().of<float>().sum_of_squares(x.data(), x.size()) == Approx(1e61).epsilon(1e-6));
}

TEST_CASE("max sees every place, infinities and NaN", "[kernels]") {
  for (std::size_t n = 0; n <= 70; ++n) {
    check_max<float>(n);
    check_max<double>(n);
  }
}
