// Sums, means and maxima over every set of axes, against loops over indices.
#include "heed/tensor/ops/reduce.h"

#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"
#include "support/thread_count.h"

using namespace heed;
using test::Array;
using test::Index;
using test::Numbers;
using test::refused;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

// x reduced over the axes whose bits are set in `away`.
template <class Join>
Array reduced(const Tensor& x, unsigned away, bool keepdim, double start, Join join) {
  const Array numbers = test::to_array(x);
  const auto is_away = [&](int axis) { return (away >> axis & 1) != 0; };
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (!is_away(axis) || keepdim) shape.push_back(is_away(axis) ? 1 : x.shape()[axis]);
  Array y(shape, start);
  for (const Index& index : test::indices(x.shape())) {
    Index place;
    for (int axis = 0; axis < x.rank(); ++axis)
      if (!is_away(axis) || keepdim) place.push_back(is_away(axis) ? 0 : index[static_cast<std::size_t>(axis)]);
    y[place] = join(y[place], numbers[index]);
  }
  return y;
}

// The axes of a set, in any order, some counted from the last.
Axes listed(Numbers& random, unsigned set, int rank) {
  Axes axes;
  for (int axis = 0; axis < rank; ++axis)
    if (set >> axis & 1)
      axes.insert(axes.begin() + random.uniform_int(static_cast<std::int64_t>(axes.size()) + 1),
                  random.uniform_int(2) == 0 ? axis : axis - rank);
  return axes;
}

// A few axes are long enough for whole rows to be added up.
Shape any_shape(Numbers& random, int rank) {
  Shape shape = test::random_shape(random, rank, 4);
  if (rank > 0 && random.uniform_int(2) == 0)
    shape[static_cast<int>(random.uniform_int(rank))] = 7 + random.uniform_int(80);
  return shape;
}

}  // namespace

TEST_CASE("sum, mean and max over every set of axes", "[tensor][reduce]") {
  Numbers random(91);
  for (int trial = 0; trial < 40; ++trial)
    for (int rank = 0; rank <= 4; ++rank)
      for (unsigned set = 0; set < 1u << rank; ++set) {
        const DType dtype = trial % 3 == 0 ? DType::i64 : trial % 3 == 1 ? DType::f32 : DType::f64;
        const Tensor x = random.uniform_int(3) == 0
                             ? test::random_whole_view(random, any_shape(random, rank), dtype).clone()
                             : test::random_whole_view(random, any_shape(random, rank), dtype);
        const auto before = test::fingerprint(x);
        const bool keepdim = random.uniform_int(2) == 0;
        const unsigned away = set == 0 ? (1u << rank) - 1 : set;  // no axes named: all of them
        const Axes axes = listed(random, set, rank);
        INFO(name(dtype) << " " << x.shape().str() << " axes " << away << " keep " << keepdim << ", trial " << trial);
        const Tensor y = sum(x, axes, keepdim);
        const Array total = reduced(x, away, keepdim, 0, std::plus<>());
        CHECK(test::difference(y, total, 0) == "");
        CHECK(y.dtype() == dtype);
        if (dtype == DType::i64) continue;
        double count = 1;
        for (int axis = 0; axis < rank; ++axis)
          if (away >> axis & 1) count *= static_cast<double>(x.shape()[axis]);
        Array average = total;
        for (double& number : average.numbers) number /= count;
        CHECK(test::difference(mean(x, axes, keepdim), average, 0.5) == "");
        CHECK(test::difference(max(x, axes, keepdim), reduced(x, away, keepdim, -infinity, larger), 0) == "");
        CHECK(test::fingerprint(x) == before);
      }
}

TEST_CASE("reductions over nothing", "[tensor][reduce]") {
  for (DType dtype : {DType::f32, DType::f64})
    for (const Shape& shape : {Shape{3, 0}, Shape{0, 3}, Shape{2, 0, 9}, Shape{0}, Shape{9, 0}, Shape{1, 0}}) {
      const Tensor x = empty(shape, dtype);
      for (int axis = 0; axis < x.rank(); ++axis)
        for (bool keepdim : {false, true}) {
          INFO(shape.str() << " axis " << axis);
          const unsigned away = 1u << axis;
          CHECK(test::difference(sum(x, {axis}, keepdim), reduced(x, away, keepdim, 0, std::plus<>()), 0) == "");
          CHECK(test::difference(max(x, {axis}, keepdim), reduced(x, away, keepdim, -infinity, larger), 0) == "");
          CHECK(test::difference(mean(x, {axis}, keepdim), reduced(x, away, keepdim, not_a_number, std::plus<>()), 0) ==
                "");
        }
      CHECK(sum(x).item() == 0);
      CHECK(max(x).item() == -infinity);
      CHECK(std::isnan(mean(x).item()));
    }
  CHECK(sum(empty({0, 4}, DType::i64)).item() == 0);
  CHECK(sum(tensor({7}, {})).item() == 7);
  CHECK(sum(tensor({7}, {}), {}, true).shape() == Shape{});
}

