// The mean of what a mask allows, by hand, and what it does not allow.
#include "heed/nn/masked_mean.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/nn/mask.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("the mean of what a mask allows", "[nn]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor mask = nn::length_mask(std::vector<std::int64_t>{3, 2, 0}, 3);
  const auto filled = [](double garbage) {
    return tensor(
        {1, 2, 3, 5, 8, 11, 2, 4, 6, 10, garbage, garbage, garbage, garbage, garbage, garbage, garbage, garbage},
        {3, 3, 2}, DType::f64);
  };
  const Variable x(filled(nan), true);
  const Variable y = nn::masked_mean(x, mask);
  CHECK(y.shape() == Shape{3, 1, 2});
  CHECK(test::to_array(y.value()).numbers == std::vector<double>{4, 6, 4, 7, 0, 0});
  backward(y, tensor({3, 6, 2, 4, 5, 5}, {3, 1, 2}, DType::f64));
  CHECK(test::to_array(x.grad()).numbers == std::vector<double>{1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(test::to_array(nn::masked_mean(Variable(filled(1)), {}).value()).numbers ==
        std::vector<double>{4, 6, 3, 5, 1, 1});
  CHECK(test::to_array(nn::masked_mean(Variable(zeros({2, 0, 1})), {}).value()).numbers == std::vector<double>{0, 0});
  CHECK(gradcheck([&](const std::vector<Variable>& in) { return nn::masked_mean(in[0], mask); }, {filled(2)}) == "");
  CHECK(test::refused<ShapeError>([&] {
          nn::masked_mean(Variable(zeros({3, 4, 2})), mask);
        }).starts_with("masked_mean: S differs"));
}
