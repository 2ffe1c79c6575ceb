#include "heed/nn/train/accuracy.h"

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/movement.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::nn;
using test::refused;

namespace {

Tensor ids(std::initializer_list<double> values, const Shape& shape) {
  return tensor(std::vector<Scalar>(values.begin(), values.end()), shape, DType::i64);
}
constexpr std::int64_t p = 0;

}  // namespace

TEST_CASE("accuracy: padding does not count", "[nn][train]") {  // trap M2
  const Tensor target = ids({5, 6, p, p}, {1, 4}), mask = tensor({1, 1, 0, 0}, {1, 4}, DType::boolean);
  Accuracy masked, ignoring({.ignored = p});
  masked.add(ids({5, 7, p, p}, {1, 4}), target, mask);
  ignoring.add(ids({5, 7, p, p}, {1, 4}), target);
  for (const Accuracy& accuracy : {masked, ignoring}) {
    CHECK(accuracy.value() == 0.5);
    CHECK(accuracy.total() == 2);
    CHECK(accuracy.sequences() == 0);
  }
  Accuracy whole;
  whole.add(ids({5, 6, 1, 2}, {1, 4}), target, mask);
  CHECK(whole.value() == 1);
  CHECK(whole.sequences() == 1);
}

TEST_CASE("accuracy: the same however examples fall into batches", "[nn][train]") {
  const Tensor target = ids({1, 2, 3, 4, 5, 6}, {3, 2}), predicted = ids({1, 2, 9, 4, 9, 9}, {3, 2});
  Accuracy at_once, in_parts;
  at_once.add(predicted, target);
  for (std::int64_t row = 0; row < 3; ++row)
    in_parts.add(slice(predicted, 0, row, row + 1), slice(target, 0, row, row + 1));
  for (const Accuracy& accuracy : {at_once, in_parts}) {
    CHECK(accuracy.value() == 0.5);
    CHECK(accuracy.right() == 3);
    CHECK(accuracy.sequences() == 1.0 / 3);
  }
  Accuracy turned;
  turned.add(transpose(predicted, 0, 1), transpose(target, 0, 1));
  CHECK(turned.value() == 0.5);
  CHECK(turned.sequences() == 0);
}

TEST_CASE("accuracy: nothing, numbers alone, and what does not fit", "[nn][train]") {
  Accuracy accuracy;
  CHECK(accuracy.value() == 0);
  CHECK(accuracy.sequences() == 0);
  accuracy.add(ids({}, {2, 0}), ids({}, {2, 0}));
  CHECK(accuracy.total() == 0);
  accuracy.add(ids({3}, {}), ids({3}, {}));
  CHECK(accuracy.value() == 1);
  CHECK(refused<ShapeError>([&] { accuracy.add(ids({1, 2}, {2}), ids({1}, {1})); }) ==
        "Accuracy: predictions [2], targets [1], expected one shape");
  CHECK(refused<ShapeError>([&] { accuracy.add(ids({1}, {1}), ids({1}, {1}), ones({2}, DType::boolean)); }) ==
        "Accuracy: predictions [1], targets [1], mask [2], expected one shape");
  CHECK(refused<DTypeError>([&] { accuracy.add(ones({1}), ids({1}, {1})); }) ==
        "Accuracy: predictions are f32, expected i64");
  CHECK(refused<DTypeError>([&] { accuracy.add(ids({1}, {1}), ids({1}, {1}), ones({1})); }) ==
        "Accuracy: mask is f32, expected bool");
  CHECK(accuracy.total() == 1);
}
