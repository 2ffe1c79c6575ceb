// What the backward pass of a GRU step refuses. Its values and gradients: tests/op_cases_fused.cpp.
#include "heed/tensor/ops/gru.h"

#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("the backward pass of a GRU step refuses what does not fit", "[tensor][gru]") {
  for (GruReset reset : {GruReset::after, GruReset::before}) {
    const Tensor x = ones({2, 9}), h = ones({2, 3}), weight = ones({9, 3}), dy = ones({2, 3});
    const GruStep step = gru_step_forward(x, h, weight, {}, reset);
    CHECK_NOTHROW(gru_step_backward(h, weight, step, dy, reset));
    CHECK_THROWS_AS(gru_step_backward(h, weight, step, ones({1, 3}), reset), ShapeError);
    CHECK_THROWS_AS(gru_step_backward(ones({1, 3}), weight, step, dy, reset), ShapeError);
    CHECK_THROWS_AS(gru_step_backward(h, ones({9, 4}), step, dy, reset), ShapeError);
    CHECK_THROWS_AS(gru_step_backward(h, weight, {step.h, ones({2, 6}), step.inner}, dy, reset), ShapeError);
    CHECK_THROWS_AS(gru_step_backward(h, weight, {step.h, step.gates, ones({2, 4})}, dy, reset), ShapeError);
    CHECK_THROWS_AS(gru_step_backward(h, weight, {step.h, expand(ones({1, 9}), {2, 9}), step.inner}, dy, reset),
                    ShapeError);
    CHECK_THROWS_AS(gru_step_backward(h, weight, step, ones({2, 3}, DType::f64), reset), DTypeError);
  }
}
