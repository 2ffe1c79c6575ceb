// Lines that somebody who knows NumPy or PyTorch writes first. That they compile is half of each test: with the whole
// <heed.h>, where functions on Tensors and on Variables meet.
#include <heed.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "support/array.h"
#include "support/catch.h"

using namespace heed;

namespace {

using List = std::vector<double>;

List list(const Tensor& x) { return test::to_array(x).numbers; }
List list(const Variable& x) { return list(x.value()); }

}  // namespace

TEST_CASE("numbers stand beside tensors", "[rules][natural]") {
  const Tensor x = tensor({1, 2, 4}, {3});
  const std::int64_t two = 2;
  const float half = 0.5f;
  CHECK(list(x + 1) == List{2, 3, 5});
  CHECK(list(1 - x) == List{0, -1, -3});
  CHECK(list(2.0 / x) == List{2, 1, 0.5});
  CHECK(list(x * two) == List{2, 4, 8});
  CHECK(list(half * x) == List{0.5, 1, 2});
  CHECK(list(x / 2 - 1) == List{-0.5, 0, 1});
  CHECK(list(-x) == List{-1, -2, -4});
  CHECK(list(maximum(x, 0.0)) == List{1, 2, 4});
  CHECK(list(maximum(3, x)) == List{3, 3, 4});
  CHECK(list(minimum(x, 2)) == List{1, 2, 2});
  CHECK(list(minimum(two, x)) == List{1, 2, 2});
  CHECK(list(where(x > 1, x, 0.0)) == List{0, 2, 4});
  CHECK(list(where(x > 1, 0, x)) == List{1, 0, 0});
  CHECK(list(full({2}, 7)) == List{7, 7});
}

TEST_CASE("numbers stand beside variables", "[rules][natural]") {
  const Variable x(tensor({1, 2, 4}, {3}), true);
  CHECK(list(x + 1) == List{2, 3, 5});
  CHECK(list(1 - x) == List{0, -1, -3});
  CHECK(list(2.0 / x) == List{2, 1, 0.5});
  CHECK(list(-x) == List{-1, -2, -4});
  CHECK(list(maximum(x, 0.0)) == List{1, 2, 4});
  CHECK(list(maximum(3, x)) == List{3, 3, 4});
  CHECK(list(minimum(x, 2)) == List{1, 2, 2});
  CHECK(list(minimum(2, x)) == List{1, 2, 2});
  CHECK(list(where(x > 1, x, 0.0)) == List{0, 2, 4});
  CHECK(list(where(x > 1, 0, x)) == List{1, 0, 0});
  backward(sum(where(x > 1, x, 0.0)) * 3);
  CHECK(list(x.grad()) == List{0, 3, 3});
}

TEST_CASE("comparisons are operators", "[rules][natural]") {
  const Tensor x = tensor({1, 2, 3}, {3}), y = tensor({3, 2, 1}, {3});
  CHECK(list(x < y) == List{1, 0, 0});
  CHECK(list(x <= y) == List{1, 1, 0});
  CHECK(list(x > y) == List{0, 0, 1});
  CHECK(list(x >= y) == List{0, 1, 1});
  CHECK(list(x > 2) == List{0, 0, 1});
  CHECK(list(x >= 2) == List{0, 1, 1});
  CHECK(list(x < 2.5) == List{1, 1, 0});
  CHECK(list(x <= 1) == List{1, 0, 0});
  CHECK(list(2 > x) == List{1, 0, 0});
  CHECK(list(2 <= x) == List{0, 1, 1});
  CHECK(list(2 < x) == List{0, 0, 1});
  CHECK(list(2 >= x) == List{1, 1, 0});
  CHECK(list(equal(x, 2)) == List{0, 1, 0});
  CHECK(list(less(x, 2)) == List{1, 0, 0});
  CHECK(list(less_equal(x, 2)) == List{1, 1, 0});
  CHECK(list(Variable(x) > y) == List{0, 0, 1});
  CHECK(list(Variable(x) <= Variable(y)) == List{1, 1, 0});
  CHECK(list(1 < Variable(x)) == List{0, 1, 1});
}

TEST_CASE("axes are a number or a list", "[rules][natural]") {
  const Tensor x = tensor({1, 2, 3, 4, 5, 6}, {2, 3});
  const Variable v(x);
  CHECK(sum(x).item() == 21);
  CHECK(list(sum(x, 0)) == List{5, 7, 9});
  CHECK(list(mean(x, 0)) == List{2.5, 3.5, 4.5});
  CHECK(list(max(x, -1)) == List{3, 6});
  CHECK(sum(x, {0, 1}).item() == 21);
  CHECK(list(sum(x, std::vector<int>{0})) == List{5, 7, 9});
  CHECK(list(max(v, std::vector<int>{-1})) == List{3, 6});
  CHECK(mean(x, 1, true).shape() == Shape{2, 1});
  CHECK(list(sum(v, 0)) == List{5, 7, 9});
  CHECK(list(mean(v, {0})) == List{2.5, 3.5, 4.5});
  CHECK(list(max(v, -1)) == List{3, 6});
  CHECK_THROWS_AS(sum(x, std::int64_t{1} << 32), IndexError);
}

