#include "heed/autograd/variable.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

TEST_CASE("a variable is undefined, a constant, a leaf or a result", "[variable]") {
  const Variable none, constant(ones({2})), leaf(ones({2}), true), result = leaf + constant;
  CHECK(!none.defined());
  CHECK(!none.requires_grad());
  CHECK(constant.defined());
  CHECK(!constant.requires_grad());
  CHECK(!constant.is_leaf());
  CHECK(leaf.requires_grad());
  CHECK(leaf.is_leaf());
  CHECK(result.requires_grad());
  CHECK(!result.is_leaf());
}

TEST_CASE("a variable shows its value", "[variable]") {
  const Tensor numbers = tensor({1, 2, 3, 4, 5, 6}, {2, 3}, DType::f64);
  const Variable x(numbers, true);
  CHECK(x.shape() == Shape{2, 3});
  CHECK(x.dtype() == DType::f64);
  CHECK(x.rank() == 2);
  CHECK(x.size(-1) == 3);
  CHECK(x.numel() == 6);
  CHECK(x.value().storage().get() == numbers.storage().get());
  CHECK(Variable(full({}, 2.5)).item() == 2.5);
  CHECK_THROWS_AS(x.item(), ShapeError);
}

TEST_CASE("only floats can require a gradient", "[variable]") {
  CHECK_THROWS_AS(Variable(arange(3), true), GradError);
  CHECK_THROWS_AS(Variable(ones({2}, DType::boolean), true), GradError);
  CHECK_THROWS_AS(Variable(Tensor(), true), GradError);
  CHECK(!Variable(arange(3)).requires_grad());
  const Variable x(tensor({1.5, -2.5}, {2}, DType::f64), true);
  CHECK(!to(x, DType::i64).requires_grad());
  CHECK(!to(x, DType::boolean).requires_grad());
}

TEST_CASE("copies of a leaf share its gradient", "[variable]") {
  const Variable x(ones({2}, DType::f64), true);
  const Variable copy = x;
  backward(copy * 3.0, ones({2}, DType::f64));
  CHECK(to_array(x.grad()).numbers == std::vector<double>{3, 3});
  copy.set_grad({});
  CHECK(!x.grad().defined());
}

TEST_CASE("a gradient that is set must fit", "[variable]") {
  const Variable x(ones({2}, DType::f64), true);
  x.set_grad(tensor({1, 2}, {2}, DType::f64));
  CHECK(to_array(x.grad()).numbers == std::vector<double>{1, 2});
  CHECK_THROWS_AS(x.set_grad(ones({3}, DType::f64)), ShapeError);
  CHECK_THROWS_AS(x.set_grad(ones({2})), DTypeError);
  CHECK(to_array(x.grad()).numbers == std::vector<double>{1, 2});
  backward(x * 1.0, ones({2}, DType::f64));
  CHECK(to_array(x.grad()).numbers == std::vector<double>{2, 3});
}

TEST_CASE("only leaves have a gradient", "[variable]") {
  const Variable x(ones({2}, DType::f64), true), y = x * 2.0, c(ones({2}, DType::f64));
  CHECK_THROWS_AS(y.grad(), GradError);
  CHECK_THROWS_AS(c.grad(), GradError);
  CHECK_THROWS_AS(Variable().grad(), GradError);
  CHECK_THROWS_AS(y.set_grad(ones({2}, DType::f64)), GradError);
  try {
    y.grad();
  } catch (const GradError& error) {
    CHECK(std::string(error.what()) == "grad: only leaves keep a gradient; this is a result of mul");
  }
}

TEST_CASE("gradients stop at a detached value", "[variable]") {
  const Variable x(full({}, 3, DType::f64), true);
  const Variable y = x * x, cut = y.detach();
  CHECK(!cut.requires_grad());
  CHECK(cut.value().storage().get() == y.value().storage().get());
  backward(x * cut);
  CHECK(x.grad().item() == 9);
}
