// Hidden tokens: how many are chosen, what becomes of them, what is left alone.
#include "heed/models/masked_tokens.h"

#include <cmath>

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/catch.h"

using namespace heed;
using models::mask_tokens;
using models::MaskedTokens;

namespace {

double share(const Tensor& mask, const Tensor& of) {
  const auto count = [](const Tensor& x) { return sum(to(x, DType::f64)).item(); };
  return count(logical_and(mask, of)) / count(of);
}

}  // namespace

TEST_CASE("15 % of tokens are chosen: 80 % of these hidden, 10 % replaced, 10 % left", "[models][bert]") {
  Generator generator(3);
  const std::int64_t V = 1000, mask_token = 999;
  const Tensor ids = full({400, 250}, 5, DType::i64), all = ones({400, 250}, DType::boolean);
  const MaskedTokens m = mask_tokens(ids, {}, {.mask_token = mask_token, .vocabulary = V}, generator);
  // 100,000 tokens: five deviations are 0.0057 of 0.15 and of the 15,000 chosen 0.0163 of 0.8, 0.0122 of 0.1.
  CHECK(std::abs(share(m.chosen, all) - 0.15) < 0.0057);
  CHECK(std::abs(share(equal(m.ids, full({}, mask_token, DType::i64)), m.chosen) - 0.8) < 0.0163);
  CHECK(std::abs(share(equal(m.ids, ids), m.chosen) - 0.1) < 0.0123);
  CHECK(share(equal(m.ids, ids), logical_not(m.chosen)) == 1);
}

TEST_CASE("tokens that may not be chosen are left alone", "[models][bert]") {
  Generator generator(3);
  Tensor ids = full({3, 4}, 5, DType::i64), allowed = ones({3, 4}, DType::boolean);
  Tensor first = slice(allowed, 1, 0, 1);
  fill(first, false);
  const Tensor everywhere = ones({3, 4}, DType::boolean);
  const MaskedTokens m =
      mask_tokens(ids, allowed, {.mask_token = 0, .vocabulary = 9, .rate = 1, .hidden = 1, .replaced = 0}, generator);
  CHECK(share(equal(m.chosen, allowed), everywhere) == 1);
  CHECK(share(equal(m.ids, where(allowed, zeros({3, 4}, DType::i64), ids)), everywhere) == 1);
  CHECK(share(equal(ids, full({3, 4}, 5, DType::i64)), everywhere) == 1);  // what was given is not changed
}

TEST_CASE("mask_tokens refuses settings that mean nothing", "[models][bert]") {
  Generator generator(3);
  const Tensor ids = full({2, 2}, 5, DType::i64);
  CHECK_THROWS_AS(mask_tokens(ids, {}, {.mask_token = 9, .vocabulary = 9}, generator), IndexError);
  CHECK_THROWS_AS(mask_tokens(ids, {}, {.vocabulary = 9, .rate = 1.1}, generator), Error);
  CHECK_THROWS_AS(mask_tokens(ids, {}, {.vocabulary = 9, .hidden = 0.8, .replaced = 0.3}, generator), Error);
  CHECK_THROWS_AS(mask_tokens(ids, ones({2, 3}, DType::boolean), {.vocabulary = 9}, generator), ShapeError);
  CHECK_THROWS_AS(mask_tokens(ids, ones({2, 2}), {.vocabulary = 9}, generator), DTypeError);
  CHECK_THROWS_AS(mask_tokens(ones({2, 2}), {}, {.vocabulary = 9}, generator), DTypeError);
}
