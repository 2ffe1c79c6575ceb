// GRU gate rows: equal to the same formula in element-wise rows bit for bit, and gradients against central differences.
#include "heed/tensor/kernels/gru.h"

#include <cmath>
#include <functional>

#include "heed/tensor/kernels/elementwise.h"
#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

template <class T>
using Row = std::vector<T>;

// What is tested elsewhere, with vectors in and out.
template <class T>
Row<T> of(Unary op, const Row<T>& x) {
  Row<T> y(x.size());
  elementwise().of<T>().unary(op, x.data(), y.data(), x.size());
  return y;
}
template <class T>
Row<T> of(Binary op, const Row<T>& a, const Row<T>& b) {
  Row<T> y(a.size());
  elementwise().of<T>().binary(op, a.data(), b.data(), y.data(), a.size());
  return y;
}
template <class T>
Row<T> third(const Row<T>& row, std::size_t hidden, std::size_t which) {
  const auto begin = row.begin() + static_cast<std::ptrdiff_t>(which * hidden);
  return Row<T>(begin, begin + static_cast<std::ptrdiff_t>(hidden));
}

template <class T>
Row<T> gate(const Row<T>& x, const Row<T>& u, std::size_t hidden, std::size_t which) {
  return of(Unary::sigmoid, of(Binary::add, third(x, hidden, which), third(u, hidden, which)));
}
template <class T>
Row<T> blend(const Row<T>& z, const Row<T>& n, const Row<T>& h) {
  const Row<T> ones(z.size(), 1);
  return of(Binary::add, of(Binary::mul, of(Binary::sub, ones, z), n), of(Binary::mul, z, h));
}

template <class T>
struct Sample {
  EdgeRow<T> x, u, h;
  Row<T> r, z;

  explicit Sample(std::size_t hidden)
      : x(random_row<T>(3 * hidden, -3, 3, hidden)),
        u(random_row<T>(3 * hidden, -3, 3, hidden + 1)),
        h(random_row<T>(hidden, -1, 1, hidden + 2)),
        r(gate(x.numbers(), u.numbers(), hidden, 0)),
        z(gate(x.numbers(), u.numbers(), hidden, 1)) {}
};

template <class T>
void check_reset_after(std::size_t hidden) {
  Sample<T> s(hidden);
  EdgeRow<T> gates(3 * hidden), y(hidden);
  gru().of<T>().forward(s.x.data(), s.u.data(), s.h.data(), gates.data(), y.data(), hidden);
  const Row<T> reset_u = of(Binary::mul, s.r, third(s.u.numbers(), hidden, 2));
  const Row<T> n = of(Unary::tanh, of(Binary::add, third(s.x.numbers(), hidden, 2), reset_u));
  CAPTURE(hidden, sizeof(T));
  CHECK(same_bits(third(gates.numbers(), hidden, 0), s.r));
  CHECK(same_bits(third(gates.numbers(), hidden, 1), s.z));
  CHECK(same_bits(third(gates.numbers(), hidden, 2), n));
  CHECK(same_bits(y.numbers(), blend(s.z, n, s.h.numbers())));
  CHECK((gates.intact() && y.intact()));
}

template <class T>
void check_reset_before(std::size_t hidden) {
  Sample<T> s(hidden);
  EdgeRow<T> gates(3 * hidden), reset_h(hidden), y(hidden);
  const Row<T> untouched = random_row<T>(hidden, -1, 1, 5);
  std::copy(untouched.begin(), untouched.end(), gates.data() + 2 * hidden);
  gru().of<T>().gates(s.x.data(), s.u.data(), s.h.data(), gates.data(), reset_h.data(), hidden);
  CAPTURE(hidden, sizeof(T));
  CHECK(same_bits(third(gates.numbers(), hidden, 0), s.r));
  CHECK(same_bits(third(gates.numbers(), hidden, 1), s.z));
  CHECK(same_bits(third(gates.numbers(), hidden, 2), untouched));
  CHECK(same_bits(reset_h.numbers(), of(Binary::mul, s.r, s.h.numbers())));

  EdgeRow<T> u_n(third(s.u.numbers(), hidden, 2));
  gru().of<T>().blend(s.x.data(), u_n.data(), s.h.data(), gates.data(), y.data(), hidden);
  const Row<T> n = of(Unary::tanh, of(Binary::add, third(s.x.numbers(), hidden, 2), u_n.numbers()));
  CHECK(same_bits(third(gates.numbers(), hidden, 0), s.r));
  CHECK(same_bits(third(gates.numbers(), hidden, 1), s.z));
  CHECK(same_bits(third(gates.numbers(), hidden, 2), n));
  CHECK(same_bits(y.numbers(), blend(s.z, n, s.h.numbers())));
  CHECK((gates.intact() && reset_h.intact() && y.intact()));
}

// A step whose result y is weighted into one number, and the gradient of that number by the kernels.
template <class T>
struct Step {
  std::size_t hidden;
  EdgeRow<T> x, u, h, dy, c, gates, reset_h, u_n, y, dx, du, dh, dreset_h;

