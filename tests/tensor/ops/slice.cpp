// slice against Python's rules, and slice_scatter against slice.
#include <limits>

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

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

// The indices Python takes, found by walking: the first lies at begin, or where the axis starts in that direction.
std::vector<std::int64_t> walked(std::int64_t size, std::int64_t begin, std::int64_t end, std::int64_t step) {
  const auto inside = [&](std::int64_t i) { return i >= 0 && i < size; };
  std::int64_t i = begin < 0 ? begin + size : begin;
  if (step > 0 && i < 0) i = 0;
  if (step < 0 && i >= size) i = size - 1;
  std::int64_t stop = end < 0 ? end + size : end;
  if (end == to_end) stop = step > 0 ? size : -1;
  std::vector<std::int64_t> result;
  while (inside(i) && (step > 0 ? i < stop : i > stop)) {
    result.push_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return result;
}

std::vector<std::int64_t> sliced(std::int64_t size, std::int64_t begin, std::int64_t end, std::int64_t step) {
  const Tensor y = slice(arange(size), 0, begin, end, step).contiguous();
  return {y.data<std::int64_t>(), y.data<std::int64_t>() + y.numel()};
}

// The elements of x at `chosen` along `axis`.
Array picked(const Array& x, int axis, const std::vector<std::int64_t>& chosen) {
  Shape shape = x.shape;
  shape[axis] = static_cast<std::int64_t>(chosen.size());
  Array y(shape);
  for (const test::Index& index : test::indices(shape)) {
    test::Index from = index;
    from[static_cast<std::size_t>(axis)] = chosen[static_cast<std::size_t>(index[static_cast<std::size_t>(axis)])];
    y[index] = x[from];
  }
  return y;
}

}  // namespace

TEST_CASE("slices are Python's", "[tensor][slice]") {
  // Python's own answers, as a hash of
  //   for size in range(7): for begin in range(-9, 10): for end in [*range(-9, 10), None]:
  //     for step in (1, 2, 7, -1, -2, -7): list(range(size))[begin:end:step]
  std::uint64_t hash = 0;
  for (std::int64_t size = 0; size < 7; ++size)
    for (std::int64_t begin = -9; begin < 10; ++begin)
      for (std::int64_t end = -9; end < 11; ++end)
        for (std::int64_t step : {1, 2, 7, -1, -2, -7}) {
          for (std::int64_t i : sliced(size, begin, end == 10 ? to_end : end, step))
            hash = hash * 31 + static_cast<std::uint64_t>(i) + 1;
          hash = hash * 31 + 7;
        }
  CHECK(hash == 15225128074715387562u);
}

TEST_CASE("slices with bounds and steps at the edge of 64 bits", "[tensor][slice]") {
  const std::vector<std::int64_t> bounds = {smallest, smallest + 1, -100,        -7,     -6, -5, -1, 0, 1, 4, 5,
                                            6,        100,          largest - 1, largest};
  std::string wrong;
  for (std::int64_t size = 0; size < 7; ++size)
    for (std::int64_t begin : bounds)
      for (std::int64_t end : bounds)
        for (std::int64_t step : {std::int64_t{1}, std::int64_t{-1}, std::int64_t{3}, std::int64_t{-3}, largest,
                                  largest - 1, smallest, smallest + 1, -(largest / 2)})
          if (sliced(size, begin, end, step) != walked(size, begin, end, step))
            wrong += std::to_string(size) + ": " + std::to_string(begin) + " " + std::to_string(end) + " " +
                     std::to_string(step) + "; ";
  CHECK(wrong == "");
}

TEST_CASE("a slice of any view is a view", "[tensor][slice]") {
  Numbers random(41);
  for (int trial = 0; trial < 1500; ++trial) {
    const Shape shape = test::random_shape(random, 1 + static_cast<int>(random.uniform_int(5)), 5);
    const DType dtype = test::all_dtypes[static_cast<std::size_t>(random.uniform_int(4))];
    const Tensor x = test::random_view(random, shape, dtype);
    const int axis = static_cast<int>(random.uniform_int(shape.rank()));
    const std::int64_t begin = random.uniform_int(15) - 7,
                       end = random.uniform_int(4) == 0 ? to_end : random.uniform_int(15) - 7;
    std::int64_t step = random.uniform_int(9) - 4;
    if (step == 0) step = smallest;
    const Tensor y = slice(x, random.uniform_int(2) == 0 ? axis : axis - shape.rank(), begin, end, step);
    INFO(trial << ": " << shape.str() << " axis " << axis << " " << begin << " " << end << " " << step);
    CHECK(y.storage().get() == x.storage().get());
    CHECK(test::difference(y, picked(test::to_array(x), axis, walked(shape[axis], begin, end, step)), 0) == "");
  }
}

TEST_CASE("slice_scatter puts the slice back among zeros", "[tensor][slice]") {
  Numbers random(42);
  for (int trial = 0; trial < 800; ++trial) {
    const Shape shape = test::random_shape(random, 1 + static_cast<int>(random.uniform_int(4)), 5);
    const int axis = static_cast<int>(random.uniform_int(shape.rank()));
    const std::int64_t begin = random.uniform_int(15) - 7,
                       end = random.uniform_int(4) == 0 ? to_end : random.uniform_int(15) - 7;
    const std::int64_t step = random.uniform_int(2) == 0 ? 1 + random.uniform_int(7) : -1 - random.uniform_int(7);
    const std::vector<std::int64_t> chosen = walked(shape[axis], begin, end, step);
    Shape part = shape;
    part[axis] = static_cast<std::int64_t>(chosen.size());
    const DType dtype = test::all_dtypes[static_cast<std::size_t>(random.uniform_int(4))];
    const Tensor x = test::random_view(random, part, dtype);
    Array wanted(shape);
    for (const test::Index& index : test::indices(part)) {
      test::Index place = index;
      place[static_cast<std::size_t>(axis)] = chosen[static_cast<std::size_t>(index[static_cast<std::size_t>(axis)])];
      wanted[place] = test::to_array(x)[index];
    }
    const Tensor y = slice_scatter(x, shape, axis, begin, end, step);
    INFO(trial << ": " << shape.str() << " axis " << axis << " " << begin << " " << end << " " << step);
    CHECK(test::difference(y, wanted, 0) == "");
    CHECK(y.dtype() == dtype);
    CHECK(y.storage().unique());
  }
}

TEST_CASE("slices that make no sense are refused", "[tensor][slice]") {
  const Tensor x = ones({2, 3});
  CHECK(refused<IndexError>([&] { slice(x, 0, 0, 1, 0); }) == "slice: step is 0");
  CHECK(refused<IndexError>([&] { slice(x, 2, 0, 1); }) == "slice: axis 2 is outside rank 2");
  CHECK(refused<IndexError>([] { slice(ones({}), 0, 0, 1); }) == "slice: axis 0 is outside rank 0");
  CHECK(refused<ShapeError>([&] { slice_scatter(x, {2, 5}, 1, 0, 4); }) ==
        "slice_scatter: [2, 3] does not fit the slice [2, 4] of [2, 5]");
  CHECK_THROWS_AS(slice_scatter(x, {2, -5}, 1, 0, 3), ShapeError);
  CHECK_THROWS_AS(slice_scatter(x, {2, 5}, 2, 0, 3), IndexError);
  CHECK_THROWS_AS(slice_scatter(x, {2, 5}, 1, 0, 3, 0), IndexError);
}
