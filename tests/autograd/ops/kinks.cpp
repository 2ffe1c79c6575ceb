// Which gradient is chosen where none is defined, and what masks and NaN do to it.
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Tensor f64(std::initializer_list<double> values, const Shape& shape) { return tensor(values, shape, DType::f64); }

using Numbers64 = std::vector<double>;

// Gradients of f at leaves of these vectors, plain and recorded, which must agree bit for bit.
template <class F>
std::vector<Numbers64> slopes(F f, const std::vector<Tensor>& inputs, const Tensor& dy) {
  std::vector<Variable> x;
  for (const Tensor& input : inputs) x.emplace_back(input, true);
  const Variable y = f(x);
  const auto recorded = recorded_gradients(y, x, Variable(dy));
  const auto plain = gradients(y, x, dy);
  std::vector<Numbers64> result;
  for (std::size_t i = 0; i < x.size(); ++i) {
    CHECK(difference(recorded[i].value(), to_array(plain[i]), 4) == "");
    result.push_back(to_array(plain[i]).numbers);
  }
  return result;
}

}  // namespace

TEST_CASE("relu has slope 0 at 0 and abs as well", "[kinks]") {
  const Tensor x = f64({-1, -0.0, 0, 2}, {4}), dy = f64({10, 20, 30, 40}, {4});
  CHECK(slopes([](auto& v) { return relu(v[0]); }, {x}, dy)[0] == Numbers64{0, 0, 0, 40});
  CHECK(slopes([](auto& v) { return abs(v[0]); }, {x}, dy)[0] == Numbers64{-10, 0, 0, 40});
}

TEST_CASE("relu and abs pass the gradient where the input is NaN", "[kinks]") {
  const Tensor x = f64({not_a_number}, {1}), dy = f64({10}, {1});
  CHECK(slopes([](auto& v) { return relu(v[0]); }, {x}, dy)[0] == Numbers64{10});
  CHECK(slopes([](auto& v) { return abs(v[0]); }, {x}, dy)[0] == Numbers64{10});
}

TEST_CASE("maximum and minimum share the gradient between equals", "[kinks]") {
  const std::vector<Tensor> x{f64({1, 2, 3}, {3}), f64({2, 2, 2}, {3})};
  const Tensor dy = f64({10, 20, 30}, {3});
  const auto larger = slopes([](auto& v) { return maximum(v[0], v[1]); }, x, dy);
  CHECK(larger[0] == Numbers64{0, 10, 30});
  CHECK(larger[1] == Numbers64{10, 10, 0});
  const auto smaller = slopes([](auto& v) { return minimum(v[0], v[1]); }, x, dy);
  CHECK(smaller[0] == Numbers64{10, 10, 0});
  CHECK(smaller[1] == Numbers64{0, 10, 30});
}

TEST_CASE("max shares the gradient equally between the largest", "[kinks]") {
  const Tensor x = f64({1, 3, 3, 2, 2, 2}, {2, 3}), dy = f64({10, 30}, {2});
  CHECK(slopes([](auto& v) { return max(v[0], {1}); }, {x}, dy)[0] == Numbers64{0, 5, 5, 10, 10, 10});
  CHECK(slopes([](auto& v) { return max(v[0], {-1}, true); }, {x}, f64({10, 30}, {2, 1}))[0] ==
        Numbers64{0, 5, 5, 10, 10, 10});
  CHECK(slopes([](auto& v) { return max(v[0]); }, {x}, f64({10}, {}))[0] == Numbers64{0, 5, 5, 0, 0, 0});
}

TEST_CASE("where lets nothing of the side not chosen through", "[kinks]") {
  const Tensor condition = tensor({1, 0}, {2}, DType::boolean);
  // log of a negative number is NaN, and so is its slope there; that side is not chosen.
  const auto f = [&](auto& v) { return where(condition, v[0], log(v[0])); };
  const auto got = slopes(f, {f64({-1, 2}, {2})}, f64({10, 20}, {2}));
  CHECK(std::isnan(got[0][0]) == false);
  CHECK(got[0][1] == 10);
  const auto chosen = slopes([&](auto& v) { return where(condition, v[0], v[1]); },
                             {f64({1, not_a_number}, {2}), f64({not_a_number, 4}, {2})}, f64({10, not_a_number}, {2}));
  CHECK(chosen[0] == Numbers64{10, 0});
  CHECK(chosen[1][0] == 0);
  CHECK(std::isnan(chosen[1][1]));
}

