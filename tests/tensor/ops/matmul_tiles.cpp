// Large products, cut into tiles: right in every layout, and the same bits for any number of threads.
// (Bits and layouts: matmul_layouts.cpp.)
#include <cstring>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/thread_count.h"

using namespace heed;
using test::Array;
using test::Numbers;

namespace {

struct Sizes {
  std::int64_t m, n, k;
};

// Many tiles across, many down, both, one row or column of tiles, and tiles that leave one row or column over.
constexpr Sizes large_sizes[] = {{300, 700, 200}, {33, 1000, 70}, {1000, 33, 70}, {513, 129, 300}, {1, 3000, 800},
                                 {3000, 1, 800},  {97, 257, 600}, {2, 2, 40000},  {640, 641, 64}};

// Three loops in double, with the inner one along rows.
Array product(const Array& a, const Array& b) {
  const std::int64_t m = a.shape[0], k = a.shape[1], n = b.shape[1];
  Array y({m, n});
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t p = 0; p < k; ++p) {
      const double factor = a.numbers[static_cast<std::size_t>(i * k + p)];
      const double* from = b.numbers.data() + p * n;
      double* to = y.numbers.data() + i * n;
      for (std::int64_t j = 0; j < n; ++j) to[j] += factor * from[j];
    }
  return y;
}

// For results, which are row-major.
bool same_bytes(const Tensor& a, const Tensor& b) {
  const std::size_t bytes = a.storage()->bytes();
  return a.shape() == b.shape() && bytes == b.storage()->bytes() &&
         std::memcmp(a.storage()->data(), b.storage()->data(), bytes) == 0;
}

// Layouts of a matrix: BLAS reads some in place, others must be copied first.
using Layout = Tensor (*)(const Tensor&);
const std::vector<std::pair<const char*, Layout>>& layouts() {
  static const std::vector<std::pair<const char*, Layout>> all = {
      {"dense", [](const Tensor& x) { return x.clone(); }},
      {"transposed", [](const Tensor& x) { return mT(mT(x).clone()); }},
      {"part of a wider matrix", [](const Tensor& x) { return slice(concat({x, x}, 1), 1, 0, x.size(1)); }},
      {"part of a taller matrix, transposed",
       [](const Tensor& x) { return mT(slice(concat({mT(x), mT(x)}, 1), 1, x.size(0), to_end)); }},
      {"every second column", [](const Tensor& x) { return select(stack({x, x}, 2), 2, 1); }},
      {"rows backwards", [](const Tensor& x) { return slice(slice(x, 0, -1, to_end, -1).clone(), 0, -1, to_end, -1); }},
      {"columns backwards",
       [](const Tensor& x) { return slice(slice(x, 1, -1, to_end, -1).clone(), 1, -1, to_end, -1); }},
      {"every third row of a taller matrix", [](const Tensor& x) { return select(stack({x, x, x}, 1), 1, 1); }},
      {"a repeated row", [](const Tensor& x) { return expand(slice(x, 0, 0, 1), x.shape()); }},
      {"a repeated column", [](const Tensor& x) { return expand(slice(x, 1, 0, 1), x.shape()); }},
  };
  return all;
}

}  // namespace

TEST_CASE("products of several tiles are right", "[tensor][matmul]") {
  Numbers random(131);
  for (const Sizes& s : large_sizes) {
    const Tensor a = random.uniform({s.m, s.k}), b = random.uniform({s.k, s.n});
    const Array wanted = product(test::to_array(a), test::to_array(b));
    const auto terms = static_cast<double>(s.k);
    INFO(s.m << " x " << s.n << " x " << s.k);
    CHECK(test::difference(matmul(a, b), wanted, 4, terms) == "");
    const Tensor f = to(a, DType::f32), g = to(b, DType::f32);
    CHECK(test::difference(matmul(f, g), wanted, 4, terms) == "");
    CHECK(test::difference(matmul(mT(g), mT(f)), test::to_array(mT(to_tensor(wanted, DType::f64))), 4, terms) == "");
    const Tensor bias = random.uniform({s.n}), y = linear(f, mT(g), to(bias, DType::f32));
    Array with_bias = wanted;
    for (std::size_t i = 0; i < wanted.numbers.size(); ++i)
      with_bias.numbers[i] += bias.data<double>()[static_cast<std::int64_t>(i) % s.n];
    CHECK(test::difference(y, with_bias, 4, terms) == "");
  }
}

TEST_CASE("every layout of both operands gives the right product", "[tensor][matmul]") {
  Numbers random(132);
  const std::vector<Sizes> sizes = {{1, 1, 1}, {1, 1, 9}, {1, 7, 5}, {7, 1, 5},    {7, 5, 1},    {1, 6, 1},
                                    {6, 1, 1}, {2, 2, 2}, {5, 3, 4}, {65, 40, 33}, {40, 300, 20}};
  for (DType dtype : {DType::f32, DType::f64})
    for (const Sizes& s : sizes) {
      const Tensor a = to(random.uniform({s.m, s.k}), dtype), b = to(random.uniform({s.k, s.n}), dtype);
      for (const auto& [a_name, a_layout] : layouts())
        for (const auto& [b_name, b_layout] : layouts()) {
          const Tensor left = a_layout(a), right = b_layout(b);
          INFO(s.m << " x " << s.n << " x " << s.k << " " << name(dtype) << ": " << a_name << ", " << b_name);
          CHECK(test::difference(matmul(left, right), product(test::to_array(left), test::to_array(right)), 4,
                                 4 * static_cast<double>(s.k)) == "");
        }
    }
}

TEST_CASE("a product has the same bits for any number of threads", "[tensor][matmul]") {
  Numbers random(133);
  for (const Sizes& s : large_sizes) {
    const Tensor a = to(random.uniform({s.m, s.k}), DType::f32), b = to(random.uniform({s.k, s.n}), DType::f32),
                 bias = to(random.uniform({s.n}), DType::f32);
    const Tensor batch = to(random.uniform({7, 50, s.k}), DType::f32), expanded = expand(b, {7, s.k, s.n});
    std::vector<Tensor> first;
    for (int count : {1, 2, 3, 8}) {
      const test::ThreadCount threads(count);
      const std::vector<Tensor> results = {matmul(a, b),           matmul(mT(b), mT(a)),
                                           linear(a, mT(b), bias), matmul(to(a, DType::f64), to(b, DType::f64)),
                                           matmul(batch, b),       matmul(batch, expanded)};
      if (first.empty()) first = results;
      for (std::size_t i = 0; i < first.size(); ++i) {
        INFO(s.m << " x " << s.n << " x " << s.k << ", result " << i << ", " << count << " threads");
        CHECK(same_bytes(first[i], results[i]));
      }
    }
  }
}
