// Gradients of gradients against closed forms.
#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

Tensor f64(std::initializer_list<double> values, const Shape& shape) { return tensor(values, shape, DType::f64); }

Variable slope(const Variable& y, const Variable& x) { return recorded_gradients(y, {x})[0]; }

}  // namespace

TEST_CASE("Hessian-vector product of a quadratic form and a quartic", "[second order]") {
  // f = ½ xᵀAx + Σ x⁴ : H = (A + Aᵀ)/2 + 12 diag(x²)
  const Tensor a = f64({2, -1, 0.5, 3}, {2, 2});
  const Variable x(f64({1.5, -0.5}, {2}), true);
  const Variable f = matmul(x, matmul(Variable(a), x)) * 0.5 + sum(x * x * x * x);
  const Tensor v = f64({0.25, 2}, {2});
  const Tensor product = gradients(slope(f, x), {x}, v)[0];
  Array wanted({2});
  wanted.numbers = {(2 + 12 * 2.25) * 0.25 + (-0.25) * 2, (-0.25) * 0.25 + (3 + 12 * 0.25) * 2};
  CHECK(difference(product, wanted, 8) == "");
}

TEST_CASE("derivatives of x cubed up to the fourth", "[second order]") {
  const Variable x(full({}, 1.5, DType::f64), true);
  const Variable y = x * x * x, first = slope(y, x), second = slope(first, x), third = slope(second, x);
  CHECK(first.item() == 6.75);
  CHECK(second.item() == 9);
  CHECK(third.item() == 6);
  CHECK(!third.requires_grad());  // a number: what it came from is known not to depend on x
}

TEST_CASE("derivatives of the exponential and of tanh", "[second order]") {
  const Variable x(full({}, 0.75, DType::f64), true);
  const Variable e = exp(x);
  const double value = e.item();
  CHECK(slope(slope(slope(e, x), x), x).item() == value);
  const Variable t = tanh(x);
  const double h = t.item();
  CHECK(slope(slope(t, x), x).item() == Approx(-2 * h * (1 - h * h)).epsilon(1e-14));
  CHECK(slope(slope(slope(t, x), x), x).item() == Approx((1 - h * h) * (6 * h * h - 2)).epsilon(1e-13));
}

TEST_CASE("a gradient penalty trains the weight", "[second order]") {
  // y = Σ w∘x², penalty P = Σ (∂y/∂x)² = Σ 4 w² x², ∂P/∂w = 8 w x²
  const Variable x(f64({1, -2, 3}, {3}), true), w(f64({0.5, 0.25, -1}, {3}), true);
  const Variable inner = slope(sum(w * x * x), x);
  backward(sum(inner * inner));
  CHECK(to_array(w.grad()).numbers == std::vector<double>{4, 8, -72});
  CHECK(to_array(x.grad()).numbers == std::vector<double>{2, -1, 24});  // ∂P/∂x = 8 w² x
}

TEST_CASE("the gradient of a gradient penalty equals differences", "[second order]") {
  const Variable input(f64({1, 2}, {2}), true);
  const auto penalty = [&](const std::vector<Variable>& weights) {
    const Variable inner = slope(sum(tanh(weights[0] * input)), input);
    return sum(inner * inner);
  };
  CHECK(gradcheck(penalty, {f64({0.3, -0.6}, {2})}) == "");
}

TEST_CASE("one step of learning to learn: through an update into the initial weight", "[second order]") {
  // w' = w - α·∂(w²·a)/∂w = w(1 - 2αa); L = w'²; dL/dw = 2w(1 - 2αa)²
  const Variable w(full({}, 3, DType::f64), true), a(full({}, 0.5, DType::f64), true);
  const Variable updated = w - slope(w * w * a, w) * 0.25;
  backward(updated * updated);
  CHECK(w.grad().item() == 2 * 3 * 0.75 * 0.75);
  CHECK(a.grad().item() == 2 * 3 * 0.75 * (-2 * 0.25 * 3));  // 2w'·∂w'/∂a
}

TEST_CASE("Hessian of cross-entropy is diag(p) - p·pᵀ", "[second order]") {
  const Variable x(f64({0.5, -1, 2}, {1, 3}), true);
  const Variable g = slope(cross_entropy(x, tensor({1}, {1}, DType::i64)), x);
  const Array p = to_array(softmax(x.value()));
  for (std::int64_t i = 0; i < 3; ++i) {
    Tensor one = zeros({1, 3}, DType::f64);
    one.mutable_data<double>()[i] = 1;
    Array wanted({1, 3});
    for (std::int64_t j = 0; j < 3; ++j) wanted[{0, j}] = p[{0, i}] * ((i == j) - p[{0, j}]);
    CHECK(difference(gradients(g, {x}, one, {.retain_graph = true})[0], wanted, 16, 1) == "");
  }
}

TEST_CASE("a recorded gradient keeps its graph, and the graph itself can still be traversed", "[second order]") {
  const Variable x(full({}, 2, DType::f64), true);
  const Variable y = x * x * x, first = slope(y, x);
  backward(first);
  CHECK(x.grad().item() == 12);
  x.set_grad({});
  CHECK_THROWS_AS(backward(y), GradError);  // the products that `first` came from are gone with its own traversal
  const Variable again = x * x * x, once = slope(again, x);
  backward(again, {}, {.retain_graph = true});
  CHECK(x.grad().item() == 12);
  backward(once);
  CHECK(x.grad().item() == 24);
}

TEST_CASE("third order through a fused operation equals its definition", "[second order]") {
  // Gradcheck of the recorded gradient, which itself is a function of the inputs.
  const auto gradient_of = [](Variable (*f)(const Variable&, int, const Tensor&)) -> Function {
    return [f](const std::vector<Variable>& x) {
      const Variable inner = x[0].requires_grad() ? x[0] : Variable(x[0].value(), true);
      const Variable y = f(inner, -1, {});
      return slope(sum(y * y * y), inner);
    };
  };
  const std::vector<Tensor> x{f64({0.5, -1, 2, 0.25, 0, -0.75}, {2, 3})};
  const auto plain = gradient_of(softmax)({Variable(x[0], true)}),
             wanted = gradient_of(softmax_definition)({Variable(x[0], true)});
  CHECK(difference(plain.value(), to_array(wanted.value()), 64, 1) == "");
  const auto twice = [&](const Function& f) {
    const Variable leaf(x[0], true);
    const Variable g = f({leaf});
    return gradients(slope(sum(g * g), leaf), {leaf}, f64({1, 2, 3, 4, 5, 6}, {2, 3}))[0];
  };
  CHECK(difference(twice(gradient_of(softmax)), to_array(twice(gradient_of(softmax_definition))), 256, 1) == "");
}
