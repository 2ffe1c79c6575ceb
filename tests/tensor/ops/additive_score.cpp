// What the backward pass of additive scores refuses. Their values and gradients: tests/op_cases_fused.cpp.
#include "heed/tensor/ops/additive_score.h"

#include "heed/tensor/create.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("the backward pass of additive scores refuses a gradient that does not fit", "[tensor][additive_score]") {
  const Tensor q = ones({2, 3, 5}), k = ones({2, 4, 5}), v = ones({5});
  CHECK_NOTHROW(additive_score_backward(q, k, v, ones({2, 3, 4})));
  CHECK(test::refused<ShapeError>([&] { additive_score_backward(q, k, v, ones({1, 3, 4})); }) ==
        "additive_score: q [2, 3, 5], k [2, 4, 5], gradient [1, 3, 4]: expected [B, T, A], [B, S, A], [B, T, S]");
  CHECK_THROWS_AS(additive_score_backward(q, k, v, ones({2, 4, 3})), ShapeError);
  CHECK_THROWS_AS(additive_score_backward(q, k, v, ones({2, 3, 4}, DType::f64)), DTypeError);
}
