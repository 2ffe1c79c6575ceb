// Every operation that adds up along an axis of the user's size, in f32 and over long axes, against the same sum in
// double precision. One running f32 sum would be off by 1e-3 here; sum itself: reduce_accuracy.cpp.
#include <algorithm>
#include <cmath>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/additive_score.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/fused/gru.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"

using namespace heed;
using test::Array;
using test::Numbers;
using test::to_array;

namespace {

constexpr std::int64_t million = 1'000'000;

double total(const Tensor& x) {
  double sum = 0;
  for (double number : to_array(x).numbers) sum += number;
  return sum;
}

// The largest distance, relative to the largest number wanted.
double relative_error(const Tensor& got, const Tensor& wanted) {
  const Array a = to_array(got), b = to_array(wanted);
  double worst = 0, size = 0;
  for (std::size_t i = 0; i < b.numbers.size(); ++i) {
    worst = std::max(worst, std::abs(a.numbers[i] - b.numbers[i]));
    size = std::max(size, std::abs(b.numbers[i]));
  }
  return worst / size;
}

Tensor random_f32(std::uint64_t seed, const Shape& shape, double low, double high) {
  return to(Numbers(seed).uniform(shape, low, high), DType::f32);
}

Tensor f64(const Tensor& x) { return to(x, DType::f64); }

using Variables = std::vector<Variable>;

template <class Function>
std::vector<Tensor> slopes(const Function& f, const std::vector<Tensor>& inputs, const Tensor& dy) {
  Variables x;
  for (const Tensor& input : inputs) x.emplace_back(input, true);
  return gradients(f(x), x, dy);
}

}  // namespace

TEST_CASE("the weights of a long softmax sum to 1", "[tensor][long_sums]") {
  const Tensor x = random_f32(1, {4 * million}, -1, 1);
  CHECK(total(softmax(x)) == Approx(1).epsilon(1e-6));
  CHECK(total(exp(f64(log_softmax(x)))) == Approx(1).epsilon(2e-6));
  const Tensor equal = zeros({4 * million});
  CHECK(total(softmax(equal)) == Approx(1).epsilon(1e-6));
  CHECK(total(softmax(equal, ones({4 * million}, DType::boolean))) == Approx(1).epsilon(1e-6));
}

TEST_CASE("the gradient of a long softmax is as good as in double", "[tensor][long_sums]") {
  const Tensor x = zeros({2 * million}), dy = random_f32(2, {2 * million}, 1, 1.5);
  const auto weights = [](const Variables& inputs) { return softmax(inputs[0]); };
  CHECK(relative_error(slopes(weights, {x}, dy)[0], slopes(weights, {f64(x)}, f64(dy))[0]) < 2e-6);
}

TEST_CASE("the loss over many classes is as good as in double", "[tensor][long_sums]") {
  const Tensor x = random_f32(3, {1, 2 * million}, -1, 1), target = tensor({7}, {1}, DType::i64);
  CHECK(cross_entropy(x, target).item() == Approx(cross_entropy(f64(x), target).item()).epsilon(1e-6));
}

TEST_CASE("the loss over many rows is as good as in double", "[tensor][long_sums]") {
  const Tensor x = random_f32(4, {million, 2}, -1, 1), targets = zeros({million}, DType::i64);
  const Tensor weights = full({million}, 0.1);
  CHECK(cross_entropy(x, targets, weights).item() ==
        Approx(cross_entropy(f64(x), targets, f64(weights)).item()).epsilon(1e-6));
}

