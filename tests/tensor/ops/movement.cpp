// Views by moving axes, and the joining of tensors, against loops over indices.
#include "heed/tensor/ops/movement.h"

#include <algorithm>
#include <numeric>

#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"

using namespace heed;
using test::Array;
using test::Index;
using test::Numbers;
using test::refused;

namespace {

DType any_dtype(Numbers& random) { return test::all_dtypes[static_cast<std::size_t>(random.uniform_int(4))]; }

// y[index] = x[from(index)] for every index of `shape`.
template <class From>
Array rearranged(const Tensor& x, const Shape& shape, const From& from) {
  const Array numbers = test::to_array(x);
  Array y(shape);
  for (const Index& index : test::indices(shape)) y[index] = numbers[from(index)];
  return y;
}

bool same_storage(const Tensor& a, const Tensor& b) { return a.storage().get() == b.storage().get(); }

Index without(Index index, int axis) {
  index.erase(index.begin() + axis);
  return index;
}

Index with(Index index, int axis, std::int64_t value) {
  index.insert(index.begin() + axis, value);
  return index;
}

}  // namespace

TEST_CASE("permute takes every order of axes", "[tensor][movement]") {
  Numbers random(61);
  for (int rank = 0; rank <= 5; ++rank) {
    std::vector<int> order(to_size(rank));
    std::iota(order.begin(), order.end(), 0);
    do {
      const Tensor x = test::random_view(random, test::random_shape(random, rank, 4), any_dtype(random));
      std::vector<int> asked = order;
      for (int& axis : asked) axis -= random.uniform_int(3) == 0 ? rank : 0;
      const Tensor y = permute(x, asked);
      Shape shape;
      for (int axis : order) shape.push_back(x.shape()[axis]);
      const Array wanted = rearranged(x, shape, [&](const Index& index) {
        Index from(to_size(rank));
        for (int axis = 0; axis < rank; ++axis) from[to_size(order[to_size(axis)])] = index[to_size(axis)];
        return from;
      });
      CHECK(test::difference(y, wanted, 0) == "");
      CHECK(same_storage(x, y));
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST_CASE("transpose swaps two axes", "[tensor][movement]") {
  Numbers random(62);
  for (int rank = 1; rank <= 5; ++rank)
    for (int a = -rank; a < rank; ++a)
      for (int b = -rank; b < rank; ++b) {
        const Tensor x = test::random_view(random, test::random_shape(random, rank, 3), any_dtype(random));
        const int first = (a + rank) % rank, second = (b + rank) % rank;
        Shape shape = x.shape();
        std::swap(shape[first], shape[second]);
        const Array wanted = rearranged(x, shape, [&](Index index) {
          std::swap(index[to_size(first)], index[to_size(second)]);
          return index;
        });
        const Tensor y = transpose(x, a, b);
        CHECK(test::difference(y, wanted, 0) == "");
        CHECK(same_storage(x, y));
        if (first == rank - 2 && second == rank - 1) CHECK(test::same_bits(mT(x), y));
      }
}

TEST_CASE("expand repeats without a copy", "[tensor][movement]") {
  Numbers random(63);
  for (int trial = 0; trial < 600; ++trial) {
    Shape shape = test::random_shape(random, static_cast<int>(random.uniform_int(5)), 3), wide = shape;
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (random.uniform_int(2) == 0) shape[axis] = 1, wide[axis] = random.uniform_int(4);
    for (std::int64_t more = random.uniform_int(3); more > 0; --more) wide.insert(0, random.uniform_int(4));
    const Tensor x = test::random_view(random, shape, any_dtype(random));
    const Tensor y = expand(x, wide);
    const Array numbers = test::to_array(x);
    Array wanted(wide);
    for (const Index& index : test::indices(wide)) wanted[index] = numbers.shown(index);
    INFO(trial << ": " << shape.str() << " to " << wide.str());
    CHECK(test::difference(y, wanted, 0) == "");
    CHECK(same_storage(x, y));
  }
}

TEST_CASE("axes of size 1 come and go", "[tensor][movement]") {
  Numbers random(64);
  for (int rank = 0; rank <= 6; ++rank)
    for (int axis = -rank - 1; axis <= rank; ++axis) {
      const Tensor x = test::random_view(random, test::random_shape(random, rank, 3), any_dtype(random));
      const int position = axis < 0 ? axis + rank + 1 : axis;
      const Tensor y = unsqueeze(x, axis);
      Shape shape = x.shape();
      shape.insert(position, 1);
      CHECK(test::difference(y, rearranged(x, shape, [&](const Index& i) { return without(i, position); }), 0) == "");
      CHECK(same_storage(x, y));
      const Tensor back = squeeze(y, axis);
      CHECK(back.strides() == x.strides());
      CHECK(test::same_bits(back, x));
      CHECK(same_storage(x, back));
      CHECK(unsqueeze(x.contiguous(), axis).is_contiguous());
    }
}

TEST_CASE("select and unstack take one slice and all", "[tensor][movement]") {
  Numbers random(65);
  for (int rank = 1; rank <= 4; ++rank)
    for (int axis = -rank; axis < rank; ++axis) {
      const Tensor x = test::random_view(random, test::random_shape(random, rank, 4), any_dtype(random));
      const int position = (axis + rank) % rank;
      const std::int64_t size = x.shape()[position];
      Shape shape = x.shape();
      shape.erase(position);
      const std::vector<Tensor> layers = unstack(x, axis);
      REQUIRE(static_cast<std::int64_t>(layers.size()) == size);
      for (std::int64_t index = -size; index < size; ++index) {
        const std::int64_t at = (index + size) % size;
        const Array wanted = rearranged(x, shape, [&](const Index& i) { return with(i, position, at); });
        const Tensor y = select(x, axis, index);
        CHECK(test::difference(y, wanted, 0) == "");
        CHECK(same_storage(x, y));
        CHECK(test::same_bits(y, layers[static_cast<std::size_t>(at)]));
        CHECK(same_storage(x, layers[static_cast<std::size_t>(at)]));
      }
      CHECK(refused<IndexError>([&] { select(x, axis, size); }) == "select: index " + std::to_string(size) +
                                                                       " is outside axis " + std::to_string(axis) +
                                                                       " of " + x.shape().str());
      CHECK_THROWS_AS(select(x, axis, -size - 1), IndexError);
    }
}

TEST_CASE("concat and stack copy their parts side by side", "[tensor][movement]") {
  Numbers random(66);
  for (int trial = 0; trial < 600; ++trial) {
    const int rank = 1 + static_cast<int>(random.uniform_int(4));
    const Shape shape = test::random_shape(random, rank, 3);
    const int axis = static_cast<int>(random.uniform_int(rank));
    const DType dtype = any_dtype(random);
    std::vector<Tensor> parts;
    Shape joined = shape;
    joined[axis] = 0;
    for (std::int64_t count = 1 + random.uniform_int(4); count > 0; --count) {
      Shape part = shape;
      part[axis] = random.uniform_int(4);
      joined[axis] += part[axis];
      parts.push_back(test::random_view(random, part, dtype));
    }
    Array wanted(joined);
    std::int64_t begin = 0;
    for (const Tensor& part : parts) {
      const Array numbers = test::to_array(part);
      for (Index index : test::indices(part.shape())) {
        const double number = numbers[index];
        index[to_size(axis)] += begin;
        wanted[index] = number;
      }
      begin += part.shape()[axis];
    }
    const Tensor y = concat(parts, random.uniform_int(2) == 0 ? axis : axis - rank);
    INFO(trial << ": " << joined.str() << " axis " << axis);
    CHECK(test::difference(y, wanted, 0) == "");
    CHECK(y.dtype() == dtype);
    CHECK(y.storage().unique());
  }
  for (int rank = 0; rank <= 3; ++rank)
    for (int axis = -rank - 1; axis <= rank; ++axis) {
      const Shape shape = test::random_shape(random, rank, 3);
      const DType dtype = any_dtype(random);
      const std::vector<Tensor> parts = {test::random_view(random, shape, dtype),
                                         test::random_view(random, shape, dtype),
                                         test::random_view(random, shape, dtype)};
      const int position = axis < 0 ? axis + rank + 1 : axis;
      Shape wide = shape;
      wide.insert(position, 3);
      Array wanted(wide);
      for (const Index& index : test::indices(wide))
        wanted[index] =
            test::to_array(parts[static_cast<std::size_t>(index[to_size(position)])])[without(index, position)];
      const Tensor y = stack(parts, axis);
      CHECK(test::difference(y, wanted, 0) == "");
      CHECK(y.storage().unique());
      const std::vector<Tensor> back = unstack(y, axis);
      REQUIRE(back.size() == 3);
      for (std::size_t i = 0; i < 3; ++i) CHECK(test::same_bits(back[i], parts[i]));
    }
}

TEST_CASE("moves that make no sense are refused", "[tensor][movement]") {
  const Tensor x = arange(6), table = reshape(x, {2, 3}), number = ones({}), full = ones({1, 1, 1, 1, 1, 1, 1, 1});
  const auto before = test::fingerprint(x);
  const auto order = [](std::vector<int> axes) { return axes; };
  CHECK(refused<IndexError>([&] { permute(table, order({0, 0})); }) ==
        "permute: [0, 0] is no order of the axes of [2, 3]");
  CHECK(refused<IndexError>([&] { permute(table, order({0})); }) == "permute: [0] is no order of the axes of [2, 3]");
  CHECK(refused<IndexError>([&] { permute(table, order({0, 1, 1})); }) ==
        "permute: [0, 1, 1] is no order of the axes of [2, 3]");
  CHECK(refused<IndexError>([&] { permute(table, order({0, 1, 0, 1, 0, 1, 0, 1, 0})); }) ==
        "permute: [0, 1, 0, 1, 0, 1, 0, 1, 0] is no order of the axes of [2, 3]");
  CHECK(refused<IndexError>([&] { permute(table, order({0, 2})); }) == "permute: axis 2 is outside rank 2");
  CHECK(refused<IndexError>([&] { permute(number, order({0})); }) == "permute: axis 0 is outside rank 0");
  CHECK(refused<IndexError>([&] { transpose(table, 0, 2); }) == "transpose: axis 2 is outside rank 2");
  CHECK(refused<ShapeError>([&] { mT(x); }) == "mT: needs rank 2 or more, shape is [6]");
  CHECK(refused<ShapeError>([&] { expand(table, {3}); }) == "expand: [2, 3] does not expand to [3]");
  CHECK(refused<ShapeError>([&] { expand(table, {4, 3}); }) == "expand: [2, 3] does not expand to [4, 3]");
  CHECK(refused<ShapeError>([&] { expand(table, {2, 0}); }) == "expand: [2, 3] does not expand to [2, 0]");
  CHECK_THROWS_AS(expand(number, {-1}), ShapeError);
  CHECK(refused<IndexError>([&] { unsqueeze(x, 2); }) == "unsqueeze: axis 2 is outside rank 2");
  CHECK_THROWS_AS(unsqueeze(full, 0), ShapeError);
  CHECK(refused<ShapeError>([&] { squeeze(table, -1); }) == "squeeze: axis -1 of [2, 3] has size 3, not 1");
  CHECK_THROWS_AS(squeeze(number, 0), IndexError);
  CHECK_THROWS_AS(select(number, 0, 0), IndexError);
  CHECK_THROWS_AS(select(arange(0), 0, 0), IndexError);
  CHECK_THROWS_AS(unstack(number, 0), IndexError);
  CHECK(refused<ShapeError>([] { concat({}, 0); }) == "concat: no tensors");
  CHECK(refused<ShapeError>([] { stack({}, 0); }) == "stack: no tensors");
  CHECK(refused<IndexError>([&] { concat({number, number}, 0); }) == "concat: axis 0 is outside rank 0");
  CHECK(refused<IndexError>([&] { stack({x, x}, 2); }) == "stack: axis 2 is outside rank 2");
  CHECK(refused<ShapeError>([&] { concat({table, mT(table)}, 0); }) ==
        "concat: [2, 3] and [3, 2] differ beside axis 0");
  CHECK(refused<ShapeError>([&] { concat({table, x}, 0); }) == "concat: [2, 3] and [6] differ beside axis 0");
  CHECK(refused<ShapeError>([&] { stack({table, mT(table)}, 0); }) == "stack: shapes differ: [2, 3] and [3, 2]");
  CHECK(refused<DTypeError>([&] { concat({x, ones({6})}, 0); }) == "concat: dtypes differ: lhs i64, rhs f32");
  CHECK_THROWS_AS(stack({x, ones({6})}, 0), DTypeError);
  CHECK_THROWS_AS(stack({full, full}, 0), ShapeError);
  CHECK(test::fingerprint(x) == before);
}
