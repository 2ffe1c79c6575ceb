// softmax and log_softmax against loops in double: masks, huge numbers, rows with nothing seen. Gradients:
// tests/autograd/fused/softmax.cpp.
#include "heed/tensor/ops/softmax.h"

#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"
#include "support/thread_count.h"

using namespace heed;
using test::Array;
using test::Index;
using test::Numbers;
using test::refused;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Calls row(first place, n) for every row along the last axis.
template <class Row>
void each_row(const Array& x, Row row) {
  const auto n = static_cast<std::size_t>(x.shape.size(-1));
  for (std::size_t first = 0; n > 0 && first < x.numbers.size(); first += n) row(first, n);
}

struct Both {
  Array softmax, log_softmax;
};

Both by_loops(const Tensor& x, const Tensor& mask) {
  const Array numbers = test::to_array(x);
  Array seen(x.shape(), 1);
  if (mask.defined())
    for (const Index& index : test::indices(x.shape())) seen[index] = test::to_array(mask).shown(index);
  Both y{Array(x.shape()), Array(x.shape(), -infinity)};
  each_row(numbers, [&](std::size_t first, std::size_t n) {
    double most = -infinity, total = 0;
    for (std::size_t i = first; i < first + n; ++i)
      if (seen.numbers[i] != 0) most = std::max(most, numbers.numbers[i]);
    for (std::size_t i = first; i < first + n; ++i)
      if (seen.numbers[i] != 0) total += std::exp(numbers.numbers[i] - most);
    for (std::size_t i = first; i < first + n; ++i)
      if (seen.numbers[i] != 0) {
        y.softmax.numbers[i] = std::exp(numbers.numbers[i] - most) / total;
        y.log_softmax.numbers[i] = numbers.numbers[i] - most - std::log(total);
      }
  });
  return y;
}

Shape any_shape(Numbers& random) {
  Shape shape = test::random_shape(random, 1 + static_cast<int>(random.uniform_int(4)), 4);
  if (random.uniform_int(2) == 0) shape[shape.rank() - 1] = random.uniform_int(70);
  return shape;
}

// A mask that broadcasts to `shape`.
Tensor any_mask(Numbers& random, const Shape& shape) {
  Shape smaller = shape;
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (random.uniform_int(4) == 0) smaller[axis] = 1;
  while (smaller.rank() > 0 && random.uniform_int(5) == 0) smaller.erase(0);
  return test::random_view(random, smaller, DType::boolean);
}

}  // namespace

TEST_CASE("softmax and log_softmax, any layout, any mask", "[tensor][softmax]") {
  Numbers random(141);
  int closed_rows = 0;
  for (int trial = 0; trial < 500; ++trial)
    for (DType dtype : {DType::f32, DType::f64}) {
      const Tensor x = test::random_view(random, any_shape(random), dtype);
      const Tensor mask = random.uniform_int(3) == 0 ? Tensor() : any_mask(random, x.shape());
      const auto before = test::fingerprint(x);
      const Both wanted = by_loops(x, mask);
      const Tensor y = softmax(x, mask), log_y = log_softmax(x, mask);
      INFO(name(dtype) << " " << x.shape().str() << ", trial " << trial);
      CHECK(test::difference(y, wanted.softmax, 16) == "");
      CHECK(test::difference(log_y, wanted.log_softmax, 16, 1) == "");
      CHECK(y.dtype() == dtype);
      CHECK(test::fingerprint(x) == before);
      if (x.size(-1) > 0)
        for (double total : test::to_array(sum(y, {-1})).numbers) {
          CHECK((total == 0 || total == Approx(1)));
          closed_rows += total == 0;
        }
      const Tensor dense_mask = mask.defined() ? expand(mask, x.shape()).clone() : mask;
      CHECK(test::same_bits(y, softmax(x.clone(), dense_mask)));
    }
  CHECK(closed_rows > 100);
}

TEST_CASE("softmax of numbers of any size", "[tensor][softmax]") {
  Numbers random(142);
  for (DType dtype : {DType::f32, DType::f64})
    for (double size : {1e4, 1e30, 1e-30})
      for (std::int64_t n : {1, 2, 7, 16, 33, 1000}) {
        const Tensor x = to(random.uniform({3, n}, -1, 1), dtype) * size;
        const Both wanted = by_loops(x, {});
        INFO(name(dtype) << " " << size << " " << n);
        CHECK(test::difference(softmax(x), wanted.softmax, 32) == "");
        CHECK(test::difference(log_softmax(x), wanted.log_softmax, 32, 8) == "");
      }
  const Tensor x = tensor({1e4, -1e4, 1e4, -infinity}, {4});
  CHECK(test::to_array(softmax(x)).numbers == std::vector<double>{0.5, 0, 0.5, 0});
  CHECK(test::to_array(log_softmax(x)).numbers[1] == Approx(-2e4 - std::log(2)));
  CHECK(test::to_array(log_softmax(x)).numbers[3] == -infinity);
}

