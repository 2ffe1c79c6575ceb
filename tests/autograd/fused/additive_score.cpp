// What the gradient of additive scores refuses, and what it leaves out. Values and gradients: tests/op_cases_fused.cpp.
#include "heed/autograd/fused/additive_score.h"

#include "autograd/fused/check_constants.h"
#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("additive scores say which shapes they were given", "[autograd][additive_score]") {
  const Variable q(ones({2, 3, 5})), k(ones({2, 4, 6})), v(ones({5}));
  CHECK(test::refused<ShapeError>([&] { additive_score(q, k, v); }) ==
        "additive_score: A differs: q axis -1 = 5, k axis -1 = 6: q [2, 3, 5], k [2, 4, 6], v [5]; expected [B, T, A], "
        "[B, S, A], [A]");
}

TEST_CASE("the gradient of additive scores is refused where it does not fit", "[autograd][additive_score]") {
  const Variable q(ones({2, 3, 5}), true), k(ones({2, 4, 5}), true), v(ones({5}), true);
  const Variable e = additive_score(q, k, v);
  CHECK(test::refused<ShapeError>([&] { gradients(e, {q}, ones({1, 3, 4})); }) ==
        "gradients: y has shape [2, 3, 4], dy [1, 3, 4]");
  CHECK_THROWS_AS(gradients(e, {q}, ones({2, 4, 3})), ShapeError);
  CHECK_THROWS_AS(gradients(e, {q}, ones({2, 3, 4}, DType::f64)), DTypeError);
  CHECK_NOTHROW(gradients(e, {q}, ones({2, 3, 4})));
}

TEST_CASE("additive scores compute no gradient of a constant, and the others as ever", "[autograd][additive_score]") {
  for (std::int64_t keys : {4, 70}) {  // 70: sums long enough to go on in double precision
    test::Numbers numbers(53);
    const std::vector<Tensor> inputs{numbers.uniform({2, 3, 5}), numbers.uniform({2, keys, 5}), numbers.uniform({5})};
    test::check_constants(inputs, [](const auto& v) { return additive_score(v[0], v[1], v[2]); });
  }
}
