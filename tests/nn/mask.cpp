// Masks of padded batches, and what they keep out of results and gradients.
#include "heed/nn/mask.h"

#include <algorithm>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/sequence_order.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

namespace {

using Lengths = std::vector<std::int64_t>;
using Numbers = std::vector<double>;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Tensor f64(std::initializer_list<double> numbers, const Shape& shape) { return tensor(numbers, shape, DType::f64); }
Tensor mask_of(std::initializer_list<double> numbers, const Shape& shape) {
  return tensor(numbers, shape, DType::boolean);
}

}  // namespace

TEST_CASE("length_mask is true within each length", "[nn][mask]") {
  const Lengths lengths{2, 0, 3};
  CHECK(test::same_bits(nn::length_mask(lengths, 3), mask_of({1, 1, 0, 0, 0, 0, 1, 1, 1}, {3, 1, 3})));
  CHECK(nn::length_mask({}, 3).shape() == Shape{0, 1, 3});
  CHECK(nn::length_mask(lengths, 0).shape() == Shape{3, 1, 0});
}

TEST_CASE("step_mask is true before the length", "[nn][mask]") {
  const Lengths lengths{2, 0, 1};
  CHECK(test::same_bits(nn::step_mask(lengths, 0), mask_of({1, 0, 1}, {3, 1})));
  CHECK(test::same_bits(nn::step_mask(lengths, 1), mask_of({1, 0, 0}, {3, 1})));
  CHECK(test::same_bits(nn::step_mask(lengths, 2), mask_of({0, 0, 0}, {3, 1})));
}

TEST_CASE("check_lengths wants one length in range for each example", "[nn][mask]") {
  const auto check = [](const Lengths& lengths) { check_lengths("layer", lengths, 3, 4); };
  CHECK_NOTHROW(check({0, 4, 2}));
  CHECK_THROWS_AS(check({1, 2}), ShapeError);
  CHECK_THROWS_AS(check({1, 2, 3, 4}), ShapeError);
  CHECK_THROWS_AS(check({1, 2, 5}), ShapeError);
  CHECK_THROWS_AS(check({1, -1, 2}), ShapeError);
}

TEST_CASE("mask_padding puts 0 where the mask is false and lets no gradient through there", "[nn][mask]") {
  const Variable x(f64({1, 2, not_a_number, not_a_number, 5, 6, 7, 8}, {2, 2, 2}), true);
  CHECK(nn::mask_padding(x, nn::no_mask).node().get() == x.node().get());
  const Variable masked = nn::mask_padding(x, mask_of({1, 0, 1, 1}, {2, 1, 2}));
  CHECK(test::same_bits(masked.value(), f64({1, 2, 0, 0, 5, 6, 7, 8}, {2, 2, 2})));
  backward(masked, f64({1, 2, 3, 4, 5, 6, 7, 8}, {2, 2, 2}));
  CHECK(test::same_bits(x.grad(), f64({1, 2, 0, 0, 5, 6, 7, 8}, {2, 2, 2})));
}

TEST_CASE("mask_padding refuses masks and inputs of other shapes", "[nn][mask]") {
  const Variable square(zeros({2, 2, 2}, DType::f64));  // sizes that fit in any order: only [B, 1, S] is a mask of keys
  CHECK(test::refused<ShapeError>([&] { nn::mask_padding(square, mask_of({1, 0, 1, 1, 1, 0, 1, 1}, {2, 2, 2})); }) ==
        "mask_padding: mask axis -2 = 2, not 1: x [2, 2, 2], mask [2, 2, 2]; expected [B, S, D], [B, 1, S]");
  CHECK_THROWS_AS(nn::mask_padding(square, mask_of({1, 0, 1, 1}, {2, 2})), ShapeError);
  CHECK_THROWS_AS(nn::mask_padding(square, mask_of({1, 0}, {2, 1, 1})), ShapeError);
  CHECK_THROWS_AS(nn::mask_padding(square, mask_of({1, 0, 1, 1, 1, 0}, {3, 1, 2})), ShapeError);
  CHECK_THROWS_AS(nn::mask_padding(square, zeros({2, 1, 2}, DType::f64)), DTypeError);

  const auto message = [](const Variable& x) {
    const std::string of_lengths = test::refused<ShapeError>([&] { nn::mask_padding(x, Lengths{1}); });
    CHECK(test::refused<ShapeError>([&] { nn::mask_padding(x, nn::no_mask); }).substr(0, 36) ==
          of_lengths.substr(0, 36));
    return of_lengths;
  };
  CHECK(message({}) == "mask_padding: x is undefined; expected [B, S, D]");
  CHECK(message(Variable(ones({3}))) == "mask_padding: x has rank 1, expected 3: x [3]; expected [B, S, D]");
}

