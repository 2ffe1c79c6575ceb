// Long sums, norms, sum_to and argmax.
#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
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

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t ten_million = 10'000'000;

// The largest relative error of sums that should all be `count` times 0.1f.
double relative_error(const Tensor& sums, std::int64_t count) {
  const double exact = static_cast<double>(0.1f) * static_cast<double>(count);
  double worst = 0;
  for (double number : test::to_array(sums).numbers) worst = std::max(worst, std::abs(number - exact) / exact);
  return worst;
}

}  // namespace

TEST_CASE("ten million f32 add up to 1e-6 whatever the layout", "[tensor][reduce]") {
  // Adding 0.1f one by one to an f32 is off by 9 % here, and rows of three one by one by 3 %.
  CHECK(relative_error(sum(full({ten_million}, 0.1)), ten_million) < 1e-6);
  const auto repeated = [](const Shape& numbers, const Shape& shape) { return expand(full(numbers, 0.1), shape); };
  CHECK(relative_error(sum(repeated({1}, {ten_million})), ten_million) < 1e-6);
  CHECK(relative_error(sum(repeated({2, 1}, {2, ten_million}), {1}), ten_million) < 1e-6);
  CHECK(relative_error(sum(repeated({8}, {ten_million, 8}), {0}), ten_million) < 1e-6);  // whole rows
  CHECK(relative_error(sum(repeated({2}, {ten_million, 2}), {0}), ten_million) < 1e-6);  // each column alone
  CHECK(relative_error(sum(repeated({3}, {ten_million / 2, 3})), ten_million / 2 * 3) < 1e-6);
  CHECK(relative_error(sum(repeated({2, 3}, {ten_million / 4, 2, 3}), {0, 2}), ten_million / 4 * 3) < 1e-6);
  CHECK(relative_error(mean(repeated({8}, {ten_million, 8}), {0}), 1) < 1e-6);
}

TEST_CASE("sums of random numbers are as good as their dtype", "[tensor][reduce]") {
  Numbers random(101);
  const Tensor x = random.uniform({300, 401}, 0, 1), f = to_tensor(test::to_array(x), DType::f32);
  for (int axis : {0, 1}) {
    Array exact = Array(axis == 0 ? Shape{401} : Shape{300});
    for (const Index& index : test::indices(x.shape()))
      exact[{index[axis == 0 ? 1 : 0]}] += test::to_array(select(select(x, 0, index[0]), 0, index[1])).numbers[0];
    CHECK(test::difference(sum(x, {axis}), exact, 8) == "");
    CHECK(test::difference(sum(f, {axis}), exact, 8) == "");
    CHECK(test::difference(sum(mT(f), {1 - axis}), exact, 8) == "");
  }
}

TEST_CASE("norm is the root of the sum of squares, in double", "[tensor][reduce]") {
  CHECK(norm(tensor({3, -4}, {2})) == 5);
  CHECK(norm(tensor({-2}, {}, DType::f64)) == 2);
  CHECK(norm(empty({0, 3})) == 0);
  CHECK(norm(full({2}, 1e30)) == Approx(std::sqrt(2) * static_cast<double>(1e30f)));  // squares no f32 holds
  CHECK(norm(expand(full({1}, 0.1), {ten_million})) ==
        Approx(std::sqrt(1e7) * static_cast<double>(0.1f)).epsilon(1e-9));
  Numbers random(102);
  for (int trial = 0; trial < 100; ++trial)
    for (DType dtype : {DType::f32, DType::f64}) {
      const Tensor x =
          test::random_view(random, test::random_shape(random, static_cast<int>(random.uniform_int(5)), 6), dtype);
      double squares = 0;
      for (double number : test::to_array(x).numbers) squares += number * number;
      CHECK(norm(x) == Approx(std::sqrt(squares)).epsilon(1e-13));
    }
}

TEST_CASE("a norm neither overflows nor vanishes", "[tensor][reduce]") {
  const auto f64 = [](std::initializer_list<double> numbers) {
    return tensor(numbers, {static_cast<std::int64_t>(numbers.size())}, DType::f64);
  };
  for (double scale : {1e160, 1e200, 4e307, 1e-160, 1e-200, 1e-308, 1e-310, 0x1p-1074})
    CHECK(norm(f64({3 * scale, -4 * scale})) == Approx(5 * scale).epsilon(1e-15));
  for (double scale : {1e30, 1e37, 1e-30, 1e-44})
    CHECK(norm(tensor({3 * scale, -4 * scale}, {2})) == Approx(5 * scale).epsilon(scale < 1e-37 ? 0.2 : 1e-6));
  CHECK(norm(expand(full({1}, 1e-170, DType::f64), {1'000'000})) == Approx(1e-167).epsilon(1e-12));
  CHECK(norm(f64({1e200, 1e-200, 1})) == Approx(1e200).epsilon(1e-15));
  CHECK(norm(f64({0, -0.0})) == 0);
  CHECK(norm(f64({1e200, -infinity})) == infinity);
  CHECK(norm(f64({1.7e308, 1.7e308})) == infinity);  // no double holds it
  CHECK(std::isnan(norm(f64({1e200, not_a_number}))));
  CHECK(std::isnan(norm(f64({not_a_number, infinity}))));
}

