// The handle: what counts as contiguous, typed access, and copies.
#include "heed/tensor/tensor.h"

#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"

using namespace heed;
using test::Numbers;
using test::refused;

namespace {

// From the definition: walking in row-major order, each element is the neighbour of the one before.
bool elements_are_neighbours(const Tensor& x) {
  std::int64_t expected = 0;
  bool result = true;
  for (const test::Index& index : test::indices(x.shape())) {
    std::int64_t place = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) place += index[axis] * x.strides()[static_cast<int>(axis)];
    result = result && place == expected++;
  }
  return result;
}

}  // namespace

TEST_CASE("contiguous means neighbours in row-major order", "[tensor]") {
  Numbers random(11);
  int contiguous = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    const Shape shape = test::random_shape(random, static_cast<int>(random.uniform_int(5)), 3);
    const Tensor x = test::random_view(random, shape, DType::f32);
    INFO(trial << ": " << shape.str());
    CHECK(x.is_contiguous() == elements_are_neighbours(x));
    contiguous += x.is_contiguous();
  }
  CHECK(contiguous > 300);  // both answers were asked for
  CHECK(contiguous < 2700);
  CHECK(transpose(empty({4, 3, 0}), 0, 2).is_contiguous());
  CHECK(permute(empty({3, 0, 4}), std::vector<int>{1, 2, 0}).is_contiguous());
}

TEST_CASE("numbers are handed out as their own type only", "[tensor]") {
  Tensor x = arange(3, DType::f32);
  CHECK(x.data<float>()[2] == 2);
  CHECK(slice(x, 0, 1, 3).data<float>()[0] == 1);
  const std::uint32_t version = x.version();
  CHECK(refused<DTypeError>([&] { x.data<double>(); }) == "data: tensor is f32, asked for f64");
  CHECK(refused<DTypeError>([&] { x.mutable_data<std::int64_t>(); }) == "data: tensor is f32, asked for i64");
  CHECK(x.version() == version);
  x.mutable_data<float>()[0] = 5;
  CHECK(x.version() == version + 1);
  CHECK(x.data<float>()[0] == 5);
  CHECK(x.version() == version + 1);
}

TEST_CASE("a tensor that was never made has no numbers", "[tensor]") {
  const Tensor none;
  CHECK_FALSE(none.defined());
  CHECK(refused<DTypeError>([&] { none.data<float>(); }) == "data: tensor is undefined, asked for f32");
  CHECK(refused<ShapeError>([&] { none.item(); }) == "item: needs exactly one element, shape is undefined");
  CHECK_THROWS_AS(none.clone(), DTypeError);
  CHECK(refused<DTypeError>([&] { none.contiguous(); }) == "contiguous: tensor is undefined");
}

TEST_CASE("item is the only element", "[tensor]") {
  CHECK(tensor({2.5}, {}).item() == 2.5);
  CHECK(tensor({-3}, {1, 1}, DType::i64).item() == -3);
  CHECK(tensor({1}, {1}, DType::boolean).item() == 1);
  CHECK(select(arange(9), 0, 7).item() == 7);
  CHECK(refused<ShapeError>([] { arange(2).item(); }) == "item: needs exactly one element, shape is [2]");
  CHECK(refused<ShapeError>([] { arange(0).item(); }) == "item: needs exactly one element, shape is [0]");
}

TEST_CASE("a clone is row-major, equal and its own", "[tensor]") {
  Numbers random(12);
  for (int trial = 0; trial < 400; ++trial) {
    const DType dtype = test::all_dtypes[static_cast<std::size_t>(random.uniform_int(4))];
    const Tensor x =
        test::random_view(random, test::random_shape(random, static_cast<int>(random.uniform_int(6)), 4), dtype);
    const Tensor copy = x.clone(), dense = x.contiguous();
    INFO(trial << ": " << x.shape().str());
    CHECK(test::same_bits(x, copy));
    CHECK(test::same_bits(x, dense));
    CHECK(copy.strides() == row_major_strides(x.shape()));
    CHECK(copy.offset() == 0);
    CHECK(copy.storage().unique());
    CHECK(dense.is_contiguous());
    CHECK((dense.storage().get() == x.storage().get()) == x.is_contiguous());
  }
}