TEST_CASE("NaN and infinity are not swallowed", "[tensor][reduce]") {
  for (DType dtype : {DType::f32, DType::f64})
    for (const Shape& shape : {Shape{5, 17}, Shape{17, 5}, Shape{70, 20}})
      for (bool transposed : {false, true})
        for (std::int64_t at = 0; at < shape.numel(); at += 1 + shape.numel() / 20)
          for (double number : {not_a_number, infinity, -infinity}) {
            Tensor x = zeros(shape, dtype);
            Tensor flat = reshape(x, {-1}), place = select(flat, 0, at);
            fill(place, number);
            if (transposed) x = mT(x.clone());
            for (int axis : {0, 1}) {
              INFO(shape.str() << " " << transposed << " axis " << axis << ", " << number << " at " << at);
              const unsigned away = 1u << axis;
              CHECK(test::difference(sum(x, {axis}), reduced(x, away, false, 0, std::plus<>()), 0) == "");
              CHECK(test::difference(max(x, {axis}), reduced(x, away, false, -infinity, larger), 0) == "");
            }
            CHECK(test::difference(sum(x), reduced(x, 3, false, 0, std::plus<>()), 0) == "");
            CHECK(test::difference(max(x), reduced(x, 3, false, -infinity, larger), 0) == "");
            CHECK((std::isnan(number) ? std::isnan(norm(x)) : std::isinf(norm(x))));
          }
  const Tensor both = tensor({infinity, -infinity}, {2});
  CHECK(std::isnan(sum(both).item()));
  CHECK(max(tensor({not_a_number, 1, 2}, {3})).item() != 2);
  CHECK(max(full({3, 9}, -infinity), {0}).data<float>()[8] == -infinity);
}

TEST_CASE("integer sums wrap around", "[tensor][reduce]") {
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> numbers = {largest, 1, 5, largest, 2, -6};
  const Tensor x = tensor(std::span<const std::int64_t>(numbers), {2, 3});
  CHECK(sum(x).data<std::int64_t>()[0] == 0);
  const Tensor columns = sum(x, {0});
  CHECK(std::vector<std::int64_t>(columns.data<std::int64_t>(), columns.data<std::int64_t>() + 3) ==
        std::vector<std::int64_t>{-2, 3, -1});
  CHECK(sum(full({100003}, 3, DType::i64)).item() == 300009);
}

TEST_CASE("reductions have the same bits for any number of threads", "[tensor][reduce]") {
  Numbers random(92);
  const Tensor x = random.uniform({70, 41, 73}), f = to(x, DType::f32), long_row = reshape(f, {-1});
  const std::vector<Tensor> views = {x,
                                     f,
                                     transpose(f, 0, 2),
                                     slice(f, 2, -1, to_end, -2),
                                     long_row,
                                     slice(long_row, 0, 1, to_end, 3),
                                     expand(select(f, 0, 3), {70, 41, 73})};
  std::vector<Tensor> first;
  for (int count : {1, 2, 3, 8}) {
    const test::ThreadCount threads(count);
    std::vector<Tensor> results;
    for (const Tensor& view : views) {
      for (int axis = 0; axis < view.rank(); ++axis) {
        results.push_back(sum(view, {axis}));
        results.push_back(max(view, {axis}));
        results.push_back(argmax(view, axis));
      }
      if (view.rank() == 3) results.push_back(sum(view, {0, 2}));
      results.push_back(sum(view));
      results.push_back(mean(view));
      results.push_back(full({}, norm(view), DType::f64));
    }
    if (first.empty()) first = results;
    REQUIRE(first.size() == results.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
      INFO("result " << i << " with " << count << " threads");
      CHECK(test::same_bits(first[i], results[i]));
    }
  }
}

TEST_CASE("reductions refuse what they do not take", "[tensor][reduce]") {
  const Tensor x = ones({2, 3}), integers = arange(3), flags = ones({3}, DType::boolean);
  CHECK(refused<IndexError>([&] { sum(x, {2}); }) == "sum: axis 2 is outside rank 2");
  CHECK(refused<IndexError>([&] { mean(x, {-3}); }) == "mean: axis -3 is outside rank 2");
  CHECK(refused<IndexError>([&] { max(x, {0, -2}); }) == "max: axis -2 is named twice");
  CHECK_THROWS_AS(sum(ones({}), {0}), IndexError);
  CHECK(refused<DTypeError>([&] { sum(flags); }) == "sum: dtype is bool, expected f32 or f64");
  CHECK(refused<DTypeError>([&] { mean(integers); }) == "mean: dtype is i64, expected f32 or f64");
  CHECK(refused<DTypeError>([&] { max(flags); }) == "max: dtype is bool, expected f32 or f64");
  CHECK(refused<DTypeError>([&] { norm(integers); }) == "norm: dtype is i64, expected f32 or f64");
}
