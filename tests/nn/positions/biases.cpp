// Biases of positions: ALiBi's slopes, T5's buckets, caches.
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/positions/alibi.h"
#include "heed/nn/positions/t5_bias.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::T5Bias;
using nn::T5Buckets;

namespace {

constexpr T5Buckets causal{.bidirectional = false};
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

std::string far(const Tensor& got, const Tensor& wanted, double error = 1e-15) {
  return test::difference(got, test::to_array(wanted), error / std::numeric_limits<double>::epsilon(), 1);
}

std::int64_t bucket(std::int64_t distance, const T5Buckets& layout = {}) {
  return nn::t5_buckets(tensor({distance}, {1}, DType::i64), layout).item<std::int64_t>();
}

T5Bias t5(std::int64_t heads, const T5Buckets& layout = {}) {
  Generator generator(1);
  return {{.heads = heads, .layout = layout, .dtype = DType::f64}, generator};
}

}  // namespace

TEST_CASE("ALiBi's slopes, for powers of two and other numbers of heads", "[nn][positions]") {  // traps: A1
  const auto f64 = [](std::initializer_list<double> x) {
    return tensor(x, {static_cast<std::int64_t>(x.size())}, DType::f64);
  };
  CHECK(far(nn::alibi_slopes(1, DType::f64), f64({1. / 256})) == "");
  CHECK(far(nn::alibi_slopes(2, DType::f64), f64({1. / 16, 1. / 256})) == "");
  CHECK(far(nn::alibi_slopes(3, DType::f64), f64({1. / 16, 1. / 256, 1. / 4})) == "");
  CHECK(far(nn::alibi_slopes(6, DType::f64), f64({1. / 4, 1. / 16, 1. / 64, 1. / 256, 1. / 2, 1. / 8})) == "");
  const Tensor eight = f64({1. / 2, 1. / 4, 1. / 8, 1. / 16, 1. / 32, 1. / 64, 1. / 128, 1. / 256});
  CHECK(test::same_bits(nn::alibi_slopes(8, DType::f64), eight));
  const Tensor twelve = nn::alibi_slopes(12, DType::f64);
  CHECK(test::same_bits(slice(twelve, 0, 0, 8).contiguous(), eight));
  CHECK(far(slice(twelve, 0, 8, 12), f64({.707106781186548, .353553390593274, .176776695296637, .088388347648318})) ==
        "");
  CHECK(nn::alibi_slopes(16).dtype() == DType::f32);
}