  explicit Step(std::size_t H)
      : hidden(H),
        x(random_row<T>(3 * H, -2, 2, 1)),
        u(random_row<T>(3 * H, -2, 2, 2)),
        h(random_row<T>(H, -1, 1, 3)),
        dy(random_row<T>(H, -1, 1, 4)),
        c(random_row<T>(H, -2, 2, 5)),
        gates(3 * H),
        reset_h(H),
        u_n(H),
        y(H),
        dx(3 * H),
        du(3 * H),
        dh(H),
        dreset_h(H) {}

  void forward_after() { gru().of<T>().forward(x.data(), u.data(), h.data(), gates.data(), y.data(), hidden); }
  void backward_after() {
    gru().of<T>().backward(u.data(), h.data(), gates.data(), dy.data(), dx.data(), du.data(), dh.data(), hidden);
  }
  // u_n = c∘(r∘h) stands for the product W·(r∘h).
  void forward_before() {
    gru().of<T>().gates(x.data(), u.data(), h.data(), gates.data(), reset_h.data(), hidden);
    for (std::size_t i = 0; i < hidden; ++i) u_n[i] = c[i] * reset_h[i];
    gru().of<T>().blend(x.data(), u_n.data(), h.data(), gates.data(), y.data(), hidden);
  }
  void backward_before() {
    gru().of<T>().blend_backward(h.data(), gates.data(), dy.data(), dx.data(), dh.data(), hidden);
    for (std::size_t i = 0; i < hidden; ++i) dreset_h[i] = c[i] * dx[2 * hidden + i];
    gru().of<T>().gates_backward(h.data(), gates.data(), dreset_h.data(), dx.data(), dh.data(), hidden);
    std::copy_n(dx.data(), 2 * hidden, du.data());  // u meets x in a sum
  }
  T loss() {
    T total = 0;
    for (std::size_t i = 0; i < hidden; ++i) total += dy[i] * y[i];
    return total;
  }
};

void check_gradient(Step<double>& step, const std::function<void()>& forward, EdgeRow<double>& parameter,
                    EdgeRow<double>& gradient) {
  constexpr double shift = 1e-5;
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    const double middle = parameter[i];
    parameter[i] = middle + shift;
    forward();
    const double above = step.loss();
    parameter[i] = middle - shift;
    forward();
    const double below = step.loss();
    parameter[i] = middle;
    CAPTURE(step.hidden, parameter.size(), i);
    CHECK(gradient[i] == Approx((above - below) / (2 * shift)).epsilon(1e-7).margin(1e-9));
  }
}

// The float kernels are the double ones with fewer digits.
void check_close(EdgeRow<float>& few, EdgeRow<double>& many) {
  for (std::size_t i = 0; i < few.size(); ++i) CHECK(few[i] == Approx(many[i]).epsilon(1e-4).margin(1e-5));
  CHECK((few.intact() && many.intact()));
}

}  // namespace

TEST_CASE("a GRU step of any size has the bits of its formula", "[kernels]") {
  for (std::size_t hidden = 0; hidden <= 70; ++hidden) {
    check_reset_after<float>(hidden);
    check_reset_after<double>(hidden);
  }
}

TEST_CASE("a GRU step with the reset gate before the product has the bits of its formula", "[kernels]") {
  for (std::size_t hidden = 0; hidden <= 70; ++hidden) {
    check_reset_before<float>(hidden);
    check_reset_before<double>(hidden);
  }
}

TEST_CASE("GRU gradients equal central differences", "[kernels]") {
  for (std::size_t hidden : {1u, 8u, 21u}) {
    Step<double> step(hidden);
    const auto forward = [&] { step.forward_after(); };
    forward();
    step.backward_after();
    check_gradient(step, forward, step.x, step.dx);
    check_gradient(step, forward, step.u, step.du);
    check_gradient(step, forward, step.h, step.dh);
  }
}

TEST_CASE("GRU gradients with the reset gate before the product equal central differences", "[kernels]") {
  for (std::size_t hidden : {1u, 8u, 21u}) {
    Step<double> step(hidden);
    const auto forward = [&] { step.forward_before(); };
    forward();
    step.backward_before();
    check_gradient(step, forward, step.x, step.dx);
    check_gradient(step, forward, step.h, step.dh);
  }
}

TEST_CASE("GRU gradients of floats are those of doubles, for any size", "[kernels]") {
  for (std::size_t hidden = 0; hidden <= 70; ++hidden) {
    CAPTURE(hidden);
    Step<float> few(hidden);
    Step<double> many(hidden);
    few.forward_after(), few.backward_after();
    many.forward_after(), many.backward_after();
    check_close(few.dx, many.dx);
    check_close(few.du, many.du);
    check_close(few.dh, many.dh);
    few.forward_before(), few.backward_before();
    many.forward_before(), many.backward_before();
    check_close(few.dx, many.dx);
    check_close(few.dh, many.dh);
  }
}
