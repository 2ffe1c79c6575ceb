// Element-wise functions of integers and flags: wrap-around, comparisons, choices, conversions.
#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
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
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Tensor integers(const std::vector<std::int64_t>& values) {
  return tensor(std::span<const std::int64_t>(values), {static_cast<std::int64_t>(values.size())});
}

std::vector<std::int64_t> listed(const Tensor& x) {
  const Tensor dense = x.contiguous();
  return {dense.data<std::int64_t>(), dense.data<std::int64_t>() + dense.numel()};
}

struct Comparison {
  const char* name;
  Tensor (*function)(const Tensor&, const Tensor&);
  bool (*reference)(double, double);
};

const std::vector<Comparison>& comparisons() {
  static const std::vector<Comparison> all = {
      {"equal", equal, [](double a, double b) { return a == b; }},
      {"less", less, [](double a, double b) { return a < b; }},
      {"less_equal", less_equal, [](double a, double b) { return a <= b; }},
  };
  return all;
}

template <class Reference>
Array combined(const Tensor& a, const Tensor& b, Reference reference) {
  const Array left = test::to_array(a), right = test::to_array(b);
  Array y(broadcast("reference", a.shape(), b.shape()));
  for (const test::Index& index : test::indices(y.shape)) y[index] = reference(left.shown(index), right.shown(index));
  return y;
}

Shape with_ones(Numbers& random, const Shape& shape) {
  Shape result = shape;
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (random.uniform_int(3) == 0) result[axis] = 1;
  while (result.rank() > 0 && random.uniform_int(5) == 0) result.erase(0);
  return result;
}

}  // namespace

TEST_CASE("integers wrap around", "[tensor][elementwise]") {
  const Tensor a = integers({largest, smallest, smallest, 3, -7}), b = integers({1, -1, smallest, 5, 6});
  CHECK(listed(add(a, b)) == std::vector<std::int64_t>{smallest, largest, 0, 8, -1});
  CHECK(listed(sub(a, b)) == std::vector<std::int64_t>{largest - 1, smallest + 1, 0, -2, -13});
  CHECK(listed(mul(a, b)) == std::vector<std::int64_t>{largest, smallest, 0, 15, -42});
  CHECK(listed(sub(integers({smallest}), integers({1}))) == std::vector<std::int64_t>{largest});
}

TEST_CASE("integer arithmetic in every layout", "[tensor][elementwise]") {
  Numbers random(81);
  for (int trial = 0; trial < 300; ++trial) {
    const Shape shape = test::random_shape(random, static_cast<int>(random.uniform_int(5)), 4);
    const Tensor a = test::random_view(random, with_ones(random, shape), DType::i64),
                 b = test::random_view(random, with_ones(random, shape), DType::i64);
    INFO(trial << ": " << a.shape().str() << " " << b.shape().str());
    CHECK(test::difference(add(a, b), combined(a, b, std::plus<>()), 0) == "");
    CHECK(test::difference(a - b, combined(a, b, std::minus<>()), 0) == "");
    CHECK(test::difference(a * b, combined(a, b, std::multiplies<>()), 0) == "");
    CHECK(add(a, b).dtype() == DType::i64);
  }
}

TEST_CASE("comparisons of every dtype", "[tensor][elementwise]") {
  Numbers random(82);
  for (const Comparison& each : comparisons())
    for (DType dtype : test::all_dtypes)
      for (int trial = 0; trial < 60; ++trial) {
        const Shape shape = test::random_shape(random, static_cast<int>(random.uniform_int(4)), 5);
        Tensor a = test::random_view(random, with_ones(random, shape), dtype),
               b = test::random_view(random, with_ones(random, shape), dtype);
        if (random.uniform_int(2) == 0) b = concat({a.rank() == 0 ? unsqueeze(a, 0) : a}, 0);  // equal numbers too
        const Tensor y = each.function(a, b);
        INFO(each.name << " " << name(dtype) << ", trial " << trial);
        CHECK(y.dtype() == DType::boolean);
        CHECK(test::difference(y, combined(a, b, each.reference), 0) == "");
      }
  for (const Comparison& each : comparisons()) {
    CHECK_THROWS_AS(each.function(ones({2}), ones({3})), ShapeError);
    CHECK(refused<DTypeError>([&] { each.function(ones({2}), ones({2}, DType::i64)); }) ==
          std::string(each.name) + ": dtypes differ: lhs f32, rhs i64");
  }
}

