// Maxout: the largest of each group of neighbours.
#include "heed/nn/maxout.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"

using namespace heed;

namespace {

Tensor f64(std::initializer_list<double> numbers, const Shape& shape) { return tensor(numbers, shape, DType::f64); }

}  // namespace

TEST_CASE("maxout takes the largest of neighbours", "[nn][maxout]") {
  const Variable x(f64({1, 5, -3, -4, 2, 2, 9, 8, -1, 0, 0, 7}, {2, 6}));
  CHECK(test::same_bits(nn::maxout(x).value(), f64({5, -3, 2, 9, 0, 7}, {2, 3})));
  CHECK(test::same_bits(nn::maxout(x, 3).value(), f64({5, 2, 9, 7}, {2, 2})));
  CHECK(test::same_bits(nn::maxout(x, 6).value(), f64({5, 9}, {2, 1})));
  CHECK(test::same_bits(nn::maxout(x, 1).value(), x.value()));
  CHECK(nn::maxout(Variable(zeros({3, 0}))).shape() == Shape{3, 0});
}

TEST_CASE("maxout shares the gradient of equal numbers", "[nn][maxout]") {
  const Variable x(f64({4, 4, 1, 2}, {4}), true);
  backward(nn::maxout(x), f64({6, 10}, {2}));
  CHECK(test::same_bits(x.grad(), f64({3, 3, 0, 10}, {4})));
}

TEST_CASE("maxout shares equally among any number of equal pieces", "[nn][maxout]") {
  const Variable x(f64({2, 2, 2, 5, 1, 5, 0, -1, -2}, {3, 3}), true);
  backward(nn::maxout(x, 3), f64({6, 10, 4}, {3, 1}));
  CHECK(test::same_bits(x.grad(), f64({2, 2, 2, 5, 0, 5, 4, 0, 0}, {3, 3})));
  const Variable five(ones({5}, DType::f64), true);
  backward(nn::maxout(five, 5), f64({5}, {1}));
  CHECK(test::same_bits(five.grad(), ones({5}, DType::f64)));
}

TEST_CASE("maxout passes NaN on", "[nn][maxout]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Tensor& x : {f64({nan, 1}, {2}), f64({1, nan}, {2})}) CHECK(std::isnan(nn::maxout(x).item()));
}

TEST_CASE("maxout passes gradcheck", "[nn][maxout]") {
  test::Numbers numbers(1);
  for (std::int64_t pieces : {2, 3})
    for (test::Layout layout : test::all_layouts) {
      const Tensor x = test::laid_out(numbers.spaced({2, 3, 6}), layout);
      CHECK(gradcheck([&](const auto& v) { return nn::maxout(v[0], pieces); }, {x}) == "");
    }
}

TEST_CASE("maxout refuses groups that do not fit", "[nn][maxout]") {
  CHECK_THROWS_AS(nn::maxout(Variable(zeros({2, 3}))), ShapeError);  // [2, 2] and [2, 1] would even broadcast
  CHECK_THROWS_AS(nn::maxout(Variable(zeros({}))), ShapeError);
  CHECK_THROWS_AS(nn::maxout(Variable(zeros({4})), 0), ShapeError);
  CHECK_THROWS_AS(nn::maxout(Variable(zeros({4})), -2), ShapeError);
}
