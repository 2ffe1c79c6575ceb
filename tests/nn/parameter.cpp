// A Parameter is a leaf when it is used and a value when it is copied.
#include "heed/nn/parameter.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

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

TEST_CASE("a parameter taken out of its module is the handle, or does not compile", "[nn][parameter]") {
  // `auto w = p`, `[w = p]`, a by-value argument or result and a list of Parameters all ask for this conversion.
  STATIC_REQUIRE(!std::is_convertible_v<Parameter&, Parameter>);
  STATIC_REQUIRE(!std::is_convertible_v<const Parameter&, Parameter>);
  STATIC_REQUIRE(std::is_convertible_v<Parameter&&, Parameter>);
  STATIC_REQUIRE(std::is_constructible_v<Parameter, const Parameter&>);
  const Parameter p(ones({2})), q(zeros({2}));
  const Variable handle = p, chosen = p.numel() == 2 ? p : q;
  const std::vector<Variable> listed{p, q};
  const auto captured = [w = Variable(p)] { return w * w; };
  CHECK(handle.node().get() == p.node().get());
  CHECK(chosen.node().get() == p.node().get());
  CHECK(listed[1].node().get() == q.node().get());
  backward(sum(captured()));
  CHECK(p.grad().defined());
}

TEST_CASE("copying a parameter copies its elements into a new leaf", "[nn][parameter]") {
  Parameter p(mT(tensor({1, 2, 3, 4}, {2, 2})));
  p.set_grad(ones({2, 2}));
  Parameter copy(p), assigned(zeros({1}));
  const Parameter away = std::move(assigned);
  assigned = p;  // moved from, so it takes a leaf
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

TEST_CASE("assigning a parameter writes into the leaf that is there", "[nn][parameter]") {
  const bool moves = GENERATE(false, true);
  Parameter p(tensor({1, 2}, {2})), other(mT(tensor({5, 6}, {1, 2})));
  const auto assign = [&](Parameter& from) { moves ? p = std::move(from) : p = from; };
  const Variable handle = p;
  p.set_grad(ones({2}));
  const Variable stale = sum(p * p);
  Parameter same(tensor({5, 6}, {2}));
  assign(same);
  CHECK(p.node().get() == handle.node().get());
  CHECK(test::same_bits(handle.value(), tensor({5, 6}, {2})));
  CHECK(p.grad().defined());
  CHECK_THROWS_AS(backward(stale), GradError);

  Parameter column(ones({2, 1})), doubles(ones({2}, DType::f64)), none;
  CHECK(test::refused<ShapeError>([&] { assign(column); }) == "parameter: shape [2, 1] is assigned to shape [2]");
  CHECK(test::refused<DTypeError>([&] { assign(doubles); }) == "parameter: f64 is assigned to f32, shape [2]");
  CHECK(test::refused<ShapeError>([&] { assign(none); }) == "parameter: nothing is assigned to one of shape [2]");
  CHECK(test::same_bits(p.value(), tensor({5, 6}, {2})));
  Parameter& itself = p;
  assign(itself);
  CHECK(test::same_bits(p.value(), tensor({5, 6}, {2})));
}

TEST_CASE("a parameter moves with its leaf to where there is none", "[nn][parameter]") {
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Parameter>);
  Parameter p(ones({2}));
  const Variable handle = p;
  Parameter moved = std::move(p);
  CHECK(moved.node().get() == handle.node().get());
  Parameter assigned(zeros({3}));
  const Parameter away = std::move(assigned);
  assigned = std::move(moved);
  CHECK(assigned.node().get() == handle.node().get());
  Parameter other(zeros({5}));
  std::swap(assigned, other);
  CHECK(other.node().get() == handle.node().get());
  CHECK(assigned.shape() == Shape{5});
}

TEST_CASE("a parameter that is none takes no leaf unless it has been moved from", "[nn][parameter]") {
  const bool moves = GENERATE(false, true);
  Parameter none, p(ones({2}));
  const auto assign = [&](Parameter& to) { moves ? to = std::move(p) : to = p; };
  CHECK(test::refused<ShapeError>([&] { assign(none); }) == "parameter: one of shape [2] is assigned to none");
  CHECK(!none.defined());
  CHECK(p.defined());
  Parameter also_none;
  CHECK_NOTHROW(none = also_none);
  CHECK_THROWS_AS(assign(none), ShapeError);

  const Variable leaf = p;
  std::swap(none, p);
  CHECK(none.node().get() == leaf.node().get());
  CHECK(test::refused<ShapeError>([&] { p = none; }) == "parameter: one of shape [2] is assigned to none");
  std::swap(none, p);
  CHECK(p.node().get() == leaf.node().get());
  CHECK_THROWS_AS(assign(none), ShapeError);

  Parameter gone = std::move(p), other(zeros({2}));
  std::swap(p, other);  // what has been moved from stays so
  CHECK_NOTHROW(other = gone);

  none.rebind(gone);
  CHECK(none.node().get() == leaf.node().get());
  none.rebind({});
  CHECK_THROWS_AS(none = gone, ShapeError);
}

TEST_CASE("a parameter may be bound to another leaf, to a result, or to nothing", "[nn][parameter]") {
  Parameter p(ones({2}));
  const Variable leaf(zeros({3}), true);
  p.rebind(leaf);
  CHECK(p.node().get() == leaf.node().get());
  p.rebind(leaf * 2.0);
  CHECK(!p.is_leaf());
  CHECK(Parameter(p).is_leaf());
  p.rebind({});
  CHECK(!p.defined());
}

TEST_CASE("no parameter at all stays none when copied", "[nn][parameter]") {
  const Parameter none;
  CHECK(!none.defined());
  Parameter copy(none);
  CHECK(!copy.defined());
  copy = none;
  CHECK(!copy.defined());
  CHECK(!copy.requires_grad());
  CHECK_THROWS_AS(Parameter(arange(3)), GradError);
}