TEST_CASE("NaN is equal to, less than, nothing", "[tensor][elementwise]") {
  for (DType dtype : {DType::f32, DType::f64}) {
    const Tensor x = tensor({not_a_number, infinity, -infinity, 0.0, -0.0, 1}, {6}, dtype);
    for (const Comparison& each : comparisons()) {
      CHECK(test::difference(each.function(unsqueeze(x, 1), x), combined(unsqueeze(x, 1), x, each.reference), 0) == "");
      const Tensor with_nan = tensor({not_a_number}, {}, dtype);
      CHECK(test::to_array(each.function(x, with_nan)).numbers == std::vector<double>(6, 0));
      CHECK(test::to_array(each.function(with_nan, x)).numbers == std::vector<double>(6, 0));
    }
  }
  const Tensor big = integers({largest, largest - 1});  // equal as doubles, not as integers
  CHECK(test::to_array(less(big, select(big, 0, 0))).numbers == std::vector<double>{0, 1});
}

TEST_CASE("logical functions", "[tensor][elementwise]") {
  const Tensor a = tensor({0, 0, 1, 1}, {4}, DType::boolean), b = tensor({0, 1, 0, 1}, {4}, DType::boolean);
  CHECK(test::to_array(logical_and(a, b)).numbers == std::vector<double>{0, 0, 0, 1});
  CHECK(test::to_array(logical_not(b)).numbers == std::vector<double>{1, 0, 1, 0});
  CHECK(logical_and(unsqueeze(a, 1), b).shape() == Shape{4, 4});
  CHECK(logical_not(slice(b, 0, -1, to_end, -2)).shape() == Shape{2});
  CHECK(test::to_array(logical_not(slice(b, 0, -1, to_end, -2))).numbers == std::vector<double>{0, 0});
  CHECK(refused<DTypeError>([] { logical_not(ones({2})); }) == "logical_not: dtype is f32, expected bool");
  CHECK(refused<DTypeError>([] { logical_and(arange(2), arange(2)); }) == "logical_and: dtype is i64, expected bool");
  CHECK_THROWS_AS(logical_and(a, ones({4})), DTypeError);
  CHECK_THROWS_AS(logical_and(a, ones({3}, DType::boolean)), ShapeError);
}

TEST_CASE("where chooses, and the other side leaves no trace", "[tensor][elementwise]") {
  Numbers random(83);
  for (int trial = 0; trial < 600; ++trial) {
    const Shape shape = test::random_shape(random, static_cast<int>(random.uniform_int(5)), 4);
    const DType dtype = test::all_dtypes[static_cast<std::size_t>(random.uniform_int(4))];
    const Tensor condition = test::random_view(random, with_ones(random, shape), DType::boolean),
                 a = test::random_view(random, with_ones(random, shape), dtype),
                 b = test::random_view(random, with_ones(random, shape), dtype);
    const Array flags = test::to_array(condition), yes = test::to_array(a), no = test::to_array(b);
    Array wanted(broadcast("test", condition.shape(), broadcast("test", a.shape(), b.shape())));
    for (const test::Index& index : test::indices(wanted.shape))
      wanted[index] = flags.shown(index) != 0 ? yes.shown(index) : no.shown(index);
    INFO(trial << ": " << condition.shape().str() << " " << a.shape().str() << " " << b.shape().str());
    const Tensor y = where(condition, a, b);
    CHECK(test::difference(y, wanted, 0) == "");
    CHECK(y.dtype() == dtype);
  }
  const Tensor mask = tensor({1, 0, 1}, {3, 1}, DType::boolean);  // one flag per row: rows are copied whole
  const Tensor numbers = arange(300, DType::f32), bad = full({3, 100}, not_a_number);
  const Tensor y = where(mask, reshape(numbers, {3, 100}), zeros({3, 100})), z = where(logical_not(mask), bad, y);
  CHECK(select(select(y, 0, 2), 0, 99).item() == 299);
  CHECK(select(select(y, 0, 1), 0, 99).item() == 0);
  CHECK(std::isnan(select(select(z, 0, 1), 0, 0).item()));
  CHECK(select(select(z, 0, 2), 0, 99).item() == 299);
  CHECK(test::to_array(where(mask, ones({3, 1}), full({}, not_a_number))).numbers[0] == 1);
  CHECK(test::to_array(where(mask, full({}, not_a_number), ones({3, 1}))).numbers[1] == 1);
}

