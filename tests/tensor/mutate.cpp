// Changes in place: exactly the elements of the view, one bump of the version, nothing at all when refused.
#include "heed/tensor/mutate.h"

#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"
#include "support/thread_count.h"

using namespace heed;
using test::Array;
using test::Numbers;
using test::refused;

namespace {

// All numbers of the storage, those between the view's elements included.
Tensor whole_storage(const Tensor& x) {
  const auto count = static_cast<std::int64_t>(x.storage()->bytes() / size_of(x.dtype()));
  return Tensor(x.storage(), {count}, {1}, 0, x.dtype());
}

// What the whole storage should hold once x's elements are `wanted`.
Tensor with_elements(const Tensor& x, const Array& wanted) {
  Tensor copy = whole_storage(x).clone();
  Tensor view(copy.storage(), x.shape(), x.strides(), x.offset(), x.dtype());
  dispatch(x.dtype(), [&]<class T> {
    T* numbers = view.mutable_data<T>();
    for (const test::Index& index : test::indices(x.shape())) {
      std::int64_t place = 0;
      for (std::size_t axis = 0; axis < index.size(); ++axis)
        place += index[axis] * x.strides()[static_cast<int>(axis)];
      numbers[place] = static_cast<T>(wanted[index]);
    }
  });
  return copy;
}

DType any_dtype(Numbers& random) { return test::all_dtypes[static_cast<std::size_t>(random.uniform_int(4))]; }

Shape any_shape(Numbers& random) { return test::random_shape(random, static_cast<int>(random.uniform_int(6)), 4); }

}  // namespace

TEST_CASE("fill writes the view and nothing beside it", "[tensor][mutate]") {
  Numbers random(21);
  for (int trial = 0; trial < 500; ++trial) {
    const DType dtype = any_dtype(random);
    Tensor y = test::random_target(random, any_shape(random), dtype);
    const Tensor wanted = with_elements(y, Array(y.shape(), dtype == DType::boolean ? 1 : 3));
    const std::uint32_t version = y.version();
    fill(y, 3);
    INFO(trial << ": " << name(dtype) << " " << y.shape().str());
    CHECK(test::same_bits(whole_storage(y), wanted));
    CHECK(y.version() == version + 1);
  }
}

TEST_CASE("copy_from converts between all dtypes and layouts", "[tensor][mutate]") {
  Numbers random(22);
  for (int trial = 0; trial < 2000; ++trial) {
    const Shape shape = any_shape(random);
    Tensor y = test::random_target(random, shape, any_dtype(random));
    const Tensor x = test::random_view(random, shape, any_dtype(random));
    const Tensor wanted = with_elements(y, test::to_array(x));
    const std::size_t source = test::fingerprint(x);
    const std::uint32_t version = y.version();
    copy_from(y, x);
    INFO(trial << ": " << name(x.dtype()) << " to " << name(y.dtype()) << " " << shape.str());
    CHECK(test::same_bits(whole_storage(y), wanted));
    CHECK(y.version() == version + 1);
    CHECK(test::fingerprint(x) == source);
  }
}

TEST_CASE("add_scaled rounds the product, then the sum, in every layout", "[tensor][mutate]") {
  Numbers random(23);
  for (int trial = 0; trial < 1000; ++trial) {
    const Shape shape = any_shape(random);
    const DType dtype = random.uniform_int(2) == 0 ? DType::f32 : DType::f64;
    Tensor y = test::random_target(random, shape, dtype);
    const Tensor x = test::random_view(random, shape, dtype);
    const double factor = random.uniform_int(3) == 0 ? 1 : random.next(-4, 4) / 3;
    Array sum = test::to_array(y);
    const Array added = test::to_array(x);
    for (std::size_t i = 0; i < sum.numbers.size(); ++i) {
      const auto narrow = [&](double number) {
        return dtype == DType::f32 ? static_cast<double>(static_cast<float>(number)) : number;
      };
      sum.numbers[i] = narrow(sum.numbers[i] + narrow(narrow(factor) * added.numbers[i]));
    }
    const Tensor wanted = with_elements(y, sum);
    const std::uint32_t version = y.version();
    add_scaled(y, x, factor);
    INFO(trial << ": " << name(dtype) << " " << shape.str() << " factor " << factor);
    CHECK(test::same_bits(whole_storage(y), wanted));
    CHECK(y.version() == version + 1);
  }
}

