// Matrix products against three loops: every rank, every broadcast of leading axes, every layout BLAS must cope with.
#include "heed/tensor/ops/matmul.h"

#include <sys/resource.h>

#include <limits>

#include "heed/autograd/ops/matmul.h"
#include "heed/tensor/create.h"
#include "heed/tensor/memory.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"

using namespace heed;
using test::Array;
using test::Index;
using test::Numbers;
using test::refused;

namespace {

// The definition: vectors become matrices, leading axes broadcast, y[.., i, j] = Σ a[.., i, p]·b[.., p, j].
Array product(const Tensor& lhs, const Tensor& rhs) {
  Array a = test::to_array(lhs), b = test::to_array(rhs);
  if (lhs.rank() == 1) a.shape = {1, lhs.size(0)};
  if (rhs.rank() == 1) b.shape = {rhs.size(0), 1};
  const std::int64_t m = a.shape.size(-2), k = a.shape.size(-1), n = b.shape.size(-1);
  Shape left(std::span(a.shape.begin(), to_size(a.shape.rank() - 2))),
      right(std::span(b.shape.begin(), to_size(b.shape.rank() - 2)));
  Shape shape = broadcast("reference", left, right);
  shape.push_back(m);
  shape.push_back(n);
  Array y(shape);
  for (const Index& index : test::indices(shape)) {
    Index of_a = index, of_b = index;
    double total = 0;
    for (std::int64_t p = 0; p < k; ++p) {
      of_a.back() = p;
      of_b[of_b.size() - 2] = p;
      total += a.shown(of_a) * b.shown(of_b);
    }
    y[index] = total;
  }
  if (rhs.rank() == 1) y.shape.erase(y.shape.rank() - 1);
  if (lhs.rank() == 1) y.shape.erase(y.shape.rank() - (rhs.rank() == 1 ? 1 : 2));
  return y;
}

Shape operand(Numbers& random, int rank, const Shape& batch, std::int64_t rows, std::int64_t columns) {
  Shape shape;
  for (int axis = rank - 2; axis > 0; --axis) {
    const std::int64_t size = batch[batch.rank() - axis];
    shape.push_back(random.uniform_int(3) == 0 ? 1 : size);
  }
  if (rank > 1) shape.push_back(rows);
  shape.push_back(columns);
  return shape;
}

std::int64_t any_size(Numbers& random) { return random.uniform_int(12) == 0 ? 0 : 1 + random.uniform_int(6); }

}  // namespace

TEST_CASE("matmul of every two ranks, any strides", "[tensor][matmul]") {
  Numbers random(121);
  for (int trial = 0; trial < 40; ++trial)
    for (DType dtype : {DType::f32, DType::f64})
      for (int left = 1; left <= 4; ++left)
        for (int right = 1; right <= 4; ++right) {
          const Shape batch{any_size(random), any_size(random)};
          const std::int64_t m = any_size(random), k = any_size(random), n = any_size(random);
          Shape rhs = operand(random, right, batch, k, n);
          if (right == 1) rhs = {k};
          const Tensor a = test::random_whole_view(random, operand(random, left, batch, m, k), dtype),
                       b = test::random_whole_view(random, rhs, dtype);
          const auto a_before = test::fingerprint(a), b_before = test::fingerprint(b);
          const Tensor y = matmul(a, b);
          INFO(name(dtype) << " " << a.shape().str() << " · " << b.shape().str() << ", trial " << trial);
          CHECK(test::difference(y, product(a, b), 0) == "");
          CHECK(y.dtype() == dtype);
          CHECK(y.is_contiguous());
          CHECK(test::fingerprint(a) == a_before);
          CHECK(test::fingerprint(b) == b_before);
        }
}

TEST_CASE("matmul with nothing to add up is zero, with nothing to show is empty", "[tensor][matmul]") {
  for (DType dtype : {DType::f32, DType::f64}) {
    {
      full({20, 30}, std::numeric_limits<double>::quiet_NaN(), dtype);
    }  // leaves NaN in the memory used next
    const Tensor y = matmul(empty({20, 0}, dtype), empty({0, 30}, dtype));
    CHECK(test::difference(y, Array({20, 30}), 0) == "");
    CHECK(test::difference(matmul(empty({0}, dtype), empty({0}, dtype)), Array(Shape{}), 0) == "");
    CHECK(test::difference(matmul(empty({2, 3, 0}, dtype), empty({0, 4}, dtype)), Array({2, 3, 4}), 0) == "");
    CHECK(matmul(empty({0, 3}, dtype), ones({3, 4}, dtype)).shape() == Shape{0, 4});
    CHECK(matmul(ones({4, 3}, dtype), empty({3, 0}, dtype)).shape() == Shape{4, 0});
    CHECK(matmul(empty({0, 2, 3}, dtype), ones({3, 4}, dtype)).shape() == Shape{0, 2, 4});
    CHECK(matmul(empty({0, 2, 3}, dtype), ones({1, 3, 4}, dtype)).shape() == Shape{0, 2, 4});
    CHECK(matmul(ones({5, 0, 2, 3}, dtype), ones({3}, dtype)).shape() == Shape{5, 0, 2});
  }
}