TEST_CASE("where refuses what it does not take", "[tensor][elementwise]") {
  const Tensor flags = ones({2}, DType::boolean), x = ones({2});
  CHECK(refused<DTypeError>([&] { where(x, x, x); }) == "where: condition: dtype is f32, expected bool");
  CHECK(refused<DTypeError>([&] { where(flags, x, ones({2}, DType::f64)); }) ==
        "where: dtypes differ: lhs f32, rhs f64");
  CHECK_THROWS_AS(where(flags, ones({3}), ones({3})), ShapeError);
  CHECK_THROWS_AS(where(flags, ones({3}), x), ShapeError);
}

TEST_CASE("to converts, and is the same tensor when there is nothing to do", "[tensor][elementwise]") {
  Numbers random(84);
  for (DType from : test::all_dtypes)
    for (DType dtype : test::all_dtypes)
      for (int trial = 0; trial < 20; ++trial) {
        const Tensor x =
            test::random_view(random, test::random_shape(random, static_cast<int>(random.uniform_int(4)), 4), from);
        Array wanted = test::to_array(x);
        for (double& number : wanted.numbers) {
          if (dtype == DType::i64) number = std::trunc(number);
          if (dtype == DType::boolean) number = number != 0 ? 1 : 0;
        }
        const Tensor y = to(x, dtype);
        CHECK(y.dtype() == dtype);
        CHECK(test::difference(y, wanted, 0) == "");
        CHECK((y.storage().get() == x.storage().get()) == (from == dtype));
      }
  CHECK(to(tensor({1e300, 1e-320}, {2}, DType::f64), DType::f32).data<float>()[1] == 0);
  CHECK(to(integers({largest}), DType::f32).item() == 0x1p63);
  CHECK(std::isnan(to(tensor({not_a_number}, {}, DType::f64), DType::f32).item()));
  CHECK(to(tensor({not_a_number}, {}, DType::f64), DType::boolean).item() == 1);
}

TEST_CASE("operators with numbers", "[tensor][elementwise]") {
  for (DType dtype : {DType::f32, DType::f64}) {
    const Tensor x = tensor({1, -2}, {2}, dtype);
    CHECK(test::to_array(x + 0.5).numbers == std::vector<double>{1.5, -1.5});
    CHECK(test::to_array(x - 0.5).numbers == std::vector<double>{0.5, -2.5});
    CHECK(test::to_array(x * 0.5).numbers == std::vector<double>{0.5, -1});
    CHECK(test::to_array(x / 0.5).numbers == std::vector<double>{2, -4});
    CHECK(test::to_array(0.5 + x).numbers == std::vector<double>{1.5, -1.5});
    CHECK(test::to_array(0.5 - x).numbers == std::vector<double>{-0.5, 2.5});
    CHECK(test::to_array(0.5 * x).numbers == std::vector<double>{0.5, -1});
    CHECK(test::to_array(2 / x).numbers == std::vector<double>{2, -1});
    CHECK(test::to_array(-x).numbers == std::vector<double>{-1, 2});
    CHECK(test::to_array(x + x).numbers == std::vector<double>{2, -4});
    CHECK(test::to_array(x / x).numbers == std::vector<double>{1, 1});
    CHECK((x + 1).dtype() == dtype);
    CHECK(scalar_like(x, 0.25).shape() == Shape{});
    CHECK(scalar_like(x, 0.25).dtype() == dtype);
  }
  CHECK(listed(integers({3, 4}) * 2) == std::vector<std::int64_t>{6, 8});
  CHECK(refused<DTypeError>([] { arange(2) * 0.5; }) == "like: 0.5 is not of dtype i64");  // not 0
  for (double wrong : {not_a_number, infinity, -infinity, 0x1p63, 1e300})
    CHECK_THROWS_AS(arange(2) + wrong, DTypeError);
}

TEST_CASE("a number beside nothing is refused by the operation", "[tensor][elementwise]") {
  const Tensor none, mask = ones({}, DType::boolean);
  CHECK(test::refused<DTypeError>([&] { scalar_like(none, 1); }) == "like: x is undefined");
  CHECK(test::refused<DTypeError>([&] { none + 1; }) == "add: lhs is undefined");
  CHECK(test::refused<DTypeError>([&] { 1 - none; }) == "sub: rhs is undefined");
  CHECK(test::refused<DTypeError>([&] { where(mask, none, 0); }) == "where: a is undefined");
}

TEST_CASE("the lowest i64 is an integer as a double too", "[tensor][elementwise]") {
  const Tensor x = tensor({0}, {1}, DType::i64);
  CHECK((x + -0x1p63).item<std::int64_t>() == INT64_MIN);
  CHECK_THROWS_AS(x + 0x1p63, DTypeError);
  CHECK_THROWS_AS(x + -0x1.0000000000001p63, DTypeError);
}