TEST_CASE("mask_padding puts 0 beyond each length and stops the gradient there", "[nn][mask]") {
  const Variable x(f64({1, 2, 3, not_a_number, 5, 6, not_a_number, not_a_number, not_a_number, not_a_number,
                        not_a_number, not_a_number},
                       {3, 2, 2}),
                   true);
  CHECK(nn::mask_padding(x, Lengths{}).node().get() == x.node().get());
  CHECK(nn::mask_padding(x, Lengths{2, 2, 2}).node().get() == x.node().get());
  const Variable masked = nn::mask_padding(x, Lengths{1, 1, 0});
  CHECK(test::to_array(masked.value()).numbers == Numbers{1, 2, 0, 0, 5, 6, 0, 0, 0, 0, 0, 0});
  backward(masked, ones({3, 2, 2}, DType::f64));
  CHECK(test::to_array(x.grad()).numbers == Numbers{1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("a causal mask lets query t see keys up to t + offset", "[nn][mask]") {
  CHECK(test::same_bits(nn::causal_mask(2, 5), mask_of({1, 1, 1, 1, 0, 1, 1, 1, 1, 1}, {1, 2, 5})));
  CHECK(test::same_bits(nn::causal_mask(2, 5, 3), nn::causal_mask(2, 5)));
  CHECK(test::same_bits(nn::causal_mask(2, 5, 0), mask_of({1, 0, 0, 0, 0, 1, 1, 0, 0, 0}, {1, 2, 5})));
  CHECK(test::same_bits(nn::causal_mask(3, 1), mask_of({0, 0, 1}, {1, 3, 1})));  // offset -2: two rows are empty
  CHECK(nn::causal_mask(0, 3).shape() == Shape{1, 0, 3});
}

TEST_CASE("a window holds the keys it says, its own included", "[nn][mask]") {
  const auto pairs = [](const Tensor& mask) {
    const Numbers numbers = test::to_array(mask).numbers;
    return std::count(numbers.begin(), numbers.end(), 1.0);
  };
  CHECK(pairs(nn::window_mask(10, 10, 2, 0)) == 27);  // causal, 3 keys
  CHECK(pairs(nn::window_mask(10, 10, 2, 2)) == 44);  // local, D = 2
  const test::Array local = test::to_array(nn::window_mask(10, 10, 2, 2));
  for (std::int64_t s = 0; s < 10; ++s) CHECK(local[{0, 5, s}] == (s >= 3 && s <= 7 ? 1 : 0));
  CHECK(test::same_bits(nn::window_mask(4, 4, 3, 0), nn::causal_mask(4, 4)));
  CHECK(test::same_bits(nn::window_mask(1, 4, 1, 0, 2), mask_of({0, 1, 1, 0}, {1, 1, 4})));
  CHECK(test::refused<Error>([] { nn::window_mask(2, 2, -1, 0); }) ==
        "window_mask: -1 keys before and 0 after, expected at least 0");
}

TEST_CASE("masks combine by AND, undefined ones hide nothing", "[nn][mask]") {
  const Tensor padding = nn::length_mask(Lengths{2, 3}, 3), causal = nn::causal_mask(2, 3);
  CHECK(test::same_bits(nn::all_masks({padding, Tensor(), causal}),
                        mask_of({1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1}, {2, 2, 3})));
  CHECK(!nn::all_masks({Tensor(), Tensor()}).defined());
  CHECK_THROWS_AS(nn::all_masks({padding, nn::length_mask(Lengths{2, 3}, 4)}), ShapeError);
  CHECK(test::same_bits(nn::attended_keys(mask_of({1, 0, 0, 0, 1, 0}, {1, 2, 3})), mask_of({1, 1, 0}, {1, 1, 3})));
  CHECK_THROWS_AS(nn::attended_keys(zeros({1, 2, 3})), DTypeError);
}
