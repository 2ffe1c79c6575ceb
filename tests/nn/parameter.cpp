// A Parameter is a leaf when it is used and a number when it is copied.
#include "heed/nn/parameter.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/elementwise.h"
#include "heed/autograd/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/movement.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using nn::Parameter;

TEST_CASE("a parameter used as a variable is the leaf itself", "[nn][parameter]") {
  const Parameter p(tensor({1, 2, 3}, {3}));
  CHECK(p.is_leaf());
  const Variable handle = p;
  CHECK(handle.node().get() == p.node().get());
  backward(sum(p * handle));
  REQUIRE(p.grad().defined());
  CHECK(p.grad().data<float>()[2] == 6);
  CHECK(handle.grad().data<float>()[2] == 6);
}

TEST_CASE("copying a parameter copies its numbers into a new leaf", "[nn][parameter]") {
  Parameter p(mT(tensor({1, 2, 3, 4}, {2, 2})));
  p.set_grad(ones({2, 2}));
  Parameter copy = p, assigned;
  assigned = p;
  for (const Parameter* other : {&copy, &assigned}) {
    CHECK(test::same_bits(other->value(), p.value()));
    CHECK(other->value().is_contiguous());
    CHECK(other->value().storage().get() != p.value().storage().get());
    CHECK(other->node().get() != p.node().get());
    CHECK(other->is_leaf());
    CHECK(!other->grad().defined());
  }
  Tensor numbers = copy.value();
  fill(numbers, 9);
  CHECK(p.value().data<float>()[0] == 1);
  CHECK(p.grad().defined());
}

TEST_CASE("moving a parameter moves the leaf", "[nn][parameter]") {
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Parameter>);
  STATIC_REQUIRE(std::is_nothrow_move_assignable_v<Parameter>);
  Parameter p(ones({2}));
  const Variable handle = p;
  Parameter moved = std::move(p);
  CHECK(moved.node().get() == handle.node().get());
  Parameter assigned(zeros({5}));
  assigned = std::move(moved);
  CHECK(assigned.node().get() == handle.node().get());
  CHECK(assigned.shape() == Shape{2});
}

TEST_CASE("no parameter at all stays none when copied", "[nn][parameter]") {
  const Parameter none;
  CHECK(!none.defined());
  Parameter copy = none;
  CHECK(!copy.defined());
  Parameter some(ones({2}));
  some = none;
  CHECK(!some.defined());
  CHECK(!some.requires_grad());
  CHECK_THROWS_AS(Parameter(arange(3)), GradError);
}