TEST_CASE("sum_to undoes expand", "[tensor][reduce]") {
  Numbers random(103);
  for (int trial = 0; trial < 800; ++trial) {
    Shape shape = test::random_shape(random, static_cast<int>(random.uniform_int(4)), 4), wide = shape;
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (random.uniform_int(2) == 0) shape[axis] = 1, wide[axis] = random.uniform_int(5);
    const int more = static_cast<int>(random.uniform_int(3));
    for (int i = 0; i < more; ++i) wide.insert(0, random.uniform_int(4));
    const DType dtype = random.uniform_int(3) == 0 ? DType::i64 : DType::f64;
    const Tensor x = test::random_view(random, wide, dtype);
    Array wanted(shape);
    for (const Index& index : test::indices(wide)) {
      Index place(index.begin() + more, index.end());
      for (int axis = 0; axis < shape.rank(); ++axis)
        if (shape[axis] == 1) place[static_cast<std::size_t>(axis)] = 0;
      wanted[place] += test::to_array(x)[index];
    }
    INFO(trial << ": " << wide.str() << " to " << shape.str());
    CHECK(test::difference(sum_to(x, shape), wanted, 64, 1) == "");
    Axes axes;
    for (int axis = 0; axis < wide.rank(); ++axis)
      if (axis < more || (shape[axis - more] == 1 && wide[axis] != 1)) axes.push_back(axis);
    CHECK(expanded_axes(wide, shape) == axes);
  }
  const Tensor x = ones({2, 3});
  CHECK(sum_to(x, {2, 3}).storage().get() == x.storage().get());
  CHECK(refused<ShapeError>([&] { sum_to(x, {3, 1}); }) ==
        "sum_to: shapes do not broadcast: lhs [2, 3], rhs [3, 1]: axis -2 has sizes 2 and 3");
  CHECK(refused<ShapeError>([&] { sum_to(ones({2, 1}), {2, 3}); }) == "sum_to: [2, 3] does not expand to [2, 1]");
  CHECK(refused<ShapeError>([&] { sum_to(x, {1, 2, 3}); }) == "sum_to: [1, 2, 3] does not expand to [2, 3]");
  CHECK_THROWS_AS(sum_to(ones({2, 3}, DType::boolean), {3}), DTypeError);
}

TEST_CASE("argmax is the first largest", "[tensor][reduce]") {
  Numbers random(104);
  for (int trial = 0; trial < 600; ++trial) {
    const int rank = 1 + static_cast<int>(random.uniform_int(4)), axis = static_cast<int>(random.uniform_int(rank));
    Shape shape = test::random_shape(random, rank, 6);
    shape[axis] = std::max<std::int64_t>(shape[axis], 1);
    const Tensor x = test::random_view(random, shape, random.uniform_int(2) == 0 ? DType::f32 : DType::f64);
    Tensor all(x.storage(), {static_cast<std::int64_t>(x.storage()->bytes() / size_of(x.dtype()))}, {1}, 0, x.dtype());
    dispatch_float("test", x.dtype(), [&]<class T> {  // few different numbers, and some NaN
      T* number = all.mutable_data<T>();
      for (std::int64_t i = 0; i < all.numel(); ++i)
        number[i] = random.uniform_int(12) == 0 ? std::numeric_limits<T>::quiet_NaN()
                                                : static_cast<T>(random.uniform_int(4) - 2);
    });
    const Array numbers = test::to_array(x);
    Shape rest = shape;
    rest.erase(axis);
    Array wanted(rest);
    for (const Index& index : test::indices(rest)) {
      Index best;
      for (std::int64_t i = 0; i < shape[axis]; ++i) {
        Index here = index;
        here.insert(here.begin() + axis, i);
        const bool beats = best.empty() ||
                           (!std::isnan(numbers[best]) && (std::isnan(numbers[here]) || numbers[here] > numbers[best]));
        if (beats) best = here, wanted[index] = static_cast<double>(i);
      }
    }
    const Tensor y = argmax(x, random.uniform_int(2) == 0 ? axis : axis - rank);
    INFO(trial << ": " << shape.str() << " axis " << axis);
    CHECK(y.dtype() == DType::i64);
    CHECK(test::difference(y, wanted, 0) == "");
  }
  CHECK(argmax(tensor({-infinity, -infinity}, {2}), 0).item() == 0);
  CHECK(argmax(tensor({1, infinity, not_a_number, not_a_number}, {4}), 0).item() == 2);
  CHECK(argmax(empty({0, 3}), 1).shape() == Shape{0});
  CHECK(refused<ShapeError>([] { argmax(empty({3, 0}), -1); }) == "argmax: axis -1 of [3, 0] is empty");
  CHECK(refused<IndexError>([] { argmax(ones({3}), 1); }) == "argmax: axis 1 is outside rank 1");
  CHECK(refused<DTypeError>([] { argmax(zeros({3}, DType::boolean), 0); }) ==
        "argmax: dtype is bool, expected f32 or f64");
}
