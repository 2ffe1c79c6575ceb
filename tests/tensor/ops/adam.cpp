// What the fused Adam update refuses, changing nothing. Its numbers: tests/parity/optim.cpp.
#include "heed/tensor/ops/adam.h"

#include <array>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

TEST_CASE("adam_update refuses what does not fit", "[tensor][adam]") {
  const auto refused = [](Tensor x, Tensor m, Tensor v, const Tensor& g) {
    const auto look = [&] { return std::array{test::fingerprint(x), test::fingerprint(m), test::fingerprint(v)}; };
    const auto before = look();
    std::string message = "nothing was thrown";
    try {
      adam_update(x, m, v, g, {}, 1);
    } catch (const Error& error) {
      message = error.what();
    }
    CHECK(look() == before);
    return message;
  };
  const auto dense = [] { return ones({2, 3}); };
  const auto gaps = [] { return slice(ones({2, 6}), 1, 0, to_end, 2); };
  const std::string not_dense = "adam_update: parameter and moments of shape [2, 3] must be contiguous";
  CHECK(refused(gaps(), dense(), dense(), dense()) == not_dense);
  CHECK(refused(dense(), gaps(), dense(), dense()) == not_dense);
  CHECK(refused(dense(), dense(), gaps(), dense()) == not_dense);
  CHECK(refused(dense(), ones({3, 2}), dense(), dense()) == "adam_update: shapes differ: [2, 3] and [3, 2]");
  CHECK(refused(dense(), dense(), ones({6}), dense()) == "adam_update: shapes differ: [2, 3] and [6]");
  CHECK(refused(dense(), dense(), dense(), ones({1, 3})) == "adam_update: shapes differ: [2, 3] and [1, 3]");
  CHECK(refused(dense(), dense(), dense(), ones({2, 3}, DType::f64)) == "adam_update: dtypes differ: lhs f32, rhs f64");
  CHECK(refused(ones({2}, DType::i64), ones({2}, DType::i64), ones({2}, DType::i64), ones({2}, DType::i64)) ==
        "adam_update: dtype is i64, expected f32 or f64");
}

TEST_CASE("adam_update takes a gradient of any layout", "[tensor][adam]") {
  const Tensor g = tensor({1, -2, 3, -4, 5, -6}, {2, 3});
  Tensor x = ones({2, 3}), m = zeros({2, 3}), v = zeros({2, 3}), y = x.clone(), n = m.clone(), w = v.clone();
  adam_update(x, m, v, g, {}, 1);
  adam_update(y, n, w, mT(mT(g).clone()), {}, 1);
  CHECK(test::same_bits(x, y));
  CHECK(test::same_bits(m, n));
  CHECK(test::same_bits(v, w));
}

TEST_CASE("adam_update refuses settings out of their range and a step before the first", "[tensor][adam]") {
  Tensor x = ones({2}), m = zeros({2}), v = zeros({2});
  const Tensor g = ones({2});
  const std::size_t before = test::fingerprint(x);
  CHECK(test::refused<Error>([&] { adam_update(x, m, v, g, {}, 0); }) ==
        "adam_update: step number 0, expected at least 1");
  CHECK(test::refused<Error>([&] { adam_update(x, m, v, g, {.beta1 = 1}, 1); }) ==
        "adam_update: beta1 is 1, expected 0 <= beta < 1");
  CHECK(test::fingerprint(x) == before);
}

TEST_CASE("adam_update refuses moments that share numbers and reads the gradient first", "[tensor][adam]") {
  Tensor x = ones({3}), m = zeros({3}), v = zeros({3});
  const Tensor both = zeros({6});
  Tensor first = slice(both, 0, 0, 3), second = slice(both, 0, 2, 5);
  CHECK_THROWS_AS(adam_update(x, m, m, x, {}, 1), ShapeError);
  CHECK_THROWS_AS(adam_update(x, x, v, ones({3}), {}, 1), ShapeError);
  CHECK_THROWS_AS(adam_update(x, first, second, ones({3}), {}, 1), ShapeError);

  const Tensor numbers = tensor({1, 2, -3, 4}, {4});
  Tensor from = numbers.clone(), wanted = slice(numbers.clone(), 0, 1, 4), got = slice(from, 0, 1, 4);
  adam_update(wanted, m, v, slice(numbers, 0, 0, 3), {}, 1);
  m = zeros({3}), v = zeros({3});
  adam_update(got, m, v, slice(from, 0, 0, 3), {}, 1);
  CHECK(test::same_bits(got.clone(), wanted.clone()));
}
