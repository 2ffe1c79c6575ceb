// Softmax rows against plain loops in long double, and the rules for masks, NaN and infinities.
#include "heed/tensor/kernels/softmax.h"

#include <cmath>
#include <limits>

#include "heed/tensor/kernels/log_sum_exp.h"
#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

template <class T>
constexpr T inf = std::numeric_limits<T>::infinity();
template <class T>
constexpr T nan = std::numeric_limits<T>::quiet_NaN();

// log Σ exp(x[i]) over what the mask shows.
template <class T>
long double plain_log_sum(const std::vector<T>& x, const std::vector<bool>& mask) {
  long double max = -inf<long double>, total = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (mask[i]) max = std::max<long double>(max, x[i]);
  for (std::size_t i = 0; i < x.size(); ++i)
    if (mask[i]) total += std::exp(x[i] - max);
  return max + std::log(total);
}

template <class T>
void check(const std::vector<T>& numbers, const std::vector<bool>& flags, bool masked) {
  const std::size_t n = numbers.size();
  const T tolerance = 16 * std::numeric_limits<T>::epsilon();
  EdgeRow<T> x(numbers), y(n), log_y(n);
  EdgeRow<bool> flag_row(flags);
  const bool* mask = masked ? flag_row.data() : nullptr;
  softmax().of<T>().softmax(x.data(), mask, y.data(), n);
  softmax().of<T>().log_softmax(x.data(), mask, log_y.data(), n);
  const long double log_sum = plain_log_sum(numbers, flags);
  CAPTURE(n, masked, sizeof(T));
  for (std::size_t i = 0; i < n; ++i) {
    const long double log_wanted = flags[i] ? numbers[i] - log_sum : -inf<long double>;
    const long double wanted = std::exp(log_wanted);
    CAPTURE(i, y[i], wanted, log_y[i], log_wanted);
    CHECK(std::fabs(y[i] - wanted) <= tolerance * wanted);
    if (flags[i])
      CHECK(std::fabs(log_y[i] - log_wanted) <= tolerance * (1 + std::fabs(log_wanted)));
    else
      CHECK(log_y[i] == -inf<T>);
  }
  CHECK((y.intact() && log_y.intact()));

  const std::vector<T> apart = y.numbers(), log_apart = log_y.numbers();
  std::copy(numbers.begin(), numbers.end(), y.data());
  softmax().of<T>().softmax(y.data(), mask, y.data(), n);
  CHECK(same_bits(y.numbers(), apart));
  softmax().of<T>().log_softmax(x.data(), mask, x.data(), n);
  CHECK(same_bits(x.numbers(), log_apart));
}

template <class T>
void check_lengths() {
  for (std::size_t n : row_lengths()) {
    const std::vector<T> x = random_row<T>(n, -6, 6, n);
    check(x, std::vector<bool>(n, true), false);
    check(x, std::vector<bool>(n, true), true);
    std::vector<bool> flags(n);
    for (std::size_t i = 0; i < n; ++i) flags[i] = (i * i + n) % 3 != 1;
    check(x, flags, true);

    EdgeRow<T> row(x), gradient(n);
    const long double log_sum = plain_log_sum(x, std::vector<bool>(n, true));
    const auto parts = log_sum_exp().of<T>().log_sum_exp(row.data(), n);
    const T got = parts.max + parts.rest;
    CAPTURE(n, sizeof(T), got, log_sum);
    if (n == 0) {
      CHECK(got == -inf<T>);
      continue;
    }
    CHECK(parts.max == *std::max_element(x.begin(), x.end()));
    CHECK(std::fabs(got - log_sum) <= 16 * std::numeric_limits<T>::epsilon() * (1 + std::fabs(log_sum)));
    long double below = 0;
    for (const T number : x) below += static_cast<long double>(parts.max) - number;
    CHECK(std::fabs(log_sum_exp().of<T>().sum_below(parts.max, row.data(), n) - below) <=
          16 * std::numeric_limits<T>::epsilon() * below);
    log_sum_exp().of<T>().scaled_exp(T{3}, parts, row.data(), gradient.data(), n);
    for (std::size_t i = 0; i < n; ++i)
      CHECK(gradient[i] == Approx(static_cast<double>(3 * std::exp(x[i] - log_sum))).epsilon(1e-5));
    CHECK(gradient.intact());
  }
}

