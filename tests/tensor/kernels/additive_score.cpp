// Additive attention scores against a plain loop, and their gradients against central differences.
#include "heed/tensor/kernels/additive_score.h"

#include <cmath>
#include <limits>

#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

template <class T>
struct Sample {
  EdgeRow<T> q, k, v, dq, dk, dv;

  explicit Sample(std::size_t n)
      : q(random_row<T>(n, -2, 2, n)),
        k(random_row<T>(n, -2, 2, n + 1)),
        v(random_row<T>(n, -1, 1, n + 2)),
        dq(random_row<T>(n, -1, 1, n + 3)),
        dk(random_row<T>(n, -1, 1, n + 4)),
        dv(random_row<T>(n, -1, 1, n + 5)) {}

  T score() { return additive_score().of<T>().forward(q.data(), k.data(), v.data(), q.size()); }
  void backward(T de) {
    additive_score().of<T>().backward(de, q.data(), k.data(), v.data(), dq.data(), dk.data(), dv.data(), q.size());
  }
};

template <class T>
void check_score(std::size_t n) {
  Sample<T> s(n);
  long double wanted = 0, size = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const long double term = s.v[i] * std::tanh(static_cast<long double>(s.q[i]) + s.k[i]);
    wanted += term;
    size += std::fabs(term);
  }
  CAPTURE(n, sizeof(T));
  CHECK(std::fabs(s.score() - wanted) <= 16 * std::numeric_limits<T>::epsilon() * size);
}

// Gradients are added to what is there.
template <class T>
void check_backward(std::size_t n) {
  Sample<T> s(n);
  const std::vector<T> dq = s.dq.numbers(), dk = s.dk.numbers(), dv = s.dv.numbers();
  s.backward(T{0.7f});
  CAPTURE(n, sizeof(T));
  const long double tolerance = 8 * std::numeric_limits<T>::epsilon();
  for (std::size_t i = 0; i < n; ++i) {
    CAPTURE(i);
    const long double t = std::tanh(static_cast<long double>(s.q[i]) + s.k[i]), dsum = T{0.7f} * s.v[i] * (1 - t * t);
    CHECK(std::fabs(s.dq[i] - (dq[i] + dsum)) <= tolerance);
    CHECK(std::fabs(s.dk[i] - (dk[i] + dsum)) <= tolerance);
    CHECK(std::fabs(s.dv[i] - (dv[i] + T{0.7f} * t)) <= tolerance);
  }
  CHECK((s.dq.intact() && s.dk.intact() && s.dv.intact()));
}

void check_gradient(Sample<double>& s, EdgeRow<double>& parameter, EdgeRow<double>& gradient) {
  constexpr double shift = 1e-5;
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    const double middle = parameter[i];
    parameter[i] = middle + shift;
    const double above = s.score();
    parameter[i] = middle - shift;
    const double below = s.score();
    parameter[i] = middle;
    CAPTURE(parameter.size(), i);
    CHECK(gradient[i] == Approx((above - below) / (2 * shift)).epsilon(1e-7).margin(1e-9));
  }
}

}  // namespace

TEST_CASE("additive scores of any length equal a plain loop", "[kernels]") {
  for (std::size_t n : row_lengths()) {
    check_score<float>(n);
    check_score<double>(n);
  }
}

TEST_CASE("gradients of additive scores are added to what is there", "[kernels]") {
  for (std::size_t n : row_lengths()) {
    check_backward<float>(n);
    check_backward<double>(n);
  }
}

TEST_CASE("a gradient of additive scores that is not wanted is left out, the others keep their bits", "[kernels]") {
  for (const std::size_t n : {1u, 8u, 21u})
    for (int left_out = 0; left_out < 3; ++left_out) {
      Sample<float> all(n), some(n);
      all.backward(0.7f);
      float* to[] = {some.dq.data(), some.dk.data(), some.dv.data()};
      to[left_out] = nullptr;
      additive_score().of<float>().backward(0.7f, some.q.data(), some.k.data(), some.v.data(), to[0], to[1], to[2], n);
      CAPTURE(n, left_out);
      CHECK((left_out == 0 || same_bits(some.dq.numbers(), all.dq.numbers())));
      CHECK((left_out == 1 || same_bits(some.dk.numbers(), all.dk.numbers())));
      CHECK((left_out == 2 || same_bits(some.dv.numbers(), all.dv.numbers())));
    }
}

TEST_CASE("gradients of additive scores equal central differences", "[kernels]") {
  for (std::size_t n : {1u, 8u, 21u}) {
    Sample<double> s(n);
    for (EdgeRow<double>* gradient : {&s.dq, &s.dk, &s.dv}) std::fill_n(gradient->data(), n, 0.0);
    s.backward(1);
    check_gradient(s, s.q, s.dq);
    check_gradient(s, s.k, s.dk);
    check_gradient(s, s.v, s.dv);
  }
}
