// Activations: the parameters they refuse, and gradients far from 0.
#include "heed/autograd/ops/activation.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("parameters of activations must be finite", "[autograd][activation]") {
  const Variable x(ones({2}), true);
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(test::refused<Error>([&] { leaky_relu(x, infinity); }) ==
        "leaky_relu: negative_slope is inf, expected a finite number of x's dtype");
  CHECK(test::refused<Error>([&] { elu(x, std::numeric_limits<double>::quiet_NaN()); }) ==
        "elu: alpha is nan, expected a finite number of x's dtype");
  CHECK_THROWS_AS(elu(x, 1e39), Error);
  CHECK_NOTHROW(elu(ones({2}, DType::f64), 1e39));
}

TEST_CASE("gradients of activations are finite far from 0", "[autograd][activation]") {
  for (DType dtype : {DType::f32, DType::f64}) {
    const Variable x(tensor({-1e4, -800, -90, 90, 800, 1e4}, {6}, dtype), true);
    const std::vector<double> step{0, 0, 0, 1, 1, 1};
    const auto slopes = [&](const Variable& y) {
      const Variable dx = recorded_gradients(y, {x}, Variable(ones({6}, dtype)))[0];
      for (double second : test::to_array(gradients(dx, {x}, ones({6}, dtype))[0]).numbers) CHECK(second == 0);
      return test::to_array(dx.value()).numbers;
    };
    CHECK(slopes(gelu(x)) == step);
    CHECK(slopes(gelu(x, Approximate::tanh)) == step);
    const auto close = [&](const std::vector<double>& got) {
      for (std::size_t i = 0; i < 6; ++i) CHECK(got[i] == Approx(step[i]).margin(1e-30));
    };
    const Variable steep(tensor({-1e4, -800, 800, 1e4}, {4}, dtype), true);
    for (const auto f : {+[](const Variable& v) { return silu(v); }, +[](const Variable& v) { return softplus(v); },
                         +[](const Variable& v) { return elu(v, 2); }}) {
      const Variable dx = recorded_gradients(f(steep), {steep}, Variable(ones({4}, dtype)))[0];
      CHECK(test::to_array(dx.value()).numbers == std::vector<double>{0, 0, 1, 1});
      CHECK(test::to_array(gradients(dx, {steep}, ones({4}, dtype))[0]).numbers == std::vector<double>(4, 0));
    }
    close(test::to_array(gradients(silu(x), {x}, ones({6}, dtype))[0]).numbers);
  }
}

TEST_CASE("gelu and silu have slope 0 and 1 at the ends of the range, and at infinity", "[autograd][activation]") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (DType dtype : {DType::f32, DType::f64}) {
    const Variable x(tensor({-infinity, -2e19, 2e19, infinity}, {4}, dtype), true);
    for (const auto f : {+[](const Variable& v) { return gelu(v); }, +[](const Variable& v) { return silu(v); },
                         +[](const Variable& v) { return gelu(v, Approximate::tanh); }}) {
      const Variable dx = recorded_gradients(f(x), {x}, Variable(ones({4}, dtype)))[0];
      CHECK(test::to_array(dx.value()).numbers == std::vector<double>{0, 0, 1, 1});
      CHECK(test::to_array(gradients(f(x), {x}, ones({4}, dtype))[0]).numbers == std::vector<double>{0, 0, 1, 1});
    }
  }
}
