// The base of fused operations, on one whose forward keeps a tensor the test can watch.
#include "heed/autograd/fused/fused.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

namespace {

// y = factor·a·b, or factor·a with b undefined. Forward keeps `watched`.
struct Product final : Fused<Product, 2> {
  static constexpr std::string_view op = "product";
  static inline Tensor watched;
  static inline int forwards = 0, definitions = 0;
  static inline bool needed = false;  // a, as forward saw it
  double factor;
  bool has_b = false;
  Saved kept{*this};

  explicit Product(double f) : factor(f) {}

  Tensor forward(const Tensor& a, const Tensor& b) {
    ++forwards;
    needed = needs(0);
    kept.keep_constant(watched);
    has_b = b.defined();
    return (has_b ? a * b : a) * factor;
  }
  Grads<Tensor> backward(const Tensor& dy) {
    return {needs(0) ? (has_b ? dy * input(1) : dy) * factor : Tensor(), needs(1) ? dy * input(0) * factor : Tensor()};
  }
  Variable definition(std::span<const Variable> x) const {
    ++definitions;
    return (x[1].defined() ? x[0] * x[1] : x[0]) * factor;
  }
};

Variable product(const Variable& a, const Variable& b) { return fused<Product>({a, b}, 3.0); }

double number(const Tensor& x) { return test::to_array(x).numbers.at(0); }

}  // namespace

TEST_CASE("where nothing is recorded, a fused operation keeps nothing", "[autograd][fused]") {
  Product::watched = ones({4});
  const Variable a(full({1}, 2), true), constant(full({1}, 2));
  const Tensor input = full({1}, 5);
  {
    const NoGrad no_grad;
    const Variable y = product(a, input);
    CHECK(number(y.value()) == 30);
    CHECK(!Product::needed);
    CHECK(!y.requires_grad());
    CHECK(Product::watched.storage().unique());
    CHECK(input.storage().unique());
  }
  const Variable y = product(constant, input);
  CHECK(!y.requires_grad());
  CHECK(Product::watched.storage().unique());
  CHECK(input.storage().unique());

  const Variable recorded = product(a, input);
  CHECK(recorded.node()->name() == "product");
  CHECK(Product::needed);
  CHECK(!Product::watched.storage().unique());
  CHECK(!input.storage().unique());
  backward(recorded);
  CHECK(Product::watched.storage().unique());
  CHECK(input.storage().unique());
  CHECK(number(a.grad()) == 15);
}

TEST_CASE("recorded gradients of a fused operation are those of its definition", "[autograd][fused]") {
  Product::watched = ones({1});
  const Variable a(full({1}, 2), true), b(full({1}, 5), true);
  const int forwards = Product::forwards, definitions = Product::definitions;
  const Variable y = product(a, b);
  const Variable da = recorded_gradients(y, {a})[0];
  CHECK(da.item() == 15);
  CHECK(gradients(da, {b})[0].item() == 3);
  CHECK(Product::forwards == forwards + 1);
  CHECK(Product::definitions == definitions + 1);
}

TEST_CASE("an undefined input of a fused operation has no gradient", "[autograd][fused]") {
  Product::watched = ones({1});
  const Variable a(full({1}, 2), true);
  const Variable y = product(a, {});
  CHECK(gradients(y, {a}, {}, {.retain_graph = true})[0].item() == 3);
  CHECK(recorded_gradients(y, {a})[0].item() == 3);
}

TEST_CASE("a changed input of a fused operation matters to a rule that reads it, and to no other",
          "[autograd][fused]") {
  Product::watched = ones({1});
  Tensor changed = full({1}, 2);
  const Variable a(changed, true), b(full({1}, 5));
  const Variable y = product(a, Variable(full({1}, 5), true)), unread = product(a, b);
  fill(changed, 7);
  CHECK(gradients(unread, {a}, {}, {.retain_graph = true})[0].item() == 15);
  const auto message = test::refused<GradError>([&] { gradients(y, {a}); });
  CHECK(message.find("product: input 0 of shape [1] was changed in place after it was saved") == 0);
  CHECK_THROWS_AS(recorded_gradients(unread, {a}), GradError);  // the definition reads every input
}

TEST_CASE("a fused operation runs once unless its graph is retained", "[autograd][fused]") {
  Product::watched = ones({1});
  const Variable a(full({1}, 2), true), b(full({1}, 5), true);
  const Variable y = product(a, b);
  backward(y);
  CHECK_THROWS_AS(backward(y), GradError);
  const auto message = test::refused<GradError>([&] { recorded_gradients(y, {a}); });
  CHECK(message.find("product: its saved tensors are gone") == 0);
}
