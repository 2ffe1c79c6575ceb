// reshape: the same numbers in row-major order, copied only when no strides can show them.
#include <optional>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"

using namespace heed;
using test::Array;
using test::Numbers;
using test::refused;

namespace {

std::vector<std::int64_t> places(const Shape& shape, const Strides& strides) {
  std::vector<std::int64_t> result;
  for (const test::Index& index : test::indices(shape)) {
    std::int64_t place = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) place += index[axis] * strides[static_cast<int>(axis)];
    result.push_back(place);
  }
  return result;
}

// Whether some strides show x as `shape`: they can only be the distances of neighbours, so try those on every element.
bool is_viewable(const Tensor& x, const Shape& shape) {
  const std::vector<std::int64_t> wanted = places(x.shape(), x.strides());
  if (wanted.empty()) return true;
  Strides strides = row_major_strides(shape);
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] > 1) strides[axis] = wanted[static_cast<std::size_t>(strides[axis])] - wanted[0];
  return places(shape, strides) == wanted;
}

// A random shape with as many elements: the prime factors dealt to some axes, and ones put between.
Shape another_shape(Numbers& random, std::int64_t count) {
  Shape shape;
  for (std::int64_t rank = count == 1 ? random.uniform_int(3) : 1 + random.uniform_int(4); rank > 0; --rank)
    shape.push_back(1);
  for (std::int64_t prime : {2, 3, 5})
    for (; count % prime == 0 && count > 0; count /= prime)
      shape[static_cast<int>(random.uniform_int(shape.rank()))] *= prime;
  if (count == 0) shape[static_cast<int>(random.uniform_int(shape.rank()))] = 0;
  while (shape.rank() < 6 && random.uniform_int(3) == 0)
    shape.insert(static_cast<int>(random.uniform_int(shape.rank() + 1)), 1);
  return shape;
}

// Strides that often merge: row-major, then axes swapped, reversed, thinned out or repeated.
Tensor mergeable_view(Numbers& random, const Shape& shape) {
  Strides strides = row_major_strides(shape);
  std::int64_t step = 1, offset = 0;
  for (int axis = shape.rank(); axis-- > 0; step *= std::max<std::int64_t>(shape[axis], 1)) {
    if (random.uniform_int(6) == 0) step *= 2;
    strides[axis] = random.uniform_int(8) == 0 ? 0 : step;
  }
  if (random.uniform_int(4) == 0)
    for (int axis = 0; axis < shape.rank(); ++axis) {
      offset += std::max<std::int64_t>(shape[axis] - 1, 0) * strides[axis];
      strides[axis] = -strides[axis];
    }
  return Tensor(arange(offset + step).storage(), shape, strides, offset, DType::i64);
}

}  // namespace

TEST_CASE("reshape keeps the order, and is a view whenever strides can do it", "[tensor][reshape]") {
  Numbers random(51);
  int views = 0, copies = 0;
  for (int trial = 0; trial < 6000; ++trial) {
    const Shape shape = test::random_shape(random, static_cast<int>(random.uniform_int(6)), 6);
    const Tensor x =
        random.uniform_int(3) == 0 ? test::random_view(random, shape, DType::i64) : mergeable_view(random, shape);
    const Shape wanted = another_shape(random, shape.numel());
    Shape asked = wanted;
    if (random.uniform_int(3) == 0 && wanted.rank() > 0 && wanted.numel() > 0)
      asked[static_cast<int>(random.uniform_int(wanted.rank()))] = -1;
    const Tensor y = reshape(x, asked);
    Array numbers = test::to_array(x);
    numbers.shape = wanted;
    INFO(trial << ": " << shape.str() << " to " << wanted.str());
    CHECK(test::difference(y, numbers, 0) == "");
    const bool is_view = y.storage().get() == x.storage().get();
    CHECK(is_view == is_viewable(x, wanted));
    if (!is_view) CHECK(y.strides() == row_major_strides(wanted));
    (is_view ? views : copies) += 1;
  }
  CHECK(views > 1000);
  CHECK(copies > 1000);
}

TEST_CASE("reshape to the same shape is the same view", "[tensor][reshape]") {
  Numbers random(52);
  for (int trial = 0; trial < 300; ++trial) {
    const Tensor x =
        test::random_view(random, test::random_shape(random, static_cast<int>(random.uniform_int(6)), 4), DType::f32);
    const Tensor y = reshape(x, x.shape());
    CHECK(y.storage().get() == x.storage().get());
    CHECK(test::same_bits(x, y));
  }
}

TEST_CASE("reshape of 0-d and empty tensors", "[tensor][reshape]") {
  CHECK(reshape(tensor({7}, {}), {1, 1}).item() == 7);
  CHECK(reshape(tensor({7}, {1, 1}), {}).item() == 7);
  CHECK(reshape(tensor({7}, {}), {-1}).shape() == Shape{1});
  CHECK(reshape(empty({0, 3}), {5, 0, 2}).shape() == Shape{5, 0, 2});
  CHECK(reshape(empty({0, 3}), {3, -1}).shape() == Shape{3, 0});
  CHECK(reshape(transpose(empty({2, 0, 3}), 0, 2), {0}).shape() == Shape{0});
}

TEST_CASE("reshapes that do not fit are refused", "[tensor][reshape]") {
  const Tensor x = arange(6);
  CHECK(refused<ShapeError>([&] { reshape(x, {4}); }) == "reshape: [6] has 6 elements, [4] cannot hold them");
  CHECK(refused<ShapeError>([&] { reshape(x, {-1, 2, -1}); }) == "reshape: [-1, 2, -1] has two sizes of -1");
  CHECK_THROWS_AS(reshape(x, {4, -1}), ShapeError);
  CHECK_THROWS_AS(reshape(x, {0, -1}), ShapeError);
  CHECK_THROWS_AS(reshape(arange(0), {0, -1}), ShapeError);  // any size would do
  CHECK_THROWS_AS(reshape(x, {-2, -3}), ShapeError);
  CHECK_THROWS_AS(reshape(x, {}), ShapeError);
  CHECK_THROWS_AS(reshape(x, {6, 0}), ShapeError);
}