TEST_CASE("matmul keeps NaN and infinity", "[tensor][matmul]") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (DType dtype : {DType::f32, DType::f64})
    for (std::int64_t m : {1, 2, 17})
      for (std::int64_t n : {1, 2, 17})
        for (double number : {std::numeric_limits<double>::quiet_NaN(), infinity, -infinity}) {
          Tensor a = zeros({m, 5}, dtype), b = ones({5, n}, dtype);
          Tensor place = select(select(a, 0, m - 1), 0, 2);
          fill(place, number);
          INFO(m << " " << n << " " << number);
          CHECK(test::difference(matmul(a, b), product(a, b), 0) == "");
          CHECK(test::difference(matmul(mT(b), mT(a)), product(mT(b), mT(a)), 0) == "");
          const Tensor none = zeros({5, n}, dtype);  // 0·NaN is NaN
          CHECK(test::difference(matmul(a, none), product(a, none), 0) == "");
        }
}

TEST_CASE("linear is x·wᵀ + bias", "[tensor][matmul]") {
  Numbers random(122);
  for (int trial = 0; trial < 60; ++trial)
    for (DType dtype : {DType::f32, DType::f64})
      for (int rank = 1; rank <= 4; ++rank) {
        Shape shape;
        for (int axis = 0; axis < rank; ++axis) shape.push_back(any_size(random));
        const Tensor x = test::random_whole_view(random, shape, dtype),
                     weight = test::random_whole_view(random, {any_size(random), shape.size(-1)}, dtype),
                     bias = test::random_whole_view(random, {weight.size(0)}, dtype);
        const auto before = test::fingerprint(bias);
        const Tensor transposed = Tensor(weight.storage(), {weight.size(1), weight.size(0)},
                                         {weight.strides()[1], weight.strides()[0]}, weight.offset(), dtype);
        Array wanted = product(x, transposed);
        INFO(name(dtype) << " " << shape.str() << " weight " << weight.shape().str() << ", trial " << trial);
        CHECK(test::difference(linear(x, weight), wanted, 0) == "");
        for (const Index& index : test::indices(wanted.shape)) wanted[index] += test::to_array(bias)[{index.back()}];
        const Tensor y = linear(x, weight, bias);
        CHECK(test::difference(y, wanted, 0) == "");
        CHECK(y.dtype() == dtype);
        CHECK(test::fingerprint(bias) == before);
      }
}

