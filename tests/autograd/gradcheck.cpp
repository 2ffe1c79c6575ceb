// Gradcheck and its second-order twin pass what is right and must catch what is wrong.
#include "autograd/gradcheck.h"

#include <limits>

#include "autograd/elementwise.h"
#include "autograd/movement.h"
#include "autograd/record.h"
#include "support/catch.h"
#include "tensor/create.h"

using namespace heed;

namespace {

// y = a·b with a derivative that is wrong as told.
struct Flawed final : Rule<Flawed> {
  static constexpr std::string_view op = "flawed";
  Saved a{*this}, b{*this};
  double of_a = 1, of_b = 1;
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy * b.as<V>() * of_a, of_b == 0 ? V() : dy * a.as<V>() * of_b};
  }
};

Function flawed(double of_a, double of_b) {
  return [=](const std::vector<Variable>& x) {
    return record<Flawed>(x[0].value() * x[1].value(), {x[0], x[1]}, [&](Flawed& rule) {
      rule.a.keep_input(0, x[0]);
      rule.b.keep_input(1, x[1]);
      rule.of_a = of_a;
      rule.of_b = of_b;
    });
  };
}

const std::vector<Tensor> point{tensor({0.3, -1.2, 2}, {3}, DType::f64), tensor({1.5, 0.7, -0.4}, {3}, DType::f64)};

}  // namespace

TEST_CASE("gradcheck passes what is right and names what is wrong", "[gradcheck]") {
  CHECK(gradcheck(flawed(1, 1), point) == "");
  CHECK(gradcheck(flawed(-1, 1), point).find("input 0") != std::string::npos);
  CHECK(gradcheck(flawed(1, 0), point).find("input 1") != std::string::npos);
  CHECK(gradcheck(flawed(1 + 1e-5, 1), point) != "");
  CHECK(gradcheck(flawed(1, std::numeric_limits<double>::quiet_NaN()), point) != "");
  CHECK(gradcheck_twice(flawed(1, 1), point) == "");
  CHECK(gradcheck_twice(flawed(1, 1.01), point) != "");
  CHECK_THROWS_AS(gradcheck(flawed(1, 1), {ones({3}), ones({3})}), DTypeError);
}

TEST_CASE("gradcheck perturbs the number behind a repeated element", "[gradcheck]") {
  const Tensor one = tensor({0.7}, {1}, DType::f64);
  const auto square = [](const std::vector<Variable>& x) { return x[0] * x[0]; };
  CHECK(gradcheck(square, {expand(one, {4})}) == "");
}