TEST_CASE("ALiBi's bias falls with the distance", "[nn][positions]") {
  const test::Array bias = test::to_array(nn::alibi_bias(2, 4, 4, {}, DType::f64));
  REQUIRE(bias.shape == Shape{1, 2, 4, 4});
  for (const test::Index& i : test::indices(bias.shape))
    CHECK(bias[i] == -std::abs(static_cast<double>(i[2] - i[3])) / (i[1] == 0 ? 16 : 256));
  CHECK(nn::alibi_bias(3, 0, 5).shape() == Shape{1, 3, 0, 5});
  CHECK(test::to_array(nn::alibi_bias(1, 1, 2, 1'000'000)).numbers == std::vector<double>{-3906.25, -999'999. / 256});
}

TEST_CASE("T5's buckets", "[nn][positions]") {  // traps: A3
  for (const auto& [distance, wanted] : std::initializer_list<std::pair<std::int64_t, std::int64_t>>{
           {0, 0}, {-7, 7}, {-8, 8}, {-12, 9}, {1, 17}, {8, 24}, {16, 26}, {23, 27}, {91, 31}, {-128, 15}, {-127, 15}})
    CHECK(bucket(distance) == wanted);
  for (const auto& [distance, wanted] : std::initializer_list<std::pair<std::int64_t, std::int64_t>>{
           {-15, 15}, {-16, 16}, {-19, 17}, {-32, 21}, {-113, 31}, {3, 0}, {0, 0}})
    CHECK(bucket(distance, causal) == wanted);
  CHECK(bucket(largest) == 31);
  CHECK(bucket(-largest - 1) == 15);
  CHECK(bucket(-largest - 1, causal) == 31);
  CHECK(bucket(largest, causal) == 0);
}

TEST_CASE("borders of T5's buckets that are powers are exact", "[nn][positions]") {
  // 8·(128/8)^(k/8) is 16, 32, 64 for k = 2, 4, 6, where a logarithm in f32 may fall short.
  for (const auto& [border, first] :
       std::initializer_list<std::pair<std::int64_t, std::int64_t>>{{8, 8}, {16, 10}, {32, 12}, {64, 14}}) {
    CHECK(bucket(-border) == first);
    CHECK(bucket(-border + 1) == first - 1);
  }
  // Here it does, in PyTorch's f32: 13 and 39.
  CHECK(bucket(-18, {.buckets = 34, .max_distance = 27}) == 14);
  // A border at 13545.0000022.
  CHECK(bucket(-13545, {.buckets = 64, .max_distance = 16463, .bidirectional = false}) == 62);
  CHECK(bucket(-13546, {.buckets = 64, .max_distance = 16463, .bidirectional = false}) == 63);
  CHECK(bucket(-54, {.buckets = 48, .max_distance = 81, .bidirectional = false}) == 40);
  // 3·27^(k/3) is 9 and 27 for k = 1, 2: no powers of two.
  const T5Buckets threes{.buckets = 6, .max_distance = 81, .bidirectional = false};
  for (const auto& [distance, wanted] : std::initializer_list<std::pair<std::int64_t, std::int64_t>>{
           {-2, 2}, {-3, 3}, {-8, 3}, {-9, 4}, {-26, 4}, {-27, 5}, {-80, 5}, {-81, 5}})
    CHECK(bucket(distance, threes) == wanted);
}

TEST_CASE("T5's bias is the row of the bucket", "[nn][positions]") {
  for (const T5Buckets& layout : {T5Buckets{}, causal, T5Buckets{.buckets = 4, .max_distance = 3}}) {
    const T5Bias bias = t5(3, layout);
    const test::Array found = test::to_array(bias.forward(4, 9, 2).value()),
                      weight = test::to_array(bias.weight.value());
    REQUIRE(found.shape == Shape{1, 3, 4, 9});
    for (const test::Index& i : test::indices(found.shape))
      CHECK(found[i] == weight[{bucket(i[3] - (2 + i[2]), layout), i[1]}]);
    const auto run = [](const T5Bias& probe, std::span<const Variable>) { return probe.forward(4, 9, 2); };
    CHECK(test::module_gradcheck(bias, {}, run) == "");
  }
  CHECK(nn::state_dict(t5(3)).at("weight").shape() == Shape{32, 3});
  CHECK(t5(2).forward(0, 3).shape() == Shape{1, 2, 0, 3});
}

TEST_CASE("biases of queries after a cache are the last rows of all of them", "[nn][positions]") {  // traps: A4
  const T5Bias both = t5(2), before = t5(2, causal);
  const auto t5_of = [](const T5Bias& bias) {
    return [&bias](std::int64_t queries, std::int64_t keys) { return bias.forward(queries, keys).value(); };
  };
  const auto alibi = [](std::int64_t queries, std::int64_t keys) { return nn::alibi_bias(3, queries, keys); };
  const auto check = [](const auto& bias) {
    for (std::int64_t keys = 1; keys <= 7; ++keys)
      for (std::int64_t queries = 1; queries <= std::min<std::int64_t>(3, keys); ++queries) {
        const Tensor all = slice(slice(bias(7, 7), 2, keys - queries, keys), 3, 0, keys);
        CHECK(test::same_bits(bias(queries, keys).contiguous(), all.contiguous()));
      }
  };
  check(t5_of(both));
  check(t5_of(before));
  check(alibi);
}

TEST_CASE("biases refuse what does not fit", "[nn][positions]") {
  const auto shape = [](const auto& call) { return test::refused<ShapeError>(call); };
  const auto made = [](const T5Buckets& layout) {
    return T5Bias({.heads = 2, .layout = layout}, nn::ParameterSource::zeros());
  };
  CHECK(shape([&] { made({.buckets = 7}); }) == "T5 bias: 7 buckets for two directions, expected an even number");
  CHECK(shape([&] { made({.buckets = 2}); }) == "T5 bias: 1 bucket for a direction, expected at least 2");
  CHECK(shape([&] { made({.max_distance = 8}); }) ==
        "T5 bias: max_distance 8 within the first 8 buckets, which have one distance each");
  CHECK(shape([&] { T5Bias({}, nn::ParameterSource::zeros()); }) == "T5 bias: heads is 0, expected at least 1");
  CHECK(shape([] { nn::alibi_slopes(0); }) == "alibi_slopes: heads is 0, expected at least 1");
  CHECK(shape([] { nn::alibi_bias(2, -1, 3); }) == "alibi_bias: -1 queries and 3 keys, expected at least 0");
  CHECK(test::refused<IndexError>([] { nn::alibi_bias(2, 1, 3, largest); }) ==
        "alibi_bias: first position 9223372036854775807 is outside -2^31 to 2^31");
  CHECK(test::refused<IndexError>([] {
          t5(1).forward(1, 3, -largest);
        }).starts_with("T5 bias: first position -9223372036854775807 is outside"));
  CHECK_THROWS_AS(nn::alibi_bias(2, 1, 3, {}, DType::i64), DTypeError);
  CHECK_THROWS_AS(nn::t5_buckets(zeros({3})), DTypeError);
}
