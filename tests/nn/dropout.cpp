// Dropout: how often, how scaled, and what is refused.
#include "heed/nn/dropout.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("dropout keeps 1 - p of the elements, scaled by 1 / (1 - p), and so does its gradient", "[nn]") {
  const Variable x(full({100, 100}, 3, DType::f64), true);
  for (double p : {0.1, 0.5, 0.8}) {
    Generator generator(7), same(7);
    const Variable y = nn::dropout(x, p, generator);
    const test::Array numbers = test::to_array(y.value());
    std::int64_t kept = 0;
    for (double number : numbers.numbers) {
      if (number == 0) continue;
      ++kept;
      CHECK(number == Approx(3 / (1 - p)));
    }
    CHECK(static_cast<double>(kept) == Approx((1 - p) * 1e4).margin(4 * std::sqrt(p * (1 - p) * 1e4)));
    CHECK(test::same_bits(nn::dropout(x, p, same).value(), y.value()));
    CHECK_FALSE(test::same_bits(nn::dropout(x, p, same).value(), y.value()));
    x.set_grad({});
    backward(y, ones({100, 100}, DType::f64));
    const test::Array dx = test::to_array(x.grad());
    for (std::size_t i = 0; i < dx.numbers.size(); ++i) REQUIRE(dx.numbers[i] == Approx(numbers.numbers[i] / 3));
  }
}

TEST_CASE("dropout of nothing and of everything", "[nn]") {
  Generator generator(1);
  const Variable x(full({3, 4}, std::numeric_limits<double>::infinity(), DType::f64), true);
  CHECK(nn::dropout(x, 0, generator).node().get() == x.node().get());
  CHECK(generator.counter() == 0);
  const Variable none = nn::dropout(x, 1, generator);
  CHECK(test::same_bits(none.value(), zeros({3, 4}, DType::f64)));
  backward(none, ones({3, 4}, DType::f64));
  CHECK(test::same_bits(x.grad(), zeros({3, 4}, DType::f64)));
  CHECK(test::refused<Error>([&] { nn::dropout(x, -0.1, generator); }) == "dropout: p is -0.1, expected 0 <= p <= 1");
  CHECK_THROWS_AS(nn::dropout(x, std::nan(""), generator), Error);
  CHECK_THROWS_AS(nn::dropout(Variable(zeros({2}, DType::i64)), 0.5, generator), DTypeError);
}
