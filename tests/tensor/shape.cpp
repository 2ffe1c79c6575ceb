// Shapes: the inline array, and the arithmetic of sizes, which must refuse what 63 bits cannot hold.
#include "heed/tensor/shape.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;
using test::Numbers;
using test::refused;

namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

// The number of elements, by division; none where numel() must throw.
std::optional<std::int64_t> counted(const Shape& shape) {
  std::int64_t product = 1;
  bool empty = false;
  for (std::int64_t size : shape) {
    if (size < 0) return {};
    if (size == 0) {
      empty = true;
      continue;
    }
    if (product > largest / size) return {};
    product *= size;
  }
  return empty ? 0 : product;
}

// Shapes of sizes where products overflow, wrap to something small or hide behind a 0.
std::vector<Shape> hostile_shapes(std::size_t count) {
  constexpr std::int64_t sizes[] = {0,
                                    1,
                                    2,
                                    3,
                                    7,
                                    std::int64_t{1} << 16,
                                    (std::int64_t{1} << 31) - 1,
                                    std::int64_t{1} << 31,
                                    std::int64_t{1} << 32,
                                    (std::int64_t{1} << 32) + 1,
                                    std::int64_t{1} << 61,
                                    std::int64_t{1} << 62,
                                    largest / 3,
                                    largest - 1,
                                    largest,
                                    -1,
                                    -2,
                                    smallest};
  Numbers random(20261121);
  std::vector<Shape> result;
  while (result.size() < count) {
    Shape shape;
    for (std::int64_t rank = 1 + random.uniform_int(Shape::max_rank); rank > 0; --rank) {
      const bool likely = random.uniform_int(8) > 0;  // mostly no negative size, for that is refused at once
      shape.push_back(sizes[static_cast<std::size_t>(random.uniform_int(likely ? 15 : 18))]);
    }
    const std::int64_t elements = counted(shape).value_or(largest);
    if (elements == 0 || elements > largest >> 20) result.push_back(shape);
  }
  return result;
}

std::vector<Shape> all_shapes(int longest_rank, std::int64_t longest_size) {
  std::vector<Shape> result{{}};
  for (std::size_t i = 0; i < result.size(); ++i)
    for (std::int64_t size = 0; result[i].rank() < longest_rank && size <= longest_size; ++size) {
      Shape longer = result[i];
      longer.push_back(size);
      result.push_back(longer);
    }
  return result;
}

// Broadcasting from its definition: pad with ones on the left, then every axis must agree or be 1.
std::optional<Shape> padded_broadcast(const Shape& a, const Shape& b) {
  Shape left = a, right = b, result;
  while (left.rank() < b.rank()) left.insert(0, 1);
  while (right.rank() < a.rank()) right.insert(0, 1);
  for (int axis = 0; axis < left.rank(); ++axis) {
    if (left[axis] != right[axis] && left[axis] != 1 && right[axis] != 1) return {};
    result.push_back(left[axis] == 1 ? right[axis] : left[axis]);
  }
  return result;
}

}  // namespace

TEST_CASE("dims behave like a short vector", "[tensor][shape]") {
  Numbers random(1);
  for (int trial = 0; trial < 500; ++trial) {
    Shape shape;
    std::vector<std::int64_t> model;
    for (int step = 0; step < 30; ++step) {
      const auto at = random.uniform_int(static_cast<std::int64_t>(model.size()) + 1);
      const std::int64_t value = random.uniform_int(100) - 50, choice = random.uniform_int(3);
      if (choice == 0 && at < shape.rank()) {
        shape.erase(static_cast<int>(at));
        model.erase(model.begin() + at);
      } else if (shape.rank() < Shape::max_rank) {
        choice == 1 ? shape.push_back(value) : shape.insert(static_cast<int>(at), value);
        model.insert(choice == 1 ? model.end() : model.begin() + at, value);
      }
      REQUIRE(std::vector<std::int64_t>(shape.begin(), shape.end()) == model);
      REQUIRE(shape == Shape(std::span<const std::int64_t>(model)));
    }
  }
  CHECK_FALSE(Shape{1, 2} == Shape{1, 2, 0});
  CHECK_FALSE(Shape{1, 2} == Shape{1, 3});
  CHECK(Shape{} == Shape());
}

TEST_CASE("no shape has more than eight axes", "[tensor][shape]") {
  const std::vector<std::int64_t> nine(9, 1);
  CHECK(refused<ShapeError>([&] { Shape shape{std::span<const std::int64_t>(nine)}; }) == "shape: rank 9 exceeds 8");
  CHECK_THROWS_AS((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), ShapeError);
  Shape full{1, 2, 3, 4, 5, 6, 7, 8};
  const Shape before = full;
  CHECK(refused<ShapeError>([&] { full.push_back(9); }) == "shape: rank 9 exceeds 8");
  CHECK_THROWS_AS(full.insert(0, 9), ShapeError);
  CHECK(full == before);
  CHECK(full.numel() == 40320);
}

