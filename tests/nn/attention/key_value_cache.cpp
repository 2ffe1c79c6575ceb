// Cached attention: the same as without a cache, position by position; beam reordering; what a full cache does.
#include "heed/nn/attention/key_value_cache.h"

#include <limits>

#include "heed/autograd/no_grad.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;
using nn::KeyValueCache;
using nn::MultiHeadAttention;

namespace {

constexpr std::int64_t B = 2, T = 9, E = 8, H = 4, G = 2;

MultiHeadAttention make() {
  Generator generator(3);
  return {{.embed = E, .heads = H, .kv_heads = G, .dtype = DType::f64}, generator};
}

}  // namespace

TEST_CASE("positions read a few at a time equal positions read at once", "[nn][multi_head]") {
  const NoGrad no_grad;
  test::Numbers numbers(1);
  const MultiHeadAttention attention = make();
  const Tensor x = numbers.uniform({B, T, E});
  const auto wanted = attention.forward({.query = x, .causal = true, .need_weights = true});
  for (const std::vector<std::int64_t>& parts :
       {std::vector<std::int64_t>{1, 1, 1, 1, 1, 1, 1, 1, 1}, {4, 1, 3, 1}, {9}}) {
    KeyValueCache cache = attention.make_cache(B, 12);
    std::int64_t done = 0;
    for (const std::int64_t size : parts) {
      const auto found =
          attention.forward({.query = slice(x, 1, done, done + size), .causal = true, .need_weights = true}, cache);
      const Tensor y = slice(wanted.y.value(), 1, done, done + size),
                   weights = slice(slice(wanted.weights.value(), 2, done, done + size), 3, 0, done + size);
      CHECK(test::difference(found.y.value(), test::to_array(y), 16, 1) == "");
      CHECK(test::difference(found.weights.value(), test::to_array(weights), 16, 1) == "");
      done += size;
      CHECK(cache.length() == done);
    }
  }
}

TEST_CASE("what stood in a cache's memory before is never read", "[nn][multi_head]") {
  const NoGrad no_grad;
  test::Numbers numbers(1);
  const MultiHeadAttention attention = make();
  KeyValueCache cache({.batch = B, .kv_heads = G, .capacity = T, .width = E / H, .dtype = DType::f64});
  const Tensor nan = full({B, G, T, E / H}, std::numeric_limits<double>::quiet_NaN(), DType::f64);
  cache.append(nan, nan);
  cache.truncate(0);
  const Tensor x = numbers.uniform({B, T, E}), wanted = attention.forward({.query = x, .causal = true}).y.value();
  for (std::int64_t t = 0; t < T; ++t) {
    const Tensor y = attention.forward({.query = slice(x, 1, t, t + 1), .causal = true}, cache).y.value();
    CHECK(test::difference(y, test::to_array(slice(wanted, 1, t, t + 1)), 16, 1) == "");
  }
}

TEST_CASE("what a mask hides counts as 0 where it is not finite, with a cache too", "[nn][multi_head]") {
  const NoGrad no_grad;
  test::Numbers numbers(1);
  const MultiHeadAttention attention = make();
  Tensor x = numbers.uniform({1, 5, E}), last = slice(x, 1, 4, 5);
  fill(last, std::numeric_limits<double>::quiet_NaN());
  const Tensor mask = tensor({1, 1, 1, 1, 0}, {1, 1, 5}, DType::boolean);
  const Tensor wanted = attention.forward({.query = x, .mask = mask, .causal = true}).y.value();
  KeyValueCache cache = attention.make_cache(1, 5);
  attention.forward({.query = slice(x, 1, 0, 3), .causal = true}, cache);
  const Tensor y = attention.forward({.query = slice(x, 1, 3, 5), .mask = mask, .causal = true}, cache).y.value();
  CHECK(all_finite(y));
  CHECK(test::difference(y, test::to_array(slice(wanted, 1, 3, 5)), 16, 1) == "");
}