TEST_CASE("what a mask leaves out gets gradient exactly 0 whatever stands there", "[kinks]") {
  const Tensor mask = tensor({1, 0, 1, 0, 0, 0}, {2, 3}, DType::boolean);
  const Tensor x = f64({0.5, not_a_number, 1, not_a_number, 1e300, 2}, {2, 3});
  const Tensor dy = f64({1, not_a_number, 3, 4, not_a_number, 6}, {2, 3});
  using Softmax = Variable (*)(const Variable&, int, const Tensor&);
  for (const Softmax f :
       std::initializer_list<Softmax>{softmax, softmax_definition, log_softmax, log_softmax_definition}) {
    const Numbers64 got = slopes([&](auto& v) { return f(v[0], -1, mask); }, {x}, dy)[0];
    CHECK(std::isfinite(got[0]));
    CHECK(got[0] != 0);
    CHECK(got[0] == Approx(-got[2]));
    CHECK(got[1] == 0);
    CHECK(Numbers64(got.begin() + 3, got.end()) == Numbers64{0, 0, 0});
  }
}

TEST_CASE("rows of weight 0 get gradient exactly 0 whatever stands there", "[kinks]") {
  const Tensor x = f64({0.5, 1, not_a_number, 2}, {2, 2}), weights = f64({2, 0}, {2});
  const Tensor targets = tensor({1, 77}, {2}, DType::i64);
  for (const auto f : {cross_entropy, cross_entropy_definition}) {
    const Numbers64 got = slopes([&](auto& v) { return f(v[0], targets, weights); }, {x}, f64({1}, {}))[0];
    CHECK(std::isfinite(got[0]));
    CHECK(got[0] != 0);
    CHECK(Numbers64(got.begin() + 2, got.end()) == Numbers64{0, 0});
  }
}

TEST_CASE("weights that sum to 0 have a loss and a gradient", "[kinks]") {
  const Tensor x = f64({0, 1, 2, 0.5, -1, 0}, {3, 2}), targets = tensor({0, 1, 1}, {3}, DType::i64);
  for (const Tensor& weights : {f64({1, -1, 0}, {3}), f64({0.1, 0.2, -0.3}, {3}), f64({-2, -1, -1}, {3})})
    for (const auto f : {cross_entropy, cross_entropy_definition}) {
      const auto w = to_array(weights).numbers, logits = to_array(x).numbers;
      double loss = 0, sizes = 0;
      for (double weight : w) sizes += std::abs(weight);
      Numbers64 wanted;
      for (std::size_t row = 0; row < 3; ++row) {
        const double left = std::exp(logits[2 * row]), right = std::exp(logits[2 * row + 1]);
        const std::size_t target = row == 0 ? 0 : 1;
        loss -= w[row] / sizes * std::log((target == 0 ? left : right) / (left + right));
        wanted.push_back(w[row] / sizes * (left / (left + right) - (target == 0)));
        wanted.push_back(w[row] / sizes * (right / (left + right) - (target == 1)));
      }
      CHECK(f(Variable(x), targets, weights).item() == Approx(loss).epsilon(1e-12));
      const Numbers64 got = slopes([&](auto& v) { return f(v[0], targets, weights); }, {x}, f64({1}, {}))[0];
      for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(wanted[i]).epsilon(1e-12).margin(1e-15));
    }
}

TEST_CASE("the gradient of a conversion is converted back", "[kinks]") {
  const Variable x(f64({1.25, -3}, {2}), true), narrow = to(x, DType::f32);
  CHECK(narrow.dtype() == DType::f32);
  const Tensor dy = tensor({0.1, -2}, {2});
  const Tensor got = gradients(narrow, {x}, dy, {.retain_graph = true})[0];
  CHECK(got.dtype() == DType::f64);
  CHECK(to_array(got).numbers == Numbers64{static_cast<double>(0.1f), -2});
  CHECK(same_bits(recorded_gradients(narrow, {x}, Variable(dy))[0].value(), got));
  const Variable y(tensor({1, 2}, {2}), true);
  backward(to(y, DType::f64) * to(y, DType::f64), f64({1, 10}, {2}));
  CHECK(y.grad().dtype() == DType::f32);
  CHECK(to_array(y.grad()).numbers == Numbers64{2, 40});
}
