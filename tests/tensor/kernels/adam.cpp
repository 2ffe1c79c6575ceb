// Adam against the textbook loop. Only operations that round correctly are used, so the bits agree.
#include "heed/tensor/kernels/adam.h"

#include <cmath>

#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

template <class T>
void plain_adam(const AdamStep& step, const std::vector<T>& g, std::vector<T>& m, std::vector<T>& v,
                std::vector<T>& x) {
  const T beta1 = static_cast<T>(step.beta1), rest1 = static_cast<T>(1 - step.beta1);
  const T beta2 = static_cast<T>(step.beta2), rest2 = static_cast<T>(1 - step.beta2);
  for (std::size_t i = 0; i < x.size(); ++i) {
    m[i] = beta1 * m[i] + rest1 * g[i];
    v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
    const T divisor = std::sqrt(v[i]) / static_cast<T>(step.root_correction) + static_cast<T>(step.epsilon);
    x[i] -= static_cast<T>(step.step_size) * m[i] / divisor;
  }
}

template <class T>
void check(std::size_t n) {
  EdgeRow<T> m(n), v(n), x(random_row<T>(n, -1, 1, n));
  std::vector<T> plain_m(n), plain_v(n), plain_x = x.numbers();
  for (int t = 1; t <= 3; ++t) {
    const AdamStep step{0.9, 0.999, 0.01 / (1 - std::pow(0.9, t)), std::sqrt(1 - std::pow(0.999, t)), 1e-8};
    EdgeRow<T> gradient(random_row<T>(n, -1, 1, n + static_cast<std::size_t>(t)));
    const std::vector<T> gradient_before = gradient.numbers();
    adam().of<T>().update(step, gradient.data(), m.data(), v.data(), x.data(), n);
    plain_adam(step, gradient_before, plain_m, plain_v, plain_x);
    CAPTURE(n, t, sizeof(T));
    CHECK(same_bits(gradient.numbers(), gradient_before));
    CHECK(same_bits(m.numbers(), plain_m));
    CHECK(same_bits(v.numbers(), plain_v));
    CHECK(same_bits(x.numbers(), plain_x));
  }
  CHECK((m.intact() && v.intact() && x.intact()));
}

}  // namespace

TEST_CASE("Adam rows of any length equal a plain loop bit for bit", "[kernels]") {
  for (std::size_t n : row_lengths()) {
    check<float>(n);
    check<double>(n);
  }
}

TEST_CASE("the first Adam step moves by the learning rate against the gradient's sign", "[kernels]") {
  const AdamStep step{0.9, 0.999, 0.01 / (1 - 0.9), std::sqrt(1 - 0.999), 1e-8};
  const double gradient[] = {5, -1e-3};
  double m[2] = {}, v[2] = {}, x[2] = {};
  adam().of<double>().update(step, gradient, m, v, x, 2);
  CHECK(x[0] == Approx(-0.01).epsilon(1e-6));
  CHECK(x[1] == Approx(0.01).epsilon(1e-4));
}
