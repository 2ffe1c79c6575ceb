#include "examples/claims/training.h"

#include <cmath>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::examples;

TEST_CASE("claims: accuracy and slope by hand", "[claims]") {
  const Tensor logits = tensor({1, 2, 3, 1, 0, 0, 9, 8}, {4, 2});  // classes 1, 0, 0, 0
  const Tensor labels = tensor({1, 1, 0, 0}, {4}, DType::i64);
  CHECK(accuracy(logits, labels) == 0.75);
  CHECK(accuracy(logits, labels, tensor({0, 2, 1, 0}, {4})) == 0.5);

  CHECK(slope({1, 2, 3, 4}, {5, 3, 1, -1}) == -2);
  CHECK(slope({0, 1, 2}, {0, 0, 3}) == Approx(1.5));
  CHECK_THROWS_AS(slope({1}, {1}), ShapeError);
  CHECK_THROWS_AS(slope({1, 2}, {1}), ShapeError);
}

TEST_CASE("claims: training goes downhill, and says when it does not", "[claims]") {
  const Variable x(tensor({3, -2}, {2}), true);
  const auto loss = [&] { return sum(x * x); };
  CHECK(train({x}, {.steps = 300, .learning_rate = 0.1}, loss) < 1e-3);
  const auto before = test::to_array(x.value()).numbers;
  CHECK(train({x}, {.steps = 0}, loss) == 0);
  CHECK_THROWS_AS(train({x}, {.steps = 3}, [&] { return sum(x * NAN); }), Error);
  CHECK(test::to_array(x.value()).numbers == before);
}