TEST_CASE("a view may be copied onto itself", "[tensor][mutate]") {
  Numbers random(24);
  for (int trial = 0; trial < 100; ++trial) {
    Tensor y = test::random_target(random, any_shape(random), any_dtype(random));
    const Tensor before = whole_storage(y).clone();
    copy_from(y, y);
    CHECK(test::same_bits(whole_storage(y), before));
  }
  Tensor y = arange(100000, DType::f32);
  add_scaled(y, y, 2);
  CHECK(y.data<float>()[99999] == 299997);
}

TEST_CASE("what overlaps the target is read as it was before", "[tensor][mutate]") {
  Numbers random(26);
  for (std::int64_t n : {7, 70'001}) {
    const Tensor start = random.uniform({n, 2});
    const auto view = [&](const Tensor& x, int which) {
      switch (which) {
        case 0:
          return slice(x, 0, 0, -1);
        case 1:
          return slice(x, 0, 1, to_end);
        case 2:
          return slice(slice(x, 0, -1, to_end, -1), 0, 0, -1);
        default:
          return slice(expand(slice(x, 0, 2, 3), x.shape()), 0, 0, -1);
      }
    };
    for (int target : {0, 1, 2})
      for (int source : {0, 1, 2, 3}) {
        INFO(n << ": " << target << " from " << source);
        Tensor x = start.clone(), y = view(x, target), wanted = view(start.clone(), target);
        copy_from(wanted, view(start, source));
        copy_from(y, view(x, source));
        CHECK(test::same_bits(y.clone(), wanted.clone()));
        Tensor x2 = start.clone(), y2 = view(x2, target), wanted2 = view(start.clone(), target);
        add_scaled(wanted2, view(start, source), 0.5);
        add_scaled(y2, view(x2, source), 0.5);
        CHECK(test::same_bits(y2.clone(), wanted2.clone()));
      }
    Tensor square = random.uniform({5, 5}), wanted = mT(square).clone();
    copy_from(square, mT(square));
    CHECK(test::same_bits(square, wanted));
  }
}

TEST_CASE("a target whose elements share places is refused", "[tensor][mutate]") {
  const Tensor x = arange(9, DType::f32);
  Tensor windows(x.storage(), {3, 3}, {1, 1}, 0, DType::f32), apart(x.storage(), {2, 3}, {3, 2}, 0, DType::f32);
  CHECK(refused<ShapeError>([&] { fill(windows, 0); }) ==
        "fill: elements of target [3, 3] with strides [1, 1] share places");
  CHECK_THROWS_AS(copy_from(windows, ones({3, 3})), ShapeError);
  CHECK_THROWS_AS(add_scaled(windows, ones({3, 3})), ShapeError);
  fill(apart, -1);  // interleaved, but no place twice: 0 2 4 3 5 7
  CHECK(test::to_array(x).numbers == std::vector<double>{-1, 1, -1, -1, -1, -1, 6, -1, 8});
}

TEST_CASE("views are known to overlap", "[tensor][mutate]") {
  const Tensor x = arange(24, DType::f32), table = reshape(x, {4, 6});
  CHECK(overlap(x, x) == Overlap::same);
  CHECK(overlap(x, x.clone()) == Overlap::none);
  CHECK(overlap(slice(x, 0, 0, 5), slice(x, 0, 5, 9)) == Overlap::none);
  CHECK(overlap(slice(x, 0, 0, 5), slice(x, 0, 4, 9)) == Overlap::some);
  CHECK(overlap(slice(x, 0, 0, 24, 2), slice(x, 0, 1, 24, 2)) == Overlap::none);
  CHECK(overlap(slice(x, 0, 0, 24, 2), slice(x, 0, 1, 24, 3)) == Overlap::some);
  CHECK(overlap(select(table, 1, 0), select(table, 1, 5)) == Overlap::none);
  CHECK(overlap(table, mT(table)) == Overlap::some);
  CHECK(overlap(x, slice(x, 0, -1, to_end, -1)) == Overlap::some);
  CHECK(overlap(slice(x, 0, 3, 3), x) == Overlap::none);
}

TEST_CASE("changes of many chunks do not depend on the threads", "[tensor][mutate]") {
  Numbers random(25);
  const Tensor x = random.uniform({300, 701}), start = random.uniform({701, 300});
  Array wanted = test::to_array(start);
  for (const test::Index& index : test::indices(wanted.shape))
    wanted[index] += 0.5 * test::to_array(select(select(x, 0, index[1]), 0, index[0])).numbers[0];
  for (int count : {1, 2, 3, 8}) {
    const test::ThreadCount threads(count);
    Tensor y = start.clone(), copy = empty({701, 300}, DType::f32);
    add_scaled(y, mT(x), 0.5);
    CHECK(test::difference(y, wanted, 0) == "");
    copy_from(copy, mT(x));
    CHECK(test::difference(copy, test::to_array(mT(x)), 0) == "");
    fill(copy, 2);
    CHECK(test::difference(copy, Array({701, 300}, 2), 0) == "");
  }
}

TEST_CASE("a refused change changes nothing", "[tensor][mutate]") {
  Tensor y = arange(6, DType::f32), repeated = expand(y, {2, 6}), integers = arange(6), none;
  const Tensor x = ones({6}), wide = ones({6}, DType::f64), other = ones({2, 3});
  const auto before = test::fingerprint(y), integers_before = test::fingerprint(integers);
  CHECK(refused<ShapeError>([&] { copy_from(y, other); }) == "copy_from: shapes differ: target [6], source [2, 3]");
  CHECK(refused<ShapeError>([&] { add_scaled(y, other); }) == "add_scaled: shapes differ: target [6], source [2, 3]");
  CHECK(refused<DTypeError>([&] { add_scaled(y, wide); }) == "add_scaled: dtypes differ: lhs f32, rhs f64");
  CHECK(refused<DTypeError>([&] { add_scaled(integers, integers); }) ==
        "add_scaled: dtype is i64, expected f32 or f64");
  CHECK(refused<ShapeError>([&] { fill(repeated, 1); }) == "fill: target [2, 6] repeats its elements along axis 0");
  CHECK(refused<ShapeError>([&] { copy_from(repeated, ones({2, 6})); }) ==
        "copy_from: target [2, 6] repeats its elements along axis 0");
  CHECK(refused<ShapeError>([&] { add_scaled(repeated, ones({2, 6})); }) ==
        "add_scaled: target [2, 6] repeats its elements along axis 0");
  Tensor number = zeros({});
  const auto number_before = test::fingerprint(number);
  CHECK_THROWS_AS(copy_from(number, none), DTypeError);
  CHECK_THROWS_AS(add_scaled(number, none), DTypeError);
  CHECK_THROWS_AS(fill(none, 1), DTypeError);
  CHECK(test::fingerprint(y) == before);
  CHECK(test::fingerprint(integers) == integers_before);
  CHECK(test::fingerprint(number) == number_before);
}

TEST_CASE("what i64 cannot hold becomes the nearest end", "[tensor][mutate]") {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  Tensor y = zeros({3}, DType::i64);
  copy_from(y, tensor({1e300, -1e300, std::nan("")}, {3}, DType::f64));
  CHECK(y.data<std::int64_t>()[0] == most);
  CHECK(y.data<std::int64_t>()[1] == -most - 1);
  CHECK(y.data<std::int64_t>()[2] == 0);
  fill(y, 1e300);
  CHECK(y.data<std::int64_t>()[2] == most);
}
