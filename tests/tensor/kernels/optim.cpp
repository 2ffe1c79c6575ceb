// Every optimizer's row against the textbook loop. Only operations that round correctly are used, so the bits agree.
#include "heed/tensor/kernels/optim.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "support/catch.h"
#include "support/every_target.h"
#include "support/rows.h"

using namespace heed::kernels;
using namespace heed::test;

namespace {

// One number: its gradient, its value, and what is remembered of it.
template <class T>
struct Number {
  T g, x;
  std::array<T, 3> memory;
};

template <class T>
T decayed(double decay, const Number<T>& n) {
  return decay == 0 ? n.g : n.g + static_cast<T>(decay) * n.x;
}

template <class T>
T squares(double keep, T average, T g) {
  return static_cast<T>(keep) * average + static_cast<T>(1 - keep) * g * g;
}

template <class T>
void plain(const SgdStep& step, Number<T>& n) {
  const T g = decayed(step.weight_decay, n), momentum = static_cast<T>(step.momentum);
  T& v = n.memory[0];
  v = momentum * v + static_cast<T>(step.gradient_share) * g;
  n.x -= static_cast<T>(step.learning_rate) * (step.nesterov ? g + momentum * v : v);
}

template <class T>
void plain(const AdamStep& step, Number<T>& n) {
  n.x = static_cast<T>(step.shrink) * n.x;
  const T g = decayed(step.weight_decay, n);
  auto& [m, v, unused] = n.memory;
  m = static_cast<T>(step.beta1) * m + static_cast<T>(1 - step.beta1) * g;
  v = squares(step.beta2, v, g);
  const T divisor = std::sqrt(v) / static_cast<T>(step.root_correction) + static_cast<T>(step.epsilon);
  n.x -= static_cast<T>(step.step_size) * m / divisor;
}

template <class T>
void plain(const AdagradStep& step, Number<T>& n) {
  const T g = decayed(step.weight_decay, n);
  n.memory[0] += g * g;
  n.x -= static_cast<T>(step.learning_rate) * g / (std::sqrt(n.memory[0]) + static_cast<T>(step.epsilon));
}

template <class T>
void plain(const AdadeltaStep& step, Number<T>& n) {
  const T g = decayed(step.weight_decay, n), epsilon = static_cast<T>(step.epsilon);
  auto& [v, u, unused] = n.memory;
  v = squares(step.rho, v, g);
  const T delta = std::sqrt(u + epsilon) / std::sqrt(v + epsilon) * g;
  u = squares(step.rho, u, delta);
  n.x -= static_cast<T>(step.learning_rate) * delta;
}

template <class T>
void plain(const RmsPropStep& step, Number<T>& n) {
  const T g = decayed(step.weight_decay, n);
  auto& [v, m, b] = n.memory;
  v = squares(step.alpha, v, g);
  m += static_cast<T>(1 - step.alpha) * (g - m);
  const T divisor = std::sqrt(std::max(v - m * m, T{0})) + static_cast<T>(step.epsilon);
  b = static_cast<T>(step.momentum) * b + g / divisor;
  n.x -= static_cast<T>(step.learning_rate) * b;
}

// Three steps of run(step, g, memory..., x, n) on rows of n numbers.
template <class T, std::size_t memories, class Step, class Run>
void check(std::size_t n, const Step& step, const Run& run) {
  EdgeRow<T> x(random_row<T>(n, -1, 1, n));
  EdgeRow<T> memory[3] = {EdgeRow<T>(n), EdgeRow<T>(n), EdgeRow<T>(n)};
  std::vector<Number<T>> wanted(n);
  for (std::size_t i = 0; i < n; ++i) wanted[i].x = x[i];
  for (std::size_t t = 1; t <= 3; ++t) {
    EdgeRow<T> gradient(random_row<T>(n, -1, 1, n + t));
    const std::vector<T> before = gradient.numbers();
    run(step, gradient.data(), memory, x.data(), n);
    std::vector<T> wanted_x(n), wanted_memory[3] = {wanted_x, wanted_x, wanted_x};
    for (std::size_t i = 0; i < n; ++i) {
      wanted[i].g = before[i];
      plain(step, wanted[i]);
      wanted_x[i] = wanted[i].x;
      for (std::size_t j = 0; j < 3; ++j) wanted_memory[j][i] = wanted[i].memory[j];
    }
    CAPTURE(n, t, sizeof(T));
    CHECK(same_bits(gradient.numbers(), before));
    CHECK(same_bits(x.numbers(), wanted_x));
    for (std::size_t j = 0; j < memories; ++j) CHECK(same_bits(memory[j].numbers(), wanted_memory[j]));
  }
  CHECK((x.intact() && memory[0].intact() && memory[1].intact() && memory[2].intact()));
}

template <class T>
void check_all(std::size_t n) {
  const auto& kernels = optim().of<T>();
  const auto sgd = [&](const SgdStep& step, const T* g, auto* memory, T* x, std::size_t size) {
    kernels.sgd(step, g, memory[0].data(), x, size);
  };
  check<T, 1>(n, SgdStep{.learning_rate = 0.1, .momentum = 0.9, .gradient_share = 0.7, .weight_decay = 0.3}, sgd);
  check<T, 1>(n, SgdStep{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}, sgd);
  check<T, 0>(
      n, SgdStep{.learning_rate = 0.1, .weight_decay = 0.3},  // v = g
      [&](const SgdStep& step, const T* g, auto*, T* x, std::size_t size) { kernels.sgd(step, g, nullptr, x, size); });
  const auto adam = [&](const AdamStep& step, const T* g, auto* memory, T* x, std::size_t size) {
    kernels.adam(step, g, memory[0].data(), memory[1].data(), x, size);
  };
  AdamStep step{.beta1 = 0.9, .beta2 = 0.999, .step_size = 0.07, .root_correction = 0.3, .epsilon = 1e-8};
  check<T, 2>(n, step, adam);
  step.weight_decay = 0.1;
  check<T, 2>(n, step, adam);
  step.weight_decay = 0;
  step.shrink = 0.97;
  check<T, 2>(n, step, adam);
  check<T, 1>(n, AdagradStep{.learning_rate = 0.1, .epsilon = 1e-10, .weight_decay = 0.1},
              [&](const AdagradStep& s, const T* g, auto* memory, T* x, std::size_t size) {
                kernels.adagrad(s, g, memory[0].data(), x, size);
              });
  check<T, 2>(n, AdadeltaStep{.learning_rate = 1.5, .rho = 0.9, .epsilon = 1e-6, .weight_decay = 0.1},
              [&](const AdadeltaStep& s, const T* g, auto* memory, T* x, std::size_t size) {
                kernels.adadelta(s, g, memory[0].data(), memory[1].data(), x, size);
              });
  check<T, 3>(n,
              RmsPropStep{.learning_rate = 0.01, .alpha = 0.9, .epsilon = 1e-3, .momentum = 0.8, .weight_decay = 0.1},
              [&](const RmsPropStep& s, const T* g, auto* memory, T* x, std::size_t size) {
                kernels.rms_prop(s, g, memory[0].data(), memory[1].data(), memory[2].data(), x, size);
              });
}

template <class T>
void check_average(std::size_t n) {
  EdgeRow<T> a(random_row<T>(n, -1, 1, n)), x(random_row<T>(n, -1, 1, n + 1));
  std::vector<T> wanted = a.numbers();
  for (std::size_t i = 0; i < n; ++i) wanted[i] += static_cast<T>(0.1) * (x[i] - wanted[i]);
  optim().of<T>().average(0.1, x.data(), a.data(), n);
  CHECK(same_bits(a.numbers(), wanted));
  CHECK((a.intact() && x.intact()));
}

}  // namespace