template <class T>
void check_rules() {
  constexpr std::size_t n = 37;
  const std::vector<T> x = random_row<T>(n, -1, 1, 7);
  EdgeRow<bool> none(n), all(std::vector<bool>(n, true)), most(std::vector<bool>(n, true));
  EdgeRow<T> y(n), other(n);

  softmax().of<T>().softmax(x.data(), none.data(), y.data(), n);
  CHECK(y.numbers() == std::vector<T>(n, 0));
  softmax().of<T>().log_softmax(x.data(), none.data(), y.data(), n);
  CHECK(y.numbers() == std::vector<T>(n, -inf<T>));

  for (std::size_t at = 0; at < n; ++at)
    for (T odd : {nan<T>, inf<T>}) {
      CAPTURE(at, odd, sizeof(T));
      std::vector<T> spoiled = x;
      spoiled[at] = odd;
      const auto all_nan = [&] {
        const std::vector<T> numbers = y.numbers();
        return std::all_of(numbers.begin(), numbers.end(), [](T number) { return std::isnan(number); });
      };
      softmax().of<T>().softmax(spoiled.data(), nullptr, y.data(), n);
      CHECK(all_nan());
      softmax().of<T>().log_softmax(spoiled.data(), all.data(), y.data(), n);
      CHECK(all_nan());
      const auto parts = log_sum_exp().of<T>().log_sum_exp(spoiled.data(), n);
      CHECK(std::isnan(parts.max) == std::isnan(odd));
      CHECK(parts.rest == 0);

      // Behind the mask it is not seen, and the rest is what -inf in its place gives.
      most[at] = false;
      softmax().of<T>().softmax(spoiled.data(), most.data(), y.data(), n);
      most[at] = true;
      spoiled[at] = -inf<T>;
      softmax().of<T>().softmax(spoiled.data(), nullptr, other.data(), n);
      CHECK(same_bits(y.numbers(), other.numbers()));
      CHECK(y[at] == 0);

      // A NaN elsewhere does not reach what is masked.
      spoiled[(at + 1) % n] = nan<T>;
      most[at] = false;
      softmax().of<T>().softmax(spoiled.data(), most.data(), y.data(), n);
      softmax().of<T>().log_softmax(spoiled.data(), most.data(), other.data(), n);
      most[at] = true;
      CHECK(y[at] == 0);
      CHECK(other[at] == -inf<T>);
      CHECK((std::isnan(y[(at + 2) % n]) && std::isnan(other[(at + 2) % n])));
    }

  const T far[] = {10'000, -10'000, 9'999};
  T near[3];
  softmax().of<T>().softmax(far, nullptr, near, 3);
  CHECK(near[0] == Approx(1 / (1 + std::exp(-1.0))));
  CHECK(near[1] == 0);
  CHECK(log_sum_exp().of<T>().log_sum_exp(far, 3).max == 10'000);
  CHECK(log_sum_exp().of<T>().log_sum_exp(far, 3).rest == Approx(std::log1p(std::exp(-1.0))));
  const T low[] = {-inf<T>, -inf<T>}, high[] = {1, inf<T>};
  CHECK(log_sum_exp().of<T>().log_sum_exp(low, 2).max == -inf<T>);
  CHECK(log_sum_exp().of<T>().log_sum_exp(low, 2).rest == 0);
  CHECK(log_sum_exp().of<T>().log_sum_exp(high, 2).max == inf<T>);
}

template <class T>
void check_backward(std::size_t n) {
  EdgeRow<T> y(random_row<T>(n, 0, 1, n)), dy(random_row<T>(n, -1, 1, n + 1)), dx(n);
  for (std::size_t i = 0; i < n; i += 3) y[i] = 0, dy[i] = i % 2 == 0 ? nan<T> : -inf<T>;
  long double dot = 0;
  for (std::size_t i = 0; i < n; ++i) dot += y[i] == 0 ? 0 : static_cast<long double>(y[i]) * dy[i];
  softmax().of<T>().backward(y.data(), dy.data(), dx.data(), n);
  const long double tolerance = 16 * std::numeric_limits<T>::epsilon() * (1 + std::sqrt(static_cast<long double>(n)));
  for (std::size_t i = 0; i < n; ++i) {
    CAPTURE(n, i, sizeof(T));
    if (y[i] == 0)
      CHECK(same_bits(dx[i], T{0}));
    else
      CHECK(std::fabs(dx[i] - y[i] * (dy[i] - dot)) <= tolerance);
  }
  CHECK(dx.intact());
}

}  // namespace

TEST_CASE("softmax rows of any length and mask equal a plain loop, in place too", "[kernels]") {
  check_lengths<float>();
  check_lengths<double>();
}

TEST_CASE("softmax: masks hide, NaN spreads to what is seen, no overflow", "[kernels]") {
  check_rules<float>();
  check_rules<double>();
}

TEST_CASE("softmax_backward is the formula, and 0 where the weight is 0 whatever comes in", "[kernels]") {
  for (std::size_t n : row_lengths()) {
    check_backward<float>(n);
    check_backward<double>(n);
  }
}
