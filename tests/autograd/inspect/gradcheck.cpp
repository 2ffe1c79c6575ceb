// Gradcheck must catch what is wrong: rules with a flipped sign, a missing term, a factor of 1 + 1e-5, a NaN.
#include "heed/autograd/inspect/gradcheck.h"

#include <limits>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::test;

namespace {

enum class Fault { none, sign, term, factor, not_a_number, one_element, place, incoming };

struct Product final : Rule<Product> {  // y = a∘b, with one fault in its gradient
  static constexpr std::string_view op = "product";
  Saved a{*this}, b{*this};
  Fault fault{};

  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy * b.as<V>(), faulty<V>(dy)};
  }

  template <class V>
  V faulty(const V& dy) {
    const V db = dy * a.as<V>();
    switch (fault) {
      case Fault::sign:
        return -db;
      case Fault::term:
        return V();
      case Fault::factor:
        return db * (1 + 1e-5);
      case Fault::not_a_number:
        return db * std::numeric_limits<double>::quiet_NaN();
      case Fault::one_element:
        return db + V(tensor({0, 0, 1e-5}, {3}, DType::f64));
      case Fault::place:  // the same numbers, but cut off from where they came from
        return dy * V(a.tensor());
      case Fault::incoming:
        if constexpr (std::is_same_v<V, Variable>) return dy.detach() * a.as<V>();
        break;
      case Fault::none:
        break;
    }
    return db;
  }
};

Function product(Fault fault) {
  return [fault](const std::vector<Variable>& x) {
    return record<Product>(x[0].value() * x[1].value(), {x[0], x[1]}, [&](Product& rule) {
      rule.a.keep_input(0, x[0]);
      rule.b.keep_input(1, x[1]);
      rule.fault = fault;
    });
  };
}

Function squared(const Function& f) {
  return [f](const std::vector<Variable>& x) {
    const Variable y = f(x);
    return y * y;
  };
}

const std::vector<Tensor>& factors() {
  static const std::vector<Tensor> all{tensor({1, -2, 0.5}, {3}, DType::f64), tensor({3, 1.5, -1}, {3}, DType::f64)};
  return all;
}

}  // namespace

TEST_CASE("gradcheck accepts a right gradient and refuses wrong ones", "[gradcheck]") {
  CHECK(gradcheck(product(Fault::none), factors()) == "");
  for (const Fault fault : {Fault::sign, Fault::term, Fault::factor, Fault::not_a_number, Fault::one_element}) {
    const std::string found = gradcheck(product(fault), factors());
    CAPTURE(static_cast<int>(fault), found);
    CHECK(found.starts_with("gradcheck: input 1 [3] strides [1]"));
  }
}

TEST_CASE("gradcheck names the worst element", "[gradcheck]") {
  CHECK(gradcheck(product(Fault::one_element), factors()).find("offset 2") != std::string::npos);
}

TEST_CASE("gradcheck_twice accepts a right second gradient and refuses wrong ones", "[gradcheck]") {
  CHECK(gradcheck_twice(product(Fault::none), factors()) == "");
  CHECK(gradcheck_twice(squared(product(Fault::none)), factors()) == "");
  CHECK(gradcheck_twice(product(Fault::place), factors()) != "");
  for (const Fault fault : {Fault::place, Fault::incoming}) {
    CHECK(gradcheck(product(fault), factors()) == "");  // the first gradient is right
    CHECK(gradcheck_twice(squared(product(fault)), factors()) != "");
  }
}

TEST_CASE("gradcheck refuses a value that is NaN", "[gradcheck]") {
  const auto f = [](const std::vector<Variable>& x) { return log(x[0]); };
  CHECK(gradcheck(f, {tensor({1, -1}, {2}, DType::f64)}) != "");
}

TEST_CASE("gradcheck takes inputs of any layout and leaves them alone", "[gradcheck]") {
  const Tensor row = tensor({1, -2, 0.5}, {3}, DType::f64), table = expand(row, {2, 3});
  const std::size_t before = fingerprint(row);
  const auto f = [](const std::vector<Variable>& x) { return exp(x[0]) * x[1]; };
  CHECK(gradcheck(f, {table, transpose(tensor({1, 2, 3, 4, 5, 6}, {3, 2}, DType::f64), 0, 1)}) == "");
  CHECK(gradcheck(f, {slice(row, 0, -1, to_end, -1), slice(table, 1, 0, 3, 1)}) == "");
  CHECK(fingerprint(row) == before);
  CHECK(gradcheck([](const auto& x) { return product(Fault::sign)({x[0], x[0]}); }, {table}) != "");
}

TEST_CASE("gradcheck takes empty inputs, and none of another dtype", "[gradcheck]") {
  const auto f = [](const std::vector<Variable>& x) { return sum(x[0] * x[0]); };
  CHECK(gradcheck(f, {zeros({0, 3}, DType::f64)}) == "");
  CHECK_THROWS_AS(gradcheck(f, {zeros({3})}), DTypeError);
  CHECK_THROWS_AS(gradcheck(f, {arange(3)}), DTypeError);
}

TEST_CASE("what the function under gradcheck gives is checked", "[gradcheck]") {
  const std::vector<Tensor> inputs = {ones({3}, DType::f64)};
  int calls = 0;
  const auto changing = [&](const std::vector<Variable>& x) { return ++calls == 1 ? x[0] : sum(x[0]); };
  const auto f32 = [](const std::vector<Variable>&) { return Variable(ones({3})); };
  const auto nothing = [](const std::vector<Variable>&) { return Variable(); };
  const std::string changed = "gradcheck: the function gave [3] at first and [] at another point";
  CHECK(test::refused<ShapeError>([&] { gradcheck(changing, inputs); }) == changed);
  calls = 0;
  CHECK(test::refused<ShapeError>([&] { gradcheck_twice(changing, inputs); }) == changed);
  CHECK(test::refused<DTypeError>([&] { gradcheck(f32, inputs); }) == "gradcheck: the function gave f32, expected f64");
  CHECK(test::refused<ShapeError>([&] { gradcheck(nothing, inputs); }) ==
        "gradcheck: the function gave an undefined result");
  CHECK(test::refused<Error>([&] { gradcheck({}, inputs); }) == "gradcheck: the function is empty");
}
