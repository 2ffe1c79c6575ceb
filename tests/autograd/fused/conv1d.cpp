// What a convolution refuses, reads and leaves out. Values and gradients: tests/op_cases_conv.cpp.
#include "heed/autograd/fused/conv1d.h"

#include "autograd/fused/check_constants.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/thread_count.h"

using namespace heed;
using namespace heed::test;

namespace {

Tensor f64(const std::vector<Scalar>& numbers, const Shape& shape) { return tensor(numbers, shape, DType::f64); }

// Of a stack of causal convolutions of ones, one for each dilation: over how many positions of the input the last
// output reaches.
std::size_t reach_of(std::int64_t taps, const std::vector<std::int64_t>& dilations) {
  const Variable x(ones({1, 1, 64}, DType::f64), true), weight(ones({1, 1, taps}, DType::f64));
  Variable y = x;
  for (const std::int64_t dilation : dilations)
    y = conv1d(y, weight, {.padding = {(taps - 1) * dilation, 0}, .dilation = dilation});
  const std::vector<double> dx = to_array(gradients(select(y, 2, 63), {x})[0]).numbers;
  std::size_t first = 0;
  while (dx[first] == 0) ++first;
  return dx.size() - first;
}

}  // namespace

TEST_CASE("a convolution says which sizes do not fit", "[autograd][conv1d]") {
  const Variable x(ones({2, 4, 6})), weight(ones({6, 4, 3}));
  CHECK(
      refused<ShapeError>([&] { conv1d(x, weight, {.padding = {1, 0}, .dilation = 4}); }) ==
      "conv1d: the kernel is longer than x: 3 taps 4 apart reach over 1 + 6 + 0 positions: x [2, 4, 6], weight [6, 4, "
      "3]");
  CHECK(refused<ShapeError>([&] { conv1d(x, weight, {.groups = 2}); }) ==
        "conv1d: x [2, 4, 6], weight [6, 4, 3] in 2 groups: expected x [B, 2·I, L], weight [2·O, I, K]");
  CHECK(refused<ShapeError>([&] { conv1d(x, weight, {.stride = 0}); }) ==
        "conv1d: stride is 0, expected 1 to 72057594037927936");
}

// Trap N2: padded by the padding id instead of by zeros, or on both sides where nothing may look ahead.
TEST_CASE("a causal convolution adds up what came before, one that is not its neighbours",
          "[autograd][conv1d][traps]") {
  const Tensor x = f64({1, 2, 3}, {1, 1, 3}), weight = ones({1, 1, 3}, DType::f64);
  const auto sums = [&](const Tensor& given, Conv1dPadding padding) {
    return conv1d(Variable(given), Variable(weight), {.padding = padding}).value();
  };
  CHECK(same_bits(sums(x, {2, 0}), f64({1, 3, 6}, {1, 1, 3})));
  CHECK(same_bits(sums(x, 1), f64({3, 6, 5}, {1, 1, 3})));
  for (const double last : {-7.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK(same_bits(slice(sums(f64({1, 2, last}, {1, 1, 3}), {2, 0}), 2, 0, 2), f64({1, 3}, {1, 1, 2})));
}

TEST_CASE("what comes later changes no bit of a causal convolution", "[autograd][conv1d][traps]") {
  Numbers numbers(72);
  for (const DType dtype : {DType::f32, DType::f64}) {
    const auto drawn = [&](const Shape& shape) { return to_tensor(to_array(numbers.uniform(shape)), dtype); };
    const Tensor x = drawn({2, 12, 40}), weight = drawn({16, 12, 3});
    Tensor changed = x.clone(), end = slice(changed, 2, 23, to_end);
    fill(end, std::numeric_limits<double>::quiet_NaN());
    const auto before = [&](const Tensor& given) {
      return slice(conv1d(Variable(given), Variable(weight), {.padding = {4, 0}, .dilation = 2}).value(), 2, 0, 23);
    };
    CHECK(same_bits(before(changed), before(x)));
  }
}

TEST_CASE("a stack of convolutions of k taps reaches over 1 + Σ(k - 1)·dilation positions", "[autograd][conv1d]") {
  CHECK(reach_of(3, {1, 1, 1, 1, 1, 1, 1}) == 15);
  CHECK(reach_of(3, {1, 1, 1, 1, 1, 1, 1, 1}) == 17);
  CHECK(reach_of(4, {1, 1, 1}) == 10);
  CHECK(reach_of(3, {1, 2, 4, 8}) == 31);
  CHECK(reach_of(2, {1, 3, 9}) == 14);
  CHECK(reach_of(1, {1, 5}) == 1);
}

TEST_CASE("a convolution has the same bits in every layout and on any number of threads", "[autograd][conv1d]") {
  Numbers numbers(73);
  const auto rounding = [&](const Shape& shape) { return to_tensor(to_array(numbers.uniform(shape)), DType::f32); };
  const std::vector<Tensor> inputs{rounding({3, 32, 100}), rounding({48, 16, 5}), rounding({48})};
  const Tensor dy = rounding({3, 48, 51});
  const auto results = [&](Layout layout) {
    std::vector<Variable> x;
    for (const Tensor& input : inputs) x.emplace_back(laid_out(input, layout), true);
    const Variable y = conv1d(x[0], x[1], x[2], {.stride = 2, .padding = {3, 2}, .groups = 2});
    std::vector<Tensor> found = gradients(y, {x[0], x[1], x[2]}, laid_out(dy, layout));
    found.push_back(y.value());
    return found;
  };
  const std::vector<Tensor> first = results(Layout::dense);
  for (const int threads : {1, 2, 3})
    for (const Layout layout : all_layouts) {
      const ThreadCount count(threads);
      CAPTURE(threads, static_cast<int>(layout));
      const std::vector<Tensor> again = results(layout);
      for (std::size_t i = 0; i < first.size(); ++i) CHECK(same_bits(again[i], first[i]));
    }
}

TEST_CASE("a convolution computes no gradient of a constant, and the others as ever", "[autograd][conv1d]") {
  Numbers numbers(74);
  const std::vector<Tensor> inputs{numbers.uniform({2, 4, 9}), numbers.uniform({6, 2, 3}), numbers.uniform({6})};
  check_constants(inputs,
                  [](const auto& v) { return conv1d(v[0], v[1], v[2], {.stride = 2, .padding = 1, .groups = 2}); });
}