TEST_CASE("a reordered cache goes on from the rows it was given", "[nn][multi_head]") {
  const NoGrad no_grad;
  test::Numbers numbers(2);
  const MultiHeadAttention attention = make();
  const Tensor x = numbers.uniform({3, 4, E}), next = numbers.uniform({2, 1, E});
  const Tensor parents = tensor({2, 0}, {2}, DType::i64);
  KeyValueCache cache = attention.make_cache(3, 6);
  attention.forward({.query = x, .causal = true}, cache);
  const KeyValueCache before = cache;
  cache.reorder(parents);
  CHECK(cache.batch() == 2);
  const Tensor y = attention.forward({.query = next, .causal = true}, cache).y.value();
  const Tensor all = concat({index_select(x, 0, parents), next}, 1);
  const Tensor wanted = attention.forward({.query = all, .causal = true}).y.value();
  CHECK(test::difference(y, test::to_array(slice(wanted, 1, 4, 5)), 16, 1) == "");
  CHECK(before.length() == 4);  // a copy is a second cache
  CHECK(before.batch() == 3);
}

TEST_CASE("a projected memory equals its keys and values, and is reordered", "[nn][multi_head]") {
  test::Numbers numbers(3);
  const MultiHeadAttention attention = make();
  const Tensor keys = numbers.uniform({3, 5, E}), asked = numbers.uniform({2, 2, E});
  const Tensor parents = tensor({2, 0}, {2}, DType::i64);
  const auto memory = reorder_memory(attention.project_keys(keys), parents);
  const Tensor y = attention.forward({.query = asked}, memory).y.value();
  const Tensor wanted = attention.forward({.query = asked, .key = index_select(keys, 0, parents)}).y.value();
  CHECK(test::difference(y, test::to_array(wanted), 16, 1) == "");
  CHECK_THROWS_AS(attention.forward({.query = asked, .key = keys}, memory), Error);
}

TEST_CASE("a cache takes 2·G·K numbers for each position", "[nn][multi_head]") {
  // systems.md M-23, M-24: two layers of 4, 2 and 1 key heads of 16 numbers, 128 positions, f32.
  for (const std::int64_t heads : {4, 2, 1})
    CHECK(2 * KeyValueCache({.kv_heads = heads, .capacity = 128, .width = 16}).bytes() == 32'768 * heads);
}

TEST_CASE("a full cache says so and stays as it is", "[nn][multi_head]") {
  const NoGrad no_grad;
  test::Numbers numbers(4);
  const MultiHeadAttention attention = make();
  KeyValueCache cache = attention.make_cache(B, 8);
  const Tensor x = numbers.uniform({B, 11, E});
  attention.forward({.query = slice(x, 1, 0, 6), .causal = true}, cache);
  const Tensor keys = cache.keys().clone();
  CHECK(test::refused<IndexError>([&] { attention.forward({.query = slice(x, 1, 6, 9)}, cache); }) ==
        "key value cache: 3 more positions behind 6 of 8");
  CHECK(cache.length() == 6);
  CHECK(test::same_bits(cache.keys(), keys));
  CHECK_THROWS_AS(attention.forward({.query = slice(x, 1, 6, 7), .mask = ones({3, 3}, DType::boolean)}, cache),
                  ShapeError);
  CHECK(cache.length() == 6);
  attention.forward({.query = slice(x, 1, 6, 8), .causal = true}, cache);
  CHECK(cache.length() == 8);
}

TEST_CASE("a cache refuses gradients and what does not fit", "[nn][multi_head]") {
  test::Numbers numbers(5);
  const MultiHeadAttention attention = make();
  KeyValueCache cache = attention.make_cache(B, 8);
  CHECK_THROWS_AS(attention.forward({.query = numbers.uniform({B, 1, E})}, cache), GradError);
  const NoGrad no_grad;
  CHECK_THROWS_AS(attention.forward({.query = numbers.uniform({1, 1, E})}, cache), ShapeError);
  const Tensor single = zeros({B, G, 1, E / H});
  CHECK_THROWS_AS(cache.append(single, single), DTypeError);
  CHECK_THROWS_AS(cache.truncate(1), IndexError);
  CHECK_THROWS_AS(cache.reorder(tensor({2}, {1}, DType::i64)), IndexError);
  CHECK_THROWS_AS(KeyValueCache({.batch = 1, .kv_heads = 2, .capacity = 0, .width = 2}), ShapeError);
  CHECK_THROWS_AS(KeyValueCache({.batch = -1, .kv_heads = 2, .capacity = 2, .width = 2}), ShapeError);
  CHECK(cache.length() == 0);
}