TEST_CASE("optimizer rows of any length equal plain loops bit for bit", "[kernels]") {
  for_every_target([](const std::string& target) {
    CAPTURE(target);
    for (std::size_t n : row_lengths()) {
      check_all<float>(n);
      check_all<double>(n);
      check_average<float>(n);
      check_average<double>(n);
    }
  });
}

TEST_CASE("the first Adam step moves by the learning rate against the gradient's sign", "[kernels]") {
  const AdamStep step{0.9, 0.999, 0.01 / (1 - 0.9), std::sqrt(1 - 0.999), 1e-8};
  const double gradient[] = {5, -1e-3};
  double m[2] = {}, v[2] = {}, x[2] = {};
  optim().of<double>().adam(step, gradient, m, v, x, 2);
  CHECK(x[0] == Approx(-0.01).epsilon(1e-6));
  CHECK(x[1] == Approx(0.01).epsilon(1e-4));
}

TEST_CASE("without weight decay an infinite number makes no NaN of its gradient", "[kernels]") {
  const double infinity = std::numeric_limits<double>::infinity(), gradient[] = {2};
  double velocity[] = {0}, x[] = {infinity};
  optim().of<double>().sgd({.learning_rate = 1, .momentum = 0.5}, gradient, velocity, x, 1);
  CHECK(velocity[0] == 2);
  CHECK(x[0] == infinity);
}

TEST_CASE("centered RMSprop takes no root of less than 0, and passes NaN on", "[kernels]") {
  std::vector<float> gradient = random_row<float>(1000, 0, 1, 1), v(1000), mean(1000), x(1000);
  for (int t = 0; t < 300; ++t)  // the same gradient again and again: its deviation goes to 0
    optim().of<float>().rms_prop({.learning_rate = 1e-12, .alpha = 0.9, .epsilon = 1e-3}, gradient.data(), v.data(),
                                 mean.data(), nullptr, x.data(), x.size());
  CHECK(std::all_of(x.begin(), x.end(), [](float number) { return std::isfinite(number); }));
  gradient[7] = std::numeric_limits<float>::quiet_NaN();
  optim().of<float>().rms_prop({.learning_rate = 1e-12, .alpha = 0.9, .epsilon = 1e-3}, gradient.data(), v.data(),
                               mean.data(), nullptr, x.data(), x.size());
  CHECK(std::isnan(x[7]));
}
