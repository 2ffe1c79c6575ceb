// What the gradient of a GRU refuses, and what it leaves out. Its values and gradients: tests/op_cases_recurrent.cpp.
#include "heed/autograd/fused/gru.h"

#include "autograd/fused/check_constants.h"
#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("a GRU says which shapes it was given", "[autograd][gru]") {
  const Variable x(ones({2, 4, 9})), h(ones({2, 3})), weight(ones({9, 3}));
  CHECK(test::refused<ShapeError>([&] { gru(Tensor(ones({2, 4, 10})), h, weight, no_bias, GruReset::after); }) ==
        "gru: 3H differs: h axis -1 gives 3·3 = 9, input_gates axis -1 = 10: input_gates [2, 4, 10], h [2, 3], "
        "weight [9, 3]; expected [B, T, 3H], [B, H], [3H, H]");
  CHECK_THROWS_AS(gru(x, h, Variable(), no_bias, GruReset::after), ShapeError);
}

TEST_CASE("the gradient of a GRU is refused where it does not fit", "[autograd][gru]") {
  for (GruReset reset : {GruReset::after, GruReset::before}) {
    const Variable x(ones({2, 4, 9}), true), h(ones({2, 3}), true), weight(ones({9, 3}), true);
    const Variable y = gru(x, h, weight, no_bias, reset)[0];
    CHECK_THROWS_AS(gradients(y, {x}, ones({2, 3, 3})), ShapeError);
    CHECK_THROWS_AS(gradients(y, {x}, ones({2, 4, 3}, DType::f64)), DTypeError);
    CHECK_NOTHROW(gradients(y, {x}, ones({2, 4, 3})));
  }
}

TEST_CASE("a GRU computes no gradient of a constant, and the others as ever", "[autograd][gru]") {
  test::Numbers numbers(51);
  const std::vector<Tensor> inputs{numbers.uniform({4, 2, 9}), numbers.uniform({4, 3}), numbers.uniform({9, 3}),
                                   numbers.uniform({9})};
  for (GruReset reset : {GruReset::after, GruReset::before})
    test::check_constants(inputs, [reset](const auto& v) { return gru(v[0], v[1], v[2], v[3], reset)[0]; });
}