TEST_CASE("parts are joined as they are listed", "[rules][natural]") {
  const Tensor a = tensor({1, 2}, {2}), b = tensor({3}, {1});
  const Variable v(a, true), w(b);
  const std::vector<Tensor> tensors{a, b};
  const std::vector<Variable> variables{v, w};
  CHECK(list(concat({a, b}, 0)) == List{1, 2, 3});
  CHECK(list(concat(tensors, 0)) == List{1, 2, 3});
  CHECK(list(concat({v, w}, 0)) == List{1, 2, 3});
  CHECK(list(concat({v, b}, 0)) == List{1, 2, 3});
  CHECK(list(concat({a, w}, 0)) == List{1, 2, 3});
  CHECK(list(concat(variables, 0)) == List{1, 2, 3});
  CHECK(list(concat({a}, -1)) == List{1, 2});
  CHECK(stack({a}, 0).shape() == Shape{1, 2});
  CHECK(stack({a, a}, 1).shape() == Shape{2, 2});
  CHECK(stack({v, a}, 0).requires_grad());
  CHECK(stack({v}, 0).shape() == Shape{1, 2});
}

TEST_CASE("axes are permuted as they are listed", "[rules][natural]") {
  const Tensor x = zeros({2, 3, 4});
  const std::vector<int> order{2, 0, 1};
  CHECK(permute(x, {2, 0, 1}).shape() == Shape{4, 2, 3});
  CHECK(permute(x, order).shape() == Shape{4, 2, 3});
  CHECK(permute(Variable(x), {1, 0, 2}).shape() == Shape{3, 2, 4});
  CHECK(reshape(x, {2, -1}).shape() == Shape{2, 12});
  CHECK(transpose(x, 0, -1).shape() == Shape{4, 3, 2});
  CHECK(slice(x, 1, 0, -1).shape() == Shape{2, 2, 4});
  CHECK(select(x, 0, -1).shape() == Shape{3, 4});
}

namespace {

template <class R>
concept HasDtype = requires(const R& values) { tensor(values, {1}); };
template <class R>
concept TakesDtype = requires(const R& values) { tensor(values, {1}, DType::i64); };
static_assert(HasDtype<std::vector<float>> && HasDtype<std::vector<unsigned char>>);
static_assert(!HasDtype<std::vector<long double>> && !HasDtype<std::vector<Scalar>>);
static_assert(TakesDtype<std::vector<Scalar>>);

}  // namespace

TEST_CASE("tensors are made of what holds numbers", "[rules][natural]") {
  std::vector<double> doubles{1, 2, 3};
  const std::vector<float> floats{1, 2, 3};
  const std::vector<int> ints{1, 2, 3};
  const std::vector<std::int64_t> longs{1, 2, 3};
  const std::array<bool, 3> flags{true, false, true};
  const int n = 3;
  CHECK(tensor(std::span(doubles), {3}).dtype() == DType::f64);
  CHECK(tensor(doubles, {3}).dtype() == DType::f64);
  CHECK(tensor(floats, {3, 1}).dtype() == DType::f32);
  CHECK(tensor(longs, {3}).dtype() == DType::i64);
  CHECK(tensor(ints, {3}).dtype() == DType::i64);
  CHECK(tensor(std::span(ints).subspan(1), {2}).dtype() == DType::i64);
  CHECK(tensor(flags, {3}).dtype() == DType::boolean);
  CHECK(list(tensor(ints, {3})) == List{1, 2, 3});
  CHECK(tensor(std::vector<std::uint64_t>{~std::uint64_t{0}}, {1}).item<std::int64_t>() == INT64_MAX);
  CHECK(list(tensor(std::vector<unsigned char>{200}, {1})) == List{200});
  CHECK(list(tensor({1, 2.5}, {2})) == List{1, 2.5});
  CHECK(list(tensor({n, 2 * n}, {2})) == List{3, 6});
  CHECK(tensor({1, 2}, {2}).dtype() == DType::f32);
  CHECK(tensor({1L, 2L}, {2}, DType::i64).dtype() == DType::i64);
  CHECK(tensor({true, false}, {2}, DType::boolean).dtype() == DType::boolean);
  CHECK(tensor({}, {0}).dtype() == DType::f32);
  CHECK_THROWS_AS(tensor(ints, {2}), ShapeError);
}

TEST_CASE("integers are computed with as numbers are", "[rules][natural]") {
  const Tensor i = tensor({3, -1, 2}, {3}, DType::i64);
  CHECK(list(-i) == List{-3, 1, -2});
  CHECK(list(abs(i)) == List{3, 1, 2});
  CHECK(list(i - 1) == List{2, -2, 1});
  CHECK(list(2 * i) == List{6, -2, 4});
  CHECK(list(i > 0) == List{1, 0, 1});
  CHECK(list(maximum(i, 0)) == List{3, 0, 2});
  CHECK(list(minimum(i, i * 2)) == List{3, -2, 2});
  CHECK(list(where(i > 0, i, 0)) == List{3, 0, 2});
  CHECK(max(i).item() == 3);
  CHECK(argmax(i, 0).item<std::int64_t>() == 0);
  CHECK(list(argmax(tensor({1, 5, 5, 9, 2, 3}, {2, 3}, DType::i64), -1)) == List{1, 0});
}