TEST_CASE("products that do not fit are refused with both shapes", "[tensor][matmul]") {
  const Tensor a = ones({8, 64}), b = ones({32, 10}), vector = ones({3}), integers = ones({2, 2}, DType::i64);
  CHECK(refused<ShapeError>([&] { matmul(a, b); }) ==
        "matmul: inner sizes differ: lhs [8, 64] axis -1 = 64, rhs [32, 10] axis -2 = 32");
  CHECK(refused<ShapeError>([&] { matmul(vector, b); }) ==
        "matmul: inner sizes differ: lhs [3] axis -1 = 3, rhs [32, 10] axis -2 = 32");
  CHECK(refused<ShapeError>([&] { matmul(a, vector); }) ==
        "matmul: inner sizes differ: lhs [8, 64] axis -1 = 64, rhs [3] axis -1 = 3");
  CHECK(refused<ShapeError>([&] { matmul(ones({2, 8, 64}), b); }) ==
        "matmul: inner sizes differ: lhs [2, 8, 64] axis -1 = 64, rhs [32, 10] axis -2 = 32");
  CHECK(refused<ShapeError>([&] { matmul(ones({}), b); }) == "matmul: needs rank 1 or more: lhs [], rhs [32, 10]");
  CHECK(refused<ShapeError>([&] { matmul(ones({2, 4, 3}), ones({5, 3, 4})); }) ==
        "matmul: leading axes: shapes do not broadcast: lhs [2], rhs [5]: axis -1 has sizes 2 and 5");
  CHECK(refused<DTypeError>([&] { matmul(a, ones({64, 2}, DType::f64)); }) ==
        "matmul: dtypes differ: lhs f32, rhs f64");
  CHECK(refused<DTypeError>([&] { matmul(integers, integers); }) == "matmul: dtype is i64, expected f32 or f64");
  CHECK(refused<DTypeError>([&] { matmul(a, Tensor()); }) == "matmul: rhs is undefined");

  const Tensor weight = ones({4, 3});
  CHECK(refused<ShapeError>([&] { linear(ones({2, 5}), weight); }) ==
        "linear: I differs: x axis -1 = 5, weight axis -1 = 3: x [2, 5], weight [4, 3]; expected [.., I], [O, I]");
  CHECK(refused<ShapeError>([&] { linear(Variable(ones({2, 3, 5})), Variable(weight)); }) ==
        "linear: I differs: x axis -1 = 5, weight axis -1 = 3: x [2, 3, 5], weight [4, 3]; expected [.., I], [O, I]");
  CHECK(refused<ShapeError>([&] { matmul(Variable(vector), Variable(b)); }) ==
        "matmul: inner sizes differ: lhs [3] axis -1 = 3, rhs [32, 10] axis -2 = 32");
  CHECK_THROWS_AS(linear(ones({}), weight, {}), ShapeError);
  CHECK_THROWS_AS(linear(ones({2, 3}), vector, {}), ShapeError);
  CHECK(refused<ShapeError>([&] { linear(ones({2, 3}), weight, vector); }) ==
        "linear: O differs: weight axis -2 = 4, bias axis -1 = 3: x [2, 3], weight [4, 3], bias [3]; expected [.., I], "
        "[O, I], [O]");
  CHECK(refused<ShapeError>([&] { linear(ones({2, 3}), weight, ones({4, 1})); }) ==
        "linear: bias has rank 2, expected 1: x [2, 3], weight [4, 3], bias [4, 1]; expected [.., I], [O, I], [O]");
  CHECK(refused<DTypeError>([&] { linear(ones({2, 3}), weight, ones({4}, DType::f64)); }) ==
        "linear: dtypes differ: lhs f32, rhs f64");
  CHECK_THROWS_AS(linear(ones({2, 3}, DType::f64), weight), DTypeError);
  CHECK(refused<DTypeError>([&] { linear(integers, integers, ones({2}, DType::i64)); }) ==
        "linear: dtype is i64, expected f32 or f64");
}

TEST_CASE("add_matmul reads operands that overlap its target as they were before", "[tensor][matmul]") {
  const Tensor start = tensor({1, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 3}), other = tensor({2, 0, 1, 1, 1, 0, 0, 3, 1}, {3, 3});
  const auto check = [&](auto lhs, auto rhs) {
    Tensor y = start.clone(), wanted = start.clone();
    add_matmul(wanted, lhs(start), rhs(start));
    add_matmul(y, lhs(y), rhs(y));
    CHECK(test::same_bits(y, wanted));
  };
  const auto self = [](const Tensor& x) { return x; };
  const auto another = [&](const Tensor&) { return other; };
  check(self, another);
  check(another, self);
  check(self, [](const Tensor& x) { return mT(x); });
}