TEST_CASE("gradients of additive scores are as good as in double", "[tensor][long_sums]") {
  const auto check = [](std::int64_t batch, std::int64_t targets, std::int64_t sources, std::int64_t width) {
    const Tensor q = random_f32(5, {batch, targets, width}, 0, 1), k = random_f32(6, {batch, sources, width}, 0, 1),
                 v = random_f32(7, {width}, 0.5, 1), de = random_f32(8, {batch, targets, sources}, 0, 1);
    const auto score = [](const Variables& x) { return additive_score(x[0], x[1], x[2]); };
    const std::vector<Tensor> got = slopes(score, {q, k, v}, de),
                              wanted = slopes(score, {f64(q), f64(k), f64(v)}, f64(de));
    INFO(batch << " of " << targets << " by " << sources << " by " << width);
    for (std::size_t i = 0; i < 3; ++i) CHECK(relative_error(got[i], wanted[i]) < 2e-6);
  };
  check(1, 1000, 1000, 3);
  check(2, 1, 100'000, 2);
  check(2, 100'000, 1, 2);
  for (std::int64_t length : {63, 64, 65, 128, 130}) check(3, length, 200 - length, 5);
}

TEST_CASE("a score over a wide axis is as good as in double", "[tensor][long_sums]") {
  const Tensor q = random_f32(9, {1, 1, million}, 0, 1), v = random_f32(10, {million}, 0, 1);
  CHECK(relative_error(additive_score(q, q, v).value(), additive_score(f64(q), f64(q), f64(v)).value()) < 1e-6);
}

TEST_CASE("many contributions to one place are as good as in double", "[tensor][long_sums]") {
  const Tensor place = zeros({1}, DType::i64), many = full({million}, 0.1);
  const double exact = static_cast<double>(0.1f) * static_cast<double>(million);
  CHECK(index_add(zeros({1}), 0, expand(place, {million}), many).item() == Approx(exact).epsilon(1e-6));
  CHECK(scatter_add(zeros({1}), 0, expand(place, {million}), many).item() == Approx(exact).epsilon(1e-6));

  Numbers numbers(11);
  for (std::int64_t count : {63, 64, 65, 700, 20'000}) {
    for (const Shape& rows : {Shape{5, 3}, Shape{5}}) {
      const Tensor indices = numbers.index({count}, 5);
      Shape shape = rows;
      shape[0] = count;
      const Tensor x = random_f32(12, rows, 0, 1), source = random_f32(13, shape, 0, 1);
      INFO(count << " into " << rows.str());
      CHECK(relative_error(index_add(x, 0, indices, source), index_add(f64(x), 0, indices, f64(source))) < 2e-6);
    }
    const Tensor x = random_f32(14, {2, 5, 3}, 0, 1), source = random_f32(15, {2, count, 3}, 0, 1);
    const Tensor along = numbers.index({count}, 5), each = numbers.index({2, count, 3}, 5);
    CHECK(relative_error(index_add(x, 1, along, source), index_add(f64(x), 1, along, f64(source))) < 2e-6);
    CHECK(relative_error(scatter_add(x, 1, each, source), scatter_add(f64(x), 1, each, f64(source))) < 2e-6);
  }
}

TEST_CASE("the bias of a GRU over many examples is as good as in double", "[tensor][long_sums]") {
  const std::int64_t batch = 200'000;
  const Tensor x = random_f32(16, {batch, 6}, 0, 1), h = random_f32(17, {batch, 2}, 0, 1),
               weight = random_f32(18, {6, 2}, 0, 1), dy = random_f32(19, {batch, 2}, 0.5, 1);
  for (GruReset reset : {GruReset::after, GruReset::before}) {
    const auto of_bias = [&](DType dtype) {
      const auto step = [&](const Variables& bias) {
        return gru(unsqueeze(to(x, dtype), 1), to(h, dtype), to(weight, dtype), bias[0], reset)[1];
      };
      return slopes(step, {zeros({6}, dtype)}, to(dy, dtype))[0];
    };
    CHECK(relative_error(of_bias(DType::f32), of_bias(DType::f64)) < 2e-6);
  }
}

TEST_CASE("a long product is as good as in double", "[tensor][long_sums]") {
  for (std::int64_t k : {million, 3 * million + 7}) {
    for (const Tensor& x : {full({k}, 0.1), random_f32(20, {k}, 0, 1)}) {
      const Tensor row = unsqueeze(x, 0), column = unsqueeze(x, 1), ones_by_rows = ones({k, 3}),
                   ones_by_columns = mT(ones({3, k}));
      const double exact = sum(f64(x)).item();
      for (const Tensor& y : {matmul(x, ones({k})), matmul(row, ones({k, 1})), matmul(x, ones_by_rows),
                              matmul(x, ones_by_columns), matmul(mT(ones_by_rows), x), matmul(mT(ones_by_columns), x),
                              matmul(row, ones_by_columns), matmul(mT(ones_by_rows), column)})
        for (double number : to_array(y).numbers) CHECK(number == Approx(exact).epsilon(1e-6));
      Tensor y = full({1, 3}, exact);
      add_matmul(y, row, ones_by_rows);
      for (double number : to_array(y).numbers) CHECK(number == Approx(2 * exact).epsilon(1e-6));
    }
  }
}