TEST_CASE("a masked entry weighs exactly nothing, whatever stands there", "[tensor][softmax]") {
  for (DType dtype : {DType::f32, DType::f64})
    for (double number : {not_a_number, infinity, -infinity, 1e38})
      for (std::int64_t n : {2, 5, 19, 64}) {
        Tensor x = full({3, n}, 0.5, dtype), mask = ones({3, n}, DType::boolean);
        for (std::int64_t row : {0, 1}) {
          Tensor place = select(select(x, 0, row), 0, n / 2), flag = select(select(mask, 0, row), 0, n / 2);
          fill(place, number);
          fill(flag, 0);
        }
        Tensor closed = select(mask, 0, 1);
        fill(closed, 0);
        const Both wanted = by_loops(x, mask);
        INFO(name(dtype) << " " << number << " " << n);
        CHECK(test::difference(softmax(x, mask), wanted.softmax, 16) == "");
        CHECK(test::difference(log_softmax(x, mask), wanted.log_softmax, 16) == "");
        CHECK(test::to_array(softmax(x, mask)).numbers[static_cast<std::size_t>(n / 2)] == 0);
        CHECK(sum(select(softmax(x, mask), 0, 1)).item() == 0);
        CHECK(max(select(log_softmax(x, mask), 0, 1)).item() == -infinity);
      }
}

TEST_CASE("a NaN that is seen shows", "[tensor][softmax]") {
  for (DType dtype : {DType::f32, DType::f64})
    for (std::int64_t at : {0, 5, 18}) {
      Tensor x = ones({2, 19}, dtype);
      Tensor place = select(select(x, 0, 1), 0, at);
      fill(place, not_a_number);
      const Tensor mask = ones({2, 19}, DType::boolean);
      for (const Tensor& y : {softmax(x), softmax(x, mask), log_softmax(x), log_softmax(x, mask)})
        for (std::int64_t i = 0; i < 19; ++i) {
          CHECK(std::isnan(select(select(y, 0, 1), 0, i).item()));
          CHECK_FALSE(std::isnan(select(select(y, 0, 0), 0, i).item()));
        }
    }
}

TEST_CASE("softmax along another axis is that of the transpose, row-major", "[tensor][softmax]") {
  Numbers random(145);
  for (int trial = 0; trial < 200; ++trial) {
    const Tensor x = test::random_view(random, any_shape(random), trial % 2 == 0 ? DType::f32 : DType::f64);
    const int axis = static_cast<int>(random.uniform_int(2 * x.rank())) - x.rank();
    const Tensor mask = random.uniform_int(2) == 0 ? expand(any_mask(random, x.shape()), x.shape()) : Tensor();
    const auto moved = [&](const Tensor& t) { return t.defined() ? transpose(t, axis, -1) : t; };
    INFO(x.shape().str() << " axis " << axis << ", trial " << trial);
    CHECK(test::same_bits(softmax(x, axis, mask), moved(softmax(moved(x), moved(mask)))));
    CHECK(test::same_bits(log_softmax(x, axis, mask), moved(log_softmax(moved(x), moved(mask)))));
    CHECK(softmax(x, axis, mask).is_contiguous());
  }
}

TEST_CASE("softmax has the same bits for any number of threads", "[tensor][softmax]") {
  Numbers random(144);
  const Tensor x = to(random.uniform({400, 101}), DType::f32), mask = random.mask({400, 1, 101});
  std::vector<Tensor> first;
  for (int count : {1, 2, 3, 8}) {
    const test::ThreadCount threads(count);
    const std::vector<Tensor> results = {softmax(x), log_softmax(mT(x)), softmax(unsqueeze(x, 1), mask), softmax(x, 0)};
    if (first.empty()) first = results;
    for (std::size_t i = 0; i < first.size(); ++i) CHECK(test::same_bits(first[i], results[i]));
  }
}

TEST_CASE("softmax refuses what it does not take", "[tensor][softmax]") {
  const Tensor x = ones({2, 3});
  CHECK(refused<ShapeError>([] { softmax(ones({})); }) == "softmax: needs rank 1 or more, shape is []");
  CHECK(refused<ShapeError>([] { log_softmax(ones({})); }) == "log_softmax: needs rank 1 or more, shape is []");
  CHECK(refused<DTypeError>([&] { softmax(arange(3)); }) == "softmax: dtype is i64, expected f32 or f64");
  CHECK(refused<DTypeError>([&] { softmax(x, x); }) == "softmax: mask: dtype is f32, expected bool");
  const Tensor mask = ones({2, 2}, DType::boolean), row = ones({1, 3});
  CHECK(refused<ShapeError>([&] { softmax(x, mask); }) ==
        "softmax: shapes do not broadcast: lhs [2, 2], rhs [2, 3]: axis -1 has sizes 2 and 3");
  CHECK(refused<ShapeError>([&] { log_softmax(row, ones({2, 3}, DType::boolean)); }) ==
        "log_softmax: mask [2, 3] does not expand to [1, 3]");
  CHECK_THROWS_AS(log_softmax(x, ones({1, 2, 3}, DType::boolean)), ShapeError);
  CHECK(softmax(empty({3, 0})).shape() == Shape{3, 0});
  CHECK(softmax(empty({0, 3})).shape() == Shape{0, 3});
  CHECK(softmax(empty({3, 0}), 0).shape() == Shape{3, 0});
  CHECK_THROWS_AS(softmax(x, 2), IndexError);
  CHECK_THROWS_AS(log_softmax(x, -3, ones({3}, DType::boolean)), IndexError);
}
