// Counts by hand, scores as scikit-learn gives them (zero_division=0), and the table.
#include "heed/nn/train/confusion_matrix.h"

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::nn;
using test::refused;

namespace {

Tensor ids(const std::vector<std::int64_t>& values) {
  return tensor(values, {static_cast<std::int64_t>(values.size())});
}

ConfusionMatrix example() {
  ConfusionMatrix matrix(4);
  matrix.add(ids({0, 0, 1, 1}), ids({0, 1, 1, 1}));
  matrix.add(ids({2, 2, 0}), ids({2, 1, 0}));
  return matrix;
}

}  // namespace

TEST_CASE("confusion matrix: counts and scores", "[nn][train]") {
  const ConfusionMatrix matrix = example();  // rows: 0 -> 2 0 0, 1 -> 1 2 1, 2 -> 0 0 1
  CHECK(matrix.total() == 7);
  CHECK(matrix.count(1, 0) == 1);
  CHECK(matrix.count(1, 1) == 2);
  CHECK(matrix.accuracy() == 5.0 / 7);
  CHECK(matrix.of(0).precision == 2.0 / 3);
  CHECK(matrix.of(0).recall == 1);
  CHECK(matrix.of(0).f1 == 0.8);
  CHECK(matrix.of(1).precision == 1);
  CHECK(matrix.of(1).recall == 0.5);
  CHECK(matrix.of(1).f1 == 2.0 / 3);
  CHECK(matrix.of(2).f1 == 2.0 / 3);
  CHECK(matrix.of(3).f1 == 0);  // 0/0
  // Class 3 is neither a target nor a prediction: it has no part in the means.
  CHECK(matrix.macro().precision == Approx((2.0 / 3 + 1 + 0.5) / 3));
  CHECK(matrix.macro().recall == Approx((1 + 0.5 + 1) / 3));
  CHECK(matrix.macro().f1 == Approx((0.8 + 2.0 / 3 + 2.0 / 3) / 3));
}

TEST_CASE("confusion matrix: what the mask hides may be any class", "[nn][train]") {
  ConfusionMatrix matrix(2);
  matrix.add(ids({0, 77, 1}), ids({0, -1, 0}), tensor({1, 0, 1}, {3}, DType::boolean));
  CHECK(matrix.total() == 2);
  CHECK(matrix.count(0, 1) == 1);
  CHECK(refused<IndexError>([&] { matrix.add(ids({0, 2}), ids({0, 1})); }) ==
        "ConfusionMatrix: target 1, prediction 2, expected classes in [0, 2)");
  CHECK(matrix.total() == 2);  // nothing of a batch that is refused
  CHECK_THROWS_AS(matrix.count(2, 0), IndexError);
  CHECK(ConfusionMatrix(3).macro().f1 == 0);
  CHECK(ConfusionMatrix(3).accuracy() == 0);
  CHECK_THROWS_AS(ConfusionMatrix(0), ShapeError);
}

TEST_CASE("confusion matrix: a table for people", "[nn][train]") {
  ConfusionMatrix matrix(3);
  matrix.add(ids({0, 0, 1, 1, 2, 2, 0}), ids({0, 1, 1, 1, 2, 1, 0}));
  CHECK(matrix.table({"cat", "我们", "a very long name of a class"}) ==
        "target            cat  我们  a very long nam…  precision     recall         F1\n"
        "cat                 2     0                 0     0.6667     1.0000     0.8000\n"
        "我们                1     2                 1     1.0000     0.5000     0.6667\n"
        "a very long nam…    0     0                 1     0.5000     1.0000     0.6667\n"
        "macro mean                                        0.7222     0.8333     0.7111\n"
        "accuracy 0.7143 of 7\n");
  CHECK(matrix.table().starts_with("target      0  1  2  precision"));
  CHECK_THROWS_AS(matrix.table({"a"}), ShapeError);
}
