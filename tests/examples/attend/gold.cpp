#include "examples/attend/gold.h"

#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;

TEST_CASE("weight_on: the mean of the weights at the gold positions", "[programs][attention]") {
  const Tensor weights = tensor({0.5, 0.25, 0.25, 0.0, 0.0, 1.0}, {2, 3}, DType::f32);
  const auto gold = [](std::int64_t first, std::int64_t second) { return tensor(std::vector{first, second}, {2}); };
  CHECK(examples::weight_on(weights, gold(0, 2)) == 0.75);
  CHECK(examples::weight_on(weights, gold(1, 1)) == 0.125);
  CHECK_THROWS_AS(examples::weight_on(weights, gold(0, 3)), IndexError);
  CHECK_THROWS_AS(examples::weight_on(weights, tensor(std::vector<std::int64_t>{0}, {1})), ShapeError);
}
