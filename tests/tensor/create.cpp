// New tensors.
#include "heed/tensor/create.h"

#include <limits>
#include <numeric>

#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"

using namespace heed;
using test::refused;

TEST_CASE("a new tensor is row-major and its own", "[tensor][create]") {
  for (DType dtype : test::all_dtypes)
    for (const Shape& shape :
         {Shape{}, Shape{0}, Shape{3}, Shape{2, 3, 4}, Shape{2, 0, 4}, Shape{1, 1, 1, 1, 1, 1, 1, 2}}) {
      const Tensor x = empty(shape, dtype);
      CHECK(x.shape() == shape);
      CHECK(x.dtype() == dtype);
      CHECK(x.strides() == row_major_strides(shape));
      CHECK(x.offset() == 0);
      CHECK(x.storage().unique());
      CHECK(x.storage()->bytes() == static_cast<std::size_t>(shape.numel()) * size_of(dtype));
    }
  CHECK(empty({2}).dtype() == DType::f32);
  CHECK(zeros({2}).dtype() == DType::f32);
  CHECK(arange(2).dtype() == DType::i64);
}

TEST_CASE("full repeats one number as the dtype has it", "[tensor][create]") {
  const std::vector<double> six(6, 1);
  for (DType dtype : test::all_dtypes) {
    CHECK(test::to_array(ones({2, 3}, dtype)).numbers == six);
    CHECK(test::to_array(zeros({2, 3}, dtype)).numbers == std::vector<double>(6, 0));
    CHECK(ones({}, dtype).item() == 1);
    CHECK(full({0}, 3, dtype).numel() == 0);
  }
  CHECK(full({}, 0.1, DType::f64).item() == 0.1);
  CHECK(full({}, 0.1, DType::f32).item() == static_cast<double>(0.1f));
  CHECK(full({}, -2.9, DType::i64).item() == -2);
  CHECK(full({}, 0.5, DType::boolean).item() == 1);
  CHECK(std::isnan(full({}, std::numeric_limits<double>::quiet_NaN()).item()));
  CHECK(full({}, -std::numeric_limits<double>::infinity()).item() == -std::numeric_limits<double>::infinity());

  const Tensor large = full({100003}, 4, DType::f32);  // several chunks
  CHECK(std::accumulate(large.data<float>(), large.data<float>() + 100003, 0.0) == 400012);
}

TEST_CASE("arange counts from 0", "[tensor][create]") {
  for (DType dtype : {DType::f32, DType::f64, DType::i64})
    CHECK(test::to_array(arange(4, dtype)).numbers == std::vector<double>{0, 1, 2, 3});
  CHECK(test::to_array(arange(3, DType::boolean)).numbers == std::vector<double>{0, 1, 1});
  CHECK(arange(0).shape() == Shape{0});
  CHECK(refused<ShapeError>([] { arange(-1); }) == "shape: [-1] has a negative size");
}

TEST_CASE("a tensor of given numbers is a copy in row-major order", "[tensor][create]") {
  std::vector<double> doubles{1, 2.5, -3, 4, 5, 6};
  const Tensor x = tensor(std::span<const double>(doubles), {2, 3});
  doubles[0] = 100;
  CHECK(x.dtype() == DType::f64);
  CHECK(test::to_array(x).numbers == std::vector<double>{1, 2.5, -3, 4, 5, 6});
  CHECK(test::to_array(x)[{1, 0}] == 4);

  const std::vector<float> floats{0.1f, 2};
  CHECK(tensor(std::span<const float>(floats), {2}).dtype() == DType::f32);
  const std::vector<std::int64_t> integers{std::numeric_limits<std::int64_t>::max(), -1};
  const Tensor i = tensor(std::span<const std::int64_t>(integers), {2});
  CHECK(i.data<std::int64_t>()[0] == integers[0]);  // not through a double

  CHECK(tensor({1, 2}, {2}).dtype() == DType::f32);
  CHECK(test::to_array(tensor({0, 2}, {2}, DType::boolean)).numbers == std::vector<double>{0, 1});
  CHECK(tensor({0.1}, {}, DType::f64).item() == 0.1);
  CHECK(tensor({}, {0, 5}).numel() == 0);
}

TEST_CASE("what does not fit is refused", "[tensor][create]") {
  const std::vector<float> three{1, 2, 3};
  CHECK(refused<ShapeError>([&] { tensor(std::span<const float>(three), {2, 2}); }) ==
        "tensor: 3 values for shape [2, 2] of 4 elements");
  CHECK(refused<ShapeError>([] { tensor({1, 2}, {}); }) == "tensor: 2 values for shape [] of 1 elements");
  const std::int64_t quarter = std::int64_t{1} << 61;
  CHECK(refused<ShapeError>([&] { empty({quarter}); }) ==
        "empty: f32 [2305843009213693952] needs more than 2^63 - 1 bytes");
  CHECK_THROWS_AS(zeros({quarter}, DType::i64), ShapeError);
  CHECK_THROWS_AS(arange(quarter), ShapeError);
}
