// Rows against an odometer: the same places in the same order, in as few rows as the strides allow.
#include "heed/tensor/internal/rows.h"

#include <vector>

#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"

using namespace heed;
using test::Numbers;

namespace {

template <std::size_t N>
using Places = std::vector<std::array<std::int64_t, N>>;

template <std::size_t N>
Places<N> by_odometer(const Shape& shape, const std::array<Strides, N>& strides) {
  Places<N> places;
  for (const test::Index& index : test::indices(shape)) {
    std::array<std::int64_t, N> place{};
    for (std::size_t i = 0; i < N; ++i)
      for (int axis = 0; axis < shape.rank(); ++axis)
        place[i] += index[static_cast<std::size_t>(axis)] * strides[i][axis];
    places.push_back(place);
  }
  return places;
}

template <std::size_t N>
Places<N> by_rows(const Rows<N>& rows, std::int64_t begin, std::int64_t end, int& visits) {
  Places<N> places;
  visits = 0;
  rows.visit(begin, end, [&](const std::array<std::int64_t, N>& offset, std::int64_t n) {
    ++visits;
    for (std::int64_t step = 0; step < n; ++step) {
      std::array<std::int64_t, N> place = offset;
      for (std::size_t i = 0; i < N; ++i) place[i] += step * rows.stride(i);
      places.push_back(place);
    }
  });
  return places;
}

// How many elements from the last on stand evenly spaced in every operand, whole axes at a time.
template <std::size_t N>
std::int64_t longest_row(const Shape& shape, const std::array<Strides, N>& strides) {
  std::int64_t length = 1;
  std::array<std::int64_t, N> step{};
  bool first = true;
  for (int axis = shape.rank(); axis-- > 0;) {
    if (shape[axis] == 1) continue;
    bool continues = true;
    for (std::size_t i = 0; i < N; ++i) continues = continues && strides[i][axis] == length * step[i];
    if (!first && !continues) break;
    for (std::size_t i = 0; first && i < N; ++i) step[i] = strides[i][axis];
    first = false;
    length *= shape[axis];
  }
  return length;
}

// Strides that often continue one another: row-major of some axes' sizes, now and then 0, negative or with a gap.
Strides random_strides(Numbers& random, const Shape& shape) {
  Strides strides = row_major_strides(shape);
  std::int64_t step = 1 + random.uniform_int(2);
  for (int axis = shape.rank(); axis-- > 0; step *= std::max<std::int64_t>(shape[axis], 1)) {
    if (random.uniform_int(6) == 0) step += random.uniform_int(5) - 2;
    if (random.uniform_int(8) == 0) step = -step;
    strides[axis] = random.uniform_int(8) == 0 ? 0 : step;
  }
  return strides;
}

template <std::size_t N>
void compare_with_odometer(Numbers& random) {
  int merged = 0, rows_seen = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    Shape shape;
    for (std::int64_t rank = random.uniform_int(trial % 10 == 0 ? 9 : 6); rank > 0; --rank)
      shape.push_back(random.uniform_int(12) == 0 ? 0 : 1 + random.uniform_int(3));
    std::array<Strides, N> strides;
    for (Strides& each : strides) each = random_strides(random, shape);
    const Places<N> wanted = by_odometer(shape, strides);
    const Rows<N> rows(shape, strides);
    const auto count = static_cast<std::int64_t>(wanted.size());
    INFO(N << " operands, trial " << trial << ": " << shape.str());
    int visits = 0;
    CHECK(by_rows(rows, 0, count, visits) == wanted);
    if (count > 0) {
      CHECK(rows.row_length() == longest_row(shape, strides));
      CHECK(visits == count / rows.row_length());
      merged += rows.row_length() > shape[shape.rank() - 1 < 0 ? 0 : shape.rank() - 1];
      rows_seen += visits > 1;
    }
    const std::int64_t begin = random.uniform_int(count + 1), end = begin + random.uniform_int(count - begin + 1);
    CHECK(by_rows(rows, begin, end, visits) == Places<N>(wanted.begin() + begin, wanted.begin() + end));
  }
  CHECK(merged > 100);
  CHECK(rows_seen > 100);
}

}  // namespace

TEST_CASE("rows visit what an odometer visits", "[tensor][rows]") {
  Numbers random(31);
  compare_with_odometer<1>(random);
  compare_with_odometer<2>(random);
  compare_with_odometer<3>(random);
}

TEST_CASE("contiguous operands are a single row", "[tensor][rows]") {
  const Shape shape{2, 3, 1, 4, 5, 1, 2, 2};
  const Rows<2> rows(shape, {row_major_strides(shape), row_major_strides(shape)});
  CHECK(rows.row_length() == 480);
  CHECK(rows.stride(0) == 1);
  CHECK(rows.stride(1) == 1);
  const Rows<1> repeated({3, 4}, {Strides{0, 0}});  // one number is a row too
  CHECK(repeated.row_length() == 12);
  CHECK(repeated.stride(0) == 0);
  const Rows<1> backwards({3, 4}, {Strides{-4, -1}});
  CHECK(backwards.row_length() == 12);
  const Rows<1> number({}, {Strides{}});
  CHECK(number.row_length() == 1);
}

TEST_CASE("staged gathers a strided row", "[tensor][rows]") {
  const float numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  float buffer[4] = {};
  CHECK(staged(numbers + 2, 1, 4, buffer) == numbers + 2);
  CHECK(staged(numbers + 1, 2, 4, buffer) == buffer);
  CHECK(std::vector<float>(buffer, buffer + 4) == std::vector<float>{1, 3, 5, 7});
  staged(numbers + 8, -1, 3, buffer);
  CHECK(std::vector<float>(buffer, buffer + 4) == std::vector<float>{8, 7, 6, 7});
}
