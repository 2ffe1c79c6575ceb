// Masks of padded batches, and what they keep out of results and gradients.
#include "heed/nn/mask.h"

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
