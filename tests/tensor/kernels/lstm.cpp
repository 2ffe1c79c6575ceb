// Rows of the LSTM and of the simple recurrent cell against plain loops, at every length a row can have, and their
// gradients against central differences.
#include "heed/tensor/kernels/lstm.h"

#include <cmath>
#include <limits>

#include "heed/tensor/kernels/rnn.h"
#include "support/catch.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

using Row = std::vector<double>;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct State {
  Row gates, c, h;
};

State lstm_step(const Row& a, const Row& c) {
  const std::size_t n = c.size();
  State s{a, c, c};
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t gate : {0u, 1u, 3u}) s.gates[gate * n + k] = sigmoid(a[gate * n + k]);
    s.gates[2 * n + k] = std::tanh(a[2 * n + k]);
    s.c[k] = s.gates[n + k] * c[k] + s.gates[k] * s.gates[2 * n + k];
    s.h[k] = s.gates[3 * n + k] * std::tanh(s.c[k]);
  }
  return s;
}

template <class T>
Row wide(const std::vector<T>& row) {
  return Row(row.begin(), row.end());
}

template <class T>
void check_close(EdgeRow<T>& got, const Row& wanted) {
  const std::vector<T> numbers = got.numbers();
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    CAPTURE(k);
    CHECK(std::fabs(static_cast<double>(numbers[k]) - wanted[k]) <= 8 * std::numeric_limits<T>::epsilon());
  }
  CHECK(got.intact());
}

template <class T>
void check_lstm(std::size_t n) {
  CAPTURE(n, sizeof(T));
  EdgeRow<T> gates(random_row<T>(4 * n, -2, 2, n)), c(random_row<T>(n, -1, 1, n + 1)), next_c(n), h(n);
  const State wanted = lstm_step(wide(gates.numbers()), wide(c.numbers()));
  lstm().of<T>().forward(gates.data(), c.data(), next_c.data(), h.data(), n);
  check_close(gates, wanted.gates);
  check_close(next_c, wanted.c);
  check_close(h, wanted.h);
}

// The gradient of Σ (dh + dy)·h' + dc·c', by central differences of the plain loop.
void check_lstm_gradient(std::size_t n, bool with_dy) {
  CAPTURE(n, with_dy);
  const Row a = random_row<double>(4 * n, -2, 2, n), c = random_row<double>(n, -1, 1, n + 1),
            dh = random_row<double>(n, -1, 1, n + 2), dc = random_row<double>(n, -1, 1, n + 3),
            dy = random_row<double>(n, -1, 1, n + 4);
  const auto loss = [&](const Row& at_a, const Row& at_c) {
    const State s = lstm_step(at_a, at_c);
    double total = 0;
    for (std::size_t k = 0; k < n; ++k) total += (dh[k] + (with_dy ? dy[k] : 0)) * s.h[k] + dc[k] * s.c[k];
    return total;
  };
  const auto slope = [&](Row at_a, Row at_c, bool of_c, std::size_t k) {
    double& place = of_c ? at_c[k] : at_a[k];
    place += 1e-6;
    const double above = loss(at_a, at_c);
    place -= 2e-6;
    return (above - loss(at_a, at_c)) / 2e-6;
  };
  const State s = lstm_step(a, c);
  EdgeRow<double> da(4 * n), to_h(dh), to_c(dc);
  lstm().of<double>().backward(s.gates.data(), c.data(), s.c.data(), with_dy ? dy.data() : nullptr, to_h.data(),
                               to_c.data(), da.data(), n);
  for (std::size_t k = 0; k < 4 * n; ++k) CHECK(da[k] == Approx(slope(a, c, false, k)).margin(1e-8));
  for (std::size_t k = 0; k < n; ++k) CHECK(to_c[k] == Approx(slope(a, c, true, k)).margin(1e-8));
  CHECK(to_h.numbers() == Row(n, 0.0));
  CHECK((da.intact() && to_h.intact() && to_c.intact()));
}

template <class T>
void check_rnn(std::size_t n) {
  CAPTURE(n, sizeof(T));
  EdgeRow<T> a(random_row<T>(n, -2, 2, n)), h(n);
  Row tanh_of_a = wide(a.numbers()), relu_of_a = tanh_of_a;
  for (double& number : tanh_of_a) number = std::tanh(number);
  for (double& number : relu_of_a) number = std::max(number, 0.0);
  rnn_tanh().of<T>().forward(a.data(), h.data(), n);
  check_close(h, tanh_of_a);
  rnn_relu().of<T>().forward(a.data(), a.data(), n);  // in place
  check_close(a, relu_of_a);

  const std::vector<T> y = h.numbers(), dy = random_row<T>(n, -1, 1, n + 1), dh = random_row<T>(n, -1, 1, n + 2);
  for (bool with_dy : {false, true}) {
    EdgeRow<T> to_h(dh), da(n);
    Row wanted(n);
    for (std::size_t k = 0; k < n; ++k)
      wanted[k] = (static_cast<double>(dh[k]) + (with_dy ? static_cast<double>(dy[k]) : 0)) *
                  (1 - static_cast<double>(y[k]) * static_cast<double>(y[k]));
    rnn_tanh().of<T>().backward(y.data(), with_dy ? dy.data() : nullptr, to_h.data(), da.data(), n);
    check_close(da, wanted);
    check_close(to_h, Row(n, 0.0));
  }
}

}  // namespace

TEST_CASE("rows of an LSTM of any length equal a plain loop", "[kernels][lstm]") {
  for (std::size_t n : row_lengths()) {
    check_lstm<float>(n);
    check_lstm<double>(n);
  }
}

TEST_CASE("gradients of an LSTM's row equal central differences", "[kernels][lstm]") {
  for (std::size_t n : {1u, 3u, 8u, 21u})
    for (bool with_dy : {false, true}) check_lstm_gradient(n, with_dy);
}

TEST_CASE("rows of a simple recurrent cell of any length equal a plain loop", "[kernels][rnn]") {
  for (std::size_t n : row_lengths()) {
    check_rnn<float>(n);
    check_rnn<double>(n);
  }
}

TEST_CASE("the gradient of relu passes where the output is positive", "[kernels][rnn]") {
  const std::vector<float> h{0, 1, 2, 0, 3}, dy{1, 2, 3, 4, 5};
  EdgeRow<float> dh(std::vector<float>{10, 10, 10, 10, 10}), da(5);
  rnn_relu().of<float>().backward(h.data(), dy.data(), dh.data(), da.data(), 5);
  CHECK(da.numbers() == std::vector<float>{0, 12, 13, 0, 15});
  CHECK(dh.numbers() == std::vector<float>(5, 0.0f));
}