TEST_CASE("numel multiplies the sizes", "[tensor][shape]") {
  CHECK(Shape{}.numel() == 1);
  CHECK(Shape{5}.numel() == 5);
  CHECK(Shape{2, 3, 4}.numel() == 24);
  CHECK(Shape{2, 0, 4}.numel() == 0);
  CHECK(Shape{largest}.numel() == largest);
  CHECK(Shape{0, largest}.numel() == 0);
  CHECK(refused<ShapeError>([] { Shape{2, -3}.numel(); }) == "shape: [2, -3] has a negative size");
  CHECK(refused<ShapeError>([] { Shape{0, -1}.numel(); }) == "shape: [0, -1] has a negative size");
  CHECK(refused<ShapeError>([] { Shape{4294967296, 2147483648}.numel(); }) ==
        "shape: [4294967296, 2147483648] has more than 2^63 - 1 elements");
  CHECK_THROWS_AS((Shape{4294967296, 4294967296, 0}.numel()), ShapeError);  // a 0 hides no overflow
}

TEST_CASE("no arithmetic on hostile sizes overflows in silence", "[tensor][shape]") {
  const Tensor one = ones({1}), nothing = ones({0});
  for (const Shape& shape : hostile_shapes(300)) {
    CAPTURE(shape.str());
    const std::optional<std::int64_t> count = counted(shape);
    if (!count) {
      CHECK_THROWS_AS(shape.numel(), ShapeError);
      CHECK_THROWS_AS(empty(shape), ShapeError);
      CHECK_THROWS_AS(ones(shape, DType::boolean), ShapeError);
      CHECK_THROWS_AS(tensor(std::span<const float>(), shape), ShapeError);
      CHECK_THROWS_AS(expand(one, shape), ShapeError);
      CHECK_THROWS_AS(slice_scatter(one, shape, 0, 0, 1), ShapeError);
      if (std::count(shape.begin(), shape.end(), -1) == 0) {  // -1 is worked out
        CHECK_THROWS_AS(reshape(one, shape), ShapeError);
        CHECK_THROWS_AS(reshape(nothing, shape), ShapeError);
      }
      continue;
    }
    CHECK(shape.numel() == *count);
    const Tensor large = expand(one, shape);  // one number, shown many times
    CHECK(large.numel() == *count);
    CHECK(reshape(large, {*count}).storage().get() == one.storage().get());
    CHECK_THROWS_AS(reshape(one, shape), ShapeError);
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const Tensor tail = slice(large, axis, -2, to_end), backwards = slice(large, axis, -1, to_end, -3);
      CHECK(tail.size(axis) == std::min<std::int64_t>(shape[axis], 2));
      CHECK(backwards.size(axis) == shape[axis] / 3 + (shape[axis] % 3 > 0 ? 1 : 0));
    }
    if (*count == 0) {
      CHECK(sum(empty(shape)).item() == 0);
      CHECK(reshape(nothing, shape).shape() == shape);
    }
    if (*count > largest / 8) {
      CHECK_THROWS_AS(empty(shape, DType::f64), ShapeError);
      CHECK_THROWS_AS(concat({large, large}, 0), ShapeError);
    }
  }
  CHECK(one.item() == 1);
}

TEST_CASE("an axis may count from the last", "[tensor][shape]") {
  const Shape shape{2, 3, 4};
  for (int rank = 0; rank <= 8; ++rank)
    for (int axis = -10; axis <= 10; ++axis)
      if (axis >= -rank && axis < rank)
        CHECK(normalize_axis("test", axis, rank) == (axis < 0 ? rank + axis : axis));
      else
        CHECK_THROWS_AS(normalize_axis("test", axis, rank), IndexError);
  CHECK(shape.size(0) == 2);
  CHECK(shape.size(-1) == 4);
  CHECK(shape.size(-3) == 2);
  CHECK(refused<IndexError>([&] { shape.size(3); }) == "size: axis 3 is outside rank 3");
  CHECK(refused<IndexError>([] { normalize_axis("test", -5, 4); }) == "test: axis -5 is outside rank 4");
}

TEST_CASE("row-major strides", "[tensor][shape]") {
  CHECK(row_major_strides({}) == Strides{});
  CHECK(row_major_strides({5}) == Strides{1});
  CHECK(row_major_strides({2, 3, 4}) == Strides{12, 4, 1});
  CHECK(row_major_strides({2, 1, 4}) == Strides{4, 4, 1});
  CHECK(row_major_strides({2, 0, 4}) == Strides{4, 4, 1});  // a 0 counts as 1
}

TEST_CASE("all pairs of small shapes broadcast as the definition says", "[tensor][shape]") {
  const std::vector<Shape> shapes = all_shapes(3, 3);
  REQUIRE(shapes.size() == 85);
  std::string wrong;
  for (const Shape& a : shapes)
    for (const Shape& b : shapes) {
      std::optional<Shape> got;
      try {
        got = broadcast("test", a, b);
      } catch (const ShapeError&) {
      }
      if (got != padded_broadcast(a, b)) wrong += a.str() + " and " + b.str() + "; ";
    }
  CHECK(wrong == "");
  CHECK(refused<ShapeError>([] { broadcast("test", {5, 2, 1}, {3, 4}); }) ==
        "test: shapes do not broadcast: lhs [5, 2, 1], rhs [3, 4]: axis -2 has sizes 2 and 3");
  CHECK(refused<ShapeError>([] { broadcast("test", {4}, {2, 3}); }) ==
        "test: shapes do not broadcast: lhs [4], rhs [2, 3]: axis -1 has sizes 4 and 3");
}

TEST_CASE("shapes are written in brackets", "[tensor][shape]") {
  CHECK(Shape{}.str() == "[]");
  CHECK(Shape{8}.str() == "[8]");
  CHECK(Shape{8, 0, -1}.str() == "[8, 0, -1]");
}