TEST_CASE("add_matmul adds to its target and to nothing beside it", "[tensor][matmul]") {
  Numbers random(124);
  for (int trial = 0; trial < 60; ++trial)
    for (DType dtype : {DType::f32, DType::f64}) {
      const std::int64_t m = any_size(random), k = any_size(random), n = any_size(random);
      const Tensor a = test::random_whole_view(random, {m, k}, dtype),
                   b = test::random_whole_view(random, {k, n}, dtype);
      Tensor whole = test::random_whole_view(random, {m + 2, n}, dtype).clone();
      Array wanted = test::to_array(whole);
      const Array added = product(a, b);
      for (const Index& index : test::indices(added.shape)) wanted[{index[0] + 1, index[1]}] += added.shown(index);
      Tensor y = slice(whole, 0, 1, m + 1);
      const std::uint32_t version = whole.version();
      add_matmul(y, a, b);
      INFO(name(dtype) << " " << m << " x " << k << " x " << n << ", trial " << trial);
      CHECK(test::difference(whole, wanted, 0) == "");
      CHECK(whole.version() == version + (m * n * k > 0 ? 1 : 0));
    }
  Tensor y = zeros({2, 4}), narrow = slice(zeros({2, 5}), 1, 0, 4);
  CHECK(refused<ShapeError>([&] { add_matmul(y, ones({2, 3}), ones({4, 4})); }) ==
        "add_matmul: K differs: lhs axis -1 = 3, rhs axis -2 = 4: lhs [2, 3], rhs [4, 4], target [2, 4]; expected [.., "
        "M, "
        "K], [.., K, N], [.., M, N]");
  CHECK(refused<ShapeError>([&] { add_matmul(narrow, ones({2, 3}), ones({3, 4})); }) ==
        "add_matmul: the target [2, 4] is not contiguous");
  CHECK(refused<ShapeError>([&] { add_matmul(y, ones({2, 2, 3}), ones({3, 4})); }) ==
        "add_matmul: leading axes differ: lhs [2, 2, 3], rhs [3, 4], target [2, 4]");
  Tensor stack = zeros({2, 2, 4});
  CHECK(refused<ShapeError>([&] { add_matmul(stack, ones({2, 3}), ones({3, 4})); }) ==
        "add_matmul: leading axes differ: lhs [2, 3], rhs [3, 4], target [2, 2, 4]");
  CHECK_THROWS_AS(add_matmul(stack, ones({3, 2, 3}), ones({2, 3, 4})), ShapeError);
  CHECK(test::same_bits(stack, zeros({2, 2, 4})));
  CHECK_THROWS_AS(add_matmul(y, ones({1, 3}), ones({3, 4})), ShapeError);
  CHECK_THROWS_AS(add_matmul(y, ones({2, 3}, DType::f64), ones({3, 4}, DType::f64)), DTypeError);
  CHECK_THROWS_AS(add_matmul(y, ones({2, 3}), ones({3, 4}, DType::f64)), DTypeError);
  CHECK(test::same_bits(y, zeros({2, 4})));
}

TEST_CASE("add_matmul adds stacks of matrices, whose leading axes broadcast to the target's", "[tensor][matmul]") {
  Numbers random(125);
  for (const auto& [left, right, target] : std::vector<std::array<Shape, 3>>{{{{3, 2, 5}, {3, 5, 4}, {3, 2, 4}}},
                                                                             {{{2, 1, 3, 5}, {4, 5, 1}, {2, 4, 3, 1}}},
                                                                             {{{5, 7}, {6, 7, 2}, {6, 5, 2}}},
                                                                             {{{0, 2, 5}, {0, 5, 4}, {0, 2, 4}}}}) {
    const Tensor a = random.uniform(left), b = random.uniform(right), start = random.uniform(target);
    Tensor y = start.clone();
    add_matmul(y, a, b);
    CHECK(test::difference(y, test::to_array(start + matmul(a, b)), 4, 1) == "");
  }
}

TEST_CASE("a matrix that must be copied is copied before it is repeated", "[tensor][matmul]") {
  constexpr std::int64_t inner = 1 << 18, count = 1024;
  const Tensor gaps = slice(ones({inner, 4}), 1, 0, to_end, 2);  // repeated first, its copy would take 2 GB
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  const Tensor y = matmul(expand(ones({1, 1, inner}), {count, 1, inner}), expand(gaps, {1, inner, 2}));
  getrusage(RUSAGE_SELF, &after);
  CHECK(test::same_bits(y, full({count, 1, 2}, inner)));
  CHECK(after.ru_maxrss - before.ru_maxrss < 300'000);  // KB
}

TEST_CASE("a vector with gaps is copied once, whatever the number of tiles", "[tensor][matmul]") {
  const Tensor gaps = unsqueeze(slice(ones({100'000}), 0, 0, to_end, 2), 1), a = ones({150, 50'000});
  reset_peak_memory();
  const std::size_t before = memory_stats().live_bytes;
  CHECK(test::same_bits(matmul(a, gaps), full({150, 1}, 50'000)));
  CHECK(memory_stats().peak_bytes - before >= 130'000);  // the copy is a tensor, so that its MemoryError has a name
}

TEST_CASE("a row or column left over by the tiles belongs to the last one", "[tensor][matmul]") {
  for (std::int64_t m : {513, 1025})
    for (std::int64_t n : {1, 513, 1025}) {
      const Tensor y = matmul(ones({m, 300}), ones({300, n}));
      CHECK(test::same_bits(y, full({m, n}, 300)));
    }
}
